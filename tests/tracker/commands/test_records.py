import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from events.event import Metadata, PendingEvent, text_places
from events.log.reader import Reader
from events.log.store import LOCKED_HEAD_COLUMNS, Store
from events.proofs.verify import verify_log
from events.refusals.errors import Kind, Refused
from events.streams.organizations import OrganizationClosed, OrganizationRecoded, stream_of
from events.streams.records import ActivityRecorded
from projections.rebuild import compare
from tests.support.logs import run
from tests.support.small_district import SCHEME, SmallDistrict
from tracker.commands.records import RecordResult, record_line
from tracker.imports.importing import import_file
from tracker.imports.lines import LineReader
from tracker.storage.database import open_engine

CLUB = stream_of("c")
METADATA = Metadata("os:clerk", "api", "piece")
MEETING: dict[str, Any] = {
    "kind": "activity", "organization": "c", "record_id": "a-1",
    "activity": "branch_committee_meeting", "occurred_on": "2026-02-12", "title": "支委会",
    "attendance": {"present": 7, "expected": 9}, "evidence": ["minutes"], "note": "短",
}  # fmt: skip
CORRECTION: dict[str, Any] = {
    "kind": "correction", "organization": "c", "record_id": "a-1", "id": "k",
    "changes": {"occurred_on": "2026-02-13", "title": "会"}, "reason": "写错日期",
}  # fmt: skip
RETRACTION: dict[str, Any] = {
    "kind": "retraction", "organization": "c", "record_id": "a-1", "reason": "重复", "id": "t",
}  # fmt: skip
FLAG: dict[str, Any] = {
    "kind": "condition", "organization": "c", "condition": "national_flag", "state": "met",
    "on": "2026-02-01", "id": "f",
}  # fmt: skip
HOUSES: dict[str, Any] = {
    "kind": "measure", "organization": "c", "measure": "households", "value": "2450",
    "on": "2026-02-01", "id": "h",
}  # fmt: skip
ALL = (MEETING, CORRECTION, FLAG, HOUSES, RETRACTION)
TYPES = [
    "ActivityRecorded",
    "ActivityCorrected",
    "ConditionReported",
    "MeasureReported",
    "ActivityRetracted",
]

STUDY = PendingEvent(
    CLUB,
    "record/a-1",
    ActivityRecorded(record_id="a-1", activity="study_session", occurred_on=date(2026, 2, 12)),
    METADATA,
)


def made(url: str) -> SmallDistrict:
    """A county and a club on the fifth of March."""
    found = SmallDistrict(url)
    found.register("r", category="county")
    found.register("c", "r")
    found.now = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    return found


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """The county and its club on each kind of database."""
    found = made(database_url)
    yield found
    found.dispose()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[SmallDistrict]:
    """The same on PostgreSQL alone."""
    found = made(postgres_url)
    yield found
    found.dispose()


def say(store: Store, line: dict[str, Any]) -> RecordResult:
    """Record one line; its ``id`` is handed in as an interface does."""
    command: Any = LineReader(historical=False).line(1, line).command
    return record_line(store, command, METADATA, identity=line.get("id"))


def refused(small: SmallDistrict, line: dict[str, Any]) -> Refused:
    """The refusal of a line, which leaves the log as it was."""
    before = small.rows("events")
    with pytest.raises(Refused) as found:
        say(small.store, line)
    assert small.rows("events") == before
    return found.value


def told(small: SmallDistrict) -> list[dict[str, Any]]:
    """Return an organization's events without actor and time; free texts are in clear."""
    with small.read() as reader:
        found = reader.stream(CLUB)
        texts = reader.texts([(one.stream, one.version) for one in found])
    for (_, version, place), value in texts.items():
        event = found[version - 1]
        for _, holder, key in list(text_places(event.data, (place,))):
            holder[key] = value
    names = ("version", "type", "event_id", "subject", "occurred_on", "recorded_on", "data")
    return [{name: getattr(one, name) for name in names} for one in found]


def test_every_kind_of_line_is_one_event_more(small: SmallDistrict) -> None:
    """Each of the five commands answers its version, and rows and log agree afterwards."""
    answers = [say(small.store, line) for line in ALL]
    assert answers == [RecordResult(CLUB, version, changed=True) for version in range(2, 7)]
    with small.read() as reader:
        events = reader.stream(CLUB)[1:]
    assert [one.type for one in events] == TYPES
    assert {(one.actor, one.channel, one.correlation) for one in events} == {
        ("os:clerk", "api", "piece")
    }
    assert verify_log(small.engine).ok
    assert compare(small.engine) == []


def test_what_is_recorded_is_what_an_import_appends(small: SmallDistrict, tmp_path: Path) -> None:
    """The same lines give the same events, identities and data, with another actor."""
    other = made(f"sqlite:///{tmp_path / 'imported.db'}")
    for line in ALL:
        say(small.store, line)
        payload = json.dumps(line).encode()
        report = import_file(
            other.store, payload, "a.jsonl", actor="os:clerk", today=date(2026, 3, 5)
        )
        assert (report.recorded, report.refused) == (1, [])
    assert told(small) == told(other)
    other.dispose()


WRONG = [
    (MEETING | {"organization": "x"}, "unknown_organization", "organization", Kind.NOT_FOUND),
    (MEETING | {"activity": "picnic"}, "unknown_word", "activity", Kind.NOT_FOUND),
    (FLAG | {"condition": "fine_weather"}, "unknown_word", "condition", Kind.NOT_FOUND),
    (HOUSES | {"measure": "cats"}, "unknown_word", "measure", Kind.NOT_FOUND),
    (MEETING | {"occurred_on": "2026-03-06"}, "future_date", "occurred_on", Kind.INVALID),
    (FLAG | {"on": "2026-03-06"}, "future_date", "on", Kind.INVALID),
    (MEETING | {"occurred_on": "2025-12-31"}, "outside_life", "occurred_on", Kind.INVALID),
    (HOUSES | {"on": "2025-12-31"}, "outside_life", "on", Kind.INVALID),
    (CORRECTION, "unknown_record", "record_id", Kind.NOT_FOUND),
    (RETRACTION, "unknown_record", "record_id", Kind.NOT_FOUND),
    *(
        ({name: line[name] for name in line if name != "id"}, "no_identity", "id", Kind.INVALID)
        for line in ALL[1:]
    ),
]


@pytest.mark.parametrize(("line", "code", "field", "kind"), WRONG)
def test_a_wrong_line_is_refused(
    small: SmallDistrict, line: dict[str, Any], code: str, field: str, kind: Kind
) -> None:
    """The refusal names code and field, and nothing is recorded."""
    found = refused(small, line)
    assert (found.code, found.field, found.kind) == (code, field, kind)
    assert str(found).startswith(f"field {field}: ")


def test_a_record_that_was_taken_back_stays_so(small: SmallDistrict) -> None:
    """Neither a correction nor another retraction of it is recorded."""
    say(small.store, MEETING)
    assert refused(small, CORRECTION | {"record_id": "a-2"}).code == "unknown_record"
    assert refused(small, CORRECTION | {"changes": {"activity": "picnic"}}).field == (
        "changes.activity"
    )
    say(small.store, RETRACTION)
    for line in (CORRECTION, RETRACTION | {"id": "again"}):
        found = refused(small, line)
        assert (found.code, found.kind) == ("record_retracted", Kind.CONFLICT)


def test_after_its_last_day_nothing_is_recorded(small: SmallDistrict) -> None:
    """The last day of a life is inside it, the next one is not."""
    small.tell(CLUB, OrganizationClosed(on=date(2026, 2, 12), reason="撤销"))
    assert refused(small, MEETING | {"occurred_on": "2026-02-13"}).code == "outside_life"
    assert say(small.store, MEETING).changed


def test_a_repeat_changes_nothing(small: SmallDistrict) -> None:
    """The same line answers the recorded event, also after a correction and a retraction."""
    first = [say(small.store, line) for line in ALL]
    before = small.rows("events")
    for line, answer in zip(ALL, first, strict=True):
        assert say(small.store, line) == RecordResult(CLUB, answer.version, changed=False)
    small.now = datetime(2026, 1, 6, tzinfo=UTC)
    assert not say(small.store, MEETING).changed
    assert small.rows("events") == before


OTHER: list[dict[str, Any]] = [
    MEETING | {"occurred_on": "2026-02-13"},
    MEETING | {"title": "other"},
    CORRECTION | {"reason": "other"},
    CORRECTION | {"changes": {"title": "other"}},
    FLAG | {"state": "unmet"},
    HOUSES | {"value": "2451"},
    RETRACTION | {"reason": "other"},
    FLAG | {"id": "h"},
]


@pytest.mark.parametrize("line", OTHER)
def test_a_used_identity_with_other_content_is_refused(
    small: SmallDistrict, line: dict[str, Any]
) -> None:
    """What was first recorded under an identity counts, whatever was corrected since."""
    for one in ALL:
        say(small.store, one)
    found = refused(small, line)
    field = "record_id" if line["kind"] == "activity" else "id"
    assert (found.code, found.field, found.kind) == ("identity_conflict", field, Kind.CONFLICT)


def test_what_was_imported_is_not_recorded_again(small: SmallDistrict) -> None:
    """A line that a file brought is unchanged when somebody types it."""
    payload = json.dumps(MEETING).encode()
    import_file(small.store, payload, "a.jsonl", actor="os:clerk", today=date(2026, 3, 5))
    assert say(small.store, MEETING) == RecordResult(CLUB, 2, changed=False)


def test_an_old_code_finds_the_organization(small: SmallDistrict) -> None:
    """A line under a code that the organization once bore goes to its stream."""
    small.tell(CLUB, OrganizationRecoded(on=date(2026, 2, 1), reason="改", code="d"))
    assert say(small.store, MEETING).stream == CLUB
    assert say(small.store, MEETING | {"organization": "d"}).changed is False


SPOILT = [
    "UPDATE checkpoints SET stale = 'a bug' WHERE stream = ?",
    "UPDATE checkpoints SET version = 1 WHERE stream = ?",
    "DELETE FROM checkpoints WHERE stream = ?",
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_read_model_that_is_not_at_the_head_is_not_believed(
    small: SmallDistrict, spoil: str
) -> None:
    """Stale, behind or missing: life and identity come from the log then."""
    say(small.store, MEETING)
    run(
        small.engine,
        (spoil, (CLUB,)),
        ("UPDATE organizations SET closed_on = '2026-01-31' WHERE stream = ?", (CLUB,)),
    )
    assert say(small.store, MEETING) == RecordResult(CLUB, 2, changed=False)
    assert say(small.store, FLAG) == RecordResult(CLUB, 3, changed=True)


def test_an_organization_without_its_row_is_read_from_the_log(small: SmallDistrict) -> None:
    """A directory that lost the row still knows the code, and the log knows the life."""
    run(small.engine, ("DELETE FROM organizations WHERE stream = ?", (CLUB,)))
    assert say(small.store, MEETING).version == 2
    found = refused(small, FLAG | {"on": "2025-12-31"})
    assert (found.code, found.params["code"]) == ("outside_life", "c")


def test_what_was_appended_without_read_models_counts(small: SmallDistrict) -> None:
    """A closing and a record that no row shows yet are known all the same."""
    bare = Store(small.engine, small.clock)
    closed = OrganizationClosed(on=date(2026, 2, 20), reason="撤销")
    with bare.append() as log:
        log.append([STUDY, PendingEvent(CLUB, "closed", closed, METADATA)])
    study = {name: MEETING[name] for name in ("kind", "organization", "record_id", "occurred_on")}
    repeat = study | {"activity": "study_session"}
    assert say(small.store, repeat) == RecordResult(CLUB, 2, changed=False)
    late = MEETING | {"record_id": "a-2", "occurred_on": "2026-02-21"}
    assert refused(small, late).code == "outside_life"


def test_a_word_counts_as_soon_as_its_scheme_is_published(
    small: SmallDistrict, database_url: str
) -> None:
    """Also where somebody else published it and this one had the words in memory already."""
    walk = MEETING | {"activity": "village_walk"}
    assert refused(small, walk).code == "unknown_word"
    engine = open_engine(database_url)
    small.store, own = Store(engine, small.clock, small.store.projector), small.store
    small.publish(SCHEME | {"activities": {"village_walk": {"zh": "走村", "en": "Walk"}}})
    small.store = own
    assert say(small.store, walk).changed
    engine.dispose()


def test_two_statements_record_a_line(
    on_postgres: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL one finds and locks, one writes log and rows, once the words are known."""
    say(on_postgres.store, MEETING)
    heard: list[str] = []
    real = Reader._execute

    def listening(self: Reader, sql: str, values: Any) -> Any:
        heard.append(sql)
        return real(self, sql, values)

    monkeypatch.setattr(Reader, "_execute", listening)
    say(on_postgres.store, MEETING | {"record_id": "a-2"})
    assert [sql.split()[0] for sql in heard] == ["SELECT", "WITH"]


def test_two_who_record_at_once_take_turns(small: SmallDistrict) -> None:
    """Versions have no gap, no event is lost, and a line that both bring is new for one alone."""
    answers: list[list[RecordResult]] = [[], []]

    def write(writer: int) -> None:
        for number in range(20):
            own = MEETING | {"record_id": f"w{writer}-{number}"}
            shared = MEETING | {"record_id": f"both-{number}"}
            answers[writer] += [say(small.store, own), say(small.store, shared)]

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(write, range(2)))) == 2
    new = sorted(one.version for one in answers[0] + answers[1] if one.changed)
    assert new == list(range(2, 62))
    for mine, theirs in zip(answers[0][1::2], answers[1][1::2], strict=True):
        assert mine.version == theirs.version
        assert mine.changed is not theirs.changed
    with small.read() as reader:
        events = reader.stream(CLUB)
    assert [one.version for one in events] == list(range(1, 62))
    assert all(one.position < two.position for one, two in pairwise(events))
    assert verify_log(small.engine).ok
    assert compare(small.engine) == []


@pytest.mark.parametrize("same", [True, False])
def test_who_waits_decides_on_what_was_written(on_postgres: SmallDistrict, same: bool) -> None:
    """A line that waited for another writer is decided on what that one wrote."""
    small = on_postgres
    say(small.store, FLAG)
    began, ended = Event(), Event()

    def job() -> RecordResult:
        began.set()
        try:
            return say(small.store, MEETING)
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as pool:
        with small.store.append() as log:
            log.lock([CLUB])
            waiting = pool.submit(job)
            began.wait()
            assert not ended.wait(0.3)
            if same:
                log.append([STUDY])
            else:
                closed = OrganizationClosed(on=date(2026, 2, 1), reason="撤销")
                log.append([PendingEvent(CLUB, "closed", closed, METADATA)])
        with pytest.raises(Refused) as found:
            waiting.result()
    assert found.value.code == ("identity_conflict" if same else "outside_life")
    assert say(small.store, HOUSES).version == 4
    assert verify_log(small.engine).ok


def test_an_adopted_head_keeps_the_order_of_the_log(on_postgres: SmallDistrict) -> None:
    """Who began first and came second to a stream takes positions above who came first."""
    small = on_postgres
    sql = (
        f"SELECT {LOCKED_HEAD_COLUMNS['postgresql']} FROM heads h WHERE stream = ? FOR UPDATE OF h"
    )
    with small.store.append() as early:
        early.adopt_head("r", early.rows(sql, [stream_of("r")])[0])
        say(small.store, FLAG)
        early.adopt_head(CLUB, early.rows(sql, [CLUB])[0])
        assert early.heads[CLUB].version == 2
        early.append([STUDY])
    with small.read() as reader:
        events = reader.stream(CLUB)
    assert [one.version for one in events] == [1, 2, 3]
    assert all(one.position < two.position for one, two in pairwise(events))
    assert verify_log(small.engine).ok
