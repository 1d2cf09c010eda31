"""Verification of the log from its bytes: chains, columns, heads, texts, positions, seals.

Whatever can be computed is computed again: an event's hash is linked, its body serialized, and the
columns next to the body must equal it. Memory stays flat: streams are read in ranges, each range in
one snapshot, and several processes can share the ranges. A fault names columns, never their values.
This cannot detect a log that was rewritten as a whole, or truncated after its last seal: for these
a root must be kept outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import Engine

from events.event import commitment
from events.log import chain
from events.log.eras import brought_events
from events.log.reader import COLUMNS, Reader
from events.log.workers import spread_tasks
from events.proofs.verify_seals import check_seals

RANGE_STREAMS = 500
CHUNK = 1000
FAULTS_SHOWN = 1000
NAMES = tuple(name.strip() for name in COLUMNS.split(","))[:12]
KEYS = (
    "stream",
    "version",
    "position",
    "id",
    "type",
    "subject",
    "actor",
    "channel",
    "correlation",
    "occurred_on",
    "recorded_at",
    "recorded_on",
)
"""The keys of the envelope that the columns of ``NAMES`` repeat."""
ENVELOPE = frozenset({*KEYS, "data", "schema", "causation", "source"})
COMMITMENT = re.compile(rb'"sha256:[0-9a-f]{64}"')


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault at one event; version 0 is a stream or the log as a whole."""

    stream: str
    version: int
    fault: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was verified and its faults; ``erased`` free texts are gone, which is no fault."""

    events: int
    streams: int
    seals: int
    faults: list[Fault]
    erased: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


@dataclass(slots=True)
class RangeVerdict:
    """The verdict on one range of streams; ``count`` includes the faults that are not listed."""

    events: int = 0
    streams: int = 0
    erased: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, stream: Any, version: Any, fault: str) -> None:
        """Add a fault; beyond the first thousand they are only counted."""
        self.count += 1
        if len(self.faults) < FAULTS_SHOWN:
            name = stream if isinstance(stream, str) else repr(stream)
            plain = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            self.faults.append(Fault(plain, version if isinstance(version, int) else 0, fault))


Range = tuple[str | None, str | None]
"""Streams after the first name, up to and with the second; None is no bound."""


def verify_log(
    engine: Engine, reopen: Callable[[], Engine] | None = None, workers: int = 1
) -> Verdict:
    """Verify the whole log; with ``reopen`` (importable by name) in several processes."""
    whole = RangeVerdict()
    with _reading(engine) as reader:
        _check_whole(reader, whole)
        names = [name for (name,) in reader.rows(_BOUNDS, [RANGE_STREAMS] * 2)]
    bounds = [None, *(name for name in names if _is_text(name)), None]
    ranges = list(pairwise(bounds))
    for part in spread_tasks(check_range, ranges, engine, reopen, workers):
        whole.events += part.events
        whole.streams += part.streams
        whole.erased += part.erased
        whole.count += part.count
        whole.faults += part.faults[: FAULTS_SHOWN - len(whole.faults)]
    with _reading(engine) as reader:
        seals = check_seals(reader, whole.add)
    whole.faults.sort(key=lambda fault: (fault.stream, fault.version))
    if whole.count > len(whole.faults):
        whole.faults.append(Fault("", 0, f"{whole.count - len(whole.faults)} more faults"))
    return Verdict(whole.events, whole.streams, seals, whole.faults, whole.erased)


_BOUNDS = (
    "SELECT stream FROM (SELECT stream, row_number() OVER (ORDER BY stream) AS n FROM heads) s"
    " WHERE n / CAST(? AS integer) * CAST(? AS integer) = n ORDER BY n"
)


def _is_text(name: Any) -> bool:
    return isinstance(name, str) and not any("\udc80" <= sign <= "\udcff" for sign in name)


@contextmanager
def _reading(engine: Engine) -> Iterator[Reader]:
    """Open one snapshot; on SQLite, bytes that are not UTF-8 are read too, not an error."""
    with (
        engine.connect().execution_options(read_only_transaction=True) as connection,
        connection.begin(),
    ):
        reader = Reader(connection)
        if reader.postgres:
            yield reader
            return
        driver: Any = connection.connection.driver_connection
        driver.text_factory = lambda read: read.decode("utf-8", "surrogateescape")
        try:
            yield reader
        finally:
            driver.text_factory = str


def _check_whole(reader: Reader, part: RangeVerdict) -> None:
    """Check what only the whole log shows: positions, and rows without a stream."""
    for table in ("events", "heads", "texts"):
        if reader.rows(f"SELECT 1 FROM {table} WHERE stream IS NULL LIMIT 1"):
            part.add("", 0, f"{table} holds a row without a stream")
    if reader.postgres:
        for (position,) in reader.rows(
            "SELECT position FROM events GROUP BY position HAVING count(*) > 1 LIMIT 100"
        ):
            part.add("", 0, f"position {position} is used twice")
        return
    brought = brought_events(reader)
    ((here,),) = reader.rows("SELECT count(*) FROM events WHERE position <= ?", [brought.newest])
    if here != brought.total:
        part.add("", 0, f"of {brought.total} events brought along there are {here}")
    count, first, last = reader.rows(
        "SELECT count(*), min(position), max(position) FROM events WHERE position > ?",
        [brought.newest],
    )[0]
    if count and (first, last) != (brought.newest + 1, brought.newest + count):
        expected = f"{brought.newest + 1} to {brought.newest + count}"
        part.add("", 0, f"positions are not {expected} without gaps: an event is missing")


def check_range(engine: Engine, streams: Range) -> RangeVerdict:
    """Verify the streams of one range: their events, heads and texts, in one snapshot."""
    part = RangeVerdict()
    with _reading(engine) as reader:
        heads = {stream: tuple(head) for stream, *head in _rows(reader, _HEADS, streams)}
        walk = _Walk(part, heads)
        done: tuple[Any, Any] | None = None
        result = reader.connection.execution_options(
            stream_results=True, max_row_buffer=CHUNK
        ).exec_driver_sql(*_statement(reader, _EVENTS, streams))
        for chunk in result.partitions(CHUNK):
            stream, version, *_ = chunk[-1]
            last = (stream, version)
            walk.texts = _texts(reader, streams, done, last)
            for row in chunk:
                walk.event(row)
            _orphans(part, walk.texts)
            done = last
        _orphans(part, _texts(reader, streams, done, None))
        walk.end()
    return part


_HEADS = "SELECT stream, version, hash, recorded_at FROM heads WHERE {range}"
_EVENTS = f"SELECT {COLUMNS} FROM events WHERE {{range}} ORDER BY stream, version"
_TEXTS = "SELECT stream, version, field, salt, value FROM texts WHERE {range}"


def _statement(reader: Reader, sql: str, streams: Range) -> tuple[str, tuple[Any, ...]]:
    after, until = streams
    bounds = [("stream > ?", after), ("stream <= ?", until)]
    given = [(text, value) for text, value in bounds if value is not None]
    sql = sql.format(range=" AND ".join(text for text, _ in given) or "1 = 1")
    return sql.replace("?", "%s") if reader.postgres else sql, tuple(value for _, value in given)


def _rows(reader: Reader, sql: str, streams: Range) -> Any:
    return reader.connection.exec_driver_sql(*_statement(reader, sql, streams)).fetchall()


Texts = dict[tuple[Any, Any], list[tuple[Any, Any, Any]]]


def _texts(
    reader: Reader, streams: Range, done: tuple[Any, Any] | None, last: tuple[Any, Any] | None
) -> Texts:
    """Return the texts of the events after ``done`` up to ``last``; None is no bound."""
    sql, values = _statement(reader, _TEXTS, streams)
    mark = "%s" if reader.postgres else "CAST(? AS TEXT)"
    place = "%s" if reader.postgres else "?"
    for sign, bound in ((">", done), ("<=", last)):
        if bound is not None:
            sql += f" AND (stream, version) {sign} ({mark}, {place})"
            name, version = bound
            if not reader.postgres and isinstance(name, str):
                name = name.encode("utf-8", "surrogateescape")
            values += (name, version)
    texts: Texts = {}
    rows = reader.connection.exec_driver_sql(sql, values).fetchall()
    for stream, version, field_, salt, value in rows:
        texts.setdefault((stream, version), []).append((field_, salt, value))
    return texts


def _orphans(part: RangeVerdict, texts: Texts) -> None:
    for stream, version in texts:
        part.add(stream, version, "there is a text without its event")


class _Walk:
    """Walks along the events of a range, stream by stream, version by version."""

    def __init__(self, part: RangeVerdict, heads: dict[Any, tuple[Any, ...]]) -> None:
        self.part = part
        self.heads = heads
        self.texts: Texts = {}
        self._stream: Any = None
        self._version = 0
        self._position = -1
        self._recorded_at = ""
        self._hash = b""

    def event(self, row: Any) -> None:
        """Check one event against its own bytes and the event before it."""
        stream, version, position, *_, recorded_at, _, body, digest = row
        if stream != self._stream:
            self._leave()
            self._enter(stream)
        self.part.events += 1
        if version != self._version + 1:
            fault = f"version {self._version + 1} is missing before it"
            self.part.add(stream, version, fault)
        if position <= self._position:
            self.part.add(stream, version, "its position is not above the one before")
        if not isinstance(recorded_at, str) or recorded_at < self._recorded_at:
            self.part.add(stream, version, "recorded_at goes back")
        if not isinstance(body, bytes):
            self.part.add(stream, version, "the body is not bytes")
            body = str(body).encode("utf-8", "surrogateescape")
        if chain.link(self._hash, body) != digest:
            self.part.add(stream, version, "the hash does not follow from the body and the chain")
        self._body(row, body)
        self._version = version if isinstance(version, int) else self._version + 1
        self._position = position
        self._recorded_at = str(recorded_at)
        self._hash = digest if isinstance(digest, bytes) else b""

    def _body(self, row: Any, body: bytes) -> None:
        stream, version, *_ = row
        try:
            envelope = orjson.loads(body)
            same = orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS) == body
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            envelope, same = None, False
        if not same or not isinstance(envelope, dict):
            self.part.add(stream, version, "the body is not in canonical form")
        if not isinstance(envelope, dict):
            return
        in_body = tuple(map(envelope.get, KEYS))
        if in_body != row[: len(KEYS)]:
            self._columns(in_body, row)
        if not envelope.keys() <= ENVELOPE or not isinstance(envelope.get("data"), dict):
            self.part.add(stream, version, "the body is not an envelope of an event")
            return
        self._texts(envelope, stream, version, body)

    def _columns(self, in_body: tuple[Any, ...], row: Any) -> None:
        stream, version, *_ = row
        for name, expected, actual in zip(NAMES, in_body, row, strict=False):
            if expected != actual:
                self.part.add(stream, version, f"column {name} does not equal the body")

    def _texts(self, envelope: dict[str, Any], stream: Any, version: Any, body: bytes) -> None:
        """Check the texts that exist for an event; the others were erased."""
        self.part.erased += len(COMMITMENT.findall(body))
        source = envelope.get("source")
        if isinstance(source, str) and COMMITMENT.fullmatch(f'"{source}"'.encode()):
            self.part.erased -= 1
        for name, salt, value in self.texts.pop((stream, version), ()):
            self.part.erased -= 1
            if not _is_committed(envelope["data"], name, salt, value):
                self.part.add(stream, version, "a text does not equal its commitment")

    def _enter(self, stream: Any) -> None:
        self.part.streams += 1
        self._stream, self._version, self._position, self._recorded_at = stream, 0, -1, ""
        name = stream if isinstance(stream, str) else repr(stream)
        self._hash = chain.genesis(
            name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        )

    def _leave(self) -> None:
        if self._stream is None:
            return
        head = self.heads.pop(self._stream, None)
        if head is None:
            self.part.add(self._stream, self._version, "the stream has no head")
            return
        last = (self._version, self._hash, self._recorded_at)
        names = ("version", "hash", "recorded_at")
        for name, of_head, of_event in zip(names, head, last, strict=True):
            if of_head != of_event:
                fault = f"{name} of the head does not equal the last event"
                self.part.add(self._stream, self._version, fault)

    def end(self) -> None:
        """Check the last stream's head; heads that are left over have no events."""
        self._leave()
        for stream, head in self.heads.items():
            if not (_is_text(stream) and head == (0, chain.genesis(stream), "")):
                self.part.add(stream, 0, "there is a head without events")


def _is_committed(data: Any, place: Any, salt: Any, value: Any) -> bool:
    """Return whether the event has the commitment to a text at this place."""
    node = data
    try:
        for step in place.split("."):
            node = node[int(step)] if isinstance(node, list) else node[step]
        return bool(node == commitment(salt, value))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return False
