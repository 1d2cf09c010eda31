"""A clock is confirmed for a reason."""

from datetime import UTC, datetime

import pytest

from events.streams.clocks import DECIDER, ClockConfirmed, ClockState, ConfirmClock
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
NOW = datetime(2026, 10, 11, 1, 0, tzinfo=UTC)
AHEAD = datetime(2027, 10, 11, 1, 0, tzinfo=UTC)
CONFIRMED = ClockConfirmed(
    shown="2026-10-11T01:00:00.000000Z",
    newest="2027-10-11T01:00:00.000000Z",
    database_seconds=-900,
    reason="已校准",
)


def test_a_confirmation_says_what_the_clock_showed() -> None:
    """The event has the clock, the newest event, the difference and the reason; twice is two."""
    command = ConfirmClock(NOW, AHEAD, -900, "已校准")
    given().when(command).then(CONFIRMED)
    given(CONFIRMED).when(command).then(CONFIRMED)
    assert given(CONFIRMED).state == ClockState(NOW, AHEAD, -900)


def test_the_newest_event_and_the_database_clock_may_be_unknown() -> None:
    """A log without events and a database without a clock confirm the clock alone."""
    command = ConfirmClock(NOW, None, None, "已校准")
    alone = ClockConfirmed(shown="2026-10-11T01:00:00.000000Z", reason="已校准")
    given().when(command).then(alone)
    assert given(alone).state == ClockState(NOW, None, 0)


@pytest.mark.parametrize("reason", ["", "x" * 501])
def test_a_confirmation_needs_a_reason(reason: str) -> None:
    """Without a reason, or with an endless one, it is refused."""
    given().when(ConfirmClock(NOW, None, None, reason)).refused("clock_reason")


def test_other_events_leave_the_clock_as_it_is() -> None:
    """An event of another kind changes nothing."""
    assert given(ImportFinished(recorded=1, unchanged=0)).state == ClockState()
