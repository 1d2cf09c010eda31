from datetime import date

import pytest

from events.refusals.errors import Kind, Refused
from scheduler.working_days import is_working_day


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
    with pytest.raises(Refused, match="the working days of 2099 are not known") as caught:
        is_working_day(date(2099, 1, 4))
    assert (caught.value.code, caught.value.kind) == ("calendar_unknown", Kind.NOT_NOW)
