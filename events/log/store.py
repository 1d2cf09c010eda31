"""The append-only event store on SQLAlchemy Core, for SQLite and PostgreSQL.

One write transaction contains the whole loop: lock the heads of its streams, read, decide, append,
project, commit. A stream's next event has its head's version + 1; ``position`` orders the whole log
(docs/decisions/0003-positions.md). Hot statements use the driver and tuples
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
from events.log.reader import COLUMNS, POSITION_BITS, Reader
from events.periods import instant_text
from events.refusals.errors import CorruptError, Refused, WrongExpectedVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

XIDS = 1 << 32
"""The transaction id in a row (``xmin``) has only the last 32 bits, which wrap around."""
SALT_BYTES = 16
INSERT_EVENT = f"INSERT INTO events ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
INSERT_TEXT = "INSERT INTO texts (stream, version, field, salt, value) VALUES (?, ?, ?, ?, ?)"
TRANSACTION = (
    "SELECT pg_current_xact_id()::text::bigint, first_ordinal - first_transaction"
    " FROM position_eras ORDER BY era DESC LIMIT 1"
)
"""On PostgreSQL the id of this transaction, and the number to add to get its ordinal.

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
"""The columns of a head ``h`` that ``Append.adopt_head`` needs, by the name of the database."""
COPY_FROM = 64
"""From this many rows on, COPY is faster on PostgreSQL than one statement per row."""


class ReadModelWriter(Protocol):
    """Updates the read models in the transaction of an append; ``projections`` provides it."""

    def __call__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        """Write the rows that follow from the events, in the transaction of ``reader``."""


@dataclass(slots=True)
class StreamHead:
    """The newest version, hash and time of a stream; version 0 if it has no event yet."""

    version: int
    hash: bytes
    recorded_at: str
    writer: int = 0
    """On PostgreSQL the last 32 bits of the id of the transaction that wrote the head."""


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
        self._era_offset = 0
        self.has_failed = False
        """True after an append failed: the transaction must not be committed."""

    def lock(self, streams: Sequence[str]) -> None:
        """Lock the heads of streams and read them into ``heads``.

        They are locked in sorted order, so that two transactions cannot deadlock. On SQLite this
        transaction has already locked the whole database.
        """
        wanted = sorted(set(streams) - self.heads.keys())
        if not wanted:
            return
        heads = self._read_heads(wanted)
        if self.postgres and len(heads) < len(wanted):
            # a head that does not exist cannot be locked: create it, then lock it
            missing = [name for name in wanted if name not in heads]
            self.write(
                "INSERT INTO heads (stream, version, hash, recorded_at) VALUES (?, 0, ?, '')"
                " ON CONFLICT DO NOTHING",
                [(name, chain.genesis(name)) for name in missing],
            )
            heads |= self._read_heads(missing)
        for name in wanted:
            self.heads[name] = heads.get(name) or StreamHead(0, chain.genesis(name), "")

    def adopt_head(self, stream: str, row: Sequence[Any]) -> None:
        """Use a head that the caller's statement read (``LOCKED_HEAD_COLUMNS``) and locked."""
        version, digest, recorded_at, writer, *transaction = row
        self.heads[stream] = StreamHead(version, bytes(digest), recorded_at, writer)
        if self.postgres and not self._transaction:
            self._transaction, self._era_offset = transaction

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
        """Lock a stream's head shared: others can too, and ``lock`` waits for all of them.

        On SQLite this transaction has already locked the whole database.
        """
        if self.postgres:
            self.rows("SELECT version FROM heads WHERE stream = ? FOR SHARE", [stream])

    def expect(self, stream: str, version: int) -> None:
        """Raise ``WrongExpectedVersion`` unless the stream has the version that a person saw."""
        self.lock([stream])
        if self.heads[stream].version != version:
            raise WrongExpectedVersion(stream, version, self.heads[stream].version)

    def append(self, pending: Sequence[PendingEvent]) -> list[RecordedEvent]:
        """Append events to their streams, in order, and update the read models; all or nothing.

        An event id that the stream already has raises the database's unique violation. Deciders
        look first (``known``): a repeat appends nothing, and other content is refused.
        """
        if not pending:
            return []
        try:
            return self._append(pending)
        except BaseException:
            self.has_failed = True
            raise

    def _append(self, pending: Sequence[PendingEvent]) -> list[RecordedEvent]:
        self.lock([event.stream for event in pending])
        streams = sorted({event.stream for event in pending})
        position = self._take_positions(streams, len(pending))
        now = instant_text(self._clock())
        events: list[tuple[Any, ...]] = []
        texts: list[tuple[Any, ...]] = []
        done: list[RecordedEvent] = []
        touched: dict[str, StreamHead] = {}
        for offset, new in enumerate(pending):
            head = self.heads[new.stream]
            # a clock that was set back must not make the stream's times go back
            head.recorded_at = max(head.recorded_at, now)
            head.version += 1
            row, event = self._make_row(new, head, position + offset, texts)
            events.append(row)
            done.append(event)
            touched[new.stream] = head
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
        """Write the log's rows, then the read models."""
        self._insert(events, texts, touched)
        if self._projector is not None:
            self._projector(self, done)

    def _make_row(
        self, new: PendingEvent, head: StreamHead, position: int, texts: list[tuple[Any, ...]]
    ) -> tuple[tuple[Any, ...], RecordedEvent]:
        """Return an event's row and the event; link ``head`` to it and add its ``texts``."""
        event, metadata = new.event, new.metadata
        data = event.data()
        if event.TEXTS:
            for place, holder, key in list(text_places(data, event.TEXTS)):
                salt = os.urandom(SALT_BYTES)
                texts.append((new.stream, head.version, place, salt, holder[key]))
                holder[key] = commitment(salt, holder[key])
        subject, occurred_on = event.subject(), event.happened_on()
        envelope: dict[str, Any] = {
            "actor": metadata.actor,
            "channel": metadata.channel,
            "correlation": metadata.correlation,
            "data": data,
            "id": new.event_id,
            "position": position,
            "recorded_at": head.recorded_at,
            "schema": event.SCHEMA,
            "stream": new.stream,
            "type": event.TYPE,
            "version": head.version,
        }
        if metadata.causation is not None:
            envelope["causation"] = metadata.causation
        if occurred_on is not None:
            envelope["occurred_on"] = occurred_on
        if new.recorded_on is not None:
            envelope["recorded_on"] = new.recorded_on
        if metadata.source is not None:
            envelope["source"] = metadata.source
        if subject is not None:
            envelope["subject"] = subject
        body = canonical(envelope, open_data=event.OPEN)
        head.hash = chain.link(head.hash, body)
        row = (
            new.stream, head.version, position, new.event_id, event.TYPE, subject, metadata.actor,
            metadata.channel, metadata.correlation, occurred_on, head.recorded_at,
            new.recorded_on, body, head.hash,
        )  # fmt: skip
        return row, RecordedEvent(
            new.stream, head.version, position, new.event_id, event.TYPE, data, metadata.actor,
            metadata.channel, metadata.correlation, head.recorded_at, new.recorded_on,
            occurred_on, subject, metadata.causation, metadata.source, head.hash, body,
        )  # fmt: skip

    def _take_positions(self, streams: Sequence[str], count: int) -> int:
        """Take ``count`` positions above all of these streams, and return the first.

        Source: docs/decisions/0003-positions.md.
        """
        if self.postgres:
            self._begin_range(streams)
        elif self._next_position is None:
            self._next_position = int(self._scalar("SELECT max(position) FROM events") or 0) + 1
        assert self._next_position is not None
        first = self._next_position
        self._next_position += count
        last = self._next_position - 1
        if self.postgres and last >> POSITION_BITS != first >> POSITION_BITS:
            message = "one transaction appends more than a million events"
            raise CorruptError(message)
        return first

    def _begin_range(self, streams: Sequence[str]) -> None:
        """Begin the range of positions that belongs to this transaction's id.

        If a transaction that began later wrote one of the streams while this one waited for the
        lock, use the id of a subtransaction that begins now: it is above all ids before it.
        """
        if not self._transaction:
            self._transaction, self._era_offset = self.rows(TRANSACTION)[0]
        began = self._transaction if self._next_position is not None else 0
        writers = [self.heads[stream].writer or self._transaction for stream in streams]
        # ids wrap around: a later one is less than half of all ids ahead
        if any(0 < (writer - self._transaction) % XIDS < XIDS // 2 for writer in writers):
            self.write("SAVEPOINT later", [()])
            sql = "UPDATE heads SET version = version WHERE stream = ? RETURNING xmin::text::bigint"
            self._transaction += (self._scalar(sql, streams[:1]) - self._transaction) % XIDS
        if self._transaction != began:
            self._next_position = (self._transaction + self._era_offset << POSITION_BITS) + 1

    def _insert(
        self,
        events: list[tuple[Any, ...]],
        texts: list[tuple[Any, ...]],
        touched: dict[str, StreamHead],
    ) -> None:
        if self.postgres and len(events) >= COPY_FROM:
            self._copy(f"COPY events ({COLUMNS}) FROM STDIN", events)
        else:
            self.write(INSERT_EVENT, events)
        if self.postgres and len(events) >= COPY_FROM:
            self._copy("COPY texts (stream, version, field, salt, value) FROM STDIN", texts)
        elif texts:
            self.write(INSERT_TEXT, texts)
        self.write(
            "INSERT INTO heads (stream, version, hash, recorded_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET version = excluded.version,"
            " hash = excluded.hash, recorded_at = excluded.recorded_at",
            [(name, head.version, head.hash, head.recorded_at) for name, head in touched.items()],
        )

    def known(self, identities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RecordedEvent]:
        """Return the events that exist already under (stream, event id), by that pair."""
        return self.events_under(identities)

    def texts_of(self, events: Sequence[RecordedEvent]) -> dict[tuple[str, int, str], str]:
        """Return the texts that still exist for events, by (stream, version, field)."""
        return self.texts([(event.stream, event.version) for event in events])


class Store:
    """The event store: opens write and read transactions on one engine."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        projector: ReadModelWriter | None = None,
    ) -> None:
        """Keep the engine, the clock, and the writer of the read models."""
        self.engine = engine
        self.clock = clock
        self.projector = projector

    @contextmanager
    def append(self) -> Iterator[Append]:
        """Open a write transaction; it commits after the block, or rolls back if that raises."""
        with self.engine.connect() as connection, connection.begin():
            log = Append(connection, self.clock, self.projector)
            yield log
            if log.has_failed:
                message = "an append failed, and its transaction went on all the same"
                raise CorruptError(message)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Open a read transaction: one snapshot, without a lock that a writer waits for."""
        with (
            self.engine.connect().execution_options(read_only_transaction=True) as connection,
            connection.begin(),
        ):
            yield Reader(connection)


def same_content(
    event: RecordedEvent, candidate: PendingEvent, texts: dict[tuple[str, int, str], str]
) -> bool:
    """Return whether a repeated event has the content that was first recorded under its id.

    Free text is compared with the text that still exists; erased text counts as equal.
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
    """Return the refusal of an identity that was used for other content."""
    return Refused("identity_conflict", identity=identity)
