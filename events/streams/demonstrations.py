"""The clock of a demonstration's database: set once, before anything else is recorded.

Every other database has the clock of its machine (docs/semantics.md, section 1.1;
docs/decisions/0021-the-demonstration-has-a-clock.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from events.decider import Decider
from events.event import Event
from events.periods import instant_text, parse_instant
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.event import RecordedEvent

STREAM = "demonstration"


# facts
class DemonstrationClockSet(Event):
    """The database is a demonstration: its clock showed ``shown`` when the machine's ``machine``.

    Both are UTC instants, and both clocks run equally fast. What the demonstration was built with
    was recorded before ``shown``.
    """

    TYPE: ClassVar[str] = "DemonstrationClockSet"

    shown: str
    machine: str


# commands
@dataclass(frozen=True, slots=True)
class SetDemonstrationClock:
    """Set the clock; ``newest`` is the newest recording instant, None in an empty log."""

    shown: datetime
    machine: datetime
    newest: datetime | None


# evolve
@dataclass(frozen=True, slots=True)
class DemonstrationState:
    """The clock of a demonstration; None of both instants in any other database."""

    shown: datetime | None = None
    machine: datetime | None = None

    @property
    def lead(self) -> timedelta | None:
        """How far its clock is ahead of the machine's; None where it is no demonstration."""
        if self.shown is None or self.machine is None:
            return None
        return self.shown - self.machine


def evolve(state: DemonstrationState, event: RecordedEvent) -> DemonstrationState:
    """Return the clock after one event."""
    if event.type == DemonstrationClockSet.TYPE:
        data = event.data
        return DemonstrationState(parse_instant(data["shown"]), parse_instant(data["machine"]))
    return state


# decide
def decide(command: SetDemonstrationClock, _state: DemonstrationState) -> list[Event]:
    """Return the clock; raise ``Refused`` where anything was recorded before."""
    if command.newest is not None:
        raise Refused("demonstration_clock")
    shown, machine = instant_text(command.shown), instant_text(command.machine)
    return [DemonstrationClockSet(shown=shown, machine=machine)]


DECIDER = Decider(DemonstrationState(), evolve, decide)
