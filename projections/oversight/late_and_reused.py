"""Records that came beyond the grace, and evidence files used by several organizations or months.

Signs that a person looks into, never a judgement. The rows are written by
``projections.records.evidence``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.schemes import SchemePolicy
from events.documents.vocabulary import CATEGORIES
from events.periods import Period, parse_month
from events.streams.scores import MONTHLY
from projections.documents.in_force import book

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope


def grace_days(reader: Reader, period: Period) -> dict[str, int]:
    """The days of grace that a month's schemes give, by category; the default where none is."""
    schemes = book(reader)
    found = {name: schemes.in_force(name, MONTHLY, period) for name in CATEGORIES}
    return {
        name: (SchemePolicy() if scheme is None else scheme.policy).recording_grace_days
        for name, scheme in found.items()
    }


def _beyond_grace(reader: Reader, period: str) -> tuple[str, list[Any]]:
    """The condition of late records beyond the grace of their category's scheme."""
    by_days: dict[int, list[str]] = {}
    for category, days in grace_days(reader, parse_month(period)).items():
        by_days.setdefault(days, []).append(category)
    tests, values = [], []
    for days, categories in by_days.items():
        tests.append(f"(l.days > ? AND o.category IN ({', '.join('?' * len(categories))}))")
        values += [days, *categories]
    return f"({' OR '.join(tests)})", values


_LATE = " FROM late_records l JOIN organizations o ON o.stream = l.stream WHERE l.month = ? AND "


def late_count(reader: Reader, scope: Scope, period: str) -> dict[str, int]:
    """How many records of a month came beyond the grace, and of how many organizations."""
    condition, values = scope.condition()
    beyond, days = _beyond_grace(reader, period)
    rows = reader.rows(
        f"SELECT count(*), count(DISTINCT l.stream){_LATE}{condition} AND {beyond}",
        [period, *values, *days],
    )
    records, organizations = rows[0]
    return {"records": int(records), "organizations": int(organizations)}


def late_rows(
    reader: Reader, scope: Scope, period: str, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The records of a month that came beyond the grace, latest first."""
    condition, values = scope.condition()
    beyond, days = _beyond_grace(reader, period)
    rows = reader.rows(
        "SELECT o.code, o.name, o.category, l.record_id, l.occurred_on, l.recorded_on, l.days"
        f"{_LATE}{condition} AND {beyond} ORDER BY l.days DESC, o.code, l.record_id"
        " LIMIT ? OFFSET ?",
        [period, *values, *days, limit, offset],
    )
    names = ("organization", "name", "category", "record_id", "occurred_on", "recorded_on", "days")
    return [dict(zip(names, row, strict=True)) for row in rows]


_REUSED = (
    "SELECT u.file AS file, count(*) AS uses, count(DISTINCT u.stream) AS organizations,"
    " count(DISTINCT substr(u.occurred_on, 1, 7)) AS months FROM evidence_uses u"
    " JOIN organizations o ON o.stream = u.stream WHERE "
)
_SEVERAL = " GROUP BY u.file HAVING count(DISTINCT u.stream) > 1"
_MONTHS = (
    " GROUP BY u.file HAVING count(DISTINCT u.stream) = 1"
    " AND count(DISTINCT substr(u.occurred_on, 1, 7)) > 1"
)


def reused_count(reader: Reader, scope: Scope) -> dict[str, int]:
    """How many evidence files several organizations used, and how many one in several months."""
    condition, values = scope.condition()
    found = {}
    for name, test in (("organizations", _SEVERAL), ("months", _MONTHS)):
        rows = reader.rows(f"SELECT count(*) FROM ({_REUSED}{condition}{test}) q", values)
        found[name] = int(rows[0][0])
    return found


def reused_files(
    reader: Reader, scope: Scope, limit: int, offset: int = 0, *, months: bool = False
) -> list[dict[str, Any]]:
    """The evidence files that several organizations used, or (``months``) one in several months.

    Most organizations first, then most uses. ``used`` are the uses in the scope: organization,
    name, subject, ``occurred_on``.
    """
    condition, values = scope.condition()
    files = reader.rows(
        f"SELECT * FROM ({_REUSED}{condition}{_MONTHS if months else _SEVERAL}) q"
        " ORDER BY q.organizations DESC, q.uses DESC, q.file LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    uses: dict[str, list[dict[str, Any]]] = {}
    for file, code, name, subject, occurred_on in reader.select_in(
        "SELECT u.file, o.code, o.name, u.subject, u.occurred_on FROM evidence_uses u"
        f" JOIN organizations o ON o.stream = u.stream WHERE {condition} AND u.file",
        [file for file, *_ in files],
        given=values,
    ):
        uses.setdefault(file, []).append(
            {"organization": code, "name": name, "subject": subject, "occurred_on": occurred_on}
        )
    return [
        {
            "file": file,
            "uses": int(count),
            "organizations": int(organizations),
            "months": int(months_used),
            "used": sorted(
                uses[file], key=lambda one: (one["occurred_on"] or "", one["organization"])
            ),
        }
        for file, count, organizations, months_used in files
    ]
