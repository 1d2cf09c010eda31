"""Calendar periods, the windows inside them, and the local date of an instant.

A period is written ``2026-09`` (month), ``2026-Q3`` (quarter), ``2026-H2`` (half-year) or ``2026``
(year). Periods of one length partition the calendar year (docs/semantics.md, sections 1 and 4).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from events.refusals.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

PERIOD_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{2})|Q(?P<quarter>\d)|H(?P<half>\d)))?", re.ASCII
)
DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FIRST_YEAR = 1900
LAST_YEAR = 2999


class Length(StrEnum):
    """How long a period or a window is; the words are those of a scheme's ``per``."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """The number of calendar months in one period of this length."""
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}[self.value]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar period: ``first`` is its first month from year 0, ``months`` its length."""

    first: int
    months: int

    @property
    def year(self) -> int:
        """The calendar year that the period lies in."""
        return self.first // 12

    @property
    def length(self) -> Length:
        """The period's length as a word."""
        return {1: Length.MONTH, 3: Length.QUARTER, 6: Length.HALF, 12: Length.YEAR}[self.months]

    @property
    def first_day(self) -> date:
        """The first day, included."""
        return date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        """The last day, included."""
        last = self.first + self.months - 1
        year, month = last // 12, last % 12 + 1
        return date(year, month, monthrange(year, month)[1])

    @property
    def last_month(self) -> Period:
        """The last month of the period (the month itself for a month)."""
        return Period(self.first + self.months - 1, 1)

    def next(self) -> Period:
        """The period of the same length that follows."""
        return Period(self.first + self.months, self.months)

    def previous(self) -> Period:
        """The period of the same length before this one."""
        return Period(self.first - self.months, self.months)

    def windows(self, length: Length) -> tuple[Period, ...]:
        """The windows of ``length`` that belong to this period: those whose last day lies in it."""
        return tuple(
            window
            for window in _windows_of_year(self.year, length)
            if self.first <= window.last_month.first < self.first + self.months
        )

    def window_around(self, length: Length) -> Period:
        """The window of ``length`` in which the last day of this period lies."""
        last = self.first + self.months - 1
        return Period(last // length.months * length.months, length.months)

    def each_month(self) -> Iterator[Period]:
        """The months of the period in order."""
        return (Period(self.first + index, 1) for index in range(self.months))

    def __str__(self) -> str:
        """The written form, such as ``2026-Q3``."""
        index = self.first % 12
        match self.length:
            case Length.MONTH:
                return f"{self.year:04}-{index + 1:02}"
            case Length.QUARTER:
                return f"{self.year:04}-Q{index // 3 + 1}"
            case Length.HALF:
                return f"{self.year:04}-H{index // 6 + 1}"
            case _:
                return f"{self.year:04}"


@lru_cache(maxsize=256)
def _windows_of_year(year: int, length: Length) -> tuple[Period, ...]:
    return tuple(Period(year * 12 + start, length.months) for start in range(0, 12, length.months))


@lru_cache(maxsize=1024)
def parse_period(text: str) -> Period:
    """Read ``2026-09``, ``2026-Q3``, ``2026-H2`` or ``2026``; anything else is ``Refused``."""
    found = PERIOD_PATTERN.fullmatch(text)
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        year = int(found["year"]) * 12
        if found["month"] and 1 <= int(found["month"]) <= 12:
            return Period(year + int(found["month"]) - 1, 1)
        if found["quarter"] and found["quarter"] in "1234":
            return Period(year + (int(found["quarter"]) - 1) * 3, 3)
        if found["half"] and found["half"] in "12":
            return Period(year + (int(found["half"]) - 1) * 6, 6)
        if not (found["month"] or found["quarter"] or found["half"]):
            return Period(year, 12)
    raise Refused("bad_period", text=text)


def parse_month(text: str) -> Period:
    """Read a month such as ``2026-09``; another period or text is ``Refused``."""
    period = parse_period(text)
    if period.months != 1:
        raise Refused("bad_month", text=text)
    return period


def month_of(day: date) -> Period:
    """The calendar month of a date."""
    return Period(day.year * 12 + day.month - 1, 1)


def parse_date(text: str) -> date:
    """Read ``2026-09-12``; other spellings and impossible dates are ``Refused``."""
    if DATE_PATTERN.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
    raise Refused("bad_date", text=text)


def local_date(instant: datetime, zone: tzinfo) -> date:
    """The business date of an instant in the district's zone."""
    return instant.astimezone(zone).date()


def instant_text(instant: datetime) -> str:
    """The one written form of an instant: UTC, six decimals, ``Z``; it sorts as time does."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """Read an ISO instant that names its offset; without one it is ``Refused``."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refused("bad_instant", text=text)
    return instant.astimezone(UTC)


def day_after(day: date, days: int = 1) -> date:
    """The date ``days`` later (earlier where negative)."""
    return day + timedelta(days=days)
