"""Read a cycle from its stream: whole, or without its long lists of organizations."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from events.streams.cycles import BULK_TYPES, Cycle, cycle_stream, evolve
from events.streams.organizations import PREFIX
from projections.organizations.directory import OrganizationEntry

if TYPE_CHECKING:
    from events.log.reader import Reader


def scope_code(root: OrganizationEntry) -> str:
    """Return the scope code of a root's cycles: the code it was first registered under."""
    return root.stream.removeprefix(PREFIX)


def read_cycle(reader: Reader, scope: str, period: str) -> Cycle:
    """Fold the cycle of a scope and month from its stream; its state is empty before it opens."""
    return reduce(evolve, reader.stream(cycle_stream(scope, period)), Cycle())


def read_cycle_head(reader: Reader, scope: str, period: str) -> Cycle:
    """Fold a cycle without its frame, sample and exclusions: dates, versions and state only.

    Skips the events that list organizations, which are most of a large district's cycle.
    """
    return reduce(
        evolve, reader.events_except_types(cycle_stream(scope, period), BULK_TYPES), Cycle()
    )
