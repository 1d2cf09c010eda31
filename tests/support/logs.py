"""Logs for tests: a clock that is set by hand, and a few events of every shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from events.event import Event, Metadata, PendingEvent, RecordedEvent
from events.log.store import Store
from events.streams.records import ActivityCorrected, ActivityRecorded
from tracker.storage.database import migrate, open_engine
from tracker.storage.evidence import StoredEvidence, write_file_row

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
ACTOR = Metadata("tester", "test", "piece-of-work", "cause", "file")


@dataclass
class Clock:
    """A clock that does not move until it is set."""

    now: datetime = START

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


def opened(url: str) -> Engine:
    """A migrated database."""
    engine = open_engine(url)
    migrate(engine)
    return engine


def migrated(url: str) -> None:
    """Create the tables of a database that is still empty."""
    opened(url).dispose()


def register_file(store: Store, file: StoredEvidence) -> None:
    """Register an evidence file as its upload does."""
    with store.append() as log:
        write_file_row(log, file)


def activity(name: str = "a", note: str | None = None) -> ActivityRecorded:
    """Return an activity with this name."""
    return ActivityRecorded(
        record_id=name, activity="party_lesson", occurred_on=date(2026, 8, 31), note=note
    )


def correction(name: str = "a", reason: str = "typed wrongly") -> ActivityCorrected:
    """A correction of it, with a subject and two texts."""
    return ActivityCorrected(record_id=name, changes={"note": "second"}, reason=reason)


def pending(
    stream: str, event_id: str, event: Event | None = None, recorded_on: str | None = None
) -> PendingEvent:
    """An event to be appended; without one an activity called as its identity."""
    return PendingEvent(stream, event_id, event or activity(event_id, "a note"), ACTOR, recorded_on)


def append(store: Store, *events: PendingEvent) -> list[RecordedEvent]:
    """Append in a separate transaction."""
    with store.append() as log:
        return log.append(events)


def rows(engine: Engine, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement, read past the store."""
    if engine.dialect.name == "postgresql":
        sql = sql.replace("?", "%s")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql, tuple(values))]


def run(engine: Engine, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Statements run past the store, in one transaction."""
    with engine.begin() as connection:
        for sql, values in statements:
            if engine.dialect.name == "postgresql":
                sql = sql.replace("?", "%s")  # noqa: PLW2901 - the driver's own mark
            connection.exec_driver_sql(sql, values)


def break_event(engine: Engine, stream: str, version: int, body: bytes) -> None:
    """Change the bytes of an event past the store and its triggers."""
    drop = {
        "sqlite": "DROP TRIGGER IF EXISTS events_refuse_update",
        "postgresql": "ALTER TABLE events DISABLE TRIGGER events_refuse_change",
    }[engine.dialect.name]
    run(
        engine,
        (drop, ()),
        (
            "UPDATE events SET body = ? WHERE stream = ? AND version = ?",
            (body, stream, version),
        ),
    )
