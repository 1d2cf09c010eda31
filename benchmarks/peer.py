"""The same events through the library ``eventsourcing``, as its documentation recommends.

An aggregate per organization in an aggregate cache, events encoded by orjson, commands checked by
the same pydantic model. The projection is a ``Projection`` over a tracking recorder of our table,
fed in the same thread with what ``save`` returned (its runner cannot subscribe on SQLite, and on
PostgreSQL the thread would only add waiting). The other documented way is measured too: a custom
recorder writes the rows inside the transaction of ``save``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import orjson
from eventsourcing.application import Application
from eventsourcing.persistence import (
    InfrastructureFactory,
    StoredEvent,
    Tracking,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresTrackingRecorder
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteTrackingRecorder
from eventsourcing.utils import Environment, get_topic
from psycopg.sql import SQL
from sqlalchemy.engine import make_url

from benchmarks.district import CLERK, SCHEME, as_document, code_of
from benchmarks.places import driver_durability
from events.documents.serialization import from_document, load_document
from events.documents.vocabulary import BUILT_IN
from events.streams.records import RecordActivity
from tracker.documents.sources import built_in_schemes

TODAY = date(2026, 9, 30)
PAGE = 2000
CREATE = (
    (
        "CREATE TABLE IF NOT EXISTS record_facts (stream text NOT NULL, record_id text NOT NULL,"
        " from_on text NOT NULL, to_on text NOT NULL, historical integer NOT NULL,"
        " entries text NOT NULL, PRIMARY KEY (stream, record_id))"
    ),
    "CREATE INDEX IF NOT EXISTS record_facts_on ON record_facts (stream, from_on)",
)
INSERT = "INSERT INTO record_facts VALUES (?, ?, ?, ?, ?, ?)"
PG_INSERT = INSERT.replace("?", "%s")


@dataclass(frozen=True)
class Fact:
    """The metadata of every event of the peer: actor, time, channel and correlation."""

    originator_id: str
    originator_version: int
    timestamp: str
    actor: str
    channel: str
    correlation: str


@dataclass(frozen=True)
class Registered(Fact):
    """An organization was registered."""

    code: str
    category: str
    registered_on: str


@dataclass(frozen=True)
class ActivityRecorded(Fact):
    """An activity was recorded; ``record`` holds the fields of the validated command."""

    record_id: str
    occurred_on: str
    record: dict[str, Any]


@dataclass
class Organization:
    """The aggregate: the state that decides about a record."""

    id: str
    version: int
    registered_on: str
    records: set[str] = field(default_factory=set)


def project(organization: Any, events: Iterable[Any]) -> Any:
    """Fold events into the aggregate in place, so that a cached aggregate stays up to date."""
    for event in events:
        if isinstance(event, Registered):
            organization = Organization(event.originator_id, 1, event.registered_on)
        else:
            organization.records.add(event.record_id)
            organization.version = event.originator_version
    return organization


def row_of(event: ActivityRecorded) -> tuple[str, str, str, str, int, str]:
    """Return the row of the read model, with the columns of ours."""
    entry = {"known_on": event.timestamp[:10], "fields": event.record}
    return (
        event.originator_id,
        event.record_id,
        event.occurred_on,
        event.occurred_on,
        0,
        orjson.dumps([entry]).decode(),
    )


class OrjsonTranscoder(Transcoder):
    """Encodes with orjson instead of the slower default."""

    def encode(self, obj: Any) -> bytes:
        """Return the bytes of an event's state."""
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        """Return the state of an event."""
        return orjson.loads(data)


class SqliteView(SQLiteTrackingRecorder):
    """The read model on SQLite: rows and tracking in one transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """Add the table of the read model to the tracking tables."""
        return [*super().construct_create_table_statements(), *CREATE]

    def put(self, event: ActivityRecorded, tracking: Tracking) -> None:
        """Write the row of one event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(INSERT, row_of(event))


class PostgresView(PostgresTrackingRecorder):
    """The read model on PostgreSQL: rows and tracking in one transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the table of the read model."""
        super().__init__(*args, **kwargs)
        self.sql_create_statements += [SQL(statement).format() for statement in CREATE]

    def put(self, event: ActivityRecorded, tracking: Tracking) -> None:
        """Write the row of one event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(PG_INSERT, row_of(event), prepare=True)


class SqliteRecorder(SQLiteApplicationRecorder):
    """Stores events and writes the read model's rows in the same transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """Add the table of the read model to the events' tables."""
        return [*super().construct_create_table_statements(), *CREATE]

    def _insert_events(
        self, c: Any, stored_events: Sequence[StoredEvent], rows: Any = (), **kwargs: Any
    ) -> Sequence[int] | None:
        if rows:
            c.executemany(INSERT, rows)
        return super()._insert_events(c, stored_events, **kwargs)


class PostgresRecorder(PostgresApplicationRecorder):
    """Stores events and writes the read model's rows in the same transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the table of the read model."""
        super().__init__(*args, **kwargs)
        self.sql_create_statements += [SQL(statement).format() for statement in CREATE]

    def _insert_events(
        self, curs: Any, stored_events: Sequence[StoredEvent], rows: Any = (), **kwargs: Any
    ) -> None:
        if rows:
            curs.executemany(PG_INSERT, rows)
        super()._insert_events(curs, stored_events, **kwargs)


class Tracker(Application[str]):
    """The peer's application: an aggregate decides about a command, and its event is saved."""

    env: ClassVar[dict[str, str]] = {
        "ORIGINATOR_ID_TYPE": "text",
        "AGGREGATE_CACHE_MAXSIZE": "100000",
        "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",
    }

    def __init__(self, env: dict[str, str]) -> None:
        """Load the vocabulary."""
        super().__init__(env)
        scheme = from_document(load_document(built_in_schemes()[SCHEME], SCHEME))
        self.words = frozenset(BUILT_IN.extended([scheme]).activities)

    def construct_transcoder(self) -> Transcoder:
        """Return the orjson transcoder."""
        return OrjsonTranscoder()

    def register(self, code: str) -> Registered:
        """Return the first event of an organization."""
        return Registered(code, 1, *_envelope(), code, "community", "2026-01-01")

    def decide(self, document: dict[str, Any], ahead: int = 0) -> ActivityRecorded:
        """Return the event of a document; ``ahead`` counts events decided but not saved yet.

        Raise ``ValueError`` for a known record, an unknown activity and a date out of range.
        """
        command = RecordActivity.model_validate(document)
        organization: Organization = self.repository.get(
            command.organization, projector_func=project
        )
        if command.record_id in organization.records:
            raise ValueError(command.record_id)
        if command.activity not in self.words:
            raise ValueError(command.activity)
        day = command.occurred_on.isoformat()
        if not organization.registered_on <= day <= TODAY.isoformat():
            raise ValueError(day)
        return ActivityRecorded(
            command.organization,
            organization.version + 1 + ahead,
            *_envelope(),
            command.record_id,
            day,
            command.model_dump(mode="json", exclude_none=True),
        )


def _envelope() -> tuple[str, str, str, str]:
    return (datetime.now(UTC).isoformat(), CLERK, "api", "benchmark")


class RecordFacts(Projection[Any]):
    """The peer's projection: writes the row of each event exactly once."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Write the row of an event together with its tracking."""
        self.view.put(domain_event, tracking)


class Peer:
    """The peer's application with its read model on one database."""

    def __init__(self, url: str, *, one_transaction: bool = False) -> None:
        """``one_transaction`` writes rows inside the transaction of ``save``."""
        self.one_transaction = one_transaction
        postgres = not url.startswith("sqlite")
        env = _environment(url)
        if one_transaction:
            kind = PostgresRecorder if postgres else SqliteRecorder
            env["APPLICATION_RECORDER_TOPIC"] = get_topic(kind)
        self.app = Tracker(env)
        self._factory: Any = None
        self.projection: RecordFacts | None = None
        if not one_transaction:
            view_class: type[TrackingRecorder] = PostgresView if postgres else SqliteView
            names = {**os.environ, **env, "ORIGINATOR_ID_TYPE": "text"}
            self._factory = InfrastructureFactory.construct(Environment("RecordFacts", names))
            self.projection = RecordFacts(self._factory.tracking_recorder(view_class))

    def register(self, organizations: int) -> None:
        """Register so many organizations."""
        self.app.save(*(self.app.register(code_of(number)) for number in range(organizations)))

    def record(self, document: dict[str, Any]) -> int:
        """Record one activity and project it; return the organization's new version."""
        event = self.app.decide(document)
        self._save([event])
        return event.originator_version

    def take(self, payload: bytes) -> int:
        """Import a JSONL file of new records page by page; return how many were recorded."""
        lines = payload.splitlines()
        for start in range(0, len(lines), PAGE):
            ahead: dict[str, int] = {}
            events = []
            for line in lines[start : start + PAGE]:
                document = as_document(orjson.loads(line))
                code = document["organization"]
                events.append(self.app.decide(document, ahead.get(code, 0)))
                ahead[code] = ahead.get(code, 0) + 1
            self._save(events)
        return len(lines)

    def _save(self, events: list[ActivityRecorded]) -> None:
        if self.projection is None:
            self.app.save(*events, rows=[row_of(event) for event in events])
            return
        for recording in self.app.save(*events):
            tracking = Tracking(self.app.name, recording.notification.id)
            self.projection.process_event(recording.domain_event, tracking)

    def durability(self) -> dict[str, str]:
        """Return the settings of a connection of the peer's pool."""
        factory: Any = self.app.factory
        with factory.datastore.transaction(commit=False) as cursor:
            return driver_durability(getattr(cursor, "sqlite_cursor", cursor).connection)

    def check(self, rows: int) -> None:
        """Assert that the read model has exactly so many rows: the peer did the same work."""
        factory: Any = self.app.factory
        with factory.datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT count(*) AS n FROM record_facts")
            count = cursor.fetchone()["n"]
        assert count == rows, (count, rows)

    def close(self) -> None:
        """Close every connection."""
        self.app.close()
        if self._factory is not None:
            self._factory.close()


def _environment(url: str) -> dict[str, str]:
    parsed = make_url(url)
    assert parsed.database is not None
    if parsed.get_backend_name() == "sqlite":
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": parsed.database,
            "SQLITE_LOCK_TIMEOUT": "30",
        }
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parsed.database,
        "POSTGRES_HOST": str(parsed.host),
        "POSTGRES_PORT": str(parsed.port),
        "POSTGRES_USER": str(parsed.username),
        "POSTGRES_PASSWORD": "unused",
    }
