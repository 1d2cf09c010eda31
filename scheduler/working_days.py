"""Working days of the People's Republic of China: weekends, holidays and days worked instead.

The calendar is published by the State Council year by year, around November for the next year.
"""

from __future__ import annotations

from datetime import date

import chinese_calendar

from events.refusals.errors import Refused


def is_working_day(day: date) -> bool:
    """Whether a date is a working day; ``Refused`` for a year that is not published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise Refused("calendar_unknown", year=day.year) from None
