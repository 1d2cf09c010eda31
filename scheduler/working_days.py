"""Working days of the People's Republic of China: weekends, holidays and make-up working days.

The State Council publishes the calendar year by year, around November for the next year. What the
policy lists comes first; chinesecalendar knows the years published before its release.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import chinese_calendar

from events.periods import day_after, month_of
from events.refusals.errors import Refused
from scheduler.calendar import IsWorkingDay, plan_dates

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy

LOOKAHEAD_DAYS = 60
"""Days before an opening from which a year that is not known is reported: eight weeks."""
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class UnknownYear:
    """A year whose working days are not known, and the opening that needs them first."""

    year: int
    opens_on: date


def is_working_day(day: date) -> bool:
    """Return whether a date is a working day; raise ``Refused`` for an unpublished year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise Refused("calendar_unknown", year=day.year) from None


def _know_no_year(day: date) -> bool:
    raise Refused("calendar_unknown", year=day.year)


def working_days_by(policy: DistrictPolicy, published: IsWorkingDay | None) -> IsWorkingDay:
    """Return the calendar of a policy: what it lists, then the ``published`` one.

    The other days of a year that is listed and not published are Monday to Friday. The calendar
    raises ``Refused`` for a day of any other year.
    """

    def is_worked(day: date) -> bool:
        year = policy.working_days.get(str(day.year))
        listed = None if year is None else year.lists(day)
        if listed is not None:
            return listed
        try:
            return (published or _know_no_year)(day)
        except Refused:
            if year is None:
                raise
        return day.weekday() <= FRIDAY

    return is_worked


def find_unknown_year(
    policy: DistrictPolicy, today: date, published: IsWorkingDay | None
) -> UnknownYear | None:
    """Return the first year that an opening of the next weeks needs and the calendar lacks."""
    days = policy.spot_check
    if days.roll == "none":
        return None
    calendar = working_days_by(policy, published)
    month = month_of(today).previous()
    while True:
        opens_on = plan_dates(month, days.opens, days.draws, days.closes).opens_on
        if opens_on > day_after(today, LOOKAHEAD_DAYS):
            return None
        try:
            plan_dates(month, days.opens, days.draws, days.closes, days.roll, calendar)
        except Refused as refused:
            if refused.code == "calendar_unknown":
                return UnknownYear(refused.params["year"], opens_on)
        month = month.next()
