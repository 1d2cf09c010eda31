from datetime import date, timedelta

import pytest

from events.documents.policies import DistrictPolicy
from events.periods import parse_month
from events.refusals.errors import Kind, Refused
from scheduler.calendar import plan_dates
from scheduler.working_days import (
    LOOKAHEAD_DAYS,
    UnknownYear,
    find_unknown_year,
    is_working_day,
    working_days_by,
)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),
        (date(2025, 10, 12), False),
        (date(2025, 11, 3), True),
    ],
)
def test_holidays_and_days_worked_instead(day: date, working: bool) -> None:
    """National Day of 2025 is a holiday of eight days, for which one Saturday is worked."""
    assert is_working_day(day) is working


def test_an_unpublished_year_is_refused() -> None:
    """A year whose holidays are not published yet is refused."""
    with pytest.raises(Refused, match=r"of 2099 .* write them into the policy") as caught:
        is_working_day(date(2099, 1, 4))
    assert (caught.value.code, caught.value.kind) == ("calendar_unknown", Kind.NOT_NOW)


NOTICE = {"2099": {"holidays": ["01-01..01-03", "05-01"], "workdays": ["01-04"]}}
ROLLED = {"roll": "next_working_day"}


def rolled(**more: object) -> DistrictPolicy:
    """A policy whose days roll, with the working days that it lists."""
    return DistrictPolicy.model_validate({"spot_check": ROLLED, "working_days": more})


def published_to_2026(day: date) -> bool:
    """A published calendar that ends with 2026: Monday to Friday but for 1 October."""
    if day.year > 2026:
        raise Refused("calendar_unknown", year=day.year)
    return day.weekday() < 5 and day != date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2099, 1, 1), False),  # a Thursday
        (date(2099, 1, 3), False),
        (date(2099, 1, 4), True),  # a Sunday that is worked
        (date(2099, 1, 5), True),
        (date(2099, 1, 10), False),  # a Saturday
        (date(2099, 5, 1), False),
    ],
)
def test_the_policy_lists_the_days_of_a_year(day: date, working: bool) -> None:
    """What the notice lists decides; the other days of that year are Monday to Friday."""
    assert working_days_by(rolled(**NOTICE), is_working_day)(day) is working
    assert working_days_by(rolled(**NOTICE), None)(day) is working


def test_the_policy_comes_before_the_published_calendar() -> None:
    """Of a year that is published only the listed days are as the policy says."""
    listed = {"2026": {"holidays": ["10-02"], "workdays": ["10-01"]}}
    calendar = working_days_by(rolled(**listed), published_to_2026)
    assert [calendar(date(2026, 10, day)) for day in (1, 2, 3, 5)] == [True, False, False, True]
    assert working_days_by(rolled(), published_to_2026)(date(2026, 10, 1)) is False


def test_a_year_in_neither_is_refused() -> None:
    """A year that is neither listed nor published is refused, with what to write."""
    for published in (published_to_2026, None):
        with pytest.raises(Refused, match=r'working_days: \{"2098": \{holidays: \[') as caught:
            working_days_by(rolled(**NOTICE), published)(date(2098, 1, 1))
        assert caught.value.code == "calendar_unknown"


def test_the_year_is_missed_weeks_before() -> None:
    """From eight weeks before the opening on New Year's Day the unknown year is reported."""
    opening = date(2027, 1, 1)
    unknown = UnknownYear(2027, opening)
    for days, expected in ((LOOKAHEAD_DAYS, unknown), (LOOKAHEAD_DAYS + 1, None), (0, unknown)):
        today = opening - timedelta(days)
        assert find_unknown_year(rolled(), today, published_to_2026) == expected
        notice = {"2027": {"holidays": ["01-01..01-03"]}}
        assert find_unknown_year(rolled(**notice), today, published_to_2026) is None
        assert find_unknown_year(DistrictPolicy(), today, published_to_2026) is None


def test_a_late_day_needs_the_next_year_too() -> None:
    """November closes on 28 December or later: with a holiday until the year's end, next year."""
    rules = DistrictPolicy.model_validate(
        {
            "spot_check": ROLLED | {"closes": 28},
            "working_days": {"2026": {"holidays": ["12-28..12-31"]}},
        }
    )
    unknown = find_unknown_year(rules, date(2026, 11, 20), published_to_2026)
    assert unknown == UnknownYear(2027, date(2026, 12, 1))


def test_a_year_without_a_working_day_is_not_unknown() -> None:
    """A calendar that is known and has no working day is refused at the opening, not here."""
    notice = {"2027": {"holidays": ["01-01..12-31"]}}
    assert find_unknown_year(rolled(**notice), date(2026, 12, 1), published_to_2026) is None


def test_a_cycle_is_planned_by_the_notice() -> None:
    """December's cycle opens on the first working day that the notice leaves."""
    notice = {"2027": {"holidays": ["01-01..01-03"], "workdays": ["01-09"]}}
    calendar = working_days_by(rolled(**notice), published_to_2026)
    month = parse_month("2026-12")
    dates = plan_dates(month, 1, 9, 10, "next_working_day", calendar)
    assert (dates.opens_on, dates.draws_on, dates.closes_on) == (
        date(2027, 1, 4), date(2027, 1, 9), date(2027, 1, 11),
    )  # fmt: skip
