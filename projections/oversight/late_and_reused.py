"""Records recorded after the grace period, and evidence files that were used more than once.

These are signs for a person to look into, never a judgement. The rows are written by
``projections.records.evidence``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.documents.schemes import SchemePolicy
from events.periods import Period, parse_month
from events.streams.scores import MONTHLY
from projections.documents.in_force import book, categories

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope


@dataclass(frozen=True, slots=True)
class LateCount:
    """How many records were recorded after the grace period, and of how many organizations."""

    records: int
    organizations: int


@dataclass(frozen=True, slots=True)
class LateRecord:
    """A record recorded after the grace period, ``days`` days after the end of its month."""

    organization: str
    name: str
    category: str
    record_id: str
    occurred_on: str
    recorded_on: str
    days: int


@dataclass(frozen=True, slots=True)
class ReusedCount:
    """How many files several organizations used, and how many one used in several months."""

    organizations: int
    months: int


@dataclass(frozen=True, slots=True)
class FileUse:
    """One use of a file: the organization, what it proves (``subject``), the record's day."""

    organization: str
    name: str
    subject: str
    occurred_on: str | None


@dataclass(frozen=True, slots=True)
class ReusedFile:
    """A file (its SHA-256) that was used again: how often, by how many, in how many months.

    ``used`` are the uses within the scope, by day.
    """

    file: str
    uses: int
    organizations: int
    months: int
    used: list[FileUse]


def grace_days(reader: Reader, period: Period) -> dict[str, int]:
    """Return the days of grace of a month by category; the default without a scheme."""
    schemes = book(reader)
    in_force = {name: schemes.in_force(name, MONTHLY, period) for name in categories(reader)}
    return {
        name: (SchemePolicy() if scheme is None else scheme.policy).recording_grace_days
        for name, scheme in in_force.items()
    }


def _beyond_grace(reader: Reader, period: str) -> tuple[str, list[Any]]:
    """Return an SQL condition with its values: recorded after the grace of the category."""
    by_days: dict[int, list[str]] = {}
    for category, days in grace_days(reader, parse_month(period)).items():
        by_days.setdefault(days, []).append(category)
    tests, values = [], []
    for days, names in by_days.items():
        tests.append(f"(l.days > ? AND o.category IN ({', '.join('?' * len(names))}))")
        values += [days, *names]
    return f"({' OR '.join(tests)})", values


_LATE = " FROM late_records l JOIN organizations o ON o.stream = l.stream WHERE l.month = ? AND "


def late_count(reader: Reader, scope: Scope, period: str) -> LateCount:
    """Count the records of a month that were recorded after the grace period."""
    condition, values = scope.condition()
    beyond, days = _beyond_grace(reader, period)
    rows = reader.rows(
        f"SELECT count(*), count(DISTINCT l.stream){_LATE}{condition} AND {beyond}",
        [period, *values, *days],
    )
    records, organizations = rows[0]
    return LateCount(int(records), int(organizations))


def late_rows(
    reader: Reader, scope: Scope, period: str, limit: int, offset: int = 0
) -> list[LateRecord]:
    """Return a month's records that were recorded after the grace period, the latest first."""
    condition, values = scope.condition()
    beyond, days = _beyond_grace(reader, period)
    rows = reader.rows(
        "SELECT o.code, o.name, o.category, l.record_id, l.occurred_on, l.recorded_on, l.days"
        f"{_LATE}{condition} AND {beyond} ORDER BY l.days DESC, o.code, l.record_id"
        " LIMIT ? OFFSET ?",
        [period, *values, *days, limit, offset],
    )
    return [LateRecord(*row) for row in rows]


_DAY = "coalesce(f.to_on, u.occurred_on)"
"""The day of the record that uses a file, also where a correction named the file or moved it."""
_REUSED = (
    "SELECT u.file AS file, count(*) AS uses, count(DISTINCT u.stream) AS organizations,"
    f" count(DISTINCT substr({_DAY}, 1, 7)) AS months FROM evidence_uses u"
    " LEFT JOIN record_facts f ON f.stream = u.stream AND f.record_id = substr(u.subject, 8)"
    " AND substr(u.subject, 1, 7) = 'record/' JOIN organizations o ON o.stream = u.stream WHERE "
)
_SEVERAL = " GROUP BY u.file HAVING count(DISTINCT u.stream) > 1"
_MONTHS = (
    " GROUP BY u.file HAVING count(DISTINCT u.stream) = 1"
    f" AND count(DISTINCT substr({_DAY}, 1, 7)) > 1"
)


def reused_count(reader: Reader, scope: Scope) -> ReusedCount:
    """Count the evidence files that were used again."""
    condition, values = scope.condition()

    def count(test: str) -> int:
        ((files,),) = reader.rows(f"SELECT count(*) FROM ({_REUSED}{condition}{test}) q", values)
        return int(files)

    return ReusedCount(organizations=count(_SEVERAL), months=count(_MONTHS))


def reused_files(
    reader: Reader, scope: Scope, limit: int, offset: int = 0, *, months: bool = False
) -> list[ReusedFile]:
    """Return the files that several organizations used, or (``months``) one in several months.

    Most organizations first, then most uses.
    """
    condition, values = scope.condition()
    files = reader.rows(
        f"SELECT * FROM ({_REUSED}{condition}{_MONTHS if months else _SEVERAL}) q"
        " ORDER BY q.organizations DESC, q.uses DESC, q.file LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    uses: dict[str, list[FileUse]] = {}
    for file, code, name, subject, occurred_on in reader.select_in(
        "SELECT u.file, o.code, o.name, u.subject, u.occurred_on FROM evidence_uses u"
        f" JOIN organizations o ON o.stream = u.stream WHERE {condition} AND u.file",
        [file for file, *_ in files],
        given=values,
    ):
        uses.setdefault(file, []).append(FileUse(code, name, subject, occurred_on))
    return [
        ReusedFile(
            file,
            int(count),
            int(organizations),
            int(months_used),
            sorted(uses[file], key=lambda use: (use.occurred_on or "", use.organization)),
        )
        for file, count, organizations, months_used in files
    ]
