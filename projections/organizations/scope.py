"""What an account may see: organizations under some roots, of some categories, and single ones.

Every row, count, export and hint over many organizations is read with a ``Scope``, whose condition
is part of the query: nothing is read that may not be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.organizations.directory import ancestors_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry


@dataclass(frozen=True, slots=True)
class ScopePart:
    """The organizations of some categories in one part of the tree, as it is now.

    The part is ``ancestor`` (a stream) and all organizations below it, or the whole district where
    ``ancestor`` is None. ``categories`` None means all categories.
    """

    ancestor: str | None = None
    categories: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The union of parts and of single organizations (their streams)."""

    parts: tuple[ScopePart, ...] = ()
    streams: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether it is the whole district, all categories."""
        return ScopePart() in self.parts

    @property
    def nothing(self) -> bool:
        """Whether nothing can be seen."""
        return not self.parts and not self.streams

    def key(self) -> str:
        """Return a text that is the same for equal scopes only: the key of caches."""
        parts = sorted(
            (part.ancestor or "*", ",".join(sorted(part.categories)) if part.categories else "*")
            for part in self.parts
        )
        return repr((parts, sorted(self.streams)))

    def condition(self, alias: str = "o") -> tuple[str, list[Any]]:
        """Return an SQL condition on the row ``alias`` of ``organizations``, and its values."""
        if self.whole:
            return "1 = 1", []
        tests: list[str] = []
        values: list[Any] = []
        for part in self.parts:
            test, given = _part_condition(part, alias)
            tests.append(test)
            values += given
        if self.streams:
            tests.append(f"{alias}.stream IN ({_placeholders(self.streams)})")
            values += sorted(self.streams)
        return (f"({' OR '.join(tests)})" if tests else "1 = 0"), values

    def covers(self, reader: Reader, entry: OrganizationEntry) -> bool:
        """Return whether an organization, as it is now, is in the scope."""
        if entry.stream in self.streams:
            return True
        tops = {
            part.ancestor
            for part in self.parts
            if part.categories is None or entry.category in part.categories
        }
        if None in tops:
            return True
        if not tops:
            return False
        above = {ancestor for ancestor, _ in ancestors_of(reader, [entry.stream])[entry.stream]}
        return not tops.isdisjoint(above)

    def streams_among(self, reader: Reader, streams: Sequence[str]) -> set[str]:
        """Return which of some organizations (their streams) are in the scope."""
        if self.whole:
            return set(streams)
        condition, values = self.condition()
        rows = reader.select_in(
            f"SELECT o.stream FROM organizations o WHERE {condition} AND o.stream",
            streams,
            given=values,
        )
        return {stream for (stream,) in rows}


EVERYTHING = Scope((ScopePart(),))


def _part_condition(part: ScopePart, alias: str) -> tuple[str, list[Any]]:
    tests: list[str] = []
    values: list[Any] = []
    if part.ancestor is not None:
        tests.append(
            f"{alias}.stream IN (SELECT s.stream FROM closure s"
            " WHERE s.ancestor = ? AND s.to_on IS NULL)"
        )
        values.append(part.ancestor)
    if part.categories is not None:
        tests.append(f"{alias}.category IN ({_placeholders(part.categories)})")
        values += sorted(part.categories)
    return f"({' AND '.join(tests)})", values


def _placeholders(values: frozenset[str]) -> str:
    return ", ".join("?" * len(values))
