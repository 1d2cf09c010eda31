"""What moving a root under another organization will do, to be confirmed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.cycles.cycles import all_cycles
from projections.cycles.reading import scope_code
from projections.organizations.directory import entries_under

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry

CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RootMove:
    """What happens when a root gets a parent.

    ``organizations`` counts the root and all under it; ``standing`` are the months of its
    cycles that are not closed, which go on as they began; ``root`` is the name of the root whose
    cycles assess them afterwards.
    """

    organizations: int
    standing: list[str]
    root: str


def foresee_root_move(
    reader: Reader, entry: OrganizationEntry, root: OrganizationEntry, today: date
) -> RootMove:
    """Return what happens when ``entry``, a root, comes to be under another ``root``."""
    scope = scope_code(entry)
    return RootMove(
        organizations=len(entries_under(reader, entry.stream, today.isoformat())),
        standing=[
            row.period for row in all_cycles(reader) if row.scope == scope and row.state != CLOSED
        ],
        root=root.name,
    )
