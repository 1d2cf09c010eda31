"""Many writers at once, on a database each connection opens for itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from benchmarks.postgres import running
from events.event import RecordedEvent
from events.log.reader import POSITION_BITS
from events.log.store import Store
from events.proofs.verify import verify_log
from events.refusals.errors import CorruptError
from tests.support.logs import append, opened, pending, rows
from tracker.storage.database import open_engine

WRITERS = 4


def together(*jobs: Callable[[], None]) -> None:
    """Run jobs at the same time; the first error is raised here."""
    barrier = Barrier(len(jobs))

    def begin(job: Callable[[], None]) -> None:
        barrier.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(begin, job) for job in jobs]:
            done.result()


def read(store: Store, after: int = 0) -> list[RecordedEvent]:
    """What a follower of the log is shown after a position."""
    with store.read() as log:
        return [event for page in log.each_page(after, 7) for event in page]


def test_writers_of_one_stream_take_turns(store: Store) -> None:
    """Each event has its own version and position, and none is lost."""

    def write(writer: int) -> Callable[[], None]:
        def job() -> None:
            for number in range(15):
                append(
                    store, pending("s", f"{writer}/{number}"), pending(f"own-{writer}", str(number))
                )

        return job

    together(*(write(writer) for writer in range(WRITERS)))
    versions = rows(store.engine, "SELECT version FROM events WHERE stream = 's' ORDER BY version")
    assert versions == [(version,) for version in range(1, 15 * WRITERS + 1)]
    positions = [event.position for event in read(store)]
    assert len(set(positions)) == len(positions) == 30 * WRITERS
    assert verify_log(store.engine).ok


def test_batches_over_the_same_streams_do_not_block_each_other(store: Store) -> None:
    """Heads are locked in sorted order, in whatever order the events come."""
    streams = [f"s{number}" for number in range(12)]
    append(store, *(pending(stream, "0") for stream in streams))

    def write(writer: int) -> Callable[[], None]:
        turned = streams[writer:] + streams[:writer]

        def job() -> None:
            for number in range(8):
                names = turned if number % 2 else turned[::-1]
                append(store, *(pending(name, f"{writer}/{number}") for name in names))

        return job

    together(*(write(writer) for writer in range(WRITERS)))
    heads = rows(store.engine, "SELECT version FROM heads")
    assert heads == [(8 * WRITERS + 1,)] * len(streams)


def test_deciding_sees_what_the_writer_before_decided(store: Store) -> None:
    """Read, decide and append are one turn: a counter over the stream counts every event once."""

    def job() -> None:
        for _ in range(10):
            with store.append() as log:
                log.lock(["s"])
                seen = len(log.stream("s"))
                log.append([pending("s", f"the event after {seen}")])

    together(*[job] * WRITERS)
    assert len(read(store)) == 10 * WRITERS


def test_a_follower_never_passes_a_running_transaction(postgres_store: Store) -> None:
    """What commits first but began later waits until what began first has ended."""
    store = postgres_store
    before = append(store, pending("a", "1"))
    with store.append() as slow:
        first = slow.append([pending("b", "2")])
        second = append(store, pending("c", "3"))
        assert second[0].position > first[0].position
        with store.read() as log:
            assert log.settled_position() <= first[0].position
        assert read(store) == before
    assert read(store, before[0].position) == first + second


def test_a_shared_lock_lets_others_share(store: Store) -> None:
    """On SQLite it does nothing; on PostgreSQL an exclusive lock waits for all shared ones."""
    append(store, pending("c", "1"))
    if store.engine.dialect.name == "sqlite":
        with store.append() as log:
            log.lock_shared("c")
            log.append([pending("c", "2")])
        assert len(read(store)) == 2
        return
    closed = Event()

    def close() -> None:
        append(store, pending("c", "2"))
        closed.set()

    with ThreadPoolExecutor(1) as pool:
        with store.append() as first, store.append() as second:
            first.lock_shared("c")
            second.lock_shared("c")
            closing = pool.submit(close)
            assert not closed.wait(0.2)
        closing.result()
    assert closed.is_set()


def test_the_order_of_a_stream_is_the_order_of_the_log(postgres_store: Store) -> None:
    """Who began first and came second to a stream takes positions above who came first."""
    store = postgres_store
    with store.append() as early:
        early.lock(["a"])
        first = append(store, pending("s", "1"))
        second = early.append([pending("s", "2"), pending("a", "1")])
        third = append(store, pending("t", "3"))
        fourth = early.append([pending("t", "4"), pending("s", "5")])
        sixth = append(store, pending("u", "6"))
        assert read(store) == []
    told = [*first, *second, *third, *fourth, *sixth]
    assert read(store) == told
    assert all(first.position < second.position for first, second in pairwise(told))
    assert verify_log(store.engine).ok


def test_a_follower_passes_a_transaction_that_gave_up(postgres_store: Store) -> None:
    """Positions of a rolled back transaction are a gap and no reason to wait."""
    store = postgres_store

    def interrupted() -> None:
        with store.append() as log:
            log.append([pending("b", "2")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    after = append(store, pending("c", "3"))
    assert read(store) == after


def test_a_follower_misses_nothing_under_many_writers(store: Store) -> None:
    """Reading on from the last position it saw, it is shown every event once and in order."""
    ended = Event()
    seen: list[RecordedEvent] = []

    def follow() -> None:
        while True:
            last = ended.is_set()
            seen.extend(read(store, seen[-1].position if seen else 0))
            if last:
                return

    def write(writer: int) -> Callable[[], None]:
        def job() -> None:
            for number in range(25):
                append(store, *(pending(f"s{writer}", f"{number}/{one}") for one in range(3)))

        return job

    def write_all() -> None:
        together(*(write(writer) for writer in range(WRITERS)))
        ended.set()

    together(follow, write_all)
    assert all(one.position < two.position for one, two in pairwise(seen))
    assert len(seen) == WRITERS * 25 * 3


def test_one_transaction_takes_a_million_positions(postgres_store: Store) -> None:
    """One more would reach into the next transaction's and is refused loudly."""
    store, million = postgres_store, 1 << POSITION_BITS
    with store.append() as log:
        log.append([pending("s", "1")])
        assert log._next_position is not None
        log._next_position += million - 3
        last = log.append([pending("s", "2")])[0].position
    assert last % million == million - 1

    def too_many() -> None:
        with store.append() as log:
            log.append([pending("s", "3")])
            assert log._next_position is not None
            log._next_position += million - 3
            log.append([pending("s", "4"), pending("s", "5")])

    with pytest.raises(CorruptError, match="more than a million"):
        too_many()
    assert [event.event_id for event in read(store)] == ["1", "2"]


def test_a_read_transaction_writes_nothing(postgres_store: Store) -> None:
    """PostgreSQL itself refuses a write through a reader."""
    with pytest.raises(DBAPIError, match="read-only"), postgres_store.read() as log:
        log.write("DELETE FROM texts WHERE stream = ?", [("s",)])


def settings(engine: Engine, *statements: str) -> list[str]:
    """What the database answers to each statement."""
    with engine.connect() as connection:
        return [str(connection.exec_driver_sql(one).scalar_one()) for one in statements]


def test_sqlite_forgets_no_commit(sqlite_url: str) -> None:
    """A write-ahead log, synchronized fully at every commit, on every connection."""
    engine = opened(sqlite_url)
    assert settings(engine, "PRAGMA journal_mode", "PRAGMA synchronous") == ["wal", "2"]
    engine.dispose()
    assert settings(engine, "PRAGMA journal_mode", "PRAGMA synchronous") == ["wal", "2"]
    engine.dispose()


def test_postgresql_forgets_no_commit() -> None:
    """On a durable server the tracker's connections are as durable, also in a transaction."""
    with running(durable=True) as cluster:
        engine = open_engine(cluster.url("postgres"))
        shown = settings(engine, "SHOW fsync", "SHOW synchronous_commit", "SHOW full_page_writes")
        engine.dispose()
    assert shown == ["on", "on", "on"]
