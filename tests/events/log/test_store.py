"""One contract on SQLite in memory, SQLite on file and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from events.event import PendingEvent, commitment
from events.log import chain
from events.log.store import COPY_FROM, Store, identity_conflict, same_content
from events.log.upcasters import UPCASTERS
from events.proofs.verify import verify_log
from events.refusals.errors import CorruptError, Kind, WrongExpectedVersion
from events.streams.organizations import OrganizationClosed
from events.streams.records import ActivityRecorded
from projections.catalog import Projector
from tests.support.logs import (
    START,
    Clock,
    activity,
    append,
    correction,
    opened,
    pending,
    rows,
    run,
)

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty log of each kind in turn."""
    names = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    memory = request.param == "memory"
    url = "sqlite://" if memory else request.getfixturevalue(names[request.param])
    engine = opened(url)
    yield Store(engine, Clock(), Projector())
    engine.dispose()


def test_what_append_answers_is_what_is_read(store: Store) -> None:
    """Each event is read back with its columns, texts and metadata."""
    first = append(store, pending("s", "1"), pending("t", "2", correction("b")))
    second = append(store, pending("s", "3", OrganizationClosed(on=START.date()), "2026-08-31"))
    with store.read() as log:
        assert log.stream("s") == [first[0], *second]
        assert log.stream("t") == [first[1]]
        assert [event for page in log.each_page(0) for event in page] == first + second
        assert log.stream("u") == []
    event = second[0]
    assert (event.version, event.subject, event.occurred_on) == (2, "organization", "2026-09-01")
    assert (event.recorded_on, event.causation, event.source) == ("2026-08-31", "cause", "file")


@pytest.mark.parametrize("count", [1, 2, COPY_FROM - 1, COPY_FROM, COPY_FROM + 40])
def test_a_batch_is_written_as_single_events_are(store: Store, count: int) -> None:
    """Any number of events, written by either path, is in the log as it was given."""
    done = append(store, *(pending(f"s{n % 7}", f"e{n}") for n in range(count)))
    with store.read() as log:
        read = [event for page in log.each_page(0) for event in page]
        assert read == done
        texts = log.texts([(event.stream, event.version) for event in done])
    assert len(texts) == count
    for event in done:
        single = append(store, pending(f"single-{event.stream}", event.event_id))[0]
        same = (single.version, single.type, single.actor, single.occurred_on, single.recorded_at)
        assert same == (
            event.version, event.type, event.actor, event.occurred_on, event.recorded_at,
        )  # fmt: skip
        assert single.data.keys() == event.data.keys()
    assert verify_log(store.engine).ok


def test_nothing_to_append_is_nothing(store: Store) -> None:
    """No event, no head, no position."""
    assert append(store) == []
    assert rows(store.engine, "SELECT * FROM heads") == []
    assert append(store, pending("s", "1"))[0].version == 1


def test_somebody_else_was_faster(store: Store) -> None:
    """Another version than the one that was seen is refused, the same one is not."""
    append(store, pending("s", "1"))
    with pytest.raises(WrongExpectedVersion) as refused, store.append() as log:
        log.expect("s", 0)
    assert refused.value.params == {"stream": "s", "expected": 0, "actual": 1}
    with store.append() as log:
        log.expect("s", 1)
        log.expect("new", 0)
        log.append([pending("s", "2")])
        log.expect("s", 2)


def test_a_repeated_identity_is_known_by_its_content(store: Store) -> None:
    """The same content is the same event; other fields, texts, dates or types are not."""
    append(store, pending("s", "1", activity("a", "note"), "2026-09-01"))
    with store.append() as log:
        known = log.known([("s", "1"), ("s", "2"), ("t", "1")])
        assert known.keys() == {("s", "1")}
        event = known["s", "1"]
        texts = log.texts_of([event])
    assert texts == {("s", 1, "note"): "note"}

    def same(candidate: PendingEvent) -> bool:
        return same_content(event, candidate, texts)

    assert same(pending("s", "1", activity("a", "note"), "2026-09-01"))
    assert not same(pending("s", "1", activity("a", "note")))
    assert not same(pending("s", "1", activity("b", "note"), "2026-09-01"))
    assert not same(pending("s", "1", activity("a", "other"), "2026-09-01"))
    assert not same(pending("s", "1", activity("a"), "2026-09-01"))
    assert not same(pending("s", "1", correction(), "2026-09-01"))
    assert same_content(event, pending("s", "1", activity("a", "erased"), "2026-09-01"), {})
    refused = identity_conflict("1")
    assert (refused.code, refused.params) == ("identity_conflict", {"identity": "1"})
    assert refused.kind is Kind.INVALID


def test_the_database_takes_an_identity_once(store: Store) -> None:
    """Twice in one stream is a unique violation, in another stream it is not."""
    append(store, pending("s", "1"))
    with pytest.raises(IntegrityError):
        append(store, pending("s", "1"))
    append(store, pending("t", "1"))
    assert rows(store.engine, "SELECT stream, version FROM heads WHERE version > 0") == [
        ("s", 1),
        ("t", 1),
    ]


def test_a_transaction_is_whole_or_not_at_all(store: Store) -> None:
    """What raises leaves no event, text, head or row of a read model behind."""

    def interrupted() -> None:
        with store.append() as log:
            log.append([pending("s", "1"), pending("t", "2")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with pytest.raises(IntegrityError):
        append(store, pending("s", "1"), pending("s", "1"))
    for table in ("events", "heads", "texts", "checkpoints", "record_facts"):
        assert rows(store.engine, f"SELECT * FROM {table}") == []
    assert append(store, pending("s", "1"))[0].version == 1


def test_a_failed_append_cannot_be_committed(store: Store) -> None:
    """Catching it inside the transaction still fails at the end, and nothing is stored."""

    def careless() -> None:
        with store.append() as log:
            with pytest.raises(CorruptError, match="normal form C"):
                log.append([pending("s", "1"), pending("s", "2", activity("e\u0301"))])
            log.append([pending("t", "3")])

    with pytest.raises(CorruptError, match="went on all the same"):
        careless()
    assert rows(store.engine, "SELECT * FROM events") == []


def test_positions_rise_in_the_order_of_the_log(store: Store) -> None:
    """On SQLite without a gap from 1; on PostgreSQL without one inside a transaction."""
    with store.append() as log:
        done = log.append([pending("s", "1"), pending("t", "2")])
        done += log.append([pending("s", "3")])
    done += append(store, pending("t", "4"))
    positions = [event.position for event in done]
    assert all(first < second for first, second in pairwise(positions))
    assert [one - positions[0] for one in positions[:3]] == [0, 1, 2]
    if store.engine.dialect.name == "sqlite":
        assert positions == [1, 2, 3, 4]


def test_the_chain_covers_the_bytes_that_are_stored(store: Store) -> None:
    """Linking the stored bodies again leads to the stored hashes and to the head."""
    append(store, *(pending("s", str(n)) for n in range(5)))
    append(store, pending("s", "5", correction()))
    link = chain.genesis("s")
    for body, stored in rows(store.engine, "SELECT body, hash FROM events ORDER BY version"):
        link = chain.link(link, bytes(body))
        assert link == bytes(stored)
    with store.read() as log:
        assert log.head("s") == (6, link)
        assert log.head("t") is None


def test_a_text_is_a_commitment_that_can_be_forgotten(store: Store) -> None:
    """The event holds no word of it; erasing value and salt leaves the log whole."""
    append(store, pending("s", "1", activity("a", "a secret name")))
    (body,) = rows(store.engine, "SELECT body FROM events")[0]
    assert b"secret" not in bytes(body)
    with store.read() as log:
        (event,) = log.stream("s")
        assert log.texts([("s", 1)]) == {("s", 1, "note"): "a secret name"}
    ((salt, value),) = rows(store.engine, "SELECT salt, value FROM texts")
    assert event.data["note"] == commitment(bytes(salt), value)
    assert len(bytes(salt)) == 16
    run(store.engine, ("DELETE FROM texts", ()))
    verdict = verify_log(store.engine)
    assert (verdict.ok, verdict.erased) == (True, 1)


def test_the_database_refuses_to_change_an_event(store: Store) -> None:
    """No UPDATE, no DELETE, no TRUNCATE, of the whole or a part."""
    append(store, pending("s", "1"))
    statements = ["UPDATE events SET actor = 'x'", "DELETE FROM events"]
    if store.engine.dialect.name == "postgresql":
        tables = ["events", *(f"events_{part}" for part in range(8))]
        statements += [f"TRUNCATE {table}" for table in tables]
        statements += [f"UPDATE {table} SET actor = 'x'" for table in _holding(store)]
    for statement in statements:
        with pytest.raises(DBAPIError, match="never"):
            run(store.engine, (statement, ()))
    assert verify_log(store.engine).ok


def _holding(store: Store) -> list[str]:
    return [
        f"events_{part}" for part in range(8) if rows(store.engine, f"SELECT 1 FROM events_{part}")
    ]


def test_recorded_at_never_goes_back_within_a_stream(store: Store) -> None:
    """When the clock does, a stream keeps its last instant, and another takes what is shown."""
    clock = store.clock
    assert isinstance(clock, Clock)
    first = append(store, pending("s", "1"))[0]
    clock.now = START - timedelta(hours=1)
    second, third = append(store, pending("s", "2"), pending("t", "1"))
    clock.now = START + timedelta(seconds=1)
    fourth = append(store, pending("s", "3"))[0]
    assert first.recorded_at == second.recorded_at == "2026-09-01T08:00:00.000000Z"
    assert third.recorded_at == "2026-09-01T07:00:00.000000Z"
    assert fourth.recorded_at == "2026-09-01T08:00:01.000000Z"


def test_old_shapes_are_read_as_the_newest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data is upcast on reading; a repeat of the newest shape is the same content."""
    append(store, pending("s", "1", activity("a")))
    step = ("ActivityRecorded", 1)
    monkeypatch.setitem(
        UPCASTERS, step, lambda data: data | {"attendance": {"present": 0, "expected": 0}}
    )
    newest = activity("a").model_copy(update={"attendance": {"present": 0, "expected": 0}})
    with store.append() as log:
        event = log.known([("s", "1")])["s", "1"]
        assert ActivityRecorded(**event.data) == newest
        assert same_content(event, pending("s", "1", newest), {})


def test_without_a_projector_only_the_log_is_written(store: Store) -> None:
    """The store alone keeps events; read models can follow later."""
    append(Store(store.engine, Clock()), pending("s", "1"))
    assert len(rows(store.engine, "SELECT * FROM events")) == 1
    assert rows(store.engine, "SELECT * FROM checkpoints") == []
