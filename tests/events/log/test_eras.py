"""Positions go on above what a log brought along from another database."""

import pytest
from sqlalchemy.exc import DBAPIError

from events.log.eras import BroughtEvents, begin_era, brought_events, is_behind
from events.log.store import Store
from events.proofs.verify import verify_log
from tests.support.logs import Clock, append, opened, pending, run
from tracker.storage.database import migrate


def test_a_new_era_is_above_every_event(store: Store) -> None:
    """What is appended next is above, and is settled once nobody writes."""
    before = append(store, pending("a", "1"), pending("b", "1"))[-1].position
    with store.append() as log:
        begin_era(log)
    after = append(store, pending("a", "2"))[-1].position
    assert after > before
    with store.read() as reader:
        assert reader.settled_position() > after
    assert verify_log(store.engine).faults == []


def test_a_dump_of_another_server_begins_an_era(postgres_store: Store) -> None:
    """Where transactions count from below, the next migration lifts the positions."""
    append(postgres_store, pending("a", "1"))
    run(postgres_store.engine, ("UPDATE position_eras SET first_ordinal = -100000", ()))
    with postgres_store.read() as reader:
        assert is_behind(reader)
    migrate(postgres_store.engine)
    with postgres_store.read() as reader:
        assert not is_behind(reader)
    newer = [append(postgres_store, pending("a", name))[0].position for name in ("2", "3")]
    assert newer == sorted(newer)
    assert verify_log(postgres_store.engine).faults == []


def test_a_log_that_is_at_home_is_not_behind(store: Store) -> None:
    """Empty, and with events."""
    with store.read() as reader:
        assert not is_behind(reader)
    append(store, pending("a", "1"))
    with store.read() as reader:
        assert not is_behind(reader)


def test_brought_events_are_counted(sqlite_url: str) -> None:
    """On SQLite a missing one is found though positions have gaps; a new era counts all again."""
    engine = opened(sqlite_url)
    store = Store(engine, Clock())
    append(store, pending("a", "1"), pending("a", "2"), pending("b", "1"))
    with store.append() as log:
        assert brought_events(log) == BroughtEvents(0, 0)
        begin_era(log)
        begin_era(log)
        assert brought_events(log) == BroughtEvents(3, 3)
    append(store, pending("b", "2"))
    assert verify_log(engine).faults == []
    with pytest.raises(DBAPIError):
        run(engine, ("DELETE FROM events WHERE position = 3", ()))
    run(engine, ("DROP TRIGGER events_refuse_delete", ()))
    run(engine, ("DELETE FROM events WHERE position = 3", ()))
    faults = [fault.fault for fault in verify_log(engine).faults]
    assert "of 3 events brought along there are 2" in faults
    engine.dispose()
