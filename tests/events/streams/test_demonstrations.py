"""The clock of a demonstration is set once, before anything else is recorded."""

from datetime import UTC, datetime, timedelta

from events.streams.demonstrations import (
    DECIDER,
    DemonstrationClockSet,
    DemonstrationState,
    SetDemonstrationClock,
)
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
SHOWN = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
SET = DemonstrationClockSet(
    shown="2026-11-08T01:00:00.000000Z", machine="2026-11-30T14:00:00.000000Z"
)


def test_the_first_event_sets_the_clock() -> None:
    """It has what both clocks showed; the difference stays."""
    given().when(SetDemonstrationClock(SHOWN, MACHINE, None)).then(SET)
    state = given(SET).state
    assert state == DemonstrationState(SHOWN, MACHINE)
    assert state.lead == -timedelta(days=22, hours=13)


def test_a_log_with_events_keeps_the_machines_clock() -> None:
    """Where anything was recorded before, the clock is refused, also a second time."""
    later = SetDemonstrationClock(SHOWN, MACHINE, SHOWN)
    given().when(later).refused("demonstration_clock")
    given(SET).when(later).refused("demonstration_clock")


def test_other_databases_have_no_lead() -> None:
    """Without the event no clock differs, whatever else happened."""
    assert given(ImportFinished(recorded=1, unchanged=0)).state == DemonstrationState()
    assert DemonstrationState().lead is None
