"""The type of every decision: fold past events into a state, then decide the next events.

A decider is pure. ``decide`` returns the events that follow from a command (none where nothing
changes) or raises ``Refused``. What the command and its stream do not contain (today's date, the
vocabulary, another stream's state) is passed in further arguments, the decision's *context*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from events.event import Event, RecordedEvent

Command = TypeVar("Command")
State = TypeVar("State")
Context = ParamSpec("Context")
"""The arguments of ``decide`` after command and state: ``[]`` for a stream that needs none."""


@dataclass(frozen=True, slots=True)
class Decider(Generic[Command, State, Context]):
    """The three parts of a decision: ``initial`` state, ``evolve`` and ``decide``."""

    initial: State
    evolve: Callable[[State, RecordedEvent], State]
    decide: Callable[Concatenate[Command, State, Context], list[Event]]

    def fold(self, events: Iterable[RecordedEvent]) -> State:
        """Return the state after the events."""
        return reduce(self.evolve, events, self.initial)
