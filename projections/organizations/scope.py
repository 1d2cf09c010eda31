"""What somebody may see: organizations under some roots, of some categories, and single ones.

Every row, count, export and hint that crosses organizations is asked with a ``Scope``, whose
condition stands in the query itself: nothing is read that is not to be shown.
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
    """An organization (its stream) and all that stands under it now; None stands for everything.

    ``categories`` None are all of them.
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
        """A text that equal scopes share, and they alone: what is made for one is kept under it."""
        parts = sorted(
            (one.ancestor or "*", ",".join(sorted(one.categories)) if one.categories else "*")
            for one in self.parts
        )
        return repr((parts, sorted(self.streams)))

    def condition(self, alias: str = "o") -> tuple[str, list[Any]]:
        """An SQL condition on the row ``alias`` of ``organizations``, and its values."""
        if self.whole:
            return "1 = 1", []
        tests: list[str] = []
        values: list[Any] = []
        for one in self.parts:
            test, given = _part(one, alias)
            tests.append(test)
            values += given
        if self.streams:
            tests.append(f"{alias}.stream IN ({_marks(self.streams)})")
            values += sorted(self.streams)
        return (f"({' OR '.join(tests)})" if tests else "1 = 0"), values

    def covers(self, reader: Reader, entry: OrganizationEntry) -> bool:
        """Whether it holds an organization as it stands now."""
        if entry.stream in self.streams:
            return True
        wanted = [
            one for one in self.parts if one.categories is None or entry.category in one.categories
        ]
        if any(one.ancestor is None for one in wanted):
            return True
        if not wanted:
            return False
        above = {ancestor for ancestor, _ in ancestors_of(reader, [entry.stream])[entry.stream]}
        return any(one.ancestor in above for one in wanted)

    def streams_among(self, reader: Reader, streams: Sequence[str]) -> set[str]:
        """Those of some organizations (their streams) that it holds."""
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


def _part(one: ScopePart, alias: str) -> tuple[str, list[Any]]:
    tests: list[str] = []
    values: list[Any] = []
    if one.ancestor is not None:
        tests.append(
            f"{alias}.stream IN (SELECT s.stream FROM closure s"
            " WHERE s.ancestor = ? AND s.to_on IS NULL)"
        )
        values.append(one.ancestor)
    if one.categories is not None:
        tests.append(f"{alias}.category IN ({_marks(one.categories)})")
        values += sorted(one.categories)
    return f"({' AND '.join(tests)})", values


def _marks(values: frozenset[str]) -> str:
    return ", ".join("?" * len(values))
