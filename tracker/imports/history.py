"""Historical imports: the months closed to them, by organization.

History is added only to months whose cycle has not opened (docs/semantics.md, section 10).
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
    """The months whose cycle opened in a scope while an organization was in it."""

    def __init__(self, reader: Reader, tree: OrganizationTree) -> None:
        """Read opened months and organizations' scopes when they are loaded."""
        self._reader = reader
        self._tree = tree
        self._opened: dict[str, frozenset[str]] | None = None
        self._months: dict[str, frozenset[str]] = {}
        self._loaded: set[str] = set()

    def load(self, streams: Iterable[str]) -> None:
        """Read the present and past scopes of organizations, once each."""
        if self._opened is None:
            self._opened = opened_months(self._reader)
        parents = self._tree.parents
        wanted = {stream for stream in streams if stream}
        for stream in list(wanted):
            above = parents.get(stream)
            while above is not None and above not in wanted:
                wanted.add(above)
                above = parents.get(above)
        new = sorted(wanted - self._loaded)
        self._loaded.update(new)
        closed: dict[str, set[str]] = {}
        for place in codes_above(self._reader, new if self._opened else []):
            months = closed.setdefault(place.stream, set())
            first, until = place.from_on[:7], (place.to_on or NEVER_ENDS)[:7]
            months.update(
                month for month in self._opened.get(place.code, ()) if first <= month <= until
            )
        self._months.update({stream: frozenset(months) for stream, months in closed.items()})

    def months_of(self, stream: str) -> frozenset[str]:
        """Return the months closed to an organization's history; a new one has its parent's."""
        above: str | None = stream
        while above is not None:
            months = self._months.get(above)
            if months is not None:
                return months
            above = self._tree.parents.get(above)
        return frozenset()
