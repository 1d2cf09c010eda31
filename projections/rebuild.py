"""Every read model refolded from the events, in parallel, beside live work; and held against them.

A range of streams is folded by the same projector as an append, into a database of its own in
memory, whose rows then replace those that stood, under the streams' locks. The ranges that are left
stand in ``rebuild_ranges``: a rebuild that was killed is taken up where it stopped, and every
stream has either its old rows or its new ones. ``compare`` folds the same way and writes nothing.
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
from projections.organizations.directory import LOCK, Directory, refold

EVENTS_IN_RANGE = 5_000
ROWS_AT_ONCE = 5_000
IN_MEMORY = ":memory:"
ON_DISK = ""
"""How SQLite calls a database of its own that it may put on disk, for one that may grow large."""
CHECKPOINTS = "checkpoints"
PER_STREAM_TABLES = tuple(table for model in PER_STREAM for table in model.tables)
STALE_TREE = f"{Directory.name}: %"

Range = tuple[str, str | None]
"""Streams after the first name up to the second; None is no bound."""

Rows = dict[str, list[tuple[Any, ...]]]
"""The rows of tables, by table."""


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """What a rebuild came to; ``stale`` streams have a fold that raises, see ``stale_streams``."""

    streams: int
    events: int
    seconds: float
    stale: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """A range folded afresh: the version of each stream that it was made from, and the rows."""

    streams: Range
    versions: dict[str, int]
    rows: Rows


def rebuild(
    engine: Engine,
    reopen: Callable[[], Engine] | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> RebuildResult:
    """Refold every read model; ``progress`` hears of the ranges done and all of them.

    One that was killed goes on with the ranges left. With ``reopen`` (importable by name) ranges
    are folded in several processes; on SQLite this one alone writes.
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
        stale = reader.rows("SELECT count(*) FROM checkpoints WHERE stale IS NOT NULL")[0][0]
    return RebuildResult(streams, events, perf_counter() - began, int(stale), resumed)


def compare(
    engine: Engine, reopen: Callable[[], Engine] | None = None, workers: int = 1
) -> list[str]:
    """The streams whose read-model rows differ from a fresh fold of their events, in order.

    Exact, row by row and value by value, each range in one snapshot, so that live work does not
    disturb it; a row of a stream that has no events is named too.
    """
    with _reading(engine) as reader:
        ranges = _ranges(reader)
    found = _compare_tree(engine, ranges)
    for streams in spread_tasks(compare_range, ranges, engine, reopen, workers):
        found.update(streams)
    return sorted(found)


class _Writer(Reader):
    """A write transaction on read models."""

    def insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Put whole rows into a table, by COPY on PostgreSQL."""
        columns = columns_of(table)
        names = ", ".join(columns)
        if self.postgres:
            self._copy(f"COPY {table} ({names}) FROM STDIN", rows)
        else:
            marks = ", ".join("?" * len(columns))
            self.write(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


# ranges
def _begin(engine: Engine) -> tuple[list[Range], bool]:
    """The ranges that are left; where none is, the tree is folded and all are planned anew."""
    with _writing(engine) as reader:
        left = reader.rows("SELECT after, until FROM rebuild_ranges ORDER BY after")
        if left:
            return [(after, until) for after, until in left], True
        _refold_tree(reader)
        ranges = _ranges(reader)
        reader.write("INSERT INTO rebuild_ranges (after, until) VALUES (?, ?)", list(ranges))
        return ranges, False


def _ranges(reader: Reader) -> list[Range]:
    """Ranges of some thousand events that cover every name, in the database's own order."""
    rows = reader.rows(
        "SELECT max(stream) FROM (SELECT stream, sum(version) OVER (ORDER BY stream) AS n"
        f" FROM heads) s GROUP BY n / {EVENTS_IN_RANGE} ORDER BY 1"
    )
    bounds: list[str | None] = ["", *(bound for (bound,) in rows[:-1]), None]
    return [(after or "", until) for after, until in pairwise(bounds)]


def _in_range(streams: Range) -> tuple[str, list[Any]]:
    after, until = streams
    if until is None:
        return "stream > ?", [after]
    return "stream > ? AND stream <= ?", [after, until]


# folding
def fold_range(engine: Engine, streams: Range) -> Fold:
    """Fold a range from one snapshot; runs in a process of its own."""
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
    """Fold streams in memory; one that is longer than a range's worth goes in pieces."""
    condition, values = _in_range(streams)
    project = Projector(models=PER_STREAM, zone=_zone(reader))
    sql = f"SELECT {COLUMNS} FROM events WHERE {condition} ORDER BY stream, version"
    result = reader.connection.exec_driver_sql(
        sql.replace("?", "%s") if reader.postgres else sql,
        tuple(values),
        execution_options={"stream_results": True, "max_row_buffer": ROWS_AT_ONCE},
    )
    with _no_collections(), scratch() as rows:
        for page in result.partitions(ROWS_AT_ONCE):
            project(rows, [event_from_row(row) for row in page if row[0] in versions])
        tables = (CHECKPOINTS, *PER_STREAM_TABLES)
        return Fold(streams, versions, {table: _all(rows, table) for table in tables})


@contextmanager
def _no_collections() -> Iterator[None]:
    """Folding makes very many small values and no circles: a third of its time is the collector."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _zone(reader: Reader) -> str:
    return Projector().zone(reader)


def _all(reader: Reader, table: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(columns_of(table))
    return [tuple(row) for row in reader.rows(f"SELECT {columns} FROM {table}")]


@contextmanager
def scratch(place: str = IN_MEMORY) -> Iterator[Reader]:
    """Empty read models in a database of its own, which is gone when the block ends."""
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place), poolclass=StaticPool
    )
    with engine.connect() as connection, connection.begin():
        create_read_models(connection)
        yield Reader(connection)
    engine.dispose()


@lru_cache(maxsize=64)
def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a read model's table, in the order in which it was created."""
    with scratch() as rows:
        return tuple(row[1] for row in rows.rows(f"PRAGMA table_info({table})"))


# writing
def refold_range(engine: Engine, streams: Range) -> Fold:
    """Fold and write a range under the locks of its streams; runs in a process of its own."""
    with _writing(engine) as reader:
        folded = _fold(reader, streams, _versions(reader, streams, " FOR UPDATE"))
        _replace(reader, folded)
    return Fold(streams, folded.versions, {})


def _write_fold(engine: Engine, folded: Fold) -> dict[str, int]:
    """Write what was folded; a range in which anything happened since is folded again here."""
    with _writing(engine) as reader:
        versions = _versions(reader, folded.streams)
        if versions != folded.versions:
            folded = _fold(reader, folded.streams, versions)
        _replace(reader, folded)
    return folded.versions


def _replace(reader: _Writer, folded: Fold) -> None:
    """Put the new rows in the place of the old ones, and strike the range off those left.

    What the tree's fold said of a stream stays; a row of a stream without events goes.
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
    """Fold the tree as a whole under the directory's lock, which every change of it takes."""
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
    """The tree folded afresh in a database that spills to disk, with what could not be folded."""
    with scratch(ON_DISK) as rows:
        yield rows, refold(reader, rows)


def _pages(reader: Reader, table: str) -> Iterator[list[tuple[Any, ...]]]:
    result = reader.connection.exec_driver_sql(
        f"SELECT {', '.join(columns_of(table))} FROM {table}"
    )
    for page in result.partitions(ROWS_AT_ONCE):
        yield [tuple(row) for row in page]


def _compare_tree(engine: Engine, ranges: Sequence[Range]) -> set[str]:
    found: set[str] = set()
    with _reading(engine) as reader, _tree(reader) as (rows, _stale):
        for streams in ranges:
            for table in Directory.tables:
                standing = _standing(reader, table, streams)
                names = sorted(_versions(reader, streams).keys() | {one[0] for one in standing})
                columns = ", ".join(columns_of(table))
                fresh = rows.select_in(f"SELECT stream, {columns} FROM {table} WHERE stream", names)
                found |= _different(standing, [tuple(row) for row in fresh])
    return found


# comparing
def compare_range(engine: Engine, streams: Range) -> set[str]:
    """The streams of a range whose rows are not those of a fresh fold, in one snapshot."""
    found: set[str] = set()
    with _reading(engine) as reader:
        folded = _fold(reader, streams, _versions(reader, streams))
        for table in PER_STREAM_TABLES:
            place = columns_of(table).index("stream")
            fresh = [(row[place], *row) for row in folded.rows[table]]
            found |= _different(_standing(reader, table, streams), fresh)
        stand = {row[0]: row[2] for row in _standing(reader, CHECKPOINTS, streams)}
        found |= {stream for stream in stand.keys() | folded.versions.keys()
                  if stand.get(stream) != folded.versions.get(stream)}  # fmt: skip
    return found


def _standing(reader: Reader, table: str, streams: Range) -> list[tuple[Any, ...]]:
    """The rows that stand, each with its stream first."""
    condition, values = _in_range(streams)
    columns = ", ".join(columns_of(table))
    rows = reader.rows(f"SELECT stream, {columns} FROM {table} WHERE {condition}", values)
    return [tuple(row) for row in rows]


def _different(standing: list[tuple[Any, ...]], fresh: list[tuple[Any, ...]]) -> set[str]:
    return {row[0] for row in set(standing) ^ set(fresh)}


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
