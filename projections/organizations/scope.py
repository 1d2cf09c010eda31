"""What an account may see: organizations under some roots, of some categories, and single ones.

Every row, count, export and hint over many organizations is read with a ``Scope``, whose condition
is part of the query: nothing is read that may not be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.organizations.directory import ancestors_of, entries_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry


@dataclass(frozen=True, slots=True)
class ScopePart:
    """The organizations of some categories in one part of the tree, as it is now.

    The part is ``ancestor`` (a stream) and all organizations below it, or the whole district where
    ``ancestor`` is None. ``categories`` None means all categories. With ``merged`` closed
    organizations also belong to it that were merged into one of the part, and those below them:
    who took them over acts for them (docs/semantics.md, section 1.2).
    """

    ancestor: str | None = None
    categories: frozenset[str] | None = None
    merged: bool = False


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
            (
                part.ancestor or "*",
                ",".join(sorted(part.categories)) if part.categories else "*",
                part.merged,
            )
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
        parts = [
            part
            for part in self.parts
            if part.categories is None or entry.category in part.categories
        ]
        if not parts:
            return False
        tops = {part.ancestor for part in parts}
        if None in tops:
            return True
        above = _above(reader, {entry.stream})
        if not tops.isdisjoint(above):
            return True
        heirs = {part.ancestor for part in parts if part.merged}
        if not heirs or entry.closed_on is None:
            return False
        return not heirs.isdisjoint(_above_successors(reader, above))

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


BELOW = "SELECT s.stream FROM closure s WHERE s.ancestor = ? AND s.to_on IS NULL"
"""An organization and all below it."""
BELOW_OR_MERGED = (
    "WITH RECURSIVE heirs (stream, target) AS ("
    "SELECT m.stream, m.merged_into FROM organizations m WHERE m.merged_into IS NOT NULL"
    " UNION SELECT h.stream, m.merged_into FROM heirs h"
    " JOIN closure a ON a.stream = h.target AND a.to_on IS NULL"
    " JOIN organizations m ON m.stream = a.ancestor WHERE m.merged_into IS NOT NULL)"
    f" {BELOW} UNION SELECT d.stream FROM heirs h"
    " JOIN closure t ON t.stream = h.target AND t.to_on IS NULL"
    " JOIN closure d ON d.ancestor = h.stream AND d.to_on IS NULL"
    " JOIN organizations c ON c.stream = d.stream AND c.closed_on IS NOT NULL"
    " WHERE t.ancestor = ?"
)
"""Also the closed organizations that were merged into one of these, at any remove, or closed below
one that was. It begins with the few that were merged: its cost does not grow with the part."""

EVERYTHING = Scope((ScopePart(),))


def _above(reader: Reader, streams: set[str]) -> set[str]:
    """Return some organizations and all above them."""
    chains = ancestors_of(reader, sorted(streams)).values()
    return {ancestor for chain in chains for ancestor, _ in chain}


def _above_successors(reader: Reader, above: set[str]) -> set[str]:
    """Return all above those into which any of some organizations was merged, at any remove."""
    successors: set[str] = set()
    waiting = above
    while waiting:
        entries = entries_of(reader, sorted(waiting)).values()
        targets = {entry.merged_into for entry in entries if entry.merged_into is not None}
        waiting = _above(reader, targets) - successors
        successors |= waiting
    return successors


def _part_condition(part: ScopePart, alias: str) -> tuple[str, list[Any]]:
    tests: list[str] = []
    values: list[Any] = []
    if part.ancestor is not None:
        tests.append(f"{alias}.stream IN ({BELOW_OR_MERGED if part.merged else BELOW})")
        values += [part.ancestor] * (2 if part.merged else 1)
    if part.categories is not None:
        tests.append(f"{alias}.category IN ({_placeholders(part.categories)})")
        values += sorted(part.categories)
    return f"({' AND '.join(tests)})", values


def _placeholders(values: frozenset[str]) -> str:
    return ", ".join("?" * len(values))
