from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.periods import Period, day_after, local_date, month_of, parse_month
from events.refusals.errors import Refused
from scheduler.calendar import (
    CycleDates,
    due_at,
    months_due,
    next_working_day,
    plan_dates,
    shift_dates,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HELSINKI = ZoneInfo("Europe/Helsinki")
HAVANA = ZoneInfo("America/Havana")  # its clocks change at midnight
APIA = ZoneInfo("Pacific/Apia")  # it had no 30 December 2011
ZONES = [SHANGHAI, HELSINKI, HAVANA, ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Kathmandu"), UTC]

MONTHS = st.dates(date(1990, 1, 1), date(2090, 12, 31)).map(month_of)
DAYS = st.lists(st.integers(1, 31), min_size=3, max_size=3).map(sorted)


def weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def test_default_dates() -> None:
    """The cycle of September opens, draws, reminds and closes in October on the default days."""
    dates = plan_dates(parse_month("2026-09"))
    assert dates == CycleDates(
        date(2026, 10, 1), date(2026, 10, 6), date(2026, 10, 8), date(2026, 10, 10)
    )
    assert dates.closing_runs_on == date(2026, 10, 11)


def test_december_runs_in_january() -> None:
    """The cycle of December runs in January of the next year."""
    assert plan_dates(parse_month("2026-12")).opens_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("month", "last"), [("2026-01", 28), ("2028-01", 29), ("2026-03", 30), ("2026-02", 31)]
)
def test_days_after_the_end_of_the_month(month: str, last: int) -> None:
    """A day that the following month does not have is its last day, in leap years too."""
    dates = plan_dates(parse_month(month), 1, 6, 31)
    assert dates.closes_on == day_after(dates.opens_on, last - 1)
    assert dates.closing_runs_on == parse_month(month).next().next().first_day


@given(MONTHS, DAYS, st.sampled_from(["none", "next_working_day"]))
def test_the_order_of_the_dates(month: Period, days: list[int], roll: str) -> None:
    """No cycle draws before it opens, closes before it draws, or opens within its own month."""
    opens, draws, closes = days
    dates = plan_dates(month, opens, draws, closes, roll, weekday)
    assert month.last_day < dates.opens_on <= dates.draws_on <= dates.closes_on
    assert dates.closes_on - dates.reminds_on == timedelta(days=2)
    if roll != "none":
        assert all(map(weekday, (dates.opens_on, dates.draws_on, dates.closes_on)))


@pytest.mark.parametrize("days", [(0, 6, 10), (7, 6, 10), (1, 11, 10)])
def test_days_out_of_order(days: tuple[int, int, int]) -> None:
    """Days before the first or out of order are refused."""
    with pytest.raises(Refused, match="in this order") as refused:
        plan_dates(parse_month("2026-09"), *days)
    assert refused.value.code == "bad_cycle_days"


def test_roll_to_working_days() -> None:
    """Opening, draw and close on a weekend move to Monday, the reminder with the close."""
    dates = plan_dates(parse_month("2026-07"), 1, 8, 16, "next_working_day", weekday)
    assert dates == CycleDates(
        date(2026, 8, 3), date(2026, 8, 10), date(2026, 8, 15), date(2026, 8, 17)
    )


def test_roll_into_the_next_month() -> None:
    """A close on the month's last day, a Saturday, rolls into the month after."""
    dates = plan_dates(parse_month("2026-09"), 1, 6, 31, "next_working_day", weekday)
    assert dates.closes_on == date(2026, 11, 2)


def test_roll_needs_a_calendar() -> None:
    """Rolling without a calendar of working days is refused, and so is an unknown roll."""
    with pytest.raises(Refused, match="needs a calendar"):
        plan_dates(parse_month("2026-09"), roll="next_working_day")
    with pytest.raises(Refused, match="'sideways'"):
        plan_dates(parse_month("2026-09"), roll="sideways")


def test_a_calendar_without_working_days() -> None:
    """A calendar without working days is refused instead of searched forever."""
    with pytest.raises(Refused, match="62 days from 2026-10-01 on"):
        next_working_day(date(2026, 10, 1), lambda _: False)


def test_a_late_opening_keeps_the_length() -> None:
    """A cycle opened three weeks late draws, reminds and closes three weeks late."""
    dates = shift_dates(plan_dates(parse_month("2026-09")), date(2026, 10, 22))
    assert dates == CycleDates(
        date(2026, 10, 22), date(2026, 10, 27), date(2026, 10, 29), date(2026, 10, 31)
    )


@given(MONTHS, DAYS, st.integers(-20, 400))
def test_shifting_keeps_every_distance(month: Period, days: list[int], late: int) -> None:
    """A late opening moves every date by as much, one on the day or before it moves none."""
    opens, draws, closes = days
    dates = plan_dates(month, opens, draws, closes)
    moved = shift_dates(dates, day_after(dates.opens_on, late))
    by = timedelta(days=max(0, late))
    assert moved.opens_on - dates.opens_on == by
    assert moved.draws_on - dates.draws_on == by
    assert moved.reminds_on - dates.reminds_on == by
    assert moved.closes_on - dates.closes_on == by


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 10, 1), SHANGHAI, datetime(2026, 9, 30, 16, 30, tzinfo=UTC)),
        (date(2028, 3, 1), SHANGHAI, datetime(2028, 2, 29, 16, 30, tzinfo=UTC)),
        (date(2026, 7, 1), HELSINKI, datetime(2026, 6, 30, 21, 30, tzinfo=UTC)),
        (date(2026, 12, 1), HELSINKI, datetime(2026, 11, 30, 22, 30, tzinfo=UTC)),
        (date(2026, 10, 25), HELSINKI, datetime(2026, 10, 24, 21, 30, tzinfo=UTC)),
        (date(2026, 10, 26), HELSINKI, datetime(2026, 10, 25, 22, 30, tzinfo=UTC)),
    ],
)
def test_half_past_midnight(day: date, zone: ZoneInfo, instant: datetime) -> None:
    """A step is due at 00:30 local time, in winter and in summer."""
    assert due_at(day, zone) == instant
    assert due_at(day, zone).tzinfo is UTC


def test_half_past_midnight_skipped() -> None:
    """Where the clocks jump from 00:00 to 01:00, 00:30 is half an hour after the jump."""
    due = due_at(date(2025, 3, 9), HAVANA)
    assert due == datetime(2025, 3, 9, 5, 30, tzinfo=UTC)
    assert due.astimezone(HAVANA).time() == time(1, 30)


def test_half_past_midnight_twice() -> None:
    """Where the clocks go back from 01:00 to 00:00, the first 00:30 counts."""
    due = due_at(date(2025, 11, 2), HAVANA)
    assert due == datetime(2025, 11, 2, 4, 30, tzinfo=UTC)
    assert due.astimezone(HAVANA).fold == 0


def test_a_day_that_was_left_out() -> None:
    """What was due on a date that a zone skipped is due with the next date."""
    assert due_at(date(2011, 12, 30), APIA) == due_at(date(2011, 12, 31), APIA)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.sampled_from(ZONES))
def test_due_on_its_own_day(day: date, zone: ZoneInfo) -> None:
    """A step is due on its day in its zone, and before the step of the next day."""
    assert local_date(due_at(day, zone), zone) == day
    assert due_at(day, zone) < due_at(day_after(day), zone)


def test_nothing_due_before_the_opening() -> None:
    """Until 00:30 of the opening day the month is not due, from then on it is."""
    first = parse_month("2026-09")
    early = datetime(2026, 10, 1, 0, 29, 59, 999999, SHANGHAI)
    assert months_due(first, None, early) == []
    assert months_due(first, None, early + timedelta(microseconds=1)) == [first]


def test_months_missed_come_in_order() -> None:
    """After months without a scheduler every unopened month is due, oldest first, across years."""
    now = datetime(2027, 2, 3, 9, 0, tzinfo=SHANGHAI)
    due = months_due(parse_month("2026-01"), parse_month("2026-10"), now, 3)
    assert [str(month) for month in due] == ["2026-11", "2026-12", "2027-01"]
    assert months_due(parse_month("2026-01"), parse_month("2027-01"), now, 3) == []


def test_no_month_before_the_first() -> None:
    """A cycle opened before the first month makes none of the months between due."""
    now = datetime(2026, 10, 2, tzinfo=HELSINKI)
    due = months_due(parse_month("2026-08"), parse_month("2026-03"), now)
    assert [str(month) for month in due] == ["2026-08", "2026-09"]


def test_the_opening_day_rolls() -> None:
    """A month whose opening rolls to Monday is not due on the weekend."""
    first = parse_month("2026-07")
    sunday = datetime(2026, 8, 2, 12, 0, tzinfo=SHANGHAI)
    assert months_due(first, None, sunday) == [first]
    rolled = months_due(first, None, sunday, roll="next_working_day", is_working_day=weekday)
    assert rolled == []


def test_a_repeated_hour_takes_nothing_back() -> None:
    """A step due at the first 00:30 is still due when the clocks show 00:10 again."""
    now = datetime(2025, 11, 2, 0, 10, tzinfo=HAVANA, fold=1)
    assert months_due(parse_month("2025-10"), None, now, 2) == [parse_month("2025-10")]


def test_a_local_time_names_its_zone() -> None:
    """A time without a zone is a bug of the caller."""
    with pytest.raises(AssertionError, match="must have a time zone"):
        months_due(parse_month("2026-09"), None, datetime(2026, 10, 1, 9, 0))  # noqa: DTZ001


@given(
    MONTHS,
    st.integers(1, 31),
    st.integers(0, 800),
    st.sampled_from(ZONES),
    st.integers(0, 24 * 60 - 1),
)
def test_due_months_are_those_that_planned_would_have_opened(
    first: Period, opens: int, days: int, zone: ZoneInfo, minute: int
) -> None:
    """Exactly the months whose planned opening has passed are due; opening them leaves none."""
    start = datetime.combine(day_after(first.first_day, days), time(0), UTC)
    now = (start + timedelta(minutes=minute)).astimezone(zone)
    due = months_due(first, None, now, opens)
    expected = []
    month = first
    while due_at(plan_dates(month, opens, 31, 31).opens_on, zone) <= now.astimezone(UTC):
        expected.append(month)
        month = month.next()
    assert due == expected
    if due:
        assert months_due(first, due[-1], now, opens) == []
