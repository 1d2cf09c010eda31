"""The district: its time zone, set once, and its first month, set at the latest by going live.

``tracker init`` makes a district that is live from its first month. With ``--setup`` it is being
set up: no cycle opens until somebody goes live (docs/semantics.md, section 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, assert_never

from events.decider import Decider
from events.event import Event
from events.periods import Period
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.event import RecordedEvent

STREAM = "district"
MONTHS_AHEAD = 12
"""How many months after the present one a first month may be: a later one is a typing error."""


# facts
class DistrictInitialized(Event):
    """The time zone of business dates and the first assessed month.

    The zone never changes. With ``setup`` the month is only planned, until the district goes live.
    """

    TYPE: ClassVar[str] = "DistrictInitialized"

    zone: str
    first_month: str
    setup: bool | None = None


class WentLive(Event):
    """The district that was being set up is live from ``first_month`` on, which never changes."""

    TYPE: ClassVar[str] = "WentLive"

    first_month: str


# commands
@dataclass(frozen=True, slots=True)
class InitializeDistrict:
    """Set the time zone (IANA name) and the first month (``2026-01``).

    With ``setup`` no cycle opens before ``GoLive``, which sets the first month.
    """

    zone: str
    first_month: str
    setup: bool = False


@dataclass(frozen=True, slots=True)
class GoLive:
    """Open cycles from ``first_month`` on; ``this_month`` is the present one."""

    first_month: Period
    this_month: Period


# evolve
@dataclass(frozen=True, slots=True)
class DistrictState:
    """The state of the district; empty texts before ``tracker init``.

    ``planned_month`` is the month that ``tracker init --setup`` named, once the district is live.
    """

    zone: str = ""
    first_month: str = ""
    being_set_up: bool = False
    planned_month: str = ""


def evolve(state: DistrictState, event: RecordedEvent) -> DistrictState:
    """Return the district after one event."""
    match event.type:
        case DistrictInitialized.TYPE:
            data = event.data
            return DistrictState(data["zone"], data["first_month"], data.get("setup", False))
        case WentLive.TYPE:
            return replace(
                state,
                first_month=event.data["first_month"],
                being_set_up=False,
                planned_month=state.first_month,
            )
        case _:
            return state


# decide
def decide(command: InitializeDistrict | GoLive, state: DistrictState) -> list[Event]:
    """Return the event of a command, none if repeated; raise ``Refused`` for other values."""
    match command:
        case InitializeDistrict():
            return _initialize(command, state)
        case GoLive():
            return _go_live(command, state)
        case _:
            assert_never(command)


def _initialize(command: InitializeDistrict, state: DistrictState) -> list[Event]:
    if not state.zone:
        return [
            DistrictInitialized(
                zone=command.zone, first_month=command.first_month, setup=command.setup or None
            )
        ]
    if state.zone != command.zone or command.first_month not in {
        state.first_month,
        state.planned_month,
    }:
        raise Refused("district_fixed", zone=state.zone, month=state.first_month)
    was_set_up = state.being_set_up or bool(state.planned_month)
    if command.setup and not was_set_up:
        raise Refused("already_live", month=state.first_month)
    return []


def _go_live(command: GoLive, state: DistrictState) -> list[Event]:
    if not state.zone:
        raise Refused("no_district")
    month = str(command.first_month)
    if not state.being_set_up:
        if month == state.first_month:
            return []
        raise Refused("already_live", month=state.first_month)
    latest = Period(command.this_month.first + MONTHS_AHEAD, 1)
    if command.first_month > latest:
        raise Refused("live_too_late", field="from", month=month, latest=str(latest))
    return [WentLive(first_month=month)]


DECIDER = Decider(DistrictState(), evolve, decide)
