"""Periods are read and written in one form, and partition the calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.periods import (
    Length,
    Period,
    day_after,
    instant_text,
    local_date,
    month_of,
    parse_date,
    parse_instant,
    parse_month,
    parse_period,
)
from events.refusals.errors import Refused

DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))
LENGTHS = st.sampled_from(Length)


@given(DAYS, LENGTHS)
def test_periods_of_one_length_partition_the_calendar(day: date, length: Length) -> None:
    """Every day lies in exactly one period of a length, and its neighbours touch it."""
    around = month_of(day).window_around(length)
    assert around.length == length
    assert around.first_day <= day <= around.last_day
    assert around.next().first_day == around.last_day + timedelta(days=1)
    assert around.next().previous() == around


@given(st.integers(1900, 2999), LENGTHS)
def test_windows_partition_their_year(year: int, length: Length) -> None:
    """The windows of a year follow each other without gap from its first day to its last."""
    whole = parse_period(str(year))
    windows = whole.windows(length)
    assert (windows[0].first_day, windows[-1].last_day) == (whole.first_day, whole.last_day)
    assert all(first.next() == second for first, second in pairwise(windows))
    assert sum(window.months for window in windows) == 12


@given(DAYS, LENGTHS, LENGTHS)
def test_a_window_belongs_where_its_last_day_lies(day: date, outer: Length, inner: Length) -> None:
    """Of all windows of the year just those whose last day lies in a period belong to it."""
    period = month_of(day).window_around(outer)
    year = month_of(day).window_around(Length.YEAR)
    assert period.windows(inner) == tuple(
        window
        for window in year.windows(inner)
        if period.first_day <= window.last_day <= period.last_day
    )


@given(DAYS, LENGTHS)
def test_a_period_is_read_as_it_is_written(day: date, length: Length) -> None:
    """Writing a period and reading it again gives the same one, of the same year."""
    period = month_of(day).window_around(length)
    assert parse_period(str(period)) == period
    assert period.year == day.year
    months = list(period.each_month())
    assert (months[0].first_day, months[-1]) == (period.first_day, period.last_month)
    assert len(months) == period.months == length.months


def test_writes_each_length_in_its_form() -> None:
    """A month, a quarter, a half-year and a year each have one written form."""
    month = Period(2026 * 12 + 8, 1)
    written = [str(month.window_around(length)) for length in Length]
    assert written == ["2026-09", "2026-Q3", "2026-H2", "2026"]
    assert str(parse_period("2026-Q3").last_day) == "2026-09-30"
    assert str(parse_period("2024-02").last_day) == "2024-02-29"


@pytest.mark.parametrize(
    "text",
    [
        *("2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-H3", "2026-H0", "1899", "3000"),
        *("26-09", "2026-9", "2026-09-01", "x", "", " 2026", "2026\n", "２０２６", "2026-Q٣"),
    ],
)
def test_refuses_what_is_no_period(text: str) -> None:
    """Another spelling is refused, and the refusal repeats what was written."""
    with pytest.raises(Refused) as refused:
        parse_period(text)
    assert refused.value.code == "bad_period"
    assert refused.value.params == {"text": text}


def test_a_month_is_a_period_of_one_month() -> None:
    """A longer period is refused where a month is asked for."""
    assert parse_month("2026-09") == month_of(date(2026, 9, 30))
    with pytest.raises(Refused) as refused:
        parse_month("2026-Q3")
    assert refused.value.code == "bad_month"


@given(DAYS)
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    """The ISO form of a date reads as that date."""
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "20260912",
        "2026-W10-1",
        "2026-9-1",
        "1899-12-31",
        "3000-01-01",
        "",
        "２０２６-09-12",
    ],
)
def test_refuses_what_is_no_date(text: str) -> None:
    """Another spelling, an impossible date and one beyond the calendar are refused."""
    with pytest.raises(Refused) as refused:
        parse_date(text)
    assert refused.value.code == "bad_date"


@given(st.integers(0, 10**16), st.integers(0, 10**12))
def test_written_instants_sort_as_time_does(since: int, later: int) -> None:
    """The written form keeps the order of instants and reads as the same instant."""
    first = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=since)
    second = first + timedelta(microseconds=later)
    assert instant_text(first) <= instant_text(second)
    assert parse_instant(instant_text(first)) == first


@pytest.mark.parametrize("text", ["2026-09-12T08:00:00", "2026-09-12", "yesterday"])
def test_an_instant_names_its_offset(text: str) -> None:
    """An instant without an offset, or none at all, is refused."""
    with pytest.raises(Refused) as refused:
        parse_instant(text)
    assert refused.value.code == "bad_instant"


def test_the_date_of_an_instant_is_the_local_one() -> None:
    """At 16:30 UTC it is already the next day in Shanghai."""
    instant = parse_instant("2026-09-12T16:30:00+00:00")
    assert local_date(instant, ZoneInfo("Asia/Shanghai")) == date(2026, 9, 13)
    assert instant_text(instant) == "2026-09-12T16:30:00.000000Z"


def test_days_are_counted_in_both_directions() -> None:
    """A number of days later, earlier where negative, one where none is given."""
    assert day_after(date(2026, 2, 28)) == date(2026, 3, 1)
    assert day_after(date(2026, 3, 1), -1) == date(2026, 2, 28)
