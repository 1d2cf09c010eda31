"""When a monthly cycle opens, draws, reminds and closes (docs/semantics.md, sections 1, 7 and 9).

Everything here is arithmetic over a month and a policy's numbers: what is due is never remembered.
The cycle of month M runs in month M+1, its dates are local dates of the district, and each step
falls due at 00:30 local time; the closing runs at 00:30 on the day after ``closes_on``.
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

IsWorkingDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class CycleDates:
    """The local dates of one cycle; ``closes_on`` is the last day on which inspectors can work."""

    opens_on: date
    draws_on: date
    reminds_on: date
    closes_on: date

    @property
    def closing_runs_on(self) -> date:
        """The day at whose 00:30 the cycle is closed: the one after ``closes_on``."""
        return day_after(self.closes_on)


def planned(
    month: Period,
    opens: int = 1,
    draws: int = 6,
    closes: int = 10,
    roll: str = "none",
    is_working_day: IsWorkingDay | None = None,
) -> CycleDates:
    """The dates of a month's cycle by its policy (docs/semantics.md, section 9).

    A day that the following month does not have is its last day. With ``roll: next_working_day``
    opening, draw and close each move on to the next working day, into a later month if need be;
    the reminder stays two days before the close, whatever day that is.
    """
    if not 1 <= opens <= draws <= closes:
        raise Refused("bad_cycle_days", opens=opens, draws=draws, closes=closes)
    opens_on, draws_on, closes_on = (
        _rolled(_day_of_next_month(month, day), roll, is_working_day)
        for day in (opens, draws, closes)
    )
    return CycleDates(opens_on, draws_on, day_after(closes_on, -REMINDER_DAYS), closes_on)


def shifted(dates: CycleDates, opened_on: date) -> CycleDates:
    """The dates of a cycle that really opened on ``opened_on`` (docs/semantics.md, section 9).

    One that opened late keeps its length: what follows moves by as many days as the opening did,
    and is not rolled again. One that opened on its day, or before it by hand, keeps its dates.
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
    """The UTC instant of 00:30 local time on a day, by which its step falls due.

    Where the clocks skip 00:30, it is as long after the jump as 00:30 would have been (01:30 for
    an hour at midnight); where they pass it twice, it is the first time.
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
    """The months whose cycle should have been opened by now and is not, oldest first.

    ``now_local`` carries the district's zone. No cycle is due for a month before ``first_month``.
    """
    zone = now_local.tzinfo
    assert zone is not None, "a local time without its zone is no instant"
    now = now_local.astimezone(UTC)
    month = first_month if newest_opened is None else max(first_month, newest_opened.next())
    due = []
    while due_at(_day_of_next_month(month, opens), zone) <= now:
        # Rolling moves on alone, so no calendar is asked for a day that has not come.
        day = _rolled(_day_of_next_month(month, opens), roll, is_working_day)
        if due_at(day, zone) > now:
            break
        due.append(month)
        month = month.next()
    return due


def next_working_day(day: date, is_working_day: IsWorkingDay) -> date:
    """The day itself if it is a working day, else the next one that is."""
    for days in range(LONGEST_HOLIDAY_DAYS):
        candidate = day_after(day, days)
        if is_working_day(candidate):
            return candidate
    raise Refused("no_working_day", day=day, days=LONGEST_HOLIDAY_DAYS)


def _day_of_next_month(month: Period, day: int) -> date:
    following = month.next()
    return min(day_after(following.first_day, day - 1), following.last_day)


def _rolled(day: date, roll: str, is_working_day: IsWorkingDay | None) -> date:
    if roll == "none":
        return day
    if roll != "next_working_day":
        raise Refused("bad_roll", roll=roll)
    if is_working_day is None:
        raise Refused("no_calendar")
    return next_working_day(day, is_working_day)
