"""The clock of the demonstration: moved by hand while it is built, and the day that it ends on.

The last cycle is drawn and half inspected when the building ends, so that day is the newest one on
which the policy's reminder falls.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.periods import Period, local_date, month_of

ZONE = ZoneInfo("Asia/Shanghai")
LAST_DAY = 8
"""The day of the month on which the building ends: two days before the inspections do."""
SHOWN_AT = time(9, 0)
"""The local time that the clock shows when the building ends."""
BEGIN = time(8, 0)
MONTHS = 12
"""The closed months."""


def last_day(machine: datetime) -> date:
    """Return the day that the clock shows when the building ends, at most a month ago."""
    today = local_date(machine, ZONE)
    day = today.replace(day=LAST_DAY)
    return day if day <= today else month_of(today).previous().first_day.replace(day=LAST_DAY)


def shown_at_the_end(machine: datetime) -> datetime:
    """Return the instant that the clock shows when the building ends."""
    return datetime.combine(last_day(machine), SHOWN_AT, ZONE).astimezone(UTC)


def closed_months(last: date) -> list[Period]:
    """Return the twelve months that are closed when the building ends."""
    running = month_of(last).previous()
    return [Period(running.first - back, 1) for back in reversed(range(1, MONTHS + 1))]


def local_minute(instant: datetime) -> str:
    """Return an instant as local date and time to the minute."""
    return instant.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


class BuildClock:
    """A clock that shows where it was moved, and goes on by a second each time it is read."""

    def __init__(self, day: date) -> None:
        """Show the morning of a local day."""
        self._now = datetime.combine(day, BEGIN, ZONE).astimezone(UTC)

    def __call__(self) -> datetime:
        """Return the instant, which no other reading has."""
        self._now += timedelta(seconds=1)
        return self._now

    def move(self, day: date, minute: int) -> None:
        """Move forward to a minute of a local day; a moment that has passed changes nothing."""
        local = datetime.combine(day, time(0), ZONE) + timedelta(minutes=minute)
        self._now = max(self._now, local.astimezone(UTC))
