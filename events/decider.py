"""The form of every decision: fold what happened, then decide what happens next.

A decider is pure. ``decide`` answers the events that follow from a command (none where nothing
changes) or raises ``Refused``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from events.event import Event, RecordedEvent

Command = TypeVar("Command")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Decider(Generic[Command, State]):
    """``initial`` state, ``evolve`` by one recorded event, ``decide`` on a command."""

    initial: State
    evolve: Callable[[State, RecordedEvent], State]
    decide: Callable[[Command, State], list[Event]]

    def fold(self, events: Iterable[RecordedEvent]) -> State:
        """The state after the events."""
        return reduce(self.evolve, events, self.initial)
