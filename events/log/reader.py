"""Reads of the log inside one transaction: streams, subjects, positions, texts."""

from __future__ import annotations

import re
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.exc import DBAPIError

from events.event import RecordedEvent
from events.log.upcasters import upcast
from events.refusals.errors import DamagedEvent as DamagedEvent  # noqa: PLC0414 - proofs catch it

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

COLUMNS = (
    "stream, version, position, event_id, type, subject, actor, channel,"
    " correlation, occurred_on, recorded_at, recorded_on, body, hash"
)
TABLE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
PARAMETERS = 900
"""Most values in one IN list: older SQLite allows 999 parameters in a statement."""
POSITION_BITS = 20
"""On PostgreSQL the lower bits of a position count the events of one transaction.

20 bits are a million events; source: docs/decisions/0003-positions.md.
"""
LAST_INSTANT = "9999"
"""ISO text that sorts after every instant."""
LAST_VERSION = 2**31 - 1
_place = itemgetter(0, 1)
"""Stream and version of a row of ``events``."""


def event_from_row(row: Sequence[Any]) -> RecordedEvent:
    """Return one row of ``COLUMNS`` as an event, upcast; ``DamagedEvent`` for an unreadable one."""
    (
        stream, version, position, event_id, kind, subject, actor, channel, correlation,
        occurred_on, recorded_at, recorded_on, body, digest,
    ) = row  # fmt: skip
    try:
        body = bytes(body)
        envelope = orjson.loads(body)
        data = upcast(kind, envelope["schema"], envelope["data"])
    except (ValueError, TypeError, LookupError, AttributeError):
        raise DamagedEvent(stream, version) from None
    return RecordedEvent(
        stream=stream,
        version=version,
        position=position,
        event_id=event_id,
        type=kind,
        data=data,
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


def _can_be_joined(writes: list[tuple[str, list[tuple[Any, ...]]]]) -> bool:
    """Return whether writes can be one statement: each table once, many rows only as inserts.

    Parts of one statement do not see each other's rows, so none may read a table.
    """
    tables = [match[1] for sql, _ in writes if (match := TABLE.match(sql))]
    return (
        len(writes) > 1
        and len(set(tables)) == len(writes)
        and not any("SELECT" in sql for sql, _ in writes)
        and all(
            len(rows) == 1 or (sql.startswith("INSERT") and "ON CONFLICT" not in sql)
            for sql, rows in writes
        )
    )


class Reader:
    """Reads of one open transaction; ``?`` marks a parameter in both dialects."""

    def __init__(self, connection: Connection) -> None:
        """Read through the driver of an open connection: rows are plain tuples.

        Source: docs/decisions/0015-sqlalchemy-core.md.
        """
        self.connection = connection
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._error = connection.dialect.loaded_dbapi.Error
        self._queued: list[tuple[str, list[tuple[Any, ...]]]] | None = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Any]:
        """Return the rows of one statement, as tuples."""
        if self._queued:
            self._flush()
        try:
            rows: Sequence[Any] = self._execute(sql, values).fetchall()
        except self._error as error:
            raise self._wrapped(sql, error) from error
        return rows

    @contextmanager
    def together(self) -> Iterator[None]:
        """On PostgreSQL send the writes of the block in one round trip; a read sends them first.

        If the block raises, the writes are sent as they would be without it, unless the database
        raised the error: then the transaction is over.
        """
        if not self.postgres or self._queued is not None:
            yield
            return
        self._queued = []
        try:
            yield
        except DBAPIError:
            raise
        except Exception:
            self._flush()
            raise
        else:
            self._flush()
        finally:
            self._queued = None

    def _flush(self) -> None:
        """Send the queued writes, as one statement if no row can be written twice.

        What could not be sent stays queued, so that a caller who continues does not lose it.
        """
        writes, self._queued = self._queued or [], None
        try:
            if _can_be_joined(writes):
                parts = [(sql, row) for sql, rows in writes for row in rows]
                names = ", ".join(f"w{place} AS ({sql})" for place, (sql, _) in enumerate(parts))
                self.rows(f"WITH {names} SELECT 1", [value for _, row in parts for value in row])
                writes = []
            while writes:
                self.write(*writes[0])
                del writes[0]
        finally:
            self._queued = writes

    def _execute(self, sql: str, values: Sequence[Any]) -> Any:
        if self.postgres:
            return self._driver.execute(sql.replace("?", "%s"), tuple(values))
        return self._driver.execute(sql, tuple(values))

    def _wrapped(self, sql: str, error: Any) -> Exception:
        """Return a driver's error as the SQLAlchemy error that its own statements raise."""
        wrapped: Exception = DBAPIError.instance(
            sql, None, error, self._error, dialect=self.connection.dialect
        )
        return wrapped

    def _scalar(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return next((value for (value,) in self.rows(sql, values)), None)

    def write(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for each row of values, in this transaction."""
        if self._queued is not None:
            self._queued += [(sql, rows)] if rows else []
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

    def _copy(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        if self._queued:
            self._flush()
        try:
            with self._driver.cursor() as cursor, cursor.copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)
        except self._error as error:
            raise self._wrapped(sql, error) from error

    def select_in(
        self, sql: str, values: Sequence[Any], suffix: str = "", given: Sequence[Any] = ()
    ) -> list[Any]:
        """Return the rows of ``sql`` IN ``values``, in pages; ``suffix`` orders or locks a page.

        ``given`` are the values of the marks in ``sql`` itself.
        """
        rows: list[Any] = []
        if self.postgres:
            if not values:
                return []
            return list(self.rows(f"{sql} = ANY(?){suffix}", [*given, list(values)]))
        for start in range(0, len(values), PARAMETERS):
            page = values[start : start + PARAMETERS]
            marks = ", ".join("?" * len(page))
            rows.extend(self.rows(f"{sql} IN ({marks}){suffix}", [*given, *page]))
        return rows

    def select_pairs(
        self, sql: str, pairs: Sequence[tuple[str, str]], suffix: str = ""
    ) -> list[Any]:
        """Return the rows whose pair of columns, at the end of ``sql``, is one of ``pairs``."""
        rows: list[Any] = []
        for start in range(0, len(pairs), PARAMETERS // 2):
            page = pairs[start : start + PARAMETERS // 2]
            marks = ", ".join(["(?, ?)"] * len(page))
            values = [value for pair in page for value in pair]
            # a subquery, because with a bare list of pairs SQLite scans its whole index
            wanted = f"(SELECT * FROM (VALUES {marks}) AS wanted)"
            rows.extend(self.rows(f"{sql} IN {wanted}{suffix}", values))
        return rows

    def stream(self, stream: str, after: int = 0, limit: int | None = None) -> list[RecordedEvent]:
        """Return a stream's events after a version, in order."""
        sql = f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version"
        values: list[Any] = [stream, after]
        if limit is not None:
            sql += " LIMIT ?"
            values.append(limit)
        return [event_from_row(row) for row in self.rows(sql, values)]

    def events_of_streams(self, streams: Sequence[str]) -> dict[str, list[RecordedEvent]]:
        """Return all events of several streams, by stream, each in order."""
        by_stream: dict[str, list[RecordedEvent]] = {stream: [] for stream in streams}
        for event in map(
            event_from_row, self.select_in(f"SELECT {COLUMNS} FROM events WHERE stream", streams)
        ):
            by_stream[event.stream].append(event)
        for events in by_stream.values():
            events.sort(key=lambda event: event.version)
        return by_stream

    def events_of_types(
        self, stream: str, types: Sequence[str], until: str = LAST_INSTANT
    ) -> list[RecordedEvent]:
        """Return a stream's events of some types recorded until an instant, in order."""
        marks = ", ".join("?" * len(types))
        rows = self.rows(
            f"SELECT {COLUMNS} FROM events WHERE stream = ? AND recorded_at <= ?"
            f" AND type IN ({marks}) ORDER BY version",
            [stream, until, *types],
        )
        return [event_from_row(row) for row in rows]

    def events_of_type_since(self, kind: str, since: str) -> list[RecordedEvent]:
        """Return all events of one type recorded at or after an instant, in reading order."""
        rows = self.rows(
            f"SELECT {COLUMNS} FROM events WHERE type = ? AND recorded_at >= ? ORDER BY position",
            [kind, since],
        )
        return [event_from_row(row) for row in rows]

    def events_except_types(
        self, stream: str, types: Sequence[str], last: int = LAST_VERSION
    ) -> list[RecordedEvent]:
        """Return a stream's events up to a version, without reading those of some types."""
        marks = ", ".join("?" * len(types))
        rows = self.rows(
            f"SELECT {COLUMNS} FROM events WHERE stream = ? AND version <= ?"
            f" AND type NOT IN ({marks}) ORDER BY version",
            [stream, last, *types],
        )
        return [event_from_row(row) for row in rows]

    def events_at(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], RecordedEvent]:
        """Return the events at (stream, version) pairs, by pair, where there is one."""
        pairs: Sequence[Any] = places
        rows = self.select_pairs(f"SELECT {COLUMNS} FROM events WHERE (stream, version)", pairs)
        return {(event.stream, event.version): event for event in map(event_from_row, rows)}

    def events_of_subject(self, streams: Sequence[str], subject: str) -> list[RecordedEvent]:
        """Return the events of one subject in some streams, stream by stream in order."""
        rows = self.select_in(
            f"SELECT {COLUMNS} FROM events WHERE subject = ? AND stream", streams, given=[subject]
        )
        return [event_from_row(row) for row in sorted(rows, key=_place)]

    def subject(self, stream: str, subject: str) -> list[RecordedEvent]:
        """Return the events of one subject in a stream, in order."""
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
        """Return the events of several (stream, subject) pairs, by pair, each in order."""
        by_pair: dict[tuple[str, str], list[RecordedEvent]] = {}
        rows = self.select_pairs(
            f"SELECT {COLUMNS} FROM events WHERE subject IS NOT NULL AND (stream, subject)", pairs
        )
        for event in map(event_from_row, sorted(rows, key=_place)):
            assert event.subject is not None
            by_pair.setdefault((event.stream, event.subject), []).append(event)
        return by_pair

    def texts(self, events: Sequence[tuple[str, int]]) -> dict[tuple[str, int, str], str]:
        """Return the texts that still exist for (stream, version) pairs, by pair and field."""
        texts: dict[tuple[str, int, str], str] = {}
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
                texts[stream, version, field] = value
        return texts

    def head(self, stream: str) -> tuple[int, bytes] | None:
        """Return a stream's version and hash, or None if it has no event."""
        rows = self.rows(
            "SELECT version, hash FROM heads WHERE stream = ? AND version > 0", [stream]
        )
        return next(((version, bytes(digest)) for version, digest in rows), None)

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the newest version of each of these streams that has an event."""
        return dict(self.select_in("SELECT stream, version FROM heads WHERE stream", streams))

    def newest_instant(self) -> str | None:
        """Return the newest recording instant (ISO text), or None if the log is empty."""
        newest: str | None = self._scalar("SELECT max(recorded_at) FROM heads WHERE version > 0")
        return newest

    def count_except_actors(self, actors: Sequence[str], after: str = "") -> int:
        """Return the number of events that others than some actors recorded after an instant."""
        marks = ", ".join("?" * len(actors))
        sql = f"SELECT count(*) FROM events WHERE recorded_at > ? AND actor NOT IN ({marks})"
        return int(self._scalar(sql, [after, *actors]))

    def event_ids(self, streams: Sequence[str]) -> set[tuple[str, str]]:
        """Return the (stream, event id) pairs of all events of some streams."""
        return set(self.select_in("SELECT stream, event_id FROM events WHERE stream", streams))

    def events_under(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], RecordedEvent]:
        """Return the events with (stream, event id) pairs, by pair, where there is one."""
        rows = self.select_pairs(f"SELECT {COLUMNS} FROM events WHERE (stream, event_id)", pairs)
        return {(event.stream, event.event_id): event for event in map(event_from_row, rows)}

    def has_event(self, stream: str, event_id: str) -> bool:
        """Return whether a stream has an event of exactly this id."""
        sql = "SELECT 1 FROM events WHERE stream = ? AND event_id = ? LIMIT 1"
        return bool(self.rows(sql, [stream, event_id]))

    def settled_position(self) -> int:
        """Return the position below which no event will be added: later commits are above it."""
        if not self.postgres:
            return int(self._scalar("SELECT max(position) FROM events") or 0) + 1
        return (
            int(
                self._scalar(
                    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                    " - first_transaction + first_ordinal"
                    " FROM position_eras ORDER BY era DESC LIMIT 1"
                )
            )
            << POSITION_BITS
        )

    def each_page(self, after: int, size: int = 1000) -> Iterator[list[RecordedEvent]]:
        """Yield the settled events after a position, page by page, in order of position."""
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
