"""What a department watches over many organizations: coverage, self-report gaps.

Each function answers one question over the rows of a scope, or returns the rows behind a figure,
page by page. Pages cache the answers for a minute (``tracker.http.figure_cache``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.periods import Period, month_of
from events.streams.scores import MONTHLY
from projections.documents.in_force import book, categories
from projections.scoring.figures import round_score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.scope import Scope

NEVER = ""
"""The month of the newest inspection of those never inspected; sorts before every month."""
LONGEST_MONTHS = 6
"""Months that ``Coverage.longest`` has at most."""


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many organizations had their newest inspection in a month."""

    period: str
    organizations: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many organizations were inspected in the last twelve months; ``since`` is the first one.

    ``never`` were never inspected; ``longest`` counts the others by the month of their newest
    inspection, the longest ago first.
    """

    since: str
    organizations: int
    inspected: int
    never: int
    longest: list[MonthCount]


@dataclass(frozen=True, slots=True)
class UninspectedOrganization:
    """An organization with the month of its newest inspection, None before the first."""

    organization: str
    name: str
    category: str
    registered_on: str
    last: str | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """The self-report gap of an organization: derived minus inspected, as texts."""

    organization: str
    name: str
    category: str
    derived: str
    inspected: str
    gap: str


@dataclass(frozen=True, slots=True)
class NamedOrganization:
    """An organization by its code (``organization``), name and category."""

    organization: str
    name: str
    category: str


def _governed(reader: Reader, month: Period) -> list[str]:
    """Return the categories that have a scheme in force in a month."""
    schemes = book(reader)
    return [
        name for name in categories(reader) if schemes.in_force(name, MONTHLY, month) is not None
    ]


def _alive(reader: Reader, scope: Scope, today: date) -> tuple[str, list[Any]]:
    """Return SQL condition and values of the organizations that have to be inspected today."""
    governed = _governed(reader, month_of(today)) or [""]
    condition, values = scope.condition()
    marks = ", ".join("?" * len(governed))
    day = today.isoformat()
    condition += (
        f" AND o.category IN ({marks}) AND o.registered_on <= ?"
        " AND (o.closed_on IS NULL OR o.closed_on >= ?)"
    )
    return condition, [*values, *governed, day, day]


_LAST = (
    "SELECT o.stream, o.code, o.name, o.category, o.registered_on, coalesce("
    "(SELECT max(i.period) FROM inspections i WHERE i.stream = o.stream AND i.state = 'scored'),"
    " '') AS last FROM organizations o WHERE "
)


def coverage(reader: Reader, scope: Scope, today: date) -> Coverage:
    """Count the organizations of a scope by their newest inspection."""
    since = str(_back(month_of(today), 12))
    condition, values = _alive(reader, scope, today)
    rows = reader.rows(
        f"SELECT q.last, count(*) FROM ({_LAST}{condition}) q GROUP BY q.last ORDER BY q.last",
        values,
    )
    counts = {last: int(count) for last, count in rows}
    longest = [MonthCount(last, count) for last, count in counts.items() if last != NEVER]
    return Coverage(
        since=since,
        organizations=sum(counts.values()),
        inspected=sum(count for last, count in counts.items() if last >= since),
        never=counts.get(NEVER, 0),
        longest=longest[:LONGEST_MONTHS],
    )


def _back(month: Period, count: int) -> Period:
    """Return the month ``count`` months earlier."""
    for _ in range(count):
        month = month.previous()
    return month


def longest_uninspected(
    reader: Reader, scope: Scope, today: date, limit: int, offset: int = 0
) -> list[UninspectedOrganization]:
    """Return the organizations longest without an inspection, those never inspected first.

    Ties are ordered by code.
    """
    condition, values = _alive(reader, scope, today)
    rows = reader.rows(
        f"SELECT * FROM ({_LAST}{condition}) q ORDER BY q.last, q.code LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [
        UninspectedOrganization(code, name, category, registered_on, last or None)
        for _, code, name, category, registered_on, last in rows
    ]


_GAP = "CAST(s.derived AS NUMERIC) - CAST(s.inspected AS NUMERIC)"


def largest_gaps(
    reader: Reader, scope: Scope, period: str, limit: int, offset: int = 0
) -> list[GapRow]:
    """Return the self-report gaps of a month that are above 0, the largest first."""
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT o.code, o.name, o.category, s.derived, s.inspected FROM scores s"
        f" JOIN organizations o ON o.stream = s.stream WHERE {condition} AND s.period = ?"
        f" AND s.kind = ? AND s.derived IS NOT NULL AND s.inspected IS NOT NULL AND {_GAP} > 0"
        f" ORDER BY {_GAP} DESC, o.code LIMIT ? OFFSET ?",
        [*values, period, MONTHLY, limit, offset],
    )
    return [
        GapRow(
            code,
            name,
            category,
            derived,
            inspected,
            gap=round_score(Fraction(derived) - Fraction(inspected)),
        )
        for code, name, category, derived, inspected in rows
    ]


def named_organizations(
    reader: Reader, scope: Scope, streams: Sequence[str]
) -> list[NamedOrganization]:
    """Return the organizations of some streams that are within a scope, ordered by code."""
    condition, values = scope.condition()
    rows = reader.select_in(
        f"SELECT o.code, o.name, o.category FROM organizations o WHERE {condition} AND o.stream",
        streams,
        given=values,
    )
    organizations = [NamedOrganization(code, name, category) for code, name, category in rows]
    return sorted(organizations, key=lambda row: row.organization.encode())
