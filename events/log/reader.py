"""Reading the log inside one transaction: streams, subjects, positions, texts."""

from __future__ import annotations

import re
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.exc import DBAPIError

from events.event import RecordedEvent
from events.log.upcasters import upcast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

COLUMNS = (
    "stream, version, position, event_id, type, subject, actor, channel,"
    " correlation, occurred_on, recorded_at, recorded_on, body, hash"
)
TABLE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
PARAMETERS = 900
"""Values in one IN list: under SQLite's old limit of 999 variables."""


LAST_INSTANT = "9999"
"""After every instant, as ISO text."""
LAST_VERSION = 2**31 - 1
_place = itemgetter(0, 1)
"""Stream and version of a row of ``events``."""


def event_from_row(row: Sequence[Any]) -> RecordedEvent:
    """One row of ``events`` (in the order of ``COLUMNS``) as a recorded event, upcast."""
    (
        stream, version, position, event_id, kind, subject, actor, channel, correlation,
        occurred_on, recorded_at, recorded_on, body, digest,
    ) = row  # fmt: skip
    body = bytes(body)
    envelope = orjson.loads(body)
    return RecordedEvent(
        stream=stream,
        version=version,
        position=position,
        event_id=event_id,
        type=kind,
        data=upcast(kind, envelope["schema"], envelope["data"]),
        actor=actor,
        channel=channel,
        correlation=correlation,
        recorded_at=recorded_at,
        recorded_on=recorded_on,
        occurred_on=occurred_on,
        subject=subject,
        causation=envelope.get("causation"),
        source=envelope.get("source"),
        hash=bytes(digest),
        body=body,
    )


def _independent(held: list[tuple[str, list[tuple[Any, ...]]]]) -> bool:
    """Whether they can be parts of one: each table once, several rows only as plain inserts.

    Parts of one statement do not see each other's rows: none may read a table.
    """
    tables = [found[1] for sql, _ in held if (found := TABLE.match(sql))]
    return (
        len(held) > 1
        and len(set(tables)) == len(held)
        and not any("SELECT" in sql for sql, _ in held)
        and all(
            len(rows) == 1 or (sql.startswith("INSERT") and "ON CONFLICT" not in sql)
            for sql, rows in held
        )
    )


class Reader:
    """Reads of one open transaction. ``?`` marks a value, whatever the driver's own mark is."""

    def __init__(self, connection: Connection) -> None:
        """Read through an open connection, by its driver: results need no mapping.

        Source: docs/decisions/0015-sqlalchemy-core.md.
        """
        self.connection = connection
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._error = connection.dialect.loaded_dbapi.Error
        self._held: list[tuple[str, list[tuple[Any, ...]]]] | None = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Any]:
        """The rows of one statement, as tuples."""
        if self._held:
            self._release()
        try:
            found: Sequence[Any] = self._execute(sql, values).fetchall()
        except self._error as error:
            raise self._wrapped(sql, error) from error
        return found

    @contextmanager
    def together(self) -> Iterator[None]:
        """On PostgreSQL the writes inside go in one message; a read among them sends them first.

        Where the block raises they are sent all the same, as they would be without it, unless the
        database itself said no: then the transaction is over.
        """
        if not self.postgres or self._held is not None:
            yield
            return
        self._held = []
        try:
            yield
        except DBAPIError:
            raise
        except Exception:
            self._release()
            raise
        else:
            self._release()
        finally:
            self._held = None

    def _release(self) -> None:
        """Send what was held back: as one statement where no row can be written twice.

        What could not be sent stays held, so that nobody who goes on all the same loses it.
        """
        held, self._held = self._held or [], None
        try:
            if _independent(held):
                parts = [(sql, row) for sql, rows in held for row in rows]
                names = ", ".join(f"w{place} AS ({sql})" for place, (sql, _) in enumerate(parts))
                self.rows(f"WITH {names} SELECT 1", [value for _, row in parts for value in row])
                held = []
            while held:
                self._many(*held[0])
                del held[0]
        finally:
            self._held = held

    def _execute(self, sql: str, values: Sequence[Any]) -> Any:
        if self.postgres:
            return self._driver.execute(sql.replace("?", "%s"), tuple(values))
        return self._driver.execute(sql, tuple(values))

    def _wrapped(self, sql: str, error: Any) -> Exception:
        """A driver's error as SQLAlchemy's, as every statement of its own would raise it."""
        found: Exception = DBAPIError.instance(
            sql, None, error, self._error, dialect=self.connection.dialect
        )
        return found

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        rows = self.rows(sql, values)
        return rows[0][0] if rows else None

    def _many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if self._held is not None:
            self._held += [(sql, rows)] if rows else []
            return
        try:
            if len(rows) == 1:
                self._execute(sql, rows[0])
            elif rows and self.postgres:
                with self._driver.cursor() as cursor:
                    cursor.executemany(sql.replace("?", "%s"), rows)
            elif rows:
                self._driver.executemany(sql, rows)
        except self._error as error:
            raise self._wrapped(sql, error) from error

    def write(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for each row of values, in this transaction."""
        self._many(sql, rows)

    def _copy(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        if self._held:
            self._release()
        try:
            with self._driver.cursor() as cursor, cursor.copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)
        except self._error as error:
            raise self._wrapped(sql, error) from error

    def select_in(
        self, sql: str, values: Sequence[Any], suffix: str = "", given: Sequence[Any] = ()
    ) -> list[Any]:
        """The rows of ``sql`` IN ``values``, in pages; ``suffix`` (order, lock) per page.

        ``given`` are the values of the marks that stand in ``sql`` itself.
        """
        found: list[Any] = []
        if self.postgres:
            if not values:
                return []
            return list(self.rows(f"{sql} = ANY(?){suffix}", [*given, list(values)]))
        for start in range(0, len(values), PARAMETERS):
            page = values[start : start + PARAMETERS]
            marks = ", ".join("?" * len(page))
            found.extend(self.rows(f"{sql} IN ({marks}){suffix}", [*given, *page]))
        return found

    def select_pairs(
        self, sql: str, pairs: Sequence[tuple[str, str]], suffix: str = ""
    ) -> list[Any]:
        """The rows whose column pair, named at the end of ``sql``, is among text pairs."""
        found: list[Any] = []
        for start in range(0, len(pairs), PARAMETERS // 2):
            page = pairs[start : start + PARAMETERS // 2]
            marks = ", ".join(["(?, ?)"] * len(page))
            values = [value for pair in page for value in pair]
            # As a subquery: over a bare list SQLite walks its whole index.
            wanted = f"(SELECT * FROM (VALUES {marks}) AS wanted)"
            found.extend(self.rows(f"{sql} IN {wanted}{suffix}", values))
        return found

    def stream(self, stream: str, after: int = 0, limit: int | None = None) -> list[RecordedEvent]:
        """A stream's events after a version, in order."""
        sql = f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version"
        values: list[Any] = [stream, after]
        if limit is not None:
            sql += " LIMIT ?"
            values.append(limit)
        return [event_from_row(row) for row in self.rows(sql, values)]

    def events_of_streams(self, streams: Sequence[str]) -> dict[str, list[RecordedEvent]]:
        """All events of several streams, by stream, each in order."""
        found: dict[str, list[RecordedEvent]] = {stream: [] for stream in streams}
        for event in map(
            event_from_row, self.select_in(f"SELECT {COLUMNS} FROM events WHERE stream", streams)
        ):
            found[event.stream].append(event)
        for events in found.values():
            events.sort(key=lambda event: event.version)
        return found

    def events_of_types(
        self, stream: str, types: Sequence[str], until: str = LAST_INSTANT
    ) -> list[RecordedEvent]:
        """A stream's events of some types that were recorded by an instant, in order."""
        marks = ", ".join("?" * len(types))
        rows = self.rows(
            f"SELECT {COLUMNS} FROM events WHERE stream = ? AND recorded_at <= ?"
            f" AND type IN ({marks}) ORDER BY version",
            [stream, until, *types],
        )
        return [event_from_row(row) for row in rows]

    def events_except_types(
        self, stream: str, types: Sequence[str], last: int = LAST_VERSION
    ) -> list[RecordedEvent]:
        """A stream's events up to a version but those of some types, which are not even read."""
        marks = ", ".join("?" * len(types))
        rows = self.rows(
            f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version <= ?"
            f" AND type NOT IN ({marks}) ORDER BY version",
            [stream, last, *types],
        )
        return [event_from_row(row) for row in rows]

    def events_at(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], RecordedEvent]:
        """The events at (stream, version) pairs, by pair; pairs without an event are left out."""
        pairs: Sequence[Any] = places
        rows = self.select_pairs(f"SELECT {COLUMNS} FROM events WHERE (stream, version)", pairs)
        return {(event.stream, event.version): event for event in map(event_from_row, rows)}

    def events_of_subject(self, streams: Sequence[str], subject: str) -> list[RecordedEvent]:
        """The events of one subject in each of some streams, stream by stream in order."""
        rows = self.select_in(
            f"SELECT {COLUMNS} FROM events WHERE subject = ? AND stream", streams, given=[subject]
        )
        return [event_from_row(row) for row in sorted(rows, key=_place)]

    def subject(self, stream: str, subject: str) -> list[RecordedEvent]:
        """The events of one subject inside a stream, in order."""
        return [
            event_from_row(row)
            for row in self.rows(
                f"SELECT {COLUMNS} FROM events WHERE stream = ? AND subject = ? ORDER BY version",
                [stream, subject],
            )
        ]

    def events_of_subjects(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[RecordedEvent]]:
        """The events of several (stream, subject) pairs, each in order."""
        found: dict[tuple[str, str], list[RecordedEvent]] = {}
        rows = self.select_pairs(
            f"SELECT {COLUMNS} FROM events WHERE subject IS NOT NULL AND (stream, subject)", pairs
        )
        for event in map(event_from_row, sorted(rows, key=_place)):
            assert event.subject is not None
            found.setdefault((event.stream, event.subject), []).append(event)
        return found

    def texts(self, events: Sequence[tuple[str, int]]) -> dict[tuple[str, int, str], str]:
        """The free texts that still stand for (stream, version) pairs."""
        found: dict[tuple[str, int, str], str] = {}
        by_stream: dict[str, list[int]] = {}
        for stream, version in events:
            by_stream.setdefault(stream, []).append(version)
        for stream, versions in by_stream.items():
            marks = sorted(versions)
            for version, field, value in self.rows(
                "SELECT version, field, value FROM texts WHERE stream = ?"
                " AND version BETWEEN ? AND ?",
                [stream, marks[0], marks[-1]],
            ):
                found[stream, version, field] = value
        return found

    def head(self, stream: str) -> tuple[int, bytes] | None:
        """A stream's version and hash, or None where it has no event."""
        rows = self.rows(
            "SELECT version, hash FROM heads WHERE stream = ? AND version > 0", [stream]
        )
        return next(((version, bytes(digest)) for version, digest in rows), None)

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """The newest version of each of these streams; those without an event are left out."""
        return dict(self.select_in("SELECT stream, version FROM heads WHERE stream", streams))

    def newest_instant(self) -> str | None:
        """The newest instant that any event was recorded at (ISO text), None in an empty log."""
        found: str | None = self._one("SELECT max(recorded_at) FROM heads WHERE version > 0")
        return found

    def event_ids(self, streams: Sequence[str]) -> set[tuple[str, str]]:
        """The (stream, event id) pairs of all events of some streams."""
        return set(self.select_in("SELECT stream, event_id FROM events WHERE stream", streams))

    def events_under(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], RecordedEvent]:
        """The events under (stream, event id) pairs; pairs without an event are left out."""
        rows = self.select_pairs(f"SELECT {COLUMNS} FROM events WHERE (stream, event_id)", pairs)
        return {(event.stream, event.event_id): event for event in map(event_from_row, rows)}

    def has_event(self, stream: str, event_id: str, *, parts: bool = False) -> bool:
        """Whether a stream holds an event of an id; with ``parts`` also of one below (``id/1``)."""
        sql, values = "SELECT 1 FROM events WHERE stream = ? AND event_id = ?", [stream, event_id]
        if parts:
            sql = "SELECT 1 FROM events WHERE stream = ? AND (event_id = ? OR event_id LIKE ?)"
            values.append(f"{event_id}/%")
        return bool(self.rows(f"{sql} LIMIT 1", values))

    def settled_position(self) -> int:
        """Every event below this position is there to be read; later commits come above it."""
        if not self.postgres:
            return int(self._one("SELECT max(position) FROM events") or 0) + 1
        return (
            int(
                self._one(
                    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                    " - first_transaction + first_ordinal"
                    " FROM position_eras ORDER BY era DESC LIMIT 1"
                )
            )
            << 20
        )

    def each_page(self, after: int, size: int = 1000) -> Iterator[list[RecordedEvent]]:
        """The settled events after a position, page by page, in the log's reading order."""
        settled = self.settled_position()
        while True:
            page = self.rows(
                f"SELECT {COLUMNS} FROM events WHERE position > ? AND position < ?"
                " ORDER BY position LIMIT ?",
                [after, settled, size],
            )
            if not page:
                return
            events = [event_from_row(row) for row in page]
            yield events
            after = events[-1].position
