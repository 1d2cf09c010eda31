"""A decider folds past events into a state and decides the next events from it."""

from dataclasses import dataclass

from events.decider import Decider
from events.event import Event, RecordedEvent
from events.streams.imports import ImportFinished
from tests.support.given import recorded


@dataclass(frozen=True)
class Add:
    """Add a number to the sum, up to a limit in the context."""

    number: int


def evolve(total: int, event: RecordedEvent) -> int:
    """Return the sum after one event."""
    return total + int(event.data["recorded"])


def decide(command: Add, total: int, limit: int) -> list[Event]:
    """Return one event, or none where the limit would be passed."""
    if total + command.number > limit:
        return []
    return [ImportFinished(recorded=command.number, unchanged=0)]


SUM: Decider[Add, int, [int]] = Decider(0, evolve, decide)


def past(*numbers: int) -> list[RecordedEvent]:
    """Return the recorded events of some numbers."""
    events = [ImportFinished(recorded=number, unchanged=0) for number in numbers]
    return [recorded(event, version) for version, event in enumerate(events, start=1)]


def test_no_events_fold_to_the_initial_state() -> None:
    """A stream without events has the initial state."""
    assert SUM.fold([]) == 0


def test_events_are_folded_in_order() -> None:
    """Each event is applied to the state that the events before it left."""
    assert SUM.fold(past(1, 2, 3)) == 6
    order: Decider[Add, tuple[int, ...], [int]] = Decider(
        (), lambda state, event: (*state, event.version), lambda *_: []
    )
    assert order.fold(past(5, 5, 5)) == (1, 2, 3)


def test_a_decision_sees_the_state_and_its_context() -> None:
    """The same command leads to an event below the limit and to none above it."""
    state = SUM.fold(past(1, 2))
    assert SUM.decide(Add(4), state, 7) == [ImportFinished(recorded=4, unchanged=0)]
    assert SUM.decide(Add(5), state, 7) == []
