"""Rebuild read models from the events, in parallel and during live work, or compare them.

A range of streams is folded by the same projector as an append, into a separate in-memory database,
whose rows then replace the old ones under the streams' locks. The remaining ranges are stored in
``rebuild_ranges``: a rebuild that was killed resumes where it stopped, and every stream has either
its old rows or its new ones. ``compare`` folds the same way and writes nothing.
"""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from events.log import chain
from events.log.reader import COLUMNS, Reader, event_from_row
from events.log.workers import spread_tasks
from projections.catalog import PER_STREAM, VERSION, Projector, create_read_models
from projections.organizations.directory import LOCK, Directory
from projections.organizations.refold import refold_directory

EVENTS_IN_RANGE = 5_000
"""Events of a range, about: what one process folds in memory and writes under locks."""
ROWS_AT_ONCE = 5_000
IN_MEMORY = ":memory:"
ON_DISK = ""
"""The name of a temporary SQLite database that may spill to disk, for one that may be large."""
CHECKPOINTS = "checkpoints"
PER_STREAM_TABLES = tuple(table for model in PER_STREAM for table in model.tables)
STALE_TREE = f"{Directory.name}: %"
"""The pattern of faults that the fold of the tree left in checkpoints."""

Range = tuple[str, str | None]
"""Streams after the first name up to and including the second; None is no bound."""

Rows = dict[str, list[tuple[Any, ...]]]
"""The rows of tables, by table."""


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """What a rebuild did; ``stale`` counts the streams whose fold raises (see ``stale_streams``).

    ``resumed`` is whether it continued one that was killed.
    """

    streams: int
    events: int
    seconds: float
    stale: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """The rows of a range, folded again, and the version of each stream they are made from."""

    streams: Range
    versions: dict[str, int]
    rows: Rows


def rebuild(
    engine: Engine,
    reopen: Callable[[], Engine] | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> RebuildResult:
    """Rebuild every read model; ``progress`` is called with the ranges done, and all of them.

    A rebuild that was killed continues with the remaining ranges. With ``reopen`` (importable by
    name) ranges are folded in ``workers`` processes; on SQLite only this process writes.
    """
    began = perf_counter()
    ranges, resumed = _begin(engine)
    streams = events = 0
    postgres = engine.dialect.name == "postgresql"
    job = refold_range if postgres else fold_range
    for done, folded in enumerate(spread_tasks(job, ranges, engine, reopen, workers), start=1):
        versions = folded.versions if postgres else _write_fold(engine, folded)
        streams += len(versions)
        events += sum(versions.values())
        if progress is not None:
            progress(done, len(ranges))
    with _reading(engine) as reader:
        ((stale,),) = reader.rows("SELECT count(*) FROM checkpoints WHERE stale IS NOT NULL")
    return RebuildResult(streams, events, perf_counter() - began, int(stale), resumed)


def compare(
    engine: Engine, reopen: Callable[[], Engine] | None = None, workers: int = 1
) -> list[str]:
    """Return the streams whose read-model rows differ from a new fold of their events, sorted.

    Compares every value of every row, each range in one snapshot, so that live work does not
    disturb it. A stream that has rows but no events is included.
    """
    with _reading(engine) as reader:
        ranges = _ranges(reader)
    different = _compare_tree(engine, ranges)
    for streams in spread_tasks(compare_range, ranges, engine, reopen, workers):
        different.update(streams)
    return sorted(different)


class _Writer(Reader):
    """A write transaction on read models."""

    def insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Insert whole rows into a table, by COPY on PostgreSQL."""
        columns = columns_of(table)
        names = ", ".join(columns)
        if self.postgres:
            self._copy(f"COPY {table} ({names}) FROM STDIN", rows)
        else:
            marks = ", ".join("?" * len(columns))
            self.write(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


# ranges
def _begin(engine: Engine) -> tuple[list[Range], bool]:
    """Return the ranges to fold, and whether they are left from a rebuild that was killed.

    Without such, the tree is folded first and all ranges are planned.
    """
    with _writing(engine) as reader:
        remaining = reader.rows("SELECT after, until FROM rebuild_ranges ORDER BY after")
        if remaining:
            return [(after, until) for after, until in remaining], True
        _refold_tree(reader)
        ranges = _ranges(reader)
        reader.write("INSERT INTO rebuild_ranges (after, until) VALUES (?, ?)", list(ranges))
        return ranges, False


def _ranges(reader: Reader) -> list[Range]:
    """Return ranges of some thousand events that cover every name, in the database's order."""
    rows = reader.rows(
        "SELECT max(stream) FROM (SELECT stream, sum(version) OVER (ORDER BY stream) AS n"
        f" FROM heads) s GROUP BY n / {EVENTS_IN_RANGE} ORDER BY 1"
    )
    bounds: list[str | None] = ["", *(bound for (bound,) in rows[:-1]), None]
    return [(after or "", until) for after, until in pairwise(bounds)]


def _in_range(streams: Range) -> tuple[str, list[Any]]:
    """Return SQL condition and values of the streams in a range."""
    after, until = streams
    if until is None:
        return "stream > ?", [after]
    return "stream > ? AND stream <= ?", [after, until]


# folding
def fold_range(engine: Engine, streams: Range) -> Fold:
    """Fold a range from one snapshot; runs in a worker process."""
    with _reading(engine) as reader:
        return _fold(reader, streams, _versions(reader, streams))


def _versions(reader: Reader, streams: Range, suffix: str = "") -> dict[str, int]:
    condition, values = _in_range(streams)
    rows = reader.rows(
        f"SELECT stream, version FROM heads WHERE {condition} AND version > 0"
        f" ORDER BY stream{suffix}",
        values,
    )
    return dict(rows)


def _fold(reader: Reader, streams: Range, versions: dict[str, int]) -> Fold:
    """Fold streams in memory, page by page, so that a very long stream fits too."""
    condition, values = _in_range(streams)
    project = Projector(models=PER_STREAM, zone=Projector().zone(reader))
    sql = f"SELECT {COLUMNS} FROM events WHERE {condition} ORDER BY stream, version"
    result = reader.connection.exec_driver_sql(
        sql.replace("?", "%s") if reader.postgres else sql,
        tuple(values),
        execution_options={"stream_results": True, "max_row_buffer": ROWS_AT_ONCE},
    )
    with _no_collections(), scratch() as rows:
        for page in result.partitions(ROWS_AT_ONCE):
            events = [event_from_row(row) for row in page]
            project(rows, [event for event in events if event.stream in versions])
        tables = (CHECKPOINTS, *PER_STREAM_TABLES)
        return Fold(streams, versions, {table: _all(rows, table) for table in tables})


@contextmanager
def _no_collections() -> Iterator[None]:
    """Switch the garbage collector off.

    Folding makes very many small values and no cycles; the collector takes a third of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _all(reader: Reader, table: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(columns_of(table))
    return [tuple(row) for row in reader.rows(f"SELECT {columns} FROM {table}")]


@contextmanager
def scratch(place: str = IN_MEMORY) -> Iterator[Reader]:
    """Open empty read models in a temporary database, which is gone when the block ends."""
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place), poolclass=StaticPool
    )
    with engine.connect() as connection, connection.begin():
        create_read_models(connection)
        yield Reader(connection)
    engine.dispose()


@lru_cache(maxsize=64)
def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns of a read model's table, in the order of its definition."""
    with scratch() as rows:
        return tuple(name for _, name, *_ in rows.rows(f"PRAGMA table_info({table})"))


# writing
def refold_range(engine: Engine, streams: Range) -> Fold:
    """Fold and write a range under the locks of its streams; runs in a worker process."""
    with _writing(engine) as reader:
        folded = _fold(reader, streams, _versions(reader, streams, " FOR UPDATE"))
        _replace(reader, folded)
    return Fold(streams, folded.versions, {})


def _write_fold(engine: Engine, folded: Fold) -> dict[str, int]:
    """Write what was folded; fold the range again if it has new events since."""
    with _writing(engine) as reader:
        versions = _versions(reader, folded.streams)
        if versions != folded.versions:
            folded = _fold(reader, folded.streams, versions)
        _replace(reader, folded)
    return folded.versions


def _replace(reader: _Writer, folded: Fold) -> None:
    """Replace the old rows of a range by the new ones, and remove it from the remaining ranges.

    Faults of the tree's fold are kept in the checkpoints; rows of streams without events are
    deleted. On PostgreSQL only the locked streams are replaced: others may have begun since.
    """
    condition, values = _in_range(folded.streams)
    tree = reader.rows(
        f"SELECT stale, stream FROM checkpoints WHERE {condition} AND stale LIKE ?",
        [*values, STALE_TREE],
    )
    if reader.postgres:
        condition += (
            " AND (stream = ANY(?) OR NOT EXISTS"
            " (SELECT 1 FROM heads h WHERE h.stream = {table}.stream AND h.version > 0))"
        )
        values.append(list(folded.versions))
    for table, rows in folded.rows.items():
        reader.write(f"DELETE FROM {table} WHERE {condition.format(table=table)}", [tuple(values)])
        reader.insert(table, rows)
    reader.write(
        "UPDATE checkpoints SET stale = COALESCE(stale, ?) WHERE stream = ?",
        [tuple(row) for row in tree],
    )
    reader.write("DELETE FROM rebuild_ranges WHERE after = ?", [(folded.streams[0],)])


# the tree
def _refold_tree(reader: _Writer) -> None:
    """Fold the whole tree under the directory's lock, which every change of the tree takes."""
    if reader.postgres:
        reader.write(
            "INSERT INTO heads (stream, version, hash, recorded_at) VALUES (?, 0, ?, '')"
            " ON CONFLICT DO NOTHING",
            [(LOCK, chain.genesis(LOCK))],
        )
        reader.rows("SELECT version FROM heads WHERE stream = ? FOR UPDATE", [LOCK])
    with _tree(reader) as (rows, stale):
        for table in Directory.tables:
            reader.write(f"DELETE FROM {table} WHERE 1 = ?", [(1,)])
            for page in _pages(rows, table):
                reader.insert(table, page)
    reader.write("UPDATE checkpoints SET stale = NULL WHERE stale LIKE ?", [(STALE_TREE,)])
    reader.write(
        "INSERT INTO checkpoints (stream, version, fold, stale) VALUES (?, 0, ?, ?)"
        " ON CONFLICT (stream) DO UPDATE SET stale = excluded.stale",
        [(stream, VERSION, fault) for stream, fault in stale.items()],
    )


@contextmanager
def _tree(reader: Reader) -> Iterator[tuple[Reader, dict[str, str]]]:
    """Fold the tree in a temporary database on disk; yield it and the faults by stream."""
    with scratch(ON_DISK) as rows:
        yield rows, refold_directory(reader, rows)


def _pages(reader: Reader, table: str) -> Iterator[list[tuple[Any, ...]]]:
    result = reader.connection.exec_driver_sql(
        f"SELECT {', '.join(columns_of(table))} FROM {table}"
    )
    for page in result.partitions(ROWS_AT_ONCE):
        yield [tuple(row) for row in page]


def _compare_tree(engine: Engine, ranges: Sequence[Range]) -> set[str]:
    """Return the streams whose rows of the tree differ from a new fold."""
    different: set[str] = set()
    with _reading(engine) as reader, _tree(reader) as (rows, _stale):
        for streams in ranges:
            for table in Directory.tables:
                stored = _stored_rows(reader, table, streams)
                with_rows = {stream for stream, *_ in stored}
                names = sorted(_versions(reader, streams).keys() | with_rows)
                columns = ", ".join(columns_of(table))
                fresh = rows.select_in(f"SELECT stream, {columns} FROM {table} WHERE stream", names)
                different |= _different(stored, [tuple(row) for row in fresh])
    return different


# comparing
def compare_range(engine: Engine, streams: Range) -> set[str]:
    """Return the streams of a range whose rows differ from a new fold, in one snapshot."""
    different: set[str] = set()
    with _reading(engine) as reader:
        folded = _fold(reader, streams, _versions(reader, streams))
        for table in PER_STREAM_TABLES:
            place = columns_of(table).index("stream")
            fresh = [(row[place], *row) for row in folded.rows[table]]
            different |= _different(_stored_rows(reader, table, streams), fresh)
        condition, values = _in_range(streams)
        checkpoints = dict(
            reader.rows(f"SELECT stream, version FROM checkpoints WHERE {condition}", values)
        )
        different |= {
            stream
            for stream in checkpoints.keys() | folded.versions.keys()
            if checkpoints.get(stream) != folded.versions.get(stream)
        }
    return different


def _stored_rows(reader: Reader, table: str, streams: Range) -> list[tuple[Any, ...]]:
    """Return the stored rows of a range, each with its stream first."""
    condition, values = _in_range(streams)
    columns = ", ".join(columns_of(table))
    rows = reader.rows(f"SELECT stream, {columns} FROM {table} WHERE {condition}", values)
    return [tuple(row) for row in rows]


def _different(stored: list[tuple[Any, ...]], fresh: list[tuple[Any, ...]]) -> set[str]:
    """Return the streams (first values) of the rows that are not in both lists."""
    return {stream for stream, *_ in set(stored) ^ set(fresh)}


@contextmanager
def _reading(engine: Engine) -> Iterator[Reader]:
    with (
        engine.connect().execution_options(read_only_transaction=True) as connection,
        connection.begin(),
    ):
        yield Reader(connection)


@contextmanager
def _writing(engine: Engine) -> Iterator[_Writer]:
    with engine.connect() as connection, connection.begin():
        yield _Writer(connection)
