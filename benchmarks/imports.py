"""(b) Bulk import of a file compared with the peer, and (f) the raw insert as its limit."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy.engine import make_url

from benchmarks.district import Bench, as_file, record_lines
from benchmarks.measure import (
    Sizes,
    Table,
    format_figure,
    format_range,
    format_ratio,
    measure_seconds,
    median_ratio,
    take_turns,
)
from benchmarks.peer import Peer
from benchmarks.places import Place, check_durability, driver_durability, durability
from events.log.reader import COLUMNS
from events.streams.records import ActivityRecorded

OURS = "tracker: import_file, checked whole, decided, chained, projected"
PEER = "eventsourcing: save by pages of 2 000, then its projection event by event"
PEER_ONE = "eventsourcing: pages of 2 000, rows written inside save by a recorder of one's own"
RAW = "raw sqlite3 executemany of the same event rows, same unique keys, a commit a page"
PAGE = 2000
RAW_TABLE = (
    "CREATE TABLE events (stream text NOT NULL, version integer NOT NULL,"
    " position integer PRIMARY KEY, event_id text NOT NULL, type text NOT NULL, subject text,"
    " actor text NOT NULL, channel text NOT NULL, correlation text NOT NULL, occurred_on text,"
    " recorded_at text NOT NULL, recorded_on text, body blob NOT NULL, hash blob NOT NULL,"
    " UNIQUE (stream, version), UNIQUE (stream, event_id))"
)
RAW_INSERT = f"INSERT INTO events ({COLUMNS}) VALUES ({', '.join('?' * 14)})"


class Imports:
    """The contenders, each with a new database in every round."""

    def __init__(self, place: Place, sizes: Sizes) -> None:
        """Make the files; the peer's is shorter, because only its rate is compared."""
        self.place = place
        self.organizations = sizes.record_organizations
        self.payload = self._file(sizes.records)
        self.peer_payload = self._file(sizes.peer_records)
        self.counts = (sizes.records, sizes.peer_records)
        self.notes: dict[str, str] = {}
        self.rows: list[tuple[Any, ...]] = []

    def _file(self, records: int) -> bytes:
        return as_file(list(record_lines(0, self.organizations, records // self.organizations)))

    def ours(self) -> float:
        """Return the records per second of ``import_file``."""
        url = self.place.fresh()
        bench = Bench(url)
        bench.begin(self.organizations)
        recorded = 0

        def work() -> None:
            nonlocal recorded
            recorded = bench.take_bytes(self.payload)

        duration = measure_seconds(work)
        assert recorded == self.payload.count(b"\n")
        self.notes["tracker"] = check_durability("tracker", durability(bench.engine))
        if not self.rows:
            with bench.store.read() as reader:
                self.rows = [
                    tuple(row)
                    for row in reader.rows(
                        f"SELECT {COLUMNS} FROM events WHERE type = ? ORDER BY position",
                        [ActivityRecorded.TYPE],
                    )
                ]
        bench.dispose()
        self.place.drop(url)
        return recorded / duration

    def theirs(self, *, one_transaction: bool) -> float:
        """Return the records per second of the peer."""
        url = self.place.fresh()
        peer = Peer(url, one_transaction=one_transaction)
        peer.register(self.organizations)
        duration = measure_seconds(lambda: peer.take(self.peer_payload))
        count = self.peer_payload.count(b"\n")
        peer.check(count)
        self.notes["peer"] = check_durability("eventsourcing", peer.durability())
        peer.close()
        self.place.drop(url)
        return count / duration

    def raw(self) -> float:
        """Return the rows per second of the insert alone, always on SQLite."""
        folder = Place(self.place.folder)
        url = folder.fresh()
        database = make_url(url).database
        assert database is not None
        connection = sqlite3.connect(Path(database), isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(RAW_TABLE)

        def work() -> None:
            for start in range(0, len(self.rows), PAGE):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(RAW_INSERT, self.rows[start : start + PAGE])
                connection.execute("COMMIT")

        duration = measure_seconds(work)
        self.notes["raw"] = check_durability("raw sqlite3", driver_durability(connection))
        connection.close()
        folder.drop(url)
        return len(self.rows) / duration


def run(place: Place, sizes: Sizes) -> Table:
    """Measure the records per second of each contender in turn."""
    imports = Imports(place, sizes)
    contenders = {
        OURS: imports.ours,
        PEER: lambda: imports.theirs(one_transaction=False),
        PEER_ONE: lambda: imports.theirs(one_transaction=True),
        RAW: imports.raw,
    }
    imports.ours()
    results = take_turns(contenders, sizes.rounds, warm_up=False)
    rows = [
        (
            name,
            format_figure(median(figures)),
            format_range(figures),
            format_ratio(median_ratio(results[OURS], figures)),
        )
        for name, figures in results.items()
    ]
    ours, peers = imports.counts
    notes = [
        *imports.notes.values(),
        f"{ours:,} records over {imports.organizations:,} organizations; the peer {peers:,}",
    ]
    return Table(
        "b",
        f"Bulk import, and the raw insert (f), {place.kind}",
        ("contender", "records/s, median", "rounds", "tracker is faster by"),
        rows,
        notes,
    )
