"""Tests of deciders as `given(*events).when(command).then(*events)` or `.refused(code)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

import orjson
import pytest

from events.decider import Decider
from events.event import Event, RecordedEvent, canonical
from events.refusals.errors import Refused

Command = TypeVar("Command")
State = TypeVar("State")
Context = ParamSpec("Context")


def recorded(event: Event, version: int = 1, stream: str = "stream") -> RecordedEvent:
    """An event as it would stand in the log, its free texts in clear."""
    data = orjson.loads(canonical(event.data()))
    return RecordedEvent(
        stream=stream,
        version=version,
        position=version,
        event_id=f"id-{version}",
        type=event.TYPE,
        data=data,
        actor="tester",
        channel="test",
        correlation="",
        recorded_at=f"2026-09-01T00:00:00.{version:06}Z",
        recorded_on=None,
        occurred_on=event.happened_on(),
        subject=event.subject(),
    )


@dataclass(frozen=True)
class Outcome:
    """What a decision came to: it is made when it is asked for."""

    decide: Callable[[], list[Event]]

    def then(self, *events: Event) -> None:
        """Exactly these events follow."""
        found = [(event.TYPE, event.data()) for event in self.decide()]
        assert found == [(event.TYPE, event.data()) for event in events]

    def refused(self, code: str, /, **params: Any) -> Refused:
        """It is refused under this code, with at least these parameters."""
        with pytest.raises(Refused) as caught:
            self.decide()
        refused = caught.value
        assert refused.code == code
        assert params.items() <= refused.params.items()
        return refused


@dataclass(frozen=True)
class Case(Generic[Command, State, Context]):
    """What happened so far, before somebody asks for something."""

    decider: Decider[Command, State, Context]
    events: tuple[Event, ...]

    @property
    def state(self) -> State:
        """The state that what happened folds to."""
        return self.decider.fold(
            recorded(event, version) for version, event in enumerate(self.events, start=1)
        )

    def when(self, command: Command, *context: Context.args, **named: Context.kwargs) -> Outcome:
        """Somebody asks for this, in this context."""
        return Outcome(lambda: self.decider.decide(command, self.state, *context, **named))


@dataclass(frozen=True)
class Given(Generic[Command, State, Context]):
    """The harness of one decider: `given = Given(DECIDER)`."""

    decider: Decider[Command, State, Context]

    def __call__(self, *events: Event) -> Case[Command, State, Context]:
        """What happened so far."""
        return Case(self.decider, events)
