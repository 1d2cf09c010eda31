"""Calendar periods and exact numbers for the oracle.

The oracle is a second, slow implementation of the scoring semantics. It shares nothing with the
real implementation: no calendar, no arithmetic, no vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

MONTHS_OF_WINDOW = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True)
class Span:
    """A calendar period with its first and its last day."""

    name: str
    first: date
    last: date

    def days(self) -> int:
        """The number of days, both ends included."""
        return (self.last - self.first).days + 1

    def months(self) -> list[str]:
        """The names of the months of the period, in order."""
        return [
            f"{self.first.year}-{month:02d}"
            for month in range(self.first.month, self.last.month + 1)
        ]


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - timedelta(days=1)


def span_of(name: str) -> Span:
    """Return the period of a name such as 2026-09, 2026-Q3, 2026-H2 or 2026."""
    year = int(name[:4])
    rest = name[5:]
    if rest == "":
        start, length = 1, 12
    elif rest[0] == "H":
        start, length = (int(rest[1:]) - 1) * 6 + 1, 6
    elif rest[0] == "Q":
        start, length = (int(rest[1:]) - 1) * 3 + 1, 3
    else:
        start, length = int(rest), 1
    return Span(name, date(year, start, 1), last_day(year, start + length - 1))


def month_of(day: date) -> str:
    """The name of the month in which a day lies."""
    return f"{day.year}-{day.month:02d}"


def is_month(name: str) -> bool:
    """Whether a period's name is that of a month."""
    return len(name) == 7 and name[5] not in "QH"


def window_around(month: str, per: str) -> Span:
    """The window of length `per` of the calendar year in which a month lies."""
    year, number = int(month[:4]), int(month[5:])
    place = (number - 1) // MONTHS_OF_WINDOW[per] + 1
    return span_of(
        {
            "month": month,
            "quarter": f"{year}-Q{place}",
            "half": f"{year}-H{place}",
            "year": f"{year}",
        }[per]
    )


def number(text: object) -> Fraction:
    """The exact value of a number that was written as text."""
    return Fraction(str(text).strip())


def truth(value: object) -> bool:
    """Whether a field that holds yes or no as text says yes."""
    return str(value).strip().lower() == "true"


def exact(value: Fraction) -> str:
    """A finite decimal where there is one, else a fraction."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    if places == 0:
        return str(value.numerator)
    scaled = abs(value.numerator) * 10**places // value.denominator
    digits = str(scaled).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def two_places(value: Fraction) -> str:
    """A score as it is shown: two decimals, half up."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02d}"
