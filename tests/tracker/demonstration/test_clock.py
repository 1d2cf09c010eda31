"""The clock of the demonstration ends in the days of the inspections."""

from datetime import UTC, date, datetime, timedelta

import pytest

from events.documents.policies import DistrictPolicy
from events.periods import local_date, parse_month
from scheduler.spot_check import calendar_dates
from tracker.demonstration.clock import (
    ZONE,
    BuildClock,
    closed_months,
    last_day,
    local_minute,
    shown_at_the_end,
)


@pytest.mark.parametrize(
    ("machine", "shown"),
    [
        ("2026-11-30T14:00:00+00:00", date(2026, 11, 8)),
        ("2026-11-07T15:59:59+00:00", date(2026, 10, 8)),
        ("2026-11-07T16:00:00+00:00", date(2026, 11, 8)),
        ("2027-01-03T00:00:00+00:00", date(2026, 12, 8)),
        ("2028-02-29T00:00:00+00:00", date(2028, 2, 8)),
    ],
)
def test_it_shows_the_newest_day_of_inspections(machine: str, shown: date) -> None:
    """The last month is drawn and not closed, and twelve months before it are closed."""
    now = datetime.fromisoformat(machine)
    assert last_day(now) == shown
    assert local_minute(shown_at_the_end(now)) == f"{shown} 09:00"
    months = closed_months(shown)
    assert len(months) == 12
    running = calendar_dates(str(months[-1].next()), DistrictPolicy())
    assert running.draws_on < running.reminds_on <= shown < running.closes_on
    assert calendar_dates(str(months[-1]), DistrictPolicy()).closing_runs_on < shown


def test_the_clock_of_the_build_never_goes_back() -> None:
    """Each reading is later than the one before; moving to a moment that passed does nothing."""
    clock = BuildClock(date(2026, 1, 31))
    assert clock() == datetime(2026, 1, 31, 0, 0, 1, tzinfo=UTC)
    clock.move(date(2026, 2, 1), 35)
    assert clock() == datetime(2026, 1, 31, 16, 35, 1, tzinfo=UTC)
    clock.move(date(2026, 1, 31), 0)
    assert clock() == datetime(2026, 1, 31, 16, 35, 2, tzinfo=UTC)
    assert local_date(clock() + timedelta(hours=8), ZONE) == date(2026, 2, 1)
    assert closed_months(date(2026, 2, 8))[0] == parse_month("2025-01")
