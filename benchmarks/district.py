"""What the benchmarks record: a district of communities and their records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Engine

from events.documents.serialization import from_document, load_document
from events.documents.vocabulary import BUILT_IN
from events.event import Metadata
from events.log.store import Store
from events.periods import Length
from events.streams.records import RecordActivity
from projections.catalog import Projector
from tracker.commands import records as recording
from tracker.commands.district import initialize_district
from tracker.commands.documents import publish_scheme
from tracker.demonstration.records import Duty, duties
from tracker.documents.sources import built_in_schemes
from tracker.imports.importing import import_file
from tracker.storage.database import migrate, open_engine

ROOT = "99"
SCHEME = "community-2011"
STREET_SIZE = 300
RECORDS_EACH = 12
FILE_LINES = 100_000
"""Lines in one imported file, so that a large district is never in memory as a whole."""
CLERK = "os:clerk"
METADATA = Metadata(CLERK, "api", "benchmark")
MORNING = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
Line = dict[str, Any]


class Bench:
    """An open database with a store whose clock can be set."""

    def __init__(self, url: str, now: datetime = MORNING) -> None:
        """Open a database, new or existing."""
        self.url = url
        self.now = now
        self.engine: Engine = open_engine(url)
        migrate(self.engine)
        self.store = Store(self.engine, self.clock, Projector(_failed))
        self.reopen = partial(open_engine, url)

    def clock(self) -> datetime:
        """Return the time of the benchmark, a microsecond later at each call."""
        self.now += timedelta(microseconds=1)
        return self.now

    def begin(self, count: int) -> None:
        """Create the district: a scheme in force, ``count`` communities in streets."""
        initialize_district(self.store, "Asia/Shanghai", "2026-07", METADATA)
        publish_scheme(self.store, SCHEME, "2026-07", METADATA)
        for start in range(0, count, FILE_LINES):
            self.take(organization_lines(start, min(start + FILE_LINES, count)))

    def take(self, lines: Sequence[Line], actor: str = CLERK) -> int:
        """Import lines as one file; return how many were recorded. None may be refused."""
        return self.take_bytes(as_file(lines), actor)

    def take_bytes(self, payload: bytes, actor: str = CLERK) -> int:
        """Import the bytes of one JSONL file; return how many lines were recorded."""
        report = import_file(self.store, payload, "lines.jsonl", actor=actor, today=self.now.date())
        assert not report.refused, report.refused[:3]
        return report.recorded

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _failed(stream: str, error: Exception) -> None:
    raise AssertionError(stream) from error


def record(bench: Bench, document: Line) -> int:
    """Record one activity through the command handler; return the stream's new version."""
    command = RecordActivity.model_validate(document)
    result = recording.record_line(bench.store, command, METADATA)
    assert result.changed
    return result.version


def code_of(number: int) -> str:
    """Return the code of a community."""
    return f"{street_of(number)}-{number % STREET_SIZE:03}"


def street_of(number: int) -> str:
    """Return the code of the street of a community."""
    return f"{ROOT}-{number // STREET_SIZE:04}"


def organization_lines(first: int, last: int) -> list[Line]:
    """Return the registrations of communities ``first`` to before ``last``, after their streets."""
    lines = [_organization(ROOT, "county", None)] if first == 0 else []
    for number in range(first, last):
        if number % STREET_SIZE == 0:
            lines.append(_organization(street_of(number), "street", ROOT))
        lines.append(_organization(code_of(number), "community", street_of(number)))
    return lines


def _organization(code: str, category: str, parent: str | None) -> Line:
    line = {
        "kind": "organization",
        "code": code,
        "name": f"示例{code}",
        "category": category,
        "registered_on": "2026-01-01",
    }
    return line if parent is None else line | {"parent": parent}


def community_duties() -> list[Duty]:
    """Return the monthly and quarterly duties of a community."""
    scheme = from_document(load_document(built_in_schemes()[SCHEME], SCHEME))
    titles = BUILT_IN.extended([scheme]).activities
    return [duty for duty in duties(scheme, titles) if duty.per in {Length.MONTH, Length.QUARTER}]


def record_lines(first: int, last: int, each: int, round_name: str = "r") -> Iterator[Line]:
    """Yield ``each`` records of communities ``first`` to before ``last``, July to September.

    A community's lines are together, the usual order in a file of many organizations.
    """
    due = community_duties()
    months = {Length.MONTH: (9,), Length.QUARTER: (7, 8, 9)}
    for number in range(first, last):
        for place in range(each):
            duty = due[place % len(due)]
            choice = months[duty.per]
            day = date(2026, choice[place % len(choice)], 1 + (number * 7 + place * 5) % 28)
            yield activity(code_of(number), f"{round_name}-{place}", duty, day)


def activity(code: str, record_id: str, duty: Duty, day: date) -> Line:
    """Return the line of a complete record."""
    line: Line = {
        "kind": "activity",
        "organization": code,
        "record_id": record_id,
        "activity": duty.activity,
        "occurred_on": day.isoformat(),
        "title": f"{day.month}月{duty.title}",
        "place": "社区党员活动室",
    }
    if duty.in_full:
        return line | {"money": {"due": "960.00", "paid": "960.00"}}
    return line | {
        "attendance": {"present": 28, "expected": 30},
        "evidence": list(duty.evidence) or ["photo"],
    }


def as_document(line: Line) -> Line:
    """Return the API document of a record's line."""
    document = {key: value for key, value in line.items() if key != "kind"}
    if "evidence" in line:
        document["evidence"] = [{"kind": kind} for kind in line["evidence"]]
    return document


def as_file(lines: Sequence[Line]) -> bytes:
    """Return lines as the bytes of a JSONL file."""
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)
