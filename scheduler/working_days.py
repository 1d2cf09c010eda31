"""Working days of the People's Republic of China: weekends, holidays and make-up working days.

The State Council publishes the calendar year by year, around November for the next year.
"""

from __future__ import annotations

from datetime import date

import chinese_calendar

from events.refusals.errors import Refused


def is_working_day(day: date) -> bool:
    """Return whether a date is a working day; raise ``Refused`` for an unpublished year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise Refused("calendar_unknown", year=day.year) from None
