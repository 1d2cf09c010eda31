"""The directory: every organization as it is now, its codes, and the tree with its past.

The tree is the one read model that crosses streams: registering, moving, merging and closing lock
the head of ``directory`` first, so that no two moves make a circle. ``closure`` holds (ancestor,
descendant, depth, from, to), both dates included; each organization is its own ancestor at depth 0.
It follows only from the lists of parents, in whatever order changes of different organizations were
recorded: a backdated move is a move at its date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
)
from projections.organizations.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

LOCK = "directory"
"""The stream whose head is locked before the tree changes."""

COLUMNS = (
    "stream, code, name, category, parent, registered_on, closed_on, categories, merged_into,"
    " parents"
)
UPSERT = (
    f"INSERT INTO organizations ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET code = excluded.code, name = excluded.name,"
    " category = excluded.category, parent = excluded.parent, closed_on = excluded.closed_on,"
    " categories = excluded.categories, merged_into = excluded.merged_into,"
    " parents = excluded.parents"
)
INSERT_CODE = "INSERT INTO codes (code, stream) VALUES (?, ?) ON CONFLICT (code) DO NOTHING"
INSERT_CLOSURE = (
    "INSERT INTO closure (ancestor, stream, depth, from_on, to_on) VALUES (?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class OrganizationEntry:
    """One organization as it is now; ``parent`` is the parent's stream, dates are ISO texts.

    ``categories`` and ``parents`` list its categories and parents, each with its first day.
    """

    stream: str
    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None = None
    categories: list[tuple[str, str]] = field(default_factory=list)
    merged_into: str | None = None
    parents: list[tuple[str, str | None]] = field(default_factory=list)

    def parent_on(self, day: str) -> str | None:
        """Return the parent's stream on a date (ISO text)."""
        _, then = self.parents[0]
        for on, parent in self.parents:
            if on <= day:
                then = parent
        return then

    def category_on(self, day: str) -> str:
        """Return the category on a date (ISO text)."""
        _, then = self.categories[0]
        for on, category in self.categories:
            if on <= day:
                then = category
        return then

    def alive(self, day: str) -> bool:
        """Return whether an ISO date is in its life, both ends included."""
        return self.registered_on <= day and (self.closed_on is None or day <= self.closed_on)

    def lives_between(self, first: str, last: str) -> bool:
        """Return whether a day of its life is in a period (ISO dates, both ends included)."""
        return self.registered_on <= last and (self.closed_on is None or first <= self.closed_on)

    def row(self) -> tuple[Any, ...]:
        """Return the row of the table."""
        return (
            self.stream, self.code, self.name, self.category, self.parent, self.registered_on,
            self.closed_on, orjson.dumps(self.categories).decode(), self.merged_into,
            orjson.dumps(self.parents).decode(),
        )  # fmt: skip


def entry_of_row(row: Sequence[Any]) -> OrganizationEntry:
    """Make an entry of a row of ``COLUMNS``."""
    (
        stream, code, name, category, parent, registered_on, closed_on, categories, merged_into,
        parents,
    ) = row  # fmt: skip
    return OrganizationEntry(
        stream, code, name, category, parent, registered_on, closed_on,
        [(on, category) for on, category in orjson.loads(categories)], merged_into,
        [(on, parent) for on, parent in orjson.loads(parents)],
    )  # fmt: skip


class Directory:
    """The read model of organizations, their codes and the tree."""

    name = "directory"
    version = 1
    tables = ("organizations", "codes", "closure")
    create = (
        """CREATE TABLE IF NOT EXISTS organizations (stream text PRIMARY KEY, code text NOT NULL,
        name text NOT NULL, category text NOT NULL, parent text, registered_on text NOT NULL,
        closed_on text, categories text NOT NULL, merged_into text, parents text NOT NULL)""",
        "CREATE UNIQUE INDEX IF NOT EXISTS organizations_code ON organizations (code)",
        "CREATE INDEX IF NOT EXISTS organizations_parent ON organizations (parent)",
        """CREATE INDEX IF NOT EXISTS organizations_named ON organizations
        (code, name, category, closed_on)""",
        """CREATE INDEX IF NOT EXISTS organizations_merged ON organizations (merged_into)
        WHERE merged_into IS NOT NULL""",
        "CREATE TABLE IF NOT EXISTS codes (code text PRIMARY KEY, stream text NOT NULL)",
        """CREATE TABLE IF NOT EXISTS closure (ancestor text NOT NULL, stream text NOT NULL,
        depth integer NOT NULL, from_on text NOT NULL, to_on text,
        PRIMARY KEY (stream, ancestor, from_on))""",
        "CREATE INDEX IF NOT EXISTS closure_ancestor ON closure (ancestor, stream)",
    )
    types = frozenset(
        event_class.TYPE
        for event_class in (
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
        """Plan the rows after events; only the order within each stream matters."""
        draft = DirectoryDraft(reader)
        draft.read(events)
        draft.fold(events)
        return draft.statements()


class DirectoryDraft:
    """The part of the tree that a batch of events touches, folded in memory."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.entries: dict[str, OrganizationEntry] = {}
        self.codes: dict[str, str] = {}
        self.new_codes: list[tuple[str, str]] = []
        self.touched: set[str] = set()
        self.registered: set[str] = set()
        self.moved: set[str] = set()
        self.tree = Tree(self._parents)

    def _parents(self, stream: str) -> list[tuple[str, str | None]]:
        return self.entries[stream].parents if stream in self.entries else []

    def read(self, events: Sequence[RecordedEvent]) -> None:
        """Read the codes that events name and the organizations that they change."""
        named = {
            event.data[key] for event in events for key in ("parent", "into") if key in event.data
        }
        self.codes |= streams_of(self.reader, sorted(named))
        self.load({event.stream for event in events})

    def load(self, streams: Iterable[str]) -> None:
        """Read organizations and all that ever were above them."""
        wanted = set(streams)
        while wanted:
            entries = entries_of(self.reader, sorted(wanted - self.entries.keys()))
            self.entries |= entries
            wanted = _parents_of(entries.values())

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Fold events, in order within each stream; ``KeyError`` for an unknown code."""
        for event in events:
            if event.type == OrganizationRegistered.TYPE:
                self.codes[event.data["code"]] = event.stream
        for event in events:
            if event.type == OrganizationRegistered.TYPE:
                self._register(event)
            else:
                self._change(event)
            self.touched.add(event.stream)

    def _register(self, event: RecordedEvent) -> None:
        data = event.data
        parent = self.codes[data["parent"]] if "parent" in data else None
        on = data["registered_on"]
        self.entries[event.stream] = OrganizationEntry(
            event.stream, data["code"], data["name"], data["category"], parent, on,
            categories=[(on, data["category"])], parents=[(on, parent)],
        )  # fmt: skip
        self.new_codes.append((data["code"], event.stream))
        self.registered.add(event.stream)

    def _change(self, event: RecordedEvent) -> None:
        entry, data = self.entries[event.stream], event.data
        match event.type:
            case OrganizationRenamed.TYPE:
                entry.name = data["name"]
            case OrganizationMoved.TYPE:
                entry.parent = self.codes[data["parent"]]
                entry.parents.append((data["on"], entry.parent))
                self.moved.add(event.stream)
            case OrganizationRecategorized.TYPE:
                entry.category = data["category"]
                entry.categories.append((data["on"], data["category"]))
            case OrganizationRecoded.TYPE:
                entry.code = data["code"]
                self.codes[data["code"]] = event.stream
                self.new_codes.append((data["code"], event.stream))
            case _:
                entry.closed_on = data["on"]
                entry.merged_into = self.codes[data["into"]] if "into" in data else None

    def statements(self) -> list[Statement]:
        """Return the rows of what was folded; a move rewrites those of all that ever were below."""
        below = self.reader.select_in(
            "SELECT DISTINCT stream FROM closure WHERE ancestor", sorted(self.moved)
        )
        placed = self.registered | self.moved | {stream for (stream,) in below}
        self.load(placed)
        self.load(_parents_of(self.entries.values()))
        old = sorted(placed - self.registered)
        return [
            (UPSERT, [self.entries[stream].row() for stream in sorted(self.touched)]),
            (INSERT_CODE, self.new_codes),
            ("DELETE FROM closure WHERE stream = ?", [(stream,) for stream in old]),
            (INSERT_CLOSURE, [row for stream in sorted(placed) for row in self.closure(stream)]),
        ]

    def closure(self, stream: str) -> list[tuple[Any, ...]]:
        """Return the rows of one organization: its ancestors over its life."""
        begin = self.entries[stream].registered_on
        return [
            (ancestor, stream, depth, max(start, begin), end)
            for ancestor, depth, start, end in self.tree.chain(stream)
            if end is None or end >= begin
        ]


def makes_circle(reader: Reader, stream: str, parent: str, on: str) -> bool:
    """Return whether moving ``stream`` under ``parent`` from a date on makes a circle on any day.

    Call it under the lock of ``directory``: a backdated move may make one only in the past.
    """
    return stream == parent or bool(
        reader.rows(
            "SELECT 1 FROM closure WHERE stream = ? AND ancestor = ?"
            " AND (to_on IS NULL OR to_on >= ?) LIMIT 1",
            [parent, stream, on],
        )
    )


def entries_of(reader: Reader, streams: Sequence[str]) -> dict[str, OrganizationEntry]:
    """Return the entries of streams, by stream."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM organizations WHERE stream", streams)
    return {entry.stream: entry for entry in map(entry_of_row, rows)}


def streams_of(reader: Reader, codes: Sequence[str]) -> dict[str, str]:
    """Return the streams of codes, old codes too; unknown codes are left out."""
    rows = reader.select_in("SELECT code, stream FROM codes WHERE code", codes)
    return dict(rows)


def find(reader: Reader, code: str) -> OrganizationEntry | None:
    """Return the organization that has or had a code, or None."""
    streams = streams_of(reader, [code])
    return entries_of(reader, [streams[code]])[streams[code]] if streams else None


def ancestors_of(
    reader: Reader, streams: Sequence[str], day: str | None = None
) -> dict[str, list[tuple[str, int]]]:
    """Return the ancestors of streams, each with its depth (itself at 0), now or on a date."""
    when = "to_on IS NULL" if day is None else f"from_on <= '{_plain(day)}' AND {_until(day)}"
    rows = reader.select_in(
        f"SELECT stream, ancestor, depth FROM closure WHERE {when} AND stream", streams
    )
    chains: dict[str, list[tuple[str, int]]] = {}
    for stream, ancestor, depth in rows:
        chains.setdefault(stream, []).append((ancestor, depth))
    for chain in chains.values():
        chain.sort(key=itemgetter(1))
    return chains


def entries_under(reader: Reader, ancestor: str, day: str) -> list[OrganizationEntry]:
    """Return an organization and all under it on a date, ordered by code (UTF-8 bytes)."""
    rows = reader.rows(
        f"SELECT {_prefixed('o')} FROM closure c JOIN organizations o ON o.stream = c.stream"
        f" WHERE c.ancestor = ? AND c.from_on <= ? AND {_until(day, 'c.')}",
        [ancestor, day],
    )
    return _sorted(entry_of_row(row) for row in rows)


def all_entries(reader: Reader) -> list[OrganizationEntry]:
    """Return every organization, ordered by code (UTF-8 bytes)."""
    return _sorted(entry_of_row(row) for row in reader.rows(f"SELECT {COLUMNS} FROM organizations"))


def roots(reader: Reader) -> list[OrganizationEntry]:
    """Return the organizations without a parent, ordered by code: the scopes of cycles."""
    return _sorted(
        entry_of_row(row)
        for row in reader.rows(f"SELECT {COLUMNS} FROM organizations WHERE parent IS NULL")
    )


def unclosed_root(reader: Reader) -> str | None:
    """Return the code of a root that is not closed, None if there is none."""
    rows = reader.rows(
        "SELECT code FROM organizations WHERE parent IS NULL AND closed_on IS NULL"
        " ORDER BY code LIMIT 1"
    )
    return rows[0][0] if rows else None


def children_after(reader: Reader, parent: str, day: str) -> dict[str, str]:
    """Return the children that are alive after an ISO date: their codes by stream."""
    rows = reader.rows(
        "SELECT stream, code FROM organizations WHERE parent = ?"
        " AND (closed_on IS NULL OR closed_on > ?)",
        [parent, day],
    )
    return dict(rows)


def scope_of(reader: Reader, stream: str, day: str) -> str:
    """Return the root above an organization on a date, as a stream."""
    root = stream
    for ancestor, _ in ancestors_of(reader, [stream], day).get(stream, []):
        root = ancestor
    return root


def _parents_of(entries: Iterable[OrganizationEntry]) -> set[str]:
    """Return all that ever were parents of organizations."""
    return {parent for entry in entries for _, parent in entry.parents if parent}


def _sorted(entries: Iterable[OrganizationEntry]) -> list[OrganizationEntry]:
    return sorted(entries, key=lambda entry: entry.code.encode())


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in COLUMNS.split(","))


def _plain(day: str) -> str:
    return date.fromisoformat(day).isoformat()


def _until(day: str, alias: str = "") -> str:
    return f"({alias}to_on IS NULL OR {alias}to_on >= '{_plain(day)}')"
