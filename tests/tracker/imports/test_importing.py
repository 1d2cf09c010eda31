import json
import random  # noqa: TID251  # seeded in the test
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine

from events.event import Metadata, PendingEvent
from events.log.store import Store
from events.streams.districts import STREAM as DISTRICT
from events.streams.districts import DistrictInitialized
from events.streams.imports import import_stream
from projections.catalog import Projector
from projections.people.inspectors import inspector
from tracker.imports.importing import ImportResult, finish_unfinished, import_file
from tracker.imports.lines import LineFault
from tracker.storage.database import migrate, open_engine

TODAY = date(2026, 11, 24)
ROOT = {"kind": "organization", "code": "r", "name": "县", "category": "county",
        "registered_on": "2026-01-01"}  # fmt: skip
CLUB = {"kind": "organization", "code": "c", "name": "社区", "category": "community",
        "parent": "r", "registered_on": "2026-02-01"}  # fmt: skip
MEETING: dict[str, Any] = {
    "kind": "activity", "organization": "c", "record_id": "a-1",
    "activity": "branch_committee_meeting", "occurred_on": "2026-09-12", "title": "支委会",
    "attendance": {"present": 7, "expected": 9}, "evidence": ["minutes"],
}  # fmt: skip
OTHER = MEETING | {"record_id": "a-2"}
CORRECTION: dict[str, Any] = {
    "kind": "correction", "organization": "c", "record_id": "a-1",
    "changes": {"occurred_on": "2026-09-13"}, "reason": "写错日期",
}  # fmt: skip
RETRACTION = {"kind": "retraction", "organization": "c", "record_id": "a-1", "reason": "重复"}
FLAG = {"kind": "condition", "organization": "c", "condition": "national_flag", "state": "met",
        "on": "2026-03-01"}  # fmt: skip
HOUSES = {"kind": "measure", "organization": "c", "measure": "households", "value": "2450",
          "on": "2026-02-01"}  # fmt: skip
INSPECTOR: dict[str, Any] = {"kind": "inspector", "id": "p-1", "organization": "r",
                             "team": "towns", "categories": ["community"]}  # fmt: skip
RECUSAL = {"kind": "recusal", "inspector": "p-1", "organization": "c", "reason": "亲属"}
ALL: list[dict[str, Any]] = [
    ROOT,
    CLUB,
    MEETING,
    CORRECTION,
    RETRACTION,
    FLAG,
    HOUSES,
    INSPECTOR,
    RECUSAL,
]


def opened_store(engine: Engine) -> Store:
    """A store whose clock ticks a second a reading, with a district."""
    ticks = count()
    start = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    store = Store(engine, lambda: start + timedelta(seconds=next(ticks)), Projector())
    event = DistrictInitialized(zone="Asia/Shanghai", first_month="2026-01")
    with store.append() as append:
        append.append([PendingEvent(DISTRICT, "init", event, Metadata("os:test"))])
    return store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A district on each kind of database."""
    engine = open_engine(database_url)
    migrate(engine)
    yield opened_store(engine)
    engine.dispose()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[Store]:
    """A district on SQLite, for what does not depend on the database."""
    engine = open_engine(sqlite_url)
    migrate(engine)
    yield opened_store(engine)
    engine.dispose()


def take(store: Store, *lines: dict[str, Any] | str, **options: Any) -> ImportResult:
    """Import lines as one JSONL file."""
    texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    payload = "\n".join(texts).encode()
    return import_file(store, payload, "lines.jsonl", actor="os:test", today=TODAY, **options)


def counts(report: ImportResult) -> tuple[int, int, int, int]:
    """Lines, recorded, unchanged and refused of a report."""
    return report.lines, report.recorded, report.unchanged, len(report.refused)


def log(store: Store) -> list[tuple[str, int, str]]:
    """Every event of the log as stream, version and type."""
    with store.read() as reader:
        rows = reader.rows("SELECT stream, version, type FROM events ORDER BY stream, version")
    return [tuple(row) for row in rows]


def spool(store: Store) -> int:
    """How many rows wait in the spool."""
    with store.read() as reader:
        return int(reader.rows("SELECT count(*) FROM import_spool")[0][0])


def refused(store: Store, *lines: dict[str, Any] | str, **options: Any) -> LineFault:
    """The one fault of a file that is refused whole, after asserting that nothing was recorded."""
    before = log(store)
    report = take(store, *lines, **options)
    assert log(store) == before
    assert (report.recorded, report.unchanged, spool(store)) == (0, 0, 0)
    (found,) = report.refused
    assert "\n" not in found.reason
    return found


def test_every_kind_of_line_is_recorded_once(store: Store) -> None:
    """A file with every kind of line is recorded and finished, and changes nothing again."""
    report = take(store, *ALL)
    assert counts(report) == (9, 9, 0, 0)
    before = log(store)
    assert [kind for stream, _, kind in before if stream == "organization-c"] == [
        "OrganizationRegistered",
        "ActivityRecorded",
        "ActivityCorrected",
        "ActivityRetracted",
        "ConditionReported",
        "MeasureReported",
    ]
    assert [kind for stream, _, kind in before if stream == import_stream(report.import_id)] == [
        "ImportStarted",
        "ImportFinished",
    ]
    assert spool(store) == 0
    again = take(store, *ALL)
    assert counts(again) == (9, 0, 9, 0)
    assert again.import_id == report.import_id
    assert log(store) == before
    assert finish_unfinished(store, actor="scheduler", today=TODAY) == []


def test_events_say_which_file_they_came_from(one: Store) -> None:
    """Every event of an import holds channel, the file's digest, the import id and who imported."""
    report = take(one, *ALL)
    with one.read() as reader:
        for event in reader.stream("organization-c"):
            assert (event.channel, event.actor) == ("import", "os:test")
            assert event.correlation == report.import_id
            assert event.source is not None
            assert len(event.source) == 64
        person = inspector(reader, "p-1")
    assert person is not None
    assert (person.team, person.recused) == ("towns", frozenset({"c"}))


def test_lines_may_stand_in_any_order(one: Store) -> None:
    """Organizations may come after what builds on them; corrections come after their record."""
    assert counts(take(one, RECUSAL, INSPECTOR, FLAG, MEETING, CORRECTION, CLUB, ROOT)) == (
        7, 7, 0, 0,
    )  # fmt: skip


BAD: list[tuple[dict[str, Any] | str, str, str]] = [
    ("{", "", "not JSON"),
    ('{"kind": "activity", "kind": "activity"}', "kind", "given twice"),
    (MEETING | {"colour": "red"}, "colour", "is not a field"),
    (MEETING | {"organization": "x"}, "organization", "x is not a registered organization"),
    (OTHER | {"activity": "picnic"}, "activity", "picnic is not in the vocabulary"),
    (FLAG | {"condition": "sunshine"}, "condition", "sunshine is not in the vocabulary"),
    (HOUSES | {"measure": "cats"}, "measure", "cats is not in the vocabulary"),
    (INSPECTOR | {"categories": ["zoo"]}, "categories", "zoo is not a category"),
    (INSPECTOR | {"organization": "x"}, "organization", "x is not a registered"),
    (RECUSAL | {"inspector": "p-9"}, "inspector", "p-9 is not a registered inspector"),
    (OTHER | {"occurred_on": "2026-11-25"}, "occurred_on", "2026-11-25 is in the future"),
    (OTHER | {"occurred_on": "2026-01-31"}, "occurred_on", "outside the life of c"),
    (MEETING | {"money": {"due": "-1.00"}}, "money.due", "not negative"),
    (MEETING | {"money": {"due": "1.005"}}, "money.due", "two decimals"),
    ('{"kind": "measure", "value": NaN}', "", "NaN is not a number"),
    (MEETING | {"attendance": {"present": 9, "expected": 7}}, "attendance", "above expected"),
    (CORRECTION | {"record_id": "b"}, "record_id", "this organization has no record b"),
    (RETRACTION | {"record_id": "b"}, "record_id", "this organization has no record b"),
    ({name: CORRECTION[name] for name in CORRECTION if name != "reason"}, "reason", "is missing"),
    (MEETING | {"recorded_on": "2026-09-13"}, "recorded_on", "--historical"),
    (MEETING | {"title": "other"}, "record_id", "a-1 was already recorded with other content"),
    (MEETING | {"note": "x" * 1_000_000}, "", "is longer than"),
    ("[" * 100_000, "", "nested too deeply"),
]


@pytest.mark.parametrize(("line", "field", "reason"), BAD)
def test_one_bad_line_and_nothing_is_recorded(
    one: Store, line: dict[str, Any] | str, field: str, reason: str
) -> None:
    """A bad line is named with line, field and reason, and no line of its file is recorded."""
    take(one, ROOT, CLUB, MEETING)
    found = refused(one, FLAG | {"state": "unmet"}, line, HOUSES)
    assert (found.line, found.field) == (2, field)
    assert reason in found.reason


def test_bytes_that_are_not_utf8_are_named_by_their_line(one: Store) -> None:
    """A line that is not UTF-8 is named, and nothing is recorded."""
    before = log(one)
    payload = json.dumps(ROOT).encode() + b"\n{\xff}\n"
    report = import_file(one, payload, "a.jsonl", actor="a", today=TODAY)
    assert [(fault.line, fault.field) for fault in report.refused] == [(2, "")]
    assert "not UTF-8" in report.refused[0].reason
    assert log(one) == before


def test_all_faults_of_a_file_are_named_at_once(one: Store) -> None:
    """Faults of form and of sense are reported together, in the order of the lines."""
    report = take(
        one, ROOT, CLUB, MEETING | {"activity": "picnic"}, "{", CORRECTION, MEETING,
        CORRECTION | {"record_id": "b"},
    )  # fmt: skip
    assert [(fault.line, fault.field) for fault in report.refused] == [
        (3, "activity"),
        (4, ""),
        (5, "record_id"),
        (7, "record_id"),
    ]


def test_partial_records_the_good_lines(store: Store) -> None:
    """With --partial the good lines are recorded and the bad ones named; again changes nothing."""
    lines: list[dict[str, Any] | str] = [
        ROOT,
        CLUB,
        MEETING | {"activity": "picnic"},
        "{",
        FLAG,
        CORRECTION,
    ]
    report = take(store, *lines, partial=True)
    assert counts(report) == (6, 3, 0, 3)
    assert [fault.line for fault in report.refused] == [3, 4, 6]
    before = log(store)
    assert counts(take(store, *lines, partial=True)) == (6, 0, 3, 3)
    assert log(store) == before
    assert spool(store) == 0


def test_what_was_bad_can_become_good(one: Store) -> None:
    """The same file again records the lines whose reason is gone, under the same import id."""
    report = take(one, ROOT, CLUB, RECUSAL, partial=True)
    assert counts(report) == (3, 2, 0, 1)
    take(one, INSPECTOR)
    again = take(one, ROOT, CLUB, RECUSAL)
    assert counts(again) == (3, 1, 2, 0)
    assert again.import_id == report.import_id
    kinds = [kind for stream, _, kind in log(one) if stream == import_stream(again.import_id)]
    assert kinds == ["ImportStarted", "ImportFinished"] * 2


def test_a_repeated_record_id_is_unchanged_or_a_conflict(one: Store) -> None:
    """Inside a file and between files the first content counts, also once it was retracted."""
    assert counts(take(one, ROOT, CLUB, MEETING, MEETING)) == (4, 3, 1, 0)
    take(one, CORRECTION, RETRACTION)
    assert counts(take(one, MEETING)) == (1, 0, 1, 0)
    found = refused(one, MEETING | {"occurred_on": "2026-09-13"})
    assert found.field == "record_id"
    twice = MEETING | {"record_id": "a-2"}
    found = refused(one, twice, twice | {"note": "other"})
    assert (found.line, found.field) == (2, "record_id")


def test_a_repeated_id_is_unchanged_or_a_conflict(one: Store) -> None:
    """Lines of every kind with an id of their own are held to what was first recorded under it."""
    named = [line | {"id": f"n-{place}"} for place, line in enumerate(ALL) if line != INSPECTOR]
    named.insert(7, INSPECTOR)
    assert counts(take(one, *named)) == (9, 9, 0, 0)
    for line in named:
        assert counts(take(one, line)) == (1, 0, 1, 0), line
    others: list[dict[str, Any]] = [
        CLUB | {"name": "other"},
        CORRECTION | {"reason": "other"},
        CORRECTION | {"changes": {"occurred_on": "2026-09-14"}},
        RETRACTION | {"reason": "other"},
        FLAG | {"state": "partial"},
        HOUSES | {"value": "2451"},
        RECUSAL | {"reason": "other"},
    ]
    for line in others:
        place = next(at for at, known in enumerate(ALL) if known["kind"] == line["kind"])
        if line["kind"] == "organization":
            place = 1
        found = refused(one, line | {"id": f"n-{place}"})
        assert found.field == "id", line
        assert "with other content" in found.reason


def test_equal_lines_are_told_apart_by_their_place(one: Store) -> None:
    """Two equal reports in one file are two events; the file again changes nothing."""
    lines = [ROOT, CLUB, FLAG, FLAG | {"state": "unmet"}, FLAG]
    assert counts(take(one, *lines)) == (5, 5, 0, 0)
    assert counts(take(one, *lines)) == (5, 0, 5, 0)
    assert counts(take(one, FLAG, FLAG)) == (2, 0, 2, 0)


def test_the_newest_registration_of_an_inspector_counts(one: Store) -> None:
    """An inspector's line with another team is accepted, and the newest one counts."""
    take(one, ROOT, CLUB, INSPECTOR, RECUSAL)
    assert counts(take(one, INSPECTOR | {"team": "villages"})) == (1, 1, 0, 0)
    assert counts(take(one, RECUSAL | {"reason": "other"})) == (1, 0, 1, 0)
    with one.read() as reader:
        person = inspector(reader, "p-1")
    assert person is not None
    assert person.team == "villages"


def test_an_empty_file_changes_nothing(one: Store) -> None:
    """A file without lines is no import."""
    before = log(one)
    assert counts(take(one)) == (0, 0, 0, 0)
    assert log(one) == before


def random_lines(rng: random.Random) -> list[dict[str, Any] | str]:
    """Lines of every kind in random order, some of them bad."""
    lines: list[dict[str, Any] | str] = [ROOT, CLUB, CLUB | {"code": "d"}, INSPECTOR]
    for _ in range(rng.randint(1, 80)):
        line: dict[str, Any] = dict(rng.choice(ALL))
        if "record_id" in line:
            line["record_id"] = f"a-{rng.randint(1, 6)}"
        if rng.random() < 0.3:
            line["organization"] = rng.choice("cdrx")
        if rng.random() < 0.2:
            line["id"] = f"i-{rng.randint(1, 5)}"
        if rng.random() < 0.2:
            line["note"] = rng.choice(["a", "b"])
        lines.append("{" if rng.random() < 0.05 else line)
    rng.shuffle(lines)
    return lines


@pytest.mark.parametrize("seed", range(12))
def test_any_file_again_changes_nothing(one: Store, seed: int) -> None:
    """Of a random file what is not refused is recorded, and changes nothing the next time."""
    lines = random_lines(random.Random(seed))
    before = log(one)
    report = take(one, *lines)
    while report.refused:
        assert log(one) == before
        bad = {fault.line for fault in report.refused}
        lines = [line for number, line in enumerate(lines, 1) if number not in bad]
        report = take(one, *lines)
    assert report.recorded + report.unchanged == report.lines == len(lines)
    after = log(one)
    assert len(after) > len(before)
    assert counts(take(one, *lines)) == (len(lines), 0, len(lines), 0)
    assert log(one) == after
    assert spool(one) == 0
