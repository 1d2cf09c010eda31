"""What a department watches over many organizations: coverage, distribution, self-report gaps.

Each function asks one question of the rows of a scope and answers JSON values, or the rows behind
a figure, page by page. Pages keep the answers for a minute (``tracker.http.figure_cache``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.vocabulary import CATEGORIES
from events.periods import Period, month_of
from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.scoring.figures import round_score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.log.reader import Reader
    from projections.organizations.scope import Scope

NEVER = ""


def _governed(reader: Reader, month: Period) -> list[str]:
    """The categories that have a scheme in force in a month."""
    schemes = book(reader)
    return [name for name in CATEGORIES if schemes.in_force(name, MONTHLY, month) is not None]


def _alive(reader: Reader, scope: Scope, today: date) -> tuple[str, list[Any]]:
    """The condition of organizations that inspections are asked of today."""
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


def coverage(reader: Reader, scope: Scope, today: date) -> dict[str, Any]:
    """How many were inspected in the last twelve months, of how many; ``since`` is their first.

    ``never`` were never inspected, ``longest`` counts organizations by the month of the newest
    inspection, the longest ago first, without those never inspected.
    """
    since = str(_back(month_of(today), 12))
    condition, values = _alive(reader, scope, today)
    rows = reader.rows(
        f"SELECT q.last, count(*) FROM ({_LAST}{condition}) q GROUP BY q.last ORDER BY q.last",
        values,
    )
    counts = {last: int(count) for last, count in rows}
    return {
        "since": since,
        "organizations": sum(counts.values()),
        "inspected": sum(count for last, count in counts.items() if last >= since),
        "never": counts.get(NEVER, 0),
        "longest": [
            {"period": last, "organizations": count}
            for last, count in counts.items()
            if last != NEVER
        ][:6],
    }


def _back(month: Period, count: int) -> Period:
    for _ in range(count):
        month = month.previous()
    return month


def longest_uninspected(
    reader: Reader, scope: Scope, today: date, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The organizations longest without an inspection: those never inspected first, then by code.

    ``last`` is the month of the newest inspection, None before the first.
    """
    condition, values = _alive(reader, scope, today)
    rows = reader.rows(
        f"SELECT * FROM ({_LAST}{condition}) q ORDER BY q.last, q.code LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [
        {
            "organization": code,
            "name": name,
            "category": category,
            "registered_on": registered_on,
            "last": last or None,
        }
        for _, code, name, category, registered_on, last in rows
    ]


_GAP = "CAST(s.derived AS NUMERIC) - CAST(s.inspected AS NUMERIC)"


def largest_gaps(
    reader: Reader, scope: Scope, period: str, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The largest self-report gaps of a month: derived − inspected above 0, largest first."""
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT o.code, o.name, o.category, s.derived, s.inspected FROM scores s"
        f" JOIN organizations o ON o.stream = s.stream WHERE {condition} AND s.period = ?"
        f" AND s.kind = ? AND s.derived IS NOT NULL AND s.inspected IS NOT NULL AND {_GAP} > 0"
        f" ORDER BY {_GAP} DESC, o.code LIMIT ? OFFSET ?",
        [*values, period, MONTHLY, limit, offset],
    )
    return [
        {
            "organization": code,
            "name": name,
            "category": category,
            "derived": derived,
            "inspected": inspected,
            "gap": round_score(Fraction(derived) - Fraction(inspected)),
        }
        for code, name, category, derived, inspected in rows
    ]


def named(reader: Reader, scope: Scope, streams: Sequence[str]) -> list[dict[str, Any]]:
    """Organizations (their streams) by code, those of the scope alone."""
    condition, values = scope.condition()
    rows = reader.select_in(
        f"SELECT o.code, o.name, o.category FROM organizations o WHERE {condition} AND o.stream",
        streams,
        given=values,
    )
    return [
        {"organization": code, "name": name, "category": category}
        for code, name, category in sorted(rows, key=lambda row: row[0].encode())
    ]
