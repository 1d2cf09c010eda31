"""The append-only event store on SQLAlchemy Core, for SQLite and PostgreSQL.

One write transaction holds the whole loop: lock the heads of its streams, read, decide, append,
project, commit. A stream's next event is at version + 1 of its head; ``position`` orders the whole
log without gaps for a follower (docs/decisions/0003-positions.md). Hot statements are driver tuples
(docs/decisions/0015-sqlalchemy-core.md).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from events.event import PendingEvent, RecordedEvent, canonical, commitment, text_places
from events.log import chain
from events.log.reader import COLUMNS, Reader
from events.periods import instant_text
from events.refusals.errors import CorruptError, Refused, WrongExpectedVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

POSITION_BITS = 20
XIDS = 1 << 32
"""Transaction ids beside rows have 32 bits and begin again."""
SALT_BYTES = 16
INSERT_EVENT = f"INSERT INTO events ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
INSERT_TEXT = "INSERT INTO texts (stream, version, field, salt, value) VALUES (?, ?, ?, ?, ?)"
RANGE = (
    "SELECT pg_current_xact_id()::text::bigint, first_ordinal - first_transaction"
    " FROM position_eras ORDER BY era DESC LIMIT 1"
)
"""On PostgreSQL the id of this transaction, and what makes a position of it.

Source: docs/decisions/0003-positions.md.
"""
LOCKED_HEAD_COLUMNS = {
    "sqlite": "h.version, h.hash, h.recorded_at, 0, 0, 0",
    "postgresql": (
        "h.version, h.hash, h.recorded_at, h.xmin::text::bigint,"
        " pg_current_xact_id()::text::bigint, (SELECT first_ordinal - first_transaction"
        " FROM position_eras ORDER BY era DESC LIMIT 1)"
    ),
}
"""What ``Append.adopt_head`` wants of a head ``h``, by the name of the database."""
COPY_FROM = 64
"""From this many rows on PostgreSQL takes them by COPY instead of one statement a row."""


class ReadModelWriter(Protocol):
    """What follows an append in its own transaction; handed in from the floor above."""

    def __call__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        """Write the rows that follow from the events, by the reader of their transaction."""


@dataclass(slots=True)
class StreamHead:
    """Where a stream stands: version 0 for one that has no event yet."""

    version: int
    hash: bytes
    recorded_at: str
    writer: int = 0
    """On PostgreSQL the last 32 bits of the id of the transaction that wrote it."""


class Append(Reader):
    """One open write transaction on the log. Not shared between threads."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], datetime],
        projector: ReadModelWriter | None,
    ) -> None:
        """Wrap an open connection; ``clock`` is read after heads are locked."""
        super().__init__(connection)
        self.heads: dict[str, StreamHead] = {}
        self._clock = clock
        self._projector = projector
        self._next_position: int | None = None
        self._transaction = 0
        self._shift = 0
        self.whole = True
        """False once an append failed: the transaction must not be committed any more."""

    def lock(self, streams: Sequence[str]) -> None:
        """Lock the heads of streams, in sorted order, and learn where they stand.

        On SQLite the whole database is already this transaction's to write.
        """
        wanted = sorted(set(streams) - self.heads.keys())
        if not wanted:
            return
        found = self._read_heads(wanted)
        if self.postgres and len(found) < len(wanted):
            missing = [name for name in wanted if name not in found]
            self._many(
                "INSERT INTO heads (stream, version, hash, recorded_at) VALUES (?, 0, ?, '')"
                " ON CONFLICT DO NOTHING",
                [(name, chain.genesis(name)) for name in missing],
            )
            found |= self._read_heads(missing)
        for name in wanted:
            self.heads[name] = found.get(name) or StreamHead(0, chain.genesis(name), "")

    def adopt_head(self, stream: str, row: Sequence[Any]) -> None:
        """Take over a head that the caller's own statement read and locked: ``LOCKED`` of it."""
        version, digest, recorded_at, writer, *transaction = row
        self.heads[stream] = StreamHead(version, bytes(digest), recorded_at, writer)
        if self.postgres and not self._transaction:
            self._transaction, self._shift = transaction

    def _head_sql(self, test: str) -> str:
        writer = "xmin::text::bigint" if self.postgres else "0"
        return f"SELECT stream, version, hash, recorded_at, {writer} FROM heads WHERE stream {test}"

    def _read_heads(self, streams: list[str]) -> dict[str, StreamHead]:
        suffix = " ORDER BY stream FOR UPDATE" if self.postgres else ""
        rows = self.select_in(self._head_sql(""), streams, suffix)
        return {
            stream: StreamHead(version, bytes(digest), recorded_at, writer)
            for stream, version, digest, recorded_at, writer in rows
        }

    def lock_shared(self, stream: str) -> None:
        """Hold a stream's head as it stands, beside others who do; ``lock`` waits for all of them.

        On SQLite the whole database is already this transaction's to write.
        """
        if self.postgres:
            self.rows("SELECT version FROM heads WHERE stream = ? FOR SHARE", [stream])

    def expect(self, stream: str, version: int) -> None:
        """Refuse with ``WrongExpectedVersion`` unless the stream stands at what a person saw."""
        self.lock([stream])
        if self.heads[stream].version != version:
            raise WrongExpectedVersion(stream, version, self.heads[stream].version)

    def append(self, pending: Sequence[PendingEvent]) -> list[RecordedEvent]:
        """Append events to their streams, in order, and project them; all or nothing.

        An identity that the stream already holds raises the database's unique violation: deciders
        look first (``known``), so that a repeat is an empty append and other content is refused.
        """
        if not pending:
            return []
        try:
            return self._append(pending)
        except BaseException:
            self.whole = False
            raise

    def _append(self, pending: Sequence[PendingEvent]) -> list[RecordedEvent]:
        self.lock([one.stream for one in pending])
        position = self._positions(sorted({one.stream for one in pending}), len(pending))
        now = instant_text(self._clock())
        events: list[tuple[Any, ...]] = []
        texts: list[tuple[Any, ...]] = []
        done: list[RecordedEvent] = []
        touched: dict[str, StreamHead] = {}
        for offset, one in enumerate(pending):
            head = self.heads[one.stream]
            head.recorded_at = max(head.recorded_at, now)
            head.version += 1
            row, event = self._row(one, head, position + offset, texts)
            events.append(row)
            done.append(event)
            touched[one.stream] = head
        if len(events) < COPY_FROM:
            with self.together():
                self._write(events, texts, touched, done)
        else:
            self._write(events, texts, touched, done)
        return done

    def _write(
        self,
        events: list[tuple[Any, ...]],
        texts: list[tuple[Any, ...]],
        touched: dict[str, StreamHead],
        done: Sequence[RecordedEvent],
    ) -> None:
        """The log's rows, then what the read models make of them."""
        self._insert(events, texts, touched)
        if self._projector is not None:
            self._projector(self, done)

    def _row(
        self, one: PendingEvent, head: StreamHead, position: int, texts: list[tuple[Any, ...]]
    ) -> tuple[tuple[Any, ...], RecordedEvent]:
        event, metadata = one.event, one.metadata
        data = event.data()
        if event.TEXTS:
            for place, holder, key in list(text_places(data, event.TEXTS)):
                salt = os.urandom(SALT_BYTES)
                texts.append((one.stream, head.version, place, salt, holder[key]))
                holder[key] = commitment(salt, holder[key])
        subject, occurred_on = event.subject(), event.happened_on()
        envelope: dict[str, Any] = {
            "actor": metadata.actor,
            "channel": metadata.channel,
            "correlation": metadata.correlation,
            "data": data,
            "id": one.event_id,
            "position": position,
            "recorded_at": head.recorded_at,
            "schema": event.SCHEMA,
            "stream": one.stream,
            "type": event.TYPE,
            "version": head.version,
        }
        if metadata.causation is not None:
            envelope["causation"] = metadata.causation
        if occurred_on is not None:
            envelope["occurred_on"] = occurred_on
        if one.recorded_on is not None:
            envelope["recorded_on"] = one.recorded_on
        if metadata.source is not None:
            envelope["source"] = metadata.source
        if subject is not None:
            envelope["subject"] = subject
        body = canonical(envelope, open_data=event.OPEN)
        head.hash = chain.link(head.hash, body)
        row = (
            one.stream, head.version, position, one.event_id, event.TYPE, subject, metadata.actor,
            metadata.channel, metadata.correlation, occurred_on, head.recorded_at,
            one.recorded_on, body, head.hash,
        )  # fmt: skip
        return row, RecordedEvent(
            one.stream, head.version, position, one.event_id, event.TYPE, data, metadata.actor,
            metadata.channel, metadata.correlation, head.recorded_at, one.recorded_on,
            occurred_on, subject, metadata.causation, metadata.source, head.hash, body,
        )  # fmt: skip

    def _positions(self, streams: Sequence[str], count: int) -> int:
        """The first of ``count`` free positions, above all of these streams.

        Source: docs/decisions/0003-positions.md.
        """
        if self.postgres:
            self._begin_range(streams)
        elif self._next_position is None:
            self._next_position = int(self._one("SELECT max(position) FROM events") or 0) + 1
        assert self._next_position is not None
        first = self._next_position
        self._next_position += count
        last = self._next_position - 1
        if self.postgres and last >> POSITION_BITS != first >> POSITION_BITS:
            message = "one transaction appends more than a million events"
            raise CorruptError(message)
        return first

    def _begin_range(self, streams: Sequence[str]) -> None:
        """Take the positions that belong to this transaction's id.

        Where a transaction that began later wrote one of the streams before this one had its lock,
        take those of a subtransaction, which begins now: its id is above all that came before.
        """
        if not self._transaction:
            self._transaction, self._shift = self.rows(RANGE)[0]
        began = self._transaction if self._next_position is not None else 0
        writers = [self.heads[stream].writer or self._transaction for stream in streams]
        if any(0 < (writer - self._transaction) % XIDS < XIDS // 2 for writer in writers):
            self._many("SAVEPOINT later", [()])
            sql = "UPDATE heads SET version = version WHERE stream = ? RETURNING xmin::text::bigint"
            self._transaction += (self._one(sql, streams[:1]) - self._transaction) % XIDS
        if self._transaction != began:
            self._next_position = (self._transaction + self._shift << POSITION_BITS) + 1

    def _insert(
        self,
        events: list[tuple[Any, ...]],
        texts: list[tuple[Any, ...]],
        touched: dict[str, StreamHead],
    ) -> None:
        if self.postgres and len(events) >= COPY_FROM:
            self._copy(f"COPY events ({COLUMNS}) FROM STDIN", events)
        else:
            self._many(INSERT_EVENT, events)
        if self.postgres and len(events) >= COPY_FROM:
            self._copy("COPY texts (stream, version, field, salt, value) FROM STDIN", texts)
        elif texts:
            self._many(INSERT_TEXT, texts)
        self._many(
            "INSERT INTO heads (stream, version, hash, recorded_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET version = excluded.version,"
            " hash = excluded.hash, recorded_at = excluded.recorded_at",
            [(name, head.version, head.hash, head.recorded_at) for name, head in touched.items()],
        )

    def known(self, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RecordedEvent]:
        """The events that already stand under (stream, event id), by that pair."""
        return self.events_under(identities)

    def texts_of(self, events: Sequence[RecordedEvent]) -> dict[tuple[str, int, str], str]:
        """The free texts that still stand for events, by (stream, version, field)."""
        return self.texts([(event.stream, event.version) for event in events])


class Store:
    """The event store: opens write and read transactions on one engine."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        projector: ReadModelWriter | None = None,
    ) -> None:
        """``projector`` writes the read models in every append's transaction."""
        self.engine = engine
        self.clock = clock
        self.projector = projector

    @contextmanager
    def append(self) -> Iterator[Append]:
        """A write transaction; it commits when the block ends, and rolls back when it raises."""
        with self.engine.connect() as connection, connection.begin():
            log = Append(connection, self.clock, self.projector)
            yield log
            if not log.whole:
                message = "an append failed, and its transaction went on all the same"
                raise CorruptError(message)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A read transaction: one snapshot, no lock that a writer would feel."""
        with (
            self.engine.connect().execution_options(read_only_transaction=True) as connection,
            connection.begin(),
        ):
            yield Reader(connection)


def same_content(
    event: RecordedEvent, candidate: PendingEvent, texts: dict[tuple[str, int, str], str]
) -> bool:
    """Whether a repeated identity brings the content that was first recorded under it.

    Free text is compared with the text that still stands; erased text cannot differ.
    """
    data = orjson.loads(orjson.dumps(candidate.event.data()))
    for place, holder, key in list(text_places(data, candidate.event.TEXTS)):
        kept = texts.get((event.stream, event.version, place))
        if kept is not None and kept != holder[key]:
            return False
        holder[key] = ""
    stored = orjson.loads(orjson.dumps(event.data))
    for _, holder, key in list(text_places(stored, candidate.event.TEXTS)):
        holder[key] = ""
    return (
        event.type == candidate.event.TYPE
        and stored == data
        and event.recorded_on == candidate.recorded_on
    )


def identity_conflict(identity: str) -> Refused:
    """The refusal of a used identity with other content."""
    return Refused("identity_conflict", identity=identity)
