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
    """The length of a period or window; the values are those of a scheme's ``per``."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Return the number of calendar months in one period of this length."""
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}[self.value]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar period: ``first`` counts months since year 0, ``months`` is its length."""

    first: int
    months: int

    @property
    def year(self) -> int:
        """Return the calendar year of the period."""
        return self.first // 12

    @property
    def length(self) -> Length:
        """Return the period's length as a word."""
        return {1: Length.MONTH, 3: Length.QUARTER, 6: Length.HALF, 12: Length.YEAR}[self.months]

    @property
    def first_day(self) -> date:
        """Return the first day, included."""
        return date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        """Return the last day, included."""
        last = self.first + self.months - 1
        year, month = last // 12, last % 12 + 1
        return date(year, month, monthrange(year, month)[1])

    @property
    def last_month(self) -> Period:
        """Return the last month of the period (of a month: itself)."""
        return Period(self.first + self.months - 1, 1)

    def next(self) -> Period:
        """Return the period of the same length that follows."""
        return Period(self.first + self.months, self.months)

    def previous(self) -> Period:
        """Return the period of the same length before this one."""
        return Period(self.first - self.months, self.months)

    def windows(self, length: Length) -> tuple[Period, ...]:
        """Return the windows of ``length`` whose last day is in this period."""
        return tuple(
            window
            for window in _windows_of_year(self.year, length)
            if self.first <= window.last_month.first < self.first + self.months
        )

    def window_around(self, length: Length) -> Period:
        """Return the window of ``length`` that contains the last day of this period."""
        last = self.first + self.months - 1
        return Period(last // length.months * length.months, length.months)

    def each_month(self) -> Iterator[Period]:
        """Return the months of the period in order."""
        return (Period(self.first + index, 1) for index in range(self.months))

    def __str__(self) -> str:
        """Return the written form, such as ``2026-Q3``."""
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
    """Parse ``2026-09``, ``2026-Q3``, ``2026-H2`` or ``2026``; raise ``Refused`` otherwise."""
    match = PERIOD_PATTERN.fullmatch(text)
    if match and FIRST_YEAR <= int(match["year"]) <= LAST_YEAR:
        year = int(match["year"]) * 12
        if match["month"] and 1 <= int(match["month"]) <= 12:
            return Period(year + int(match["month"]) - 1, 1)
        if match["quarter"] and match["quarter"] in "1234":
            return Period(year + (int(match["quarter"]) - 1) * 3, 3)
        if match["half"] and match["half"] in "12":
            return Period(year + (int(match["half"]) - 1) * 6, 6)
        if not (match["month"] or match["quarter"] or match["half"]):
            return Period(year, 12)
    raise Refused("bad_period", text=text)


def parse_month(text: str) -> Period:
    """Parse a month such as ``2026-09``; raise ``Refused`` for other periods and texts."""
    period = parse_period(text)
    if period.months != 1:
        raise Refused("bad_month", text=text)
    return period


def month_of(day: date) -> Period:
    """Return the calendar month of a date."""
    return Period(day.year * 12 + day.month - 1, 1)


def parse_date(text: str) -> date:
    """Parse ``2026-09-12``; raise ``Refused`` for other spellings and impossible dates."""
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
    """Return the business date of an instant in the district's time zone."""
    return instant.astimezone(zone).date()


def instant_text(instant: datetime) -> str:
    """Return the stored form of an instant: UTC, six decimals, ``Z``; it sorts as time does."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """Parse an ISO instant with an offset; raise ``Refused`` otherwise."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refused("bad_instant", text=text)
    return instant.astimezone(UTC)


def day_after(day: date, days: int = 1) -> date:
    """Return the date ``days`` later (earlier if negative)."""
    return day + timedelta(days=days)
