"""Historical lines: the months in which a cycle has opened, by organization.

History is added only where nobody has begun to assess (docs/semantics.md, section 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.cycles.cycles import opened_months
from projections.organizations.selection import codes_above

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from tracker.commands.organization_handler import OrganizationTree

NEVER_ENDS = "9999"


class OpenedMonths:
    """The months whose cycle opened in a scope while an organization stood in it."""

    def __init__(self, reader: Reader, tree: OrganizationTree) -> None:
        """Read what opened; the organizations' places when asked."""
        self._reader = reader
        self._tree = tree
        self._opened: dict[str, frozenset[str]] | None = None
        self._months: dict[str, frozenset[str]] = {}
        self._asked: set[str] = set()

    def load(self, streams: Iterable[str]) -> None:
        """Read where organizations stand and stood, once each."""
        if self._opened is None:
            self._opened = opened_months(self._reader)
        parents = self._tree.parents
        wanted = {stream for stream in streams if stream}
        for stream in list(wanted):
            above = parents.get(stream)
            while above is not None and above not in wanted:
                wanted.add(above)
                above = parents.get(above)
        new = sorted(wanted - self._asked)
        self._asked.update(new)
        found: dict[str, set[str]] = {}
        for one in codes_above(self._reader, new if self._opened else []):
            months = found.setdefault(one.stream, set())
            first, until = one.from_on[:7], (one.to_on or NEVER_ENDS)[:7]
            months.update(
                month for month in self._opened.get(one.code, ()) if first <= month <= until
            )
        self._months.update({stream: frozenset(months) for stream, months in found.items()})

    def of(self, stream: str) -> frozenset[str]:
        """The months that are closed to history for an organization; a new one has its parent's."""
        above: str | None = stream
        while above is not None:
            found = self._months.get(above)
            if found is not None:
                return found
            above = self._tree.parents.get(above)
        return frozenset()
