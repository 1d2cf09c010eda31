"""The directory: every organization as it stands now, its codes, and the tree with its past.

The tree is the one read model that crosses streams: registering, moving, merging and closing lock
the head of ``directory`` first, so no two moves make a circle. ``closure`` holds (ancestor,
descendant, depth, from, to), both dates included, each organization its own ancestor at depth 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from events.organizations import (
    SUBJECT,
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.event import RecordedEvent
    from events.reading import Reader
    from projections.projection import Statement

LOCK = "directory"
"""The stream whose head is locked before the tree changes."""

UPSERT = (
    "INSERT INTO organizations (stream, code, name, category, parent, registered_on, closed_on,"
    " categories, merged_into) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET"
    " code = excluded.code, name = excluded.name, category = excluded.category,"
    " parent = excluded.parent, closed_on = excluded.closed_on,"
    " categories = excluded.categories, merged_into = excluded.merged_into"
)
COLUMNS = (
    "stream, code, name, category, parent, registered_on, closed_on, categories, merged_into"
)


@dataclass(slots=True)
class Entry:
    """One organization as it stands; ``parent`` is the parent's stream, dates are ISO texts."""

    stream: str
    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None = None
    categories: list[tuple[str, str]] = field(default_factory=list)
    merged_into: str | None = None

    def category_on(self, day: str) -> str:
        """The category on a date (ISO text)."""
        found = self.categories[0][1]
        for on, category in self.categories:
            if on <= day:
                found = category
        return found

    def alive(self, day: str) -> bool:
        """Whether an ISO date lies in its life, both ends included."""
        return self.registered_on <= day and (self.closed_on is None or day <= self.closed_on)

    def row(self) -> tuple[Any, ...]:
        """The row of the table."""
        return (
            self.stream, self.code, self.name, self.category, self.parent, self.registered_on,
            self.closed_on, orjson.dumps(self.categories).decode(), self.merged_into,
        )  # fmt: skip


def entry(row: Sequence[Any]) -> Entry:
    """An entry from its row."""
    categories = [(on, category) for on, category in orjson.loads(row[7])]
    return Entry(*row[:7], categories, row[8])


class Directory:
    """The read model behind every code that anybody types."""

    name = "directory"
    version = 1
    tables = ("organizations", "codes", "closure")
    create = (
        """CREATE TABLE IF NOT EXISTS organizations (stream text PRIMARY KEY, code text NOT NULL,
        name text NOT NULL, category text NOT NULL, parent text, registered_on text NOT NULL,
        closed_on text, categories text NOT NULL, merged_into text)""",
        "CREATE UNIQUE INDEX IF NOT EXISTS organizations_code ON organizations (code)",
        "CREATE INDEX IF NOT EXISTS organizations_parent ON organizations (parent)",
        "CREATE TABLE IF NOT EXISTS codes (code text PRIMARY KEY, stream text NOT NULL)",
        """CREATE TABLE IF NOT EXISTS closure (ancestor text NOT NULL, stream text NOT NULL,
        depth integer NOT NULL, from_on text NOT NULL, to_on text,
        PRIMARY KEY (stream, ancestor, from_on))""",
        "CREATE INDEX IF NOT EXISTS closure_ancestor ON closure (ancestor, stream)",
    )
    types = frozenset(
        one.TYPE
        for one in (
            OrganizationRegistered,
            OrganizationRenamed,
            OrganizationMoved,
            OrganizationRecategorized,
            OrganizationRecoded,
            OrganizationMerged,
            OrganizationClosed,
        )
    )

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """The rows after life events, which come in the order of the whole tree."""
        return _Draft(reader, events).fold(events)


class _Draft:
    """The part of the tree that a batch of events touches, folded in memory."""

    def __init__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        self.reader = reader
        named = {
            event.data[key] for event in events for key in ("parent", "into") if key in event.data
        }
        streams = {event.stream for event in events}
        self.entries = entries_of(reader, sorted(streams))
        self.codes = streams_of(reader, sorted(named))
        self.new_codes: list[tuple[str, str]] = []
        self.up: dict[str, list[tuple[str, int]]] = {}
        self.added: list[tuple[Any, ...]] = []
        self.statements: list[Statement] = []

    def fold(self, events: Sequence[RecordedEvent]) -> list[Statement]:
        touched: dict[str, Entry] = {}
        self._load_ancestors([self.codes[code] for code in self.codes])
        for event in events:
            if event.subject != SUBJECT:
                continue
            if event.type == OrganizationRegistered.TYPE:
                self._register(event)
            else:
                self._change(event)
            touched[event.stream] = self.entries[event.stream]
        return [
            (UPSERT, [one.row() for one in touched.values()]),
            (
                "INSERT INTO codes (code, stream) VALUES (?, ?) ON CONFLICT (code) DO NOTHING",
                self.new_codes,
            ),
            *self.statements,
            (
                "INSERT INTO closure (ancestor, stream, depth, from_on, to_on)"
                " VALUES (?, ?, ?, ?, ?)",
                self.added,
            ),
        ]

    def _register(self, event: RecordedEvent) -> None:
        data = event.data
        parent = self.codes[data["parent"]] if "parent" in data else None
        on = data["registered_on"]
        self.entries[event.stream] = Entry(
            event.stream, data["code"], data["name"], data["category"], parent, on,
            categories=[(on, data["category"])],
        )  # fmt: skip
        self.codes[data["code"]] = event.stream
        self.new_codes.append((data["code"], event.stream))
        chain = [(event.stream, 0)]
        if parent is not None:
            chain += [(ancestor, depth + 1) for ancestor, depth in self._ancestors(parent)]
        self.up[event.stream] = chain
        self.added += [(ancestor, event.stream, depth, on, None) for ancestor, depth in chain]

    def _change(self, event: RecordedEvent) -> None:
        one, data = self.entries[event.stream], event.data
        match event.type:
            case OrganizationRenamed.TYPE:
                one.name = data["name"]
            case OrganizationMoved.TYPE:
                one.parent = self.codes[data["parent"]]
                self._move(one, data["on"])
            case OrganizationRecategorized.TYPE:
                one.category = data["category"]
                one.categories.append((data["on"], data["category"]))
            case OrganizationRecoded.TYPE:
                one.code = data["code"]
                self.codes[data["code"]] = event.stream
                self.new_codes.append((data["code"], event.stream))
            case _:
                one.closed_on = data["on"]
                one.merged_into = self.codes.get(data["into"]) if "into" in data else None

    def _move(self, one: Entry, on: str) -> None:
        """Hang a subtree elsewhere from a date on; its inner rows stay as they are."""
        assert one.parent is not None
        self._flush()
        below = self.reader.rows(
            "SELECT stream, depth FROM closure WHERE ancestor = ? AND to_on IS NULL", [one.stream]
        )
        inside = {row[0] for row in below}
        rows = self.reader.select_in(
            "SELECT stream, ancestor, from_on FROM closure WHERE to_on IS NULL AND stream",
            sorted(inside),
        )
        left = [row for row in rows if row[1] not in inside]
        until = (date.fromisoformat(on) - timedelta(days=1)).isoformat()
        self._write(
            "DELETE FROM closure WHERE stream = ? AND ancestor = ? AND from_on = ?",
            [(stream, ancestor, start) for stream, ancestor, start in left if start >= on],
        )
        self._write(
            "UPDATE closure SET to_on = ? WHERE stream = ? AND ancestor = ? AND from_on = ?",
            [(until, stream, ancestor, start) for stream, ancestor, start in left if start < on],
        )
        above = self._ancestors(one.parent)
        self._write(
            "INSERT INTO closure (ancestor, stream, depth, from_on, to_on) VALUES (?, ?, ?, ?, ?)",
            [
                (ancestor, row[0], depth + 1 + row[1], on, None)
                for ancestor, depth in above
                for row in below
            ],
        )
        self.up.clear()

    def _flush(self) -> None:
        """A move reads the tree as it stands: what was added before it is written first."""
        self._write(
            "INSERT INTO closure (ancestor, stream, depth, from_on, to_on) VALUES (?, ?, ?, ?, ?)",
            self.added,
        )
        self.added = []

    def _write(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        self.reader.write(sql, rows)

    def _load_ancestors(self, streams: Sequence[str]) -> None:
        for stream, found in ancestors_of(self.reader, sorted(set(streams))).items():
            self.up[stream] = found

    def _ancestors(self, stream: str) -> list[tuple[str, int]]:
        if stream not in self.up:
            self._load_ancestors([stream])
        return self.up[stream]


def entries_of(reader: Reader, streams: Sequence[str]) -> dict[str, Entry]:
    """The entries of streams, by stream."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM organizations WHERE stream", streams)
    return {row[0]: entry(row) for row in rows}


def streams_of(reader: Reader, codes: Sequence[str]) -> dict[str, str]:
    """The streams that codes, old ones too, stand for; unknown codes are left out."""
    rows = reader.select_in("SELECT code, stream FROM codes WHERE code", codes)
    return {row[0]: row[1] for row in rows}


def find(reader: Reader, code: str) -> Entry | None:
    """The organization that bears or bore a code, or None."""
    streams = streams_of(reader, [code])
    return entries_of(reader, [streams[code]])[streams[code]] if streams else None


def ancestors_of(
    reader: Reader, streams: Sequence[str], day: str | None = None
) -> dict[str, list[tuple[str, int]]]:
    """The ancestors of streams with their depth (itself at 0), now or on a date."""
    when = "to_on IS NULL" if day is None else f"from_on <= '{_plain(day)}' AND {_until(day)}"
    rows = reader.select_in(
        f"SELECT stream, ancestor, depth FROM closure WHERE {when} AND stream", streams
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for stream, ancestor, depth in rows:
        found.setdefault(stream, []).append((ancestor, depth))
    for chain in found.values():
        chain.sort(key=lambda one: one[1])
    return found


def under(reader: Reader, ancestor: str, day: str) -> list[Entry]:
    """An organization and all under it on a date, ordered by code (UTF-8 bytes)."""
    rows = reader.rows(
        f"SELECT {_prefixed('o')} FROM closure c JOIN organizations o ON o.stream = c.stream"
        f" WHERE c.ancestor = ? AND c.from_on <= ? AND {_until(day, 'c.')}",
        [ancestor, day],
    )
    return _sorted(entry(row) for row in rows)


def everybody(reader: Reader) -> list[Entry]:
    """Every organization, ordered by code (UTF-8 bytes)."""
    return _sorted(entry(row) for row in reader.rows(f"SELECT {COLUMNS} FROM organizations"))


def roots(reader: Reader) -> list[Entry]:
    """The organizations without a parent, ordered by code: the scopes of cycles."""
    return _sorted(
        entry(row)
        for row in reader.rows(f"SELECT {COLUMNS} FROM organizations WHERE parent IS NULL")
    )


def scope_of(reader: Reader, stream: str, day: str) -> str:
    """The root above an organization on a date, as a stream."""
    chain = ancestors_of(reader, [stream], day).get(stream, [])
    return chain[-1][0] if chain else stream


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda one: one.code.encode())


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in COLUMNS.split(","))


def _plain(day: str) -> str:
    return date.fromisoformat(day).isoformat()


def _until(day: str, alias: str = "") -> str:
    return f"({alias}to_on IS NULL OR {alias}to_on >= '{_plain(day)}')"
