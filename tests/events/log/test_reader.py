"""Reading by stream, by subject, by position, in pages of any size."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from events.log.reader import PARAMETERS, Reader, _can_be_joined
from events.log.store import Store
from tests.support.logs import Clock, append, correction, opened, pending, rows
from tracker.storage.database import open_engine

LEAF = "INSERT INTO seal_leaves (seal, leaves) VALUES (?, ?)"
LEAVES = "SELECT seal FROM seal_leaves ORDER BY seal"
LEASE = "INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)"
RENEWED = LEASE + " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder"
HELD = "SELECT name, holder FROM leases ORDER BY name"
SURROGATE = "\ud800"
"""Text that no driver can send: an error of Python's own, not of the database."""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A log of three streams: four events in the first, one in each of the others."""
    engine = opened(database_url)
    store = Store(engine, Clock())
    append(
        store,
        pending("s", "a"),
        pending("s", "b"),
        pending("t", "a"),
        pending("s", "c", correction("a")),
        pending("u", "c", correction("a")),
        pending("s", "d", correction("b")),
    )
    yield store
    engine.dispose()


def test_a_stream_is_read_from_a_version_on(store: Store) -> None:
    """All of it, what comes after a version, and of that the first few."""
    with store.read() as log:
        assert [event.version for event in log.stream("s")] == [1, 2, 3, 4]
        assert [event.version for event in log.stream("s", 1)] == [2, 3, 4]
        assert [event.version for event in log.stream("s", 1, 2)] == [2, 3]
        assert log.stream("s", 4) == []


def test_several_streams_are_read_at_once(store: Store) -> None:
    """Each in order; one that has no event is an empty list."""
    with store.read() as log:
        by_stream = log.events_of_streams(["t", "s", "none"])
        assert by_stream == {"t": log.stream("t"), "s": log.stream("s"), "none": []}
        assert log.events_of_streams([]) == {}


def test_a_subject_is_read_without_the_rest(store: Store) -> None:
    """Only events of that subject in that stream, alone or several at once."""
    with store.read() as log:
        assert [event.event_id for event in log.subject("s", "record/a")] == ["c"]
        assert log.subject("t", "record/a") == []
        pairs = [("s", "record/a"), ("s", "record/b"), ("u", "record/a"), ("t", "record/a")]
        by_pair = log.events_of_subjects(pairs)
        assert {pair: [event.event_id for event in events] for pair, events in by_pair.items()} == {
            ("s", "record/a"): ["c"],
            ("s", "record/b"): ["d"],
            ("u", "record/a"): ["c"],
        }


def test_texts_are_read_by_event(store: Store) -> None:
    """Those of the events that were asked for, by the place at which they stand."""
    with store.read() as log:
        assert log.texts([("s", 3), ("t", 1)]) == {
            ("s", 3, "reason"): "typed wrongly",
            ("s", 3, "changes.note"): "second",
            ("t", 1, "note"): "a note",
        }
        assert log.texts([]) == {}


def test_long_lists_are_read_in_pages(store: Store) -> None:
    """More values than one statement may hold are still one answer."""
    names = [f"none-{number}" for number in range(2 * PARAMETERS)]
    with store.read() as log:
        by_stream = log.events_of_streams([*names, "s", "u"])
        assert [len(by_stream[name]) for name in ("s", "u", names[-1])] == [4, 1, 0]
        pairs = [(name, "record/a") for name in (*names, "s")]
        assert list(log.events_of_subjects(pairs)) == [("s", "record/a")]


def test_values_can_come_before_the_list(store: Store) -> None:
    """Marks of the statement itself take their values before those of the list."""
    sql = "SELECT stream, version FROM events WHERE version > ? AND stream"
    with store.read() as log:
        rows = log.select_in(sql, ["s", "t"], " ORDER BY version", [2])
        assert [tuple(row) for row in rows] == [("s", 3), ("s", 4)]
        assert log.select_in(sql, [], given=[2]) == []


@pytest.mark.parametrize("size", [1, 2, 5, 6, 100])
def test_the_log_is_read_page_by_page(store: Store, size: int) -> None:
    """Every page but the last is full, and together they are the log in order."""
    with store.read() as log:
        pages = list(log.each_page(0, size))
        settled = log.settled_position()
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    events = [event for page in pages for event in page]
    assert len(events) == 6
    positions = [event.position for event in events]
    assert positions == sorted(positions)
    assert positions[-1] < settled


def test_writing_no_rows_writes_nothing(store: Store) -> None:
    """A statement without rows is not run; one with several is run for each."""
    sql = "INSERT INTO seal_leaves (seal, leaves) VALUES (?, ?)"
    with store.append() as log:
        log.write(sql, [])
        assert log.rows("SELECT seal FROM seal_leaves") == []
        log.write(sql, [(1, b""), (2, b"")])
        assert len(log.rows("SELECT seal FROM seal_leaves")) == 2


def test_a_head_is_the_newest_version_of_a_stream(store: Store) -> None:
    """Version and hash of its last event; a head that is only locked has none yet."""
    with store.append() as log:
        log.lock(["locked"])
    with store.read() as log:
        assert log.head("s") == (4, log.stream("s")[-1].hash)
        assert log.head("locked") is None
        assert log.head("none") is None


def lease(name: str, holder: str = "me") -> tuple[str, str, str]:
    """A row of leases."""
    return (name, holder, "2026")


def sent(log: Reader, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that a reader sends from now on."""
    heard: list[str] = []
    real = log._execute

    def execute(sql: str, values: Any) -> Any:
        heard.append(sql)
        return real(sql, values)

    monkeypatch.setattr(log, "_execute", execute)
    return heard


def test_writes_together_are_one_statement(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL writes into different tables go at once when the block ends."""
    with store.append() as log:
        heard = sent(log, monkeypatch)
        with log.together():
            log.write(LEAF, [(1, b""), (2, b"")])
            log.write(LEASE, [])
            log.write(RENEWED, [lease("a")])
            before = len(heard)
        assert (before, len(heard)) == ((0, 1) if log.postgres else (1, 1))
        assert [tuple(row) for row in log.rows(LEAVES)] == [(1,), (2,)]
    assert rows(store.engine, HELD) == [("a", "me")]


def test_nothing_together_sends_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty block is no statement, and one write in it is that statement."""
    with store.append() as log:
        heard = sent(log, monkeypatch)
        with log.together():
            pass
        assert heard == []
        with log.together():
            log.write(LEASE, [lease("a")])
        assert heard == [LEASE]


def test_writes_into_one_table_keep_their_order(store: Store) -> None:
    """Where a table comes again the writes go one by one, as they came."""
    with store.append() as log, log.together():
        log.write(LEASE, [lease("a"), lease("b")])
        log.write("DELETE FROM leases WHERE name = ?", [("a",), ("c",)])
        log.write(LEAF, [(1, b"")])
        log.write(LEASE, [lease("a", "later")])
        log.write("UPDATE leases SET holder = ? WHERE holder = ?", [("you", "me")])
    assert rows(store.engine, HELD) == [("a", "later"), ("b", "you")]
    assert rows(store.engine, LEAVES) == [(1,)]


def test_a_row_may_come_twice(store: Store) -> None:
    """A statement that replaces rows is run for each of its rows in turn."""
    with store.append() as log, log.together():
        log.write(LEAF, [(1, b"")])
        log.write(RENEWED, [lease("a", "one"), lease("a", "two")])
    assert rows(store.engine, HELD) == [("a", "two")]


def test_a_write_that_reads_sees_the_writes_before(store: Store) -> None:
    """What is made of another table's rows is made of those that were just written too."""
    with store.append() as log, log.together():
        log.write(LEASE, [lease("a")])
        log.write("INSERT INTO seal_leaves (seal, leaves) SELECT count(*), ? FROM leases", [(b"",)])
    assert rows(store.engine, LEAVES) == [(1,)]


def test_a_read_among_them_sees_the_writes_before(store: Store) -> None:
    """A read sends what was held, and what comes after it is held again."""
    with store.append() as log, log.together():
        log.write(LEASE, [lease("a")])
        log.write(LEAF, [(1, b"")])
        assert [tuple(row) for row in log.rows(HELD)] == [("a", "me")]
        log.write(LEASE, [lease("b")])
        with log.together():
            log.write(LEAF, [(2, b"")])
        assert len(log.rows(LEAVES)) == 2
    assert rows(store.engine, HELD) == [("a", "me"), ("b", "me")]


def test_a_copy_comes_after_queued_writes(postgres_store: Store) -> None:
    """Rows that PostgreSQL takes by COPY are written after the writes before them."""
    store = postgres_store
    with store.append() as log, log.together():
        log.write("DELETE FROM leases WHERE name = ?", [("a",)])
        log._copy("COPY leases (name, holder, until) FROM STDIN", [lease("a")])
        log._copy("COPY leases (name, holder, until) FROM STDIN", [lease("b")])
    assert rows(store.engine, HELD) == [("a", "me"), ("b", "me")]


def test_what_was_written_stays_where_the_block_raises(store: Store) -> None:
    """A caller that catches its error and continues has its writes on both databases."""
    with store.append() as log:

        def interrupted() -> None:
            with log.together():
                log.write(LEASE, [lease("a")])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            interrupted()
        log.write(LEASE, [lease("b")])
    assert rows(store.engine, HELD) == [("a", "me"), ("b", "me")]


@pytest.mark.parametrize("again", [True, False])
def test_what_could_not_be_sent_is_not_forgotten(postgres_store: Store, again: bool) -> None:
    """A write that fails on the way to the database fails again at the end, never silently."""
    store = postgres_store

    def write() -> None:
        with store.append() as log, log.together():
            log.write(LEASE, [lease("a")])
            if again:
                log.write(LEASE, [lease("b")])
            log.write(LEAF, [(1, SURROGATE)])
            with pytest.raises(UnicodeEncodeError):
                log.rows(LEAVES)
            log.write("DELETE FROM import_spool WHERE import_id = ?", [("a",)])

    with pytest.raises(UnicodeEncodeError):
        write()
    assert rows(store.engine, HELD) == []


def test_a_database_that_said_no_is_not_asked_again(store: Store) -> None:
    """The error of a read inside the block is the one that comes out of it."""
    sql = "SELECT nothing FROM nowhere"
    kind = ProgrammingError if store.engine.dialect.name == "postgresql" else OperationalError

    def ask() -> None:
        with store.append() as log, log.together():
            log.write(LEASE, [lease("a")])
            log.rows(sql)

    with pytest.raises(kind, match="nowhere") as caught:
        ask()
    assert caught.value.statement == sql
    assert caught.value.orig is caught.value.__cause__
    assert rows(store.engine, HELD) == []


def doubled(log: Reader, way: str) -> None:
    """Write one row twice."""
    twice = [lease("a"), lease("a")]
    if way == "one by one":
        log.write(LEASE, twice[:1])
        log.write(LEASE, twice[:1])
    elif way == "many":
        log.write(LEASE, twice)
    elif way == "copy" and log.postgres:
        log._copy("COPY leases (name, holder, until) FROM STDIN", twice)
    else:
        with log.together():
            log.write(LEASE, twice)
            log.write(LEAF, [(1, b"")])


@pytest.mark.parametrize("way", ["one by one", "many", "copy", "together"])
def test_a_row_that_exists_is_an_integrity_error(store: Store, way: str) -> None:
    """However it was sent, the driver's error comes out as SQLAlchemy's."""
    with pytest.raises(IntegrityError) as caught, store.append() as log:
        doubled(log, way)
    assert "leases" in (caught.value.statement or "")
    assert rows(store.engine, HELD) == rows(store.engine, LEAVES) == []


def test_a_locked_row_is_an_operational_error(store: Store, database_url: str) -> None:
    """Who may not wait for another writer hears that the database is locked."""
    engine = open_engine(database_url, busy_seconds=0.1)
    append(store, pending("lock", "a"))
    with store.append() as first:
        first.rows("UPDATE heads SET version = version WHERE stream = 'lock' RETURNING version")
        with engine.connect() as connection:
            reader = Reader(connection.execution_options(read_only_transaction=True))
            reader.rows("SELECT set_config('lock_timeout', '100ms', false)" if reader.postgres
                        else "SELECT 1 FROM heads")  # fmt: skip
            with pytest.raises(OperationalError, match="lock"):
                reader.write("UPDATE heads SET version = 0 WHERE stream = ?", [("lock",)])
    engine.dispose()


def test_a_lost_connection_is_an_operational_error(postgres_store: Store) -> None:
    """The transaction of a connection that was cut is over, and the next one has another."""
    store = postgres_store

    def cut() -> None:
        with store.append() as log:
            (ours,) = log.rows("SELECT pg_backend_pid()")
            with store.engine.connect() as other:
                other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (ours[0],))
            log.rows(HELD)

    with pytest.raises(OperationalError):
        cut()
    with store.append() as log:
        log.write(LEASE, [lease("a")])
    assert rows(store.engine, HELD) == [("a", "me")]


def test_other_errors_are_not_the_drivers(store: Store) -> None:
    """What Python itself raises comes out as it is."""
    with pytest.raises(UnicodeEncodeError) as caught, store.append() as log:
        log.write(LEASE, [lease(SURROGATE)])
    assert not isinstance(caught.value, DBAPIError)


ONE = [("x",)]
INDEPENDENT: list[tuple[list[tuple[str, list[tuple[Any, ...]]]], bool]] = [
    ([], False),
    ([("INSERT INTO a VALUES (?)", ONE)], False),
    ([("INSERT INTO a VALUES (?)", ONE * 2), ("UPDATE b SET c = ?", ONE)], True),
    ([("INSERT INTO a VALUES (?)", ONE), ("DELETE FROM b WHERE c = ?", ONE)], True),
    ([("INSERT INTO a VALUES (?)", ONE), ("DELETE FROM a WHERE c = ?", ONE)], False),
    ([("INSERT INTO a VALUES (?)", ONE), ("UPDATE b SET c = ?", ONE * 2)], False),
    ([("INSERT INTO a VALUES (?)", ONE), ("SAVEPOINT later", [()])], False),
    ([("SAVEPOINT one", [()]), ("SAVEPOINT two", [()])], False),
    ([("INSERT INTO a VALUES (?)", ONE), ("INSERT INTO b SELECT c FROM a", [()])], False),
    (
        [
            ("INSERT INTO a VALUES (?)", ONE),
            ("INSERT INTO b VALUES (?) ON CONFLICT DO NOTHING", ONE * 2),
        ],
        False,
    ),
    (
        [
            ("INSERT INTO a VALUES (?)", ONE),
            ("INSERT INTO b VALUES (?) ON CONFLICT DO NOTHING", ONE),
        ],
        True,
    ),
]


@pytest.mark.parametrize(("held", "answer"), INDEPENDENT)
def test_writes_are_independent_where_no_order_matters(
    held: list[tuple[str, list[tuple[Any, ...]]]], answer: bool
) -> None:
    """Several tables, each once, none of them read, and no row that could be written twice."""
    assert _can_be_joined(held) is answer
