"""Working days of a year as the State Council's notice fixes them, stated in the policy.

Days are MM-DD, spans of days ``02-05..02-11``. What a year's entry does not list follows the
published calendar where it knows the year, else Monday to Friday (docs/semantics.md, section 9.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from events.documents.schemes import Document
from events.refusals.errors import BadValue, Problem

SPAN = re.compile(r"(\d\d-\d\d)(?:\.\.(\d\d-\d\d))?")


def _span(value: object) -> object:
    if isinstance(value, str) and SPAN.fullmatch(value):
        return value
    raise BadValue("value_days_off")


Year = Annotated[str, Field(pattern=r"^2\d{3}$")]
DaySpan = Annotated[str, BeforeValidator(_span)]


class WorkingDays(Document):
    """One year's days off (``holidays``) and the weekend days worked instead (``workdays``)."""

    holidays: tuple[DaySpan, ...] = ()
    workdays: tuple[DaySpan, ...] = ()

    def lists(self, day: date) -> bool | None:
        """Return whether a day of the year is listed as worked or as off, None if as neither."""
        month_day = day.isoformat()[5:]
        for spans, worked in ((self.workdays, True), (self.holidays, False)):
            if any(first <= month_day <= last for first, last in map(ends_of, spans)):
                return worked
        return None


def ends_of(span: str) -> tuple[str, str]:
    """Return the first and the last day (MM-DD) of a span."""
    first, _, last = span.partition("..")
    return first, last or first


def check_working_days(years: dict[str, WorkingDays]) -> Iterator[Problem]:
    """Yield a problem for each day that does not exist, reversed span, and day listed as both."""
    for year, days in years.items():
        for name, spans in (("holidays", days.holidays), ("workdays", days.workdays)):
            for index, span in enumerate(spans):
                place = f"working_days.{year}.{name}.{index}"
                first, last = ends_of(span)
                missing = [end for end in dict.fromkeys((first, last)) if not _exists(year, end)]
                for end in missing:
                    yield Problem.error(place, "no_day_of_year", day=end, year=year)
                if first > last:
                    yield Problem.error(place, "span_reversed", first=first, last=last)
        for index, span in enumerate(days.workdays):
            first, last = ends_of(span)
            if any(a <= last and first <= b for a, b in map(ends_of, days.holidays)):
                place = f"working_days.{year}.workdays.{index}"
                yield Problem.error(place, "day_worked_and_off", span=span)


def _exists(year: str, month_day: str) -> bool:
    try:
        date.fromisoformat(f"{year}-{month_day}")
    except ValueError:
        return False
    return True
