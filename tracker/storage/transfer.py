"""A district copied from one database into another, SQLite or PostgreSQL, and compared afterwards.

Events and their texts are copied in transactions of some thousand, in order of position, so that a
copy which was stopped goes on where it stopped. All other durable tables are small; they are
replaced together in one transaction. Read models are folded again. Until all of it is verified, the
target has a table by which every other command refuses it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from events.log.eras import begin_era
from events.log.reader import COLUMNS, Reader
from events.log.store import Store
from events.proofs.verify import verify_log
from events.refusals.errors import Refused
from events.streams.districts import STREAM as DISTRICT
from projections.catalog import CATALOG
from projections.rebuild import compare, rebuild
from tracker.storage.database import (
    UNFINISHED_COPY,
    database_name,
    migrate,
    read_schema,
    require_database,
)
from tracker.storage.versions import newest_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    Progress = Callable[[str, int, int], None]
    """Receives the step, the amount done and the total."""

CHUNK = 2_000
"""Events of one transaction of the copy."""
ROWS_AT_ONCE = 5_000
TEXTS = ("stream", "version", "field", "salt", "value")
IN_CHUNKS = frozenset({"events", "texts"})
"""The tables that are copied in chunks; the others are replaced as a whole."""
NOT_COPIED = frozenset({
    "alembic_version", "position_eras", "leases", UNFINISHED_COPY, "checkpoints", "rebuild_ranges",
    *(table for model in CATALOG for table in model.tables),
})  # fmt: skip
"""Tables of one database alone, leases of running processes, and read models."""
ROWS_COPIED = {"heads": "version > 0"}
"""The condition of the rows that count: a head without events is only a lock."""
PARTITION = re.compile(r"events_\d+")


@dataclass(frozen=True, slots=True)
class TableContent:
    """The number of a table's rows, and a digest over them in any order."""

    rows: int
    digest: int


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The result of a copy: ``rows`` by table, and what the verification of the target found.

    ``changed`` is False where the target was the whole copy already. ``faults`` are of the log, as
    (stream, version, fault); ``unfolded`` are the streams whose read models differ from a refold.
    """

    changed: bool
    rows: dict[str, int]
    events: int
    streams: int
    seals: int
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    unfolded: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the target is the same district and nothing is wrong with it."""
        return not (self.faults or self.unfolded)


class _Writer(Reader):
    """A write transaction on the target."""

    def insert(self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        """Insert rows, by COPY on PostgreSQL."""
        names = ", ".join(columns)
        if self.postgres:
            self._copy(f"COPY {table} ({names}) FROM STDIN", rows)
        else:
            self.write(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows
            )


@dataclass
class Transfer:
    """The copy of one database into another; both engines are open.

    ``reopen`` opens the target again in worker processes, and must be picklable.
    """

    source: Engine
    target: Engine
    clock: Callable[[], datetime]
    reopen: Callable[[], Engine] | None = None
    workers: int = 1
    progress: Progress = lambda _step, _done, _total: None

    @cached_property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The durable tables that are copied, with their columns."""
        return durable_tables(self.source)

    def run(self) -> TransferResult:
        """Copy what is missing, fold the read models, verify.

        ``Refused`` where the source is missing or older than the program, where the target has
        anything else in it, and where the source was changed meanwhile: repeated, it goes on.
        """
        self._require_source()
        if not self._begin():
            return self._whole_copy()
        with Store(self.source, self.clock).read() as reader:
            self._copy_events(reader)
            self._replace_others(reader)
            before = self._contents(reader)
        rebuild(self.target, self.reopen, self.workers, lambda *of: self.progress("rebuild", *of))
        with Store(self.source, self.clock).read() as reader:
            if self._contents(reader) != before:
                raise Refused("copy_moved_on", source=database_name(self.source))
        self._require_same(before)
        result = self._verify(before)
        if result.ok:
            with self.target.begin() as connection:
                connection.exec_driver_sql(f"DROP TABLE {UNFINISHED_COPY}")
        return result

    def _require_source(self) -> None:
        require_database(self.source.url.render_as_string(hide_password=False), self.source)
        schema = read_schema(self.source)
        if schema != newest_schema():
            raise Refused("copy_source_old", source=database_name(self.source), schema=schema,
                          known=newest_schema())  # fmt: skip

    def _begin(self) -> bool:
        """Prepare an empty target; return False where it is the whole copy already.

        ``Refused`` where the target has anything else in it.
        """
        with self.target.connect() as connection:
            names = _table_names(connection)
            if UNFINISHED_COPY in names:
                rows = connection.exec_driver_sql(f"SELECT source FROM {UNFINISHED_COPY}")
                if rows.scalar() == self._district():
                    return True
                raise self._foreign()
            empty = "events" in names and not any(
                connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first()
                for table in durable_tables(self.target)
            )
        if names and not empty:
            with Store(self.source, self.clock).read() as reader:
                before = self._contents(reader)
            if "events" in names and self._target_contents() == before:
                return False
            raise self._foreign()
        migrate(self.target)
        with self.target.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE {UNFINISHED_COPY} (source text NOT NULL)")
            _Writer(connection).insert(UNFINISHED_COPY, ("source",), [(self._district(),)])
        return True

    def _foreign(self) -> Refused:
        return Refused(
            "copy_target_full",
            target=database_name(self.target),
            source=database_name(self.source),
        )

    def _district(self) -> str:
        """The hash of the event that began the district: no other district has it."""
        with Store(self.source, self.clock).read() as reader:
            events = reader.stream(DISTRICT, limit=1)
        if not events:
            raise Refused("no_district")
        return events[0].hash.hex()

    def _copy_events(self, reader: Reader) -> None:
        """Copy the events above the target's newest one, each transaction with its texts."""
        ((total,),) = reader.rows("SELECT count(*) FROM events")
        with Store(self.target, self.clock).read() as target:
            ((done, after),) = target.rows("SELECT count(*), max(position) FROM events")
        after = after or 0
        columns = tuple(COLUMNS.replace(" ", "").split(","))
        place = columns.index("position")
        while True:
            self.progress("events", done, total)
            events = reader.rows(
                f"SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?",
                [after, CHUNK],
            )
            if not events:
                return
            last = events[-1][place]
            texts = reader.rows(
                f"SELECT {', '.join(f't.{name}' for name in TEXTS)} FROM texts t JOIN events e"
                " ON e.stream = t.stream AND e.version = t.version"
                " WHERE e.position > ? AND e.position <= ?",
                [after, last],
            )
            with self.target.begin() as connection:
                writer = _Writer(connection)
                writer.insert("events", columns, [tuple(row) for row in events])
                writer.insert("texts", TEXTS, [tuple(row) for row in texts])
            after, done = last, done + len(events)

    def _replace_others(self, reader: Reader) -> None:
        """Replace all other tables in one transaction, and begin the target's era of positions.

        So are the texts, if some were erased in the source after they had been copied.
        """
        names = [name for name in self.tables if name not in IN_CHUNKS]
        with self.target.begin() as connection:
            writer = _Writer(connection)
            if _content(writer, "texts", TEXTS) != _content(reader, "texts", TEXTS):
                names.append("texts")
            # A rebuild that was stopped must not go on: its ranges may have more events now.
            for name in (*names, "rebuild_ranges"):
                writer.write(f"DELETE FROM {name} WHERE 1 = ?", [(1,)])
            for done, name in enumerate(names):
                self.progress("tables", done, len(names))
                for page in _pages(reader, name, self.tables[name]):
                    writer.insert(name, self.tables[name], page)
            begin_era(writer)
        self.progress("tables", len(names), len(names))

    def _contents(self, reader: Reader) -> dict[str, TableContent]:
        return {name: _content(reader, name, columns) for name, columns in self.tables.items()}

    def _target_contents(self) -> dict[str, TableContent]:
        with Store(self.target, self.clock).read() as reader:
            if durable_tables(self.target) != self.tables:
                return {}
            return self._contents(reader)

    def _require_same(self, before: dict[str, TableContent]) -> None:
        """Refuse a target whose tables differ from the source's in any value."""
        after = self._target_contents()
        for name, content in before.items():
            if after.get(name) != content:
                raise Refused(
                    "copy_differs",
                    target=database_name(self.target),
                    source=database_name(self.source),
                    problem=name,
                )

    def _whole_copy(self) -> TransferResult:
        contents = self._target_contents()
        return self._verify(contents, changed=False)

    def _verify(self, contents: dict[str, TableContent], *, changed: bool = True) -> TransferResult:
        """Verify the chains and seals of the target, and its read models where these are whole."""
        self.progress("verify", 0, 2)
        verdict = verify_log(self.target, self.reopen, self.workers)
        self.progress("verify", 1, 2)
        unfolded = compare(self.target, self.reopen, self.workers) if verdict.ok else []
        self.progress("verify", 2, 2)
        return TransferResult(
            changed,
            {name: content.rows for name, content in sorted(contents.items())},
            verdict.events,
            verdict.streams,
            verdict.seals,
            [(fault.stream, fault.version, fault.fault) for fault in verdict.faults],
            unfolded,
        )


def durable_tables(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Return the tables that no program can compute again, with their columns."""
    with engine.connect().execution_options(read_only_transaction=True) as connection:
        inspector = inspect(connection)
        return {
            name: tuple(sorted(column["name"] for column in inspector.get_columns(name)))
            for name in sorted(_table_names(connection) - NOT_COPIED)
        }


def _table_names(connection: Connection) -> set[str]:
    """Return the names of all tables, without the partitions of ``events``."""
    names = inspect(connection).get_table_names()
    return {name for name in names if not PARTITION.fullmatch(name)}


def _pages(reader: Reader, table: str, columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a table, without holding all of them in memory."""
    result = reader.connection.execution_options(
        stream_results=True, max_row_buffer=ROWS_AT_ONCE
    ).exec_driver_sql(
        f"SELECT {', '.join(columns)} FROM {table} WHERE {ROWS_COPIED.get(table, '1 = 1')}"
    )
    for page in result.partitions(ROWS_AT_ONCE):
        yield [tuple(row) for row in page]


def _content(reader: Reader, table: str, columns: tuple[str, ...]) -> TableContent:
    """Return the number of rows and the sum of their hashes: databases sort texts differently."""
    count = total = 0
    for page in _pages(reader, table, columns):
        count += len(page)
        for row in page:
            digest = hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16)
            total += int.from_bytes(digest.digest(), "big")
    return TableContent(count, total % (1 << 128))
