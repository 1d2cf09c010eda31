"""(d) A month opened, drawn and closed over districts of growing size.

The district is filled by the real importer in one process and closed in another, so that the peak
memory is that of the closing alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from benchmarks.district import (
    FILE_LINES,
    RECORDS_EACH,
    SCHEME,
    STREET_SIZE,
    Bench,
    Line,
    record_lines,
    street_of,
)
from benchmarks.measure import Sizes, Table, format_figure, format_ratio, measure_seconds
from benchmarks.memory import watch_children
from benchmarks.places import Place, check_durability, durability
from events.documents.serialization import from_document, load_document
from events.event import Metadata, PendingEvent
from events.periods import parse_month
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from projections.cycles.reading import read_cycle
from projections.organizations.directory import roots
from scheduler.drawing import assignments_of
from scheduler.runner import Runner
from tracker.documents.sources import built_in_schemes

PERIOD = "2026-09"
SCOPE = "99"
OPENS = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
DRAWS = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
INSPECTED = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)
CLOSES = datetime(2026, 10, 11, 2, 0, tzinfo=UTC)
BY = Metadata("scheduler", "scheduler", "benchmark")
TEAM = 10
SHEETS_AT_ONCE = 1000
DEPARTMENT = "99-d1"
MEGABYTE = 2**20


def fill(url: str, organizations: int) -> None:
    """Import communities with their records and inspectors."""
    bench = Bench(url)
    bench.begin(organizations)
    bench.take(list(_inspectors(organizations)))
    lines = record_lines(0, organizations, RECORDS_EACH)
    while page := list(islice(lines, FILE_LINES)):
        bench.take(page)
    bench.dispose()


def _inspectors(organizations: int) -> Iterator[Line]:
    """Yield as many inspectors as streets, at least six, in teams of about ten.

    Every other inspector comes from a department, the others from a street, whose communities
    they may not inspect.
    """
    yield {
        "kind": "organization",
        "code": DEPARTMENT,
        "name": "示例部门",
        "category": "department",
        "parent": SCOPE,
        "registered_on": "2026-01-01",
    }
    streets = -(-organizations // STREET_SIZE)
    people = max(6, streets)
    teams = max(1, people // TEAM)
    for number in range(people):
        yield {
            "kind": "inspector",
            "id": f"p-{number:04}",
            "organization": street_of(number % streets * STREET_SIZE) if number % 2 else DEPARTMENT,
            "team": f"team-{number % teams:02}",
            "categories": ["community"],
        }


def close(url: str, workers: int) -> dict[str, Any]:
    """Open, draw and close the month; return the seconds of each step and peak bytes of memory."""
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom, bench.reopen, workers)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    result: dict[str, Any] = {
        "open": measure_seconds(lambda: runner.open(root, parse_month(PERIOD), BY)),
    }
    bench.now = DRAWS
    result["draw"] = measure_seconds(lambda: runner.draw(SCOPE, PERIOD, BY, None, by_hand=False))
    bench.now = INSPECTED
    result["sheets"] = submit_sheets(bench)
    bench.now = CLOSES
    with watch_children() as peaks:
        result["close"] = measure_seconds(
            lambda: runner.close(SCOPE, PERIOD, BY, by_hand=False, reason=None)
        )
    with bench.store.read() as reader:
        assert read_cycle(reader, SCOPE, PERIOD).state == "closed"
        ((result["posted"],),) = reader.rows("SELECT count(*) FROM scores")
        ((result["inspected"],),) = reader.rows(
            "SELECT count(*) FROM inspections WHERE state = 'scored'"
        )
    result["durability"] = check_durability("tracker", durability(bench.engine))
    bench.dispose()
    result["parent"], result["children"] = peaks.own, peaks.all_children
    return result


def submit_sheets(bench: Bench) -> int:
    """Append a sheet for each assignment directly to the store; return how many."""
    with bench.store.read() as reader:
        cycle = read_cycle(reader, SCOPE, PERIOD)
    assigned = assignments_of(cycle)
    scheme = from_document(load_document(built_in_schemes()[SCHEME], SCHEME))
    criteria = [criterion.code for criterion in scheme.criteria()][:2]
    for start in range(0, len(assigned), SHEETS_AT_ONCE):
        with bench.store.append() as log:
            log.append(
                [
                    _make_sheet(cycle.scope, row, criteria)
                    for row in assigned[start : start + SHEETS_AT_ONCE]
                ]
            )
    return len(assigned)


def _make_sheet(scope: str, row: dict[str, Any], criteria: Sequence[str]) -> PendingEvent:
    code = row["organization"]
    event = FindingsSubmitted(
        scope=scope,
        period=PERIOD,
        kind="monthly",
        sheet_id=f"sheet-{code}",
        inspectors=tuple(row["inspectors"]),
        findings=tuple(
            {"criterion": name, "credit": "0.5", "reason": "现场材料不齐"} for name in criteria
        ),
        disallow=(),
    )
    return PendingEvent(stream_of(code), f"sheet/{code}", event, BY)


def run(place: Place, sizes: Sizes) -> Table:
    """Measure each size once: closing is slow, and what matters is how its cost grows.

    The smallest size is also closed by one process: starting workers takes longer than its work,
    and the other sizes are compared with it.
    """
    most = min(2, os.cpu_count() or 1)
    smallest = min(sizes.closings)
    results = [
        _measure_closing(place, count, workers)
        for count in sizes.closings
        for workers in sorted({1, most} if count == smallest else {most})
    ]
    least = min(row["total"] / row["count"] for row in results if row["count"] == smallest)
    rows = [
        (
            f"{result['count']:,}",
            str(result["workers"]),
            *(format_figure(result[step]) for step in ("open", "draw", "close", "total")),
            format_figure(result["total"] / result["count"] * 1000),
            format_ratio(result["total"] / result["count"] / least),
            f"{result['parent'] / MEGABYTE:,.0f} + {result['children'] / MEGABYTE:,.0f}",
        )
        for result in results
    ]
    notes = [results[0]["durability"]]
    notes += [
        f"{result['count']:,}: {result['inspected']:,} inspected, filled by the importer in"
        f" {result['filled']:.0f} s"
        for result in results
        if result["workers"] == most
    ]
    notes.append(
        f"{RECORDS_EACH} records each of the month and quarter, 20 % drawn and inspected; memory"
        " is the peak of the closing's process and the peaks of its workers together (0: none)"
    )
    heads = (
        "organizations", "workers", "open s", "draw s", "close s", "all s", "ms each",
        "cost each", "MiB",
    )  # fmt: skip
    return Table("d", f"Closing a month, {place.kind}", heads, rows, notes)


def _measure_closing(place: Place, count: int, workers: int) -> dict[str, Any]:
    """Fill and close one district, each in a separate process."""
    url = place.fresh()
    filled = measure_seconds(lambda: run_step("fill", url, str(count)))
    result: dict[str, Any] = orjson.loads(run_step("close", url, str(workers)))
    place.drop(url)
    assert result["posted"] == count, result
    return result | {
        "count": count,
        "workers": workers,
        "filled": filled,
        "total": result["open"] + result["draw"] + result["close"],
    }


def run_step(*arguments: str) -> bytes:
    """Run one step (fill or close) in a separate process; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.closing", *arguments],
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    step, database, number = sys.argv[1:]
    if step == "fill":
        fill(database, int(number))
    else:
        sys.stdout.buffer.write(orjson.dumps(close(database, int(number))))
