"""Reading a cycle from its stream: whole, or without its long lists of organizations."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from events.streams.cycles import (
    BULK_TYPES,
    Cycle,
    cycle_stream,
    evolve,
)
from events.streams.organizations import PREFIX
from projections.organizations.directory import OrganizationEntry

if TYPE_CHECKING:
    from events.log.reader import Reader


def scope_code(root: OrganizationEntry) -> str:
    """The name of a root's cycles: the code under which it was first registered."""
    return root.stream.removeprefix(PREFIX)


def read_cycle(reader: Reader, scope: str, period: str) -> Cycle:
    """The cycle of a scope and month, folded from its stream; its state is empty before that."""
    return reduce(evolve, reader.stream(cycle_stream(scope, period)), Cycle())


def read_cycle_head(reader: Reader, scope: str, period: str) -> Cycle:
    """A cycle without its frame, sample and exclusions: dates, versions and state, quickly."""
    return reduce(
        evolve, reader.events_except_types(cycle_stream(scope, period), BULK_TYPES), Cycle()
    )
