"""When a monthly cycle opens, draws, reminds and closes (docs/semantics.md, sections 1, 7 and 9).

Everything here is arithmetic over a month and a policy's numbers; nothing is stored. The cycle of
month M runs in month M+1, its dates are local dates of the district, and each step is due at
00:30 local time; the closing runs at 00:30 on the day after ``closes_on``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from events.periods import Period, day_after
from events.refusals.errors import Refused

STEP_TIME = time(0, 30)
REMINDER_DAYS = 2
LONGEST_HOLIDAY_DAYS = 62
"""Days searched for a working day: two months without one mean a broken calendar, not a holiday."""

IsWorkingDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class CycleDates:
    """The local dates of one cycle; ``closes_on`` is the last day for inspections."""

    opens_on: date
    draws_on: date
    reminds_on: date
    closes_on: date

    @property
    def closing_runs_on(self) -> date:
        """Return the day on which, at 00:30, the cycle closes: the day after ``closes_on``."""
        return day_after(self.closes_on)


def plan_dates(
    month: Period,
    opens: int = 1,
    draws: int = 6,
    closes: int = 10,
    roll: str = "none",
    is_working_day: IsWorkingDay | None = None,
) -> CycleDates:
    """Return the dates of a month's cycle by its policy (docs/semantics.md, section 9).

    A day that the following month does not have becomes its last day. With ``roll:
    next_working_day`` opening, draw and close each move to the next working day, possibly in a
    later month; the reminder is always two days before the close. Raise ``Refused`` for days out
    of order and for an unknown or incomplete roll.
    """
    if not 1 <= opens <= draws <= closes:
        raise Refused("bad_cycle_days", opens=opens, draws=draws, closes=closes)
    opens_on, draws_on, closes_on = (
        _roll_day(_day_of_next_month(month, day), roll, is_working_day)
        for day in (opens, draws, closes)
    )
    return CycleDates(opens_on, draws_on, day_after(closes_on, -REMINDER_DAYS), closes_on)


def shift_dates(dates: CycleDates, opened_on: date) -> CycleDates:
    """Return the dates of a cycle that opened on ``opened_on`` (docs/semantics.md, section 9).

    A cycle that opened late keeps its length: the later dates move by as many days as the opening
    did and are not rolled again. A cycle that opened on its day, or earlier by hand, keeps its
    dates.
    """
    late = (opened_on - dates.opens_on).days
    if late <= 0:
        return dates
    return CycleDates(
        opened_on,
        day_after(dates.draws_on, late),
        day_after(dates.reminds_on, late),
        day_after(dates.closes_on, late),
    )


def due_at(day: date, zone: tzinfo) -> datetime:
    """Return the UTC instant of 00:30 local time on a day, when its step is due.

    Where daylight saving time skips 00:30, the instant is as long after the jump as 00:30 would
    have been (01:30 for one hour at midnight); where 00:30 occurs twice, it is the first.
    """
    return datetime.combine(day, STEP_TIME, zone).astimezone(UTC)


def months_due(
    first_month: Period,
    newest_opened: Period | None,
    now_local: datetime,
    opens: int = 1,
    *,
    roll: str = "none",
    is_working_day: IsWorkingDay | None = None,
) -> list[Period]:
    """Return the months whose cycle should have opened by now and has not, oldest first.

    ``now_local`` is in the district's time zone. No cycle is due for a month before
    ``first_month``.
    """
    zone = now_local.tzinfo
    assert zone is not None, "now_local must have a time zone"
    now = now_local.astimezone(UTC)
    month = first_month if newest_opened is None else max(first_month, newest_opened.next())
    due = []
    while due_at(_day_of_next_month(month, opens), zone) <= now:
        # Rolling only moves a day forward: a day that is not due unrolled is not due rolled. So
        # the calendar is never asked for a future year, which may not be published yet.
        day = _roll_day(_day_of_next_month(month, opens), roll, is_working_day)
        if due_at(day, zone) > now:
            break
        due.append(month)
        month = month.next()
    return due


def next_working_day(day: date, is_working_day: IsWorkingDay) -> date:
    """Return the day itself if it is a working day, else the next working day.

    Raise ``Refused`` when no working day follows within ``LONGEST_HOLIDAY_DAYS``.
    """
    for days in range(LONGEST_HOLIDAY_DAYS):
        candidate = day_after(day, days)
        if is_working_day(candidate):
            return candidate
    raise Refused("no_working_day", day=day, days=LONGEST_HOLIDAY_DAYS)


def _day_of_next_month(month: Period, day: int) -> date:
    following = month.next()
    return min(day_after(following.first_day, day - 1), following.last_day)


def _roll_day(day: date, roll: str, is_working_day: IsWorkingDay | None) -> date:
    if roll == "none":
        return day
    if roll != "next_working_day":
        raise Refused("bad_roll", roll=roll)
    if is_working_day is None:
        raise Refused("no_calendar")
    return next_working_day(day, is_working_day)
