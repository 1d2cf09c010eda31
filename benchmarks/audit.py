"""(e) Queries of the audit log by each filter and by several, on a million events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from statistics import median
from time import perf_counter

from benchmarks.district import Bench, Line, code_of, record_lines, street_of
from benchmarks.measure import Sizes, Table, format_figure
from benchmarks.places import Place, check_durability, durability
from events.documents.schemes import SchemePublished
from events.streams.organizations import OrganizationRegistered
from events.streams.records import ActivityRecorded, ConditionReported
from projections.audit.trail import AuditQuery, search

EACH = 50
FILE_LINES = 50_000
ACTORS = 7
FIRST = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
DAYS = 20
STATES = ("met", "partial", "unmet")
Ask = Callable[[int], AuditQuery]


def fill(place: Place, events: int) -> Bench:
    """Return a log of so many events: activities and facts, of many clerks and days."""
    count = max(2, events // EACH)
    bench = Bench(place.fresh(), FIRST)
    bench.begin(count)
    lines, files = _lines(count), max(DAYS, events // FILE_LINES)
    for number in range(files):
        bench.now = FIRST + timedelta(days=DAYS * number // files, hours=1)
        page = list(islice(lines, -(-events // files)))
        bench.take(page, actor=_clerk(number))
    return bench


def _lines(organizations: int) -> Iterator[Line]:
    """Yield records of the same organizations again and again, as over several years."""
    per_pass = 5
    number = 0
    while True:
        for place, line in enumerate(record_lines(0, organizations, per_pass, f"p{number}")):
            code = line["organization"]
            line["occurred_on"] = date(2026, 1 + number % 9, 1 + place * 11 % 28).isoformat()
            if line["record_id"].endswith("-0"):
                yield _condition(code, number) if number % 2 else _measure(code, number)
            else:
                yield line
        number += 1


def _condition(code: str, number: int) -> Line:
    state = STATES[number % len(STATES)]
    return {
        "kind": "condition", "id": f"c{number}", "organization": code,
        "condition": "national_flag", "state": state, "on": "2026-09-20",
    }  # fmt: skip


def _measure(code: str, number: int) -> Line:
    return {
        "kind": "measure", "id": f"m{number}", "organization": code,
        "measure": "households", "value": str(2000 + number), "on": "2026-09-20",
    }  # fmt: skip


def _clerk(number: int) -> str:
    return f"os:clerk-{number % ACTORS}"


def list_queries(organizations: int) -> dict[str, Ask]:
    """Return the queries by name, each a function of the turn, which gives other values."""

    def day(turn: int) -> date:
        return FIRST.date() + timedelta(days=turn % DAYS)

    def code(turn: int) -> str:
        return code_of(turn * 7919 % organizations)

    def month_day(turn: int) -> date:
        return date(2026, 1 + turn % 9, 1 + turn % 28)

    return {
        "no filter": lambda _: AuditQuery(),
        "organization": lambda turn: AuditQuery(organization=code(turn)),
        "under a street": lambda turn: AuditQuery(under=street_of(turn * 7919 % organizations)),
        "under the root": lambda _: AuditQuery(under="99"),
        "type, common": lambda _: AuditQuery(type=ActivityRecorded.TYPE),
        "type, rare": lambda _: AuditQuery(type=SchemePublished.TYPE),
        "actor": lambda turn: AuditQuery(actor=_clerk(turn)),
        "recorded on a day": lambda turn: AuditQuery(
            recorded_from=day(turn), recorded_to=day(turn)
        ),
        "occurred on a day": lambda turn: AuditQuery(
            occurred_from=month_day(turn), occurred_to=month_day(turn)
        ),
        "occurred in a quarter": lambda _: AuditQuery(
            occurred_from=date(2026, 7, 1), occurred_to=date(2026, 9, 30)
        ),
        "organization, type, month": lambda turn: AuditQuery(
            organization=code(turn),
            type=ActivityRecorded.TYPE,
            occurred_from=date(2026, 9, 1),
            occurred_to=date(2026, 9, 30),
        ),
        "actor, type, day recorded": lambda turn: AuditQuery(
            actor=_clerk(turn),
            type=ConditionReported.TYPE,
            recorded_from=day(turn),
            recorded_to=day(turn),
        ),
        "under a street, actor": lambda turn: AuditQuery(
            under=street_of(turn * 7919 % organizations), actor=_clerk(turn)
        ),
        "under a street, type, day occurred": lambda turn: AuditQuery(
            under=street_of(turn * 7919 % organizations),
            type=ActivityRecorded.TYPE,
            occurred_from=month_day(turn),
            occurred_to=month_day(turn),
        ),
        "actor and type that never met": lambda _: AuditQuery(
            actor=_clerk(0), type=OrganizationRegistered.TYPE
        ),
    }


def run(place: Place, sizes: Sizes) -> Table:
    """Measure the milliseconds of each query: the median and the worst of its turns."""
    bench = fill(place, sizes.audit_events)
    rows: list[tuple[str, ...]] = []
    for name, ask in list_queries(max(2, sizes.audit_events // EACH)).items():
        figures, shown_events = _measure_query(bench, ask, sizes.audit_repeats)
        rows.append(
            (name, format_figure(median(figures)), format_figure(max(figures)), str(shown_events))
        )
    with bench.store.read() as reader:
        total = reader.rows("SELECT count(*) FROM events")[0][0]
    note = check_durability("tracker", durability(bench.engine))
    bench.dispose()
    return Table(
        "e",
        f"Questions to the audit trail, pages of 100, {place.kind}",
        ("filter", "ms, median", "ms, worst", "events shown"),
        rows,
        [note, f"{total:,} events; {sizes.audit_repeats} turns with other values each"],
    )


def _measure_query(bench: Bench, ask: Ask, repeats: int) -> tuple[list[float], int]:
    """Return the milliseconds of each turn after the first, and the events they returned."""
    figures, count = [], 0
    for turn in range(repeats + 1):
        query = ask(turn)
        with bench.store.read() as reader:
            begun = perf_counter()
            events = search(reader, query)
            took = perf_counter() - begun
        if turn:
            figures.append(took * 1000)
            count += len(events)
    return figures, count
