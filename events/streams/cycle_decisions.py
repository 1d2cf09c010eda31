"""What a monthly cycle can be asked to do, and whether it may: its steps in their order.

The second half of ``events.streams.cycles``, which has the events and the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from events.decider import Decider
from events.refusals.errors import Refused
from events.streams.cycles import (
    Cycle,
    CycleClosing,
    InspectionsAssigned,
    InspectorsReminded,
    evolve,
)

if TYPE_CHECKING:
    from datetime import date

    from events.event import Event
    from events.streams.cycles import (
        CycleClosed,
        CycleOpened,
        FrameCommitted,
        OrganizationExcluded,
        SampleDrawn,
        SampleListed,
    )


# commands
@dataclass(frozen=True, slots=True)
class OpenCycle:
    """Open the cycle with the versions and the frame that the runner read."""

    opened: CycleOpened
    frame: tuple[FrameCommitted, ...]


@dataclass(frozen=True, slots=True)
class DrawSample:
    """Record the public value, the sample that follows from it, and who inspects."""

    drawn: SampleDrawn
    listed: tuple[SampleListed, ...]
    exclusions: tuple[OrganizationExcluded, ...]


@dataclass(frozen=True, slots=True)
class FinishAssigning:
    """Record that every assignment of the sample is in its organization's stream."""

    scope: str
    period: str
    assigned: int


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind the inspectors, on a local date."""

    scope: str
    period: str
    open_assignments: int
    reminded_on: date


@dataclass(frozen=True, slots=True)
class BeginClosing:
    """Stop accepting sheets."""

    scope: str
    period: str
    closing_on: date
    uninspected: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FinishClosing:
    """Record that all figures are posted and sealed."""

    closed: CycleClosed


CycleCommand = OpenCycle | DrawSample | FinishAssigning | Remind | BeginClosing | FinishClosing


# decide
def decide(command: CycleCommand, state: Cycle) -> list[Event]:
    """Return the events of a command, none if its step is finished, or raise ``Refused``."""
    match command:
        case OpenCycle():
            return [] if state.state else [command.opened, *command.frame]
        case DrawSample():
            return _draw(command, state)
        case FinishAssigning():
            return _assign(command, state)
        case Remind():
            return _remind(command, state)
        case BeginClosing():
            return _begin_closing(command, state)
        case FinishClosing():
            if state.state == "closed":
                return []
            _require_state(state, {"closing"}, command.closed.period, "closed")
            return [command.closed]
        case _:
            assert_never(command)


def _draw(command: DrawSample, state: Cycle) -> list[Event]:
    drawn = command.drawn
    if was_drawn(state, drawn.period, None if drawn.drawn_by_system else drawn.randomness):
        return []
    return [drawn, *command.listed, *command.exclusions]


def was_drawn(state: Cycle, period: str, value: str | None) -> bool:
    """Return whether a cycle has been drawn already, False if it can be drawn now.

    Raise ``Refused`` if it was drawn from another public value than ``value`` (None: any), and if
    it cannot be drawn in its state.
    """
    if state.seed is None:
        _require_state(state, {"open"}, period, "drawn")
        return False
    if value is not None and value != state.randomness:
        drawn = state.randomness
        if state.drawn_by_system:
            raise Refused(
                "drawn_otherwise.system",
                field="randomness",
                period=period,
                drawn=drawn,
                value=value,
            )
        raise Refused(
            "drawn_otherwise", field="randomness", period=period, drawn=drawn, value=value
        )
    return True


def _assign(command: FinishAssigning, state: Cycle) -> list[Event]:
    if state.assigned or state.state in {"closing", "closed"}:
        return []
    _require_state(state, {"drawn"}, command.period, "assigned")
    done = InspectionsAssigned(
        scope=command.scope,
        period=command.period,
        assigned=command.assigned,
        exceptions=sum(row["stage"] == "assignment" for row in state.exclusions),
    )
    return [done]


def _remind(command: Remind, state: Cycle) -> list[Event]:
    if state.reminded or state.state != "drawn":
        return []
    return [
        InspectorsReminded(
            scope=command.scope,
            period=command.period,
            open_assignments=command.open_assignments,
            reminded_on=command.reminded_on,
        )
    ]


def _begin_closing(command: BeginClosing, state: Cycle) -> list[Event]:
    if state.state in {"closing", "closed"}:
        return []
    _require_state(state, {"open", "drawn"}, command.period, "closed")
    if state.state == "open" and not command.uninspected:
        raise Refused("not_drawn", period=command.period)
    return [
        CycleClosing(
            scope=command.scope,
            period=command.period,
            closing_on=command.closing_on,
            uninspected=command.uninspected,
            reason=command.reason,
        )
    ]


def _require_state(state: Cycle, states: set[str], period: str, done: str) -> None:
    if state.state not in states:
        raise Refused("cycle_state", period=period, done=done, state=state.state or "not open")


DECIDER = Decider(Cycle(), evolve, decide)
