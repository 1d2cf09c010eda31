"""The district: its time zone and first month, set once by ``tracker init``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.event import RecordedEvent

STREAM = "district"


# facts
class DistrictInitialized(Event):
    """The time zone of business dates and the first assessed month; neither ever changes."""

    TYPE: ClassVar[str] = "DistrictInitialized"

    zone: str
    first_month: str


# commands
@dataclass(frozen=True, slots=True)
class InitializeDistrict:
    """Set the time zone (IANA name) and the first month (``2026-01``)."""

    zone: str
    first_month: str


# evolve
@dataclass(frozen=True, slots=True)
class DistrictState:
    """The state of the district; empty texts before ``tracker init``."""

    zone: str = ""
    first_month: str = ""


def evolve(state: DistrictState, event: RecordedEvent) -> DistrictState:
    """Return the district after one event."""
    if event.type == DistrictInitialized.TYPE:
        return DistrictState(event.data["zone"], event.data["first_month"])
    return state


# decide
def decide(command: InitializeDistrict, state: DistrictState) -> list[Event]:
    """Return the initialization, none if repeated; raise ``Refused`` for other values."""
    if not state.zone:
        return [DistrictInitialized(zone=command.zone, first_month=command.first_month)]
    if (state.zone, state.first_month) == (command.zone, command.first_month):
        return []
    raise Refused("district_fixed", zone=state.zone, month=state.first_month)


DECIDER = Decider(DistrictState(), evolve, decide)
