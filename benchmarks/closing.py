"""(d) A month opened, drawn and closed over districts of growing size.

The district is filled by the real importer in one process and closed in another, so that the peak
memory is the closing's own.
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
from benchmarks.measure import Sizes, Table, seconds, shown, times
from benchmarks.memory import watched
from benchmarks.places import Place, durability, told
from events.documents.serialization import from_document, load_document
from events.event import Metadata, PendingEvent
from events.periods import parse_month
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from projections.cycles.reading import read_cycle
from projections.organizations.directory import roots
from scheduler.drawing import assignments_of
from scheduler.runner import Runner
from tracker.documents.sources import built_in

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
    """Communities with their records and inspectors, by the real importer."""
    bench = Bench(url)
    bench.begin(organizations)
    bench.take(list(_inspectors(organizations)))
    lines = record_lines(0, organizations, RECORDS_EACH)
    while page := list(islice(lines, FILE_LINES)):
        bench.take(page)
    bench.dispose()


def _inspectors(organizations: int) -> Iterator[Line]:
    """As many inspectors as streets and no fewer than six, in teams of about ten.

    Every other one comes from a department, the others from a street, whose own they cannot judge.
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
    """Open, draw and close the month: the seconds of each step, and the peak memory in bytes."""
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom, bench.reopen, workers)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    found: dict[str, Any] = {
        "open": seconds(lambda: runner.open(root, parse_month(PERIOD), BY)),
    }
    bench.now = DRAWS
    found["draw"] = seconds(lambda: runner.draw(SCOPE, PERIOD, BY, None, by_hand=False))
    bench.now = INSPECTED
    found["sheets"] = hand_in(bench)
    bench.now = CLOSES
    with watched() as peaks:
        found["close"] = seconds(
            lambda: runner.close(SCOPE, PERIOD, BY, by_hand=False, reason=None)
        )
    with bench.store.read() as reader:
        assert read_cycle(reader, SCOPE, PERIOD).state == "closed"
        found["posted"] = reader.rows("SELECT count(*) FROM scores")[0][0]
        found["inspected"] = reader.rows("SELECT count(*) FROM inspections WHERE state = 'scored'")[
            0
        ][0]
    found["durability"] = told("tracker", durability(bench.engine))
    bench.dispose()
    found["parent"], found["children"] = peaks.own, peaks.all_children
    return found


def hand_in(bench: Bench) -> int:
    """A sheet for each assignment, put into the store directly; how many."""
    with bench.store.read() as reader:
        cycle = read_cycle(reader, SCOPE, PERIOD)
    assigned = assignments_of(cycle)
    scheme = from_document(load_document(built_in()[SCHEME], SCHEME))
    criteria = [one.code for one in scheme.criteria()][:2]
    for start in range(0, len(assigned), SHEETS_AT_ONCE):
        with bench.store.append() as log:
            log.append(
                [
                    _sheet(cycle.scope, one, criteria)
                    for one in assigned[start : start + SHEETS_AT_ONCE]
                ]
            )
    return len(assigned)


def _sheet(scope: str, one: dict[str, Any], criteria: Sequence[str]) -> PendingEvent:
    code = one["organization"]
    event = FindingsSubmitted(
        scope=scope,
        period=PERIOD,
        kind="monthly",
        sheet_id=f"sheet-{code}",
        inspectors=tuple(one["inspectors"]),
        findings=tuple(
            {"criterion": name, "credit": "0.5", "reason": "现场材料不齐"} for name in criteria
        ),
        disallow=(),
    )
    return PendingEvent(stream_of(code), f"sheet/{code}", event, BY)


def run(place: Place, sizes: Sizes) -> Table:
    """Each size once: closing is long, and what matters is how its cost grows.

    The smallest is closed by one process too: starting others takes longer than its work, and what
    is small must not look dear where it is what the others are held against.
    """
    most = min(2, os.cpu_count() or 1)
    smallest = min(sizes.closings)
    found = [
        _measured(place, count, workers)
        for count in sizes.closings
        for workers in sorted({1, most} if count == smallest else {most})
    ]
    least = min(one["total"] / one["count"] for one in found if one["count"] == smallest)
    rows = [
        (
            f"{one['count']:,}",
            str(one["workers"]),
            *(shown(one[step]) for step in ("open", "draw", "close", "total")),
            shown(one["total"] / one["count"] * 1000),
            times(one["total"] / one["count"] / least),
            f"{one['parent'] / MEGABYTE:,.0f} + {one['children'] / MEGABYTE:,.0f}",
        )
        for one in found
    ]
    notes = [found[0]["durability"]]
    notes += [
        f"{one['count']:,}: {one['inspected']:,} inspected, filled by the importer in"
        f" {one['filled']:.0f} s"
        for one in found
        if one["workers"] == most
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


def _measured(place: Place, count: int, workers: int) -> dict[str, Any]:
    """One district filled and closed, each in a process of its own."""
    url = place.fresh()
    filled = seconds(lambda: child("fill", url, str(count)))
    found: dict[str, Any] = orjson.loads(child("close", url, str(workers)))
    place.drop(url)
    assert found["posted"] == count, found
    return found | {
        "count": count,
        "workers": workers,
        "filled": filled,
        "total": found["open"] + found["draw"] + found["close"],
    }


def child(*arguments: str) -> bytes:
    """The answer of one step (fill or close) in a process of its own."""
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
