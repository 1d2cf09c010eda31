"""The directory: every organization as it stands now, its codes, and the tree with its past.

The tree is the one read model that crosses streams: registering, moving, merging and closing lock
the head of ``directory`` first, so no two moves make a circle. ``closure`` holds (ancestor,
descendant, depth, from, to), both dates included, each organization its own ancestor at depth 0.
It follows from every organization's own list of parents alone, in whatever order changes of
different organizations were recorded: a move dated back is a move at its date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.organizations import (
    SUBJECT,
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
    from collections.abc import Iterable, Iterator, Sequence

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
PAGE = 500  # streams that are in memory at once when the whole tree is folded


@dataclass(slots=True)
class OrganizationEntry:
    """One organization as it stands; ``parent`` is the parent's stream, dates are ISO texts.

    ``categories`` and ``parents`` hold what it was and where it stood, each from its date on.
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
        """The parent's stream on a date (ISO text)."""
        found = self.parents[0][1]
        for on, parent in self.parents:
            if on <= day:
                found = parent
        return found

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
            orjson.dumps(self.parents).decode(),
        )  # fmt: skip


def entry_of_row(row: Sequence[Any]) -> OrganizationEntry:
    """An entry from its row."""
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
    """The read model behind every code that anybody types."""

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
        """The rows after life events; only the order within each stream matters."""
        draft = _Draft(reader)
        draft.read(events)
        draft.fold(events)
        return draft.statements()


class _Draft:
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
        """Read what the events build on: the codes they name, the organizations they change."""
        named = {
            event.data[key] for event in events for key in ("parent", "into") if key in event.data
        }
        self.codes |= streams_of(self.reader, sorted(named))
        self.load({event.stream for event in events})

    def load(self, streams: Iterable[str]) -> None:
        """Read organizations and all that ever stood above them."""
        wanted = set(streams)
        while wanted:
            found = entries_of(self.reader, sorted(wanted - self.entries.keys()))
            self.entries |= found
            wanted = {parent for one in found.values() for _, parent in one.parents if parent}

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Take the events in, stream by stream in order; ``KeyError`` for a code nobody bears."""
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
        one, data = self.entries[event.stream], event.data
        match event.type:
            case OrganizationRenamed.TYPE:
                one.name = data["name"]
            case OrganizationMoved.TYPE:
                one.parent = self.codes[data["parent"]]
                one.parents.append((data["on"], one.parent))
                self.moved.add(event.stream)
            case OrganizationRecategorized.TYPE:
                one.category = data["category"]
                one.categories.append((data["on"], data["category"]))
            case OrganizationRecoded.TYPE:
                one.code = data["code"]
                self.codes[data["code"]] = event.stream
                self.new_codes.append((data["code"], event.stream))
            case _:
                one.closed_on = data["on"]
                one.merged_into = self.codes[data["into"]] if "into" in data else None

    def statements(self) -> list[Statement]:
        """The rows of what was folded; a move writes the rows of all that ever stood below."""
        below = self.reader.select_in(
            "SELECT DISTINCT stream FROM closure WHERE ancestor", sorted(self.moved)
        )
        hung = self.registered | self.moved | {stream for (stream,) in below}
        self.load(hung)
        self.load({parent for one in self.entries.values() for _, parent in one.parents if parent})
        old = sorted(hung - self.registered)
        return [
            (UPSERT, [self.entries[stream].row() for stream in sorted(self.touched)]),
            (INSERT_CODE, self.new_codes),
            ("DELETE FROM closure WHERE stream = ?", [(stream,) for stream in old]),
            (INSERT_CLOSURE, [row for stream in sorted(hung) for row in self.closure(stream)]),
        ]

    def closure(self, stream: str) -> list[tuple[Any, ...]]:
        """The rows of one organization: its ancestors over its life."""
        begin = self.entries[stream].registered_on
        return [
            (ancestor, stream, depth, max(start, begin), end)
            for ancestor, depth, start, end in self.tree.chain(stream)
            if end is None or end >= begin
        ]


def refold(log: Reader, rows: Reader) -> dict[str, str]:
    """Fold the whole tree out of ``log`` into the empty tables of ``rows``, page by page.

    Answers the streams whose events cannot be folded, each with what is wrong. Codes come first,
    then organizations, then the tree, so that no order among streams matters.
    """
    stale: dict[str, str] = {}
    for page in _pages(log):
        coded = [one for one in page if one.type in _CODING]
        rows.write(INSERT_CODE, [(one.data["code"], one.stream) for one in coded])
    for page in _pages(log):
        draft = _Draft(rows)
        draft.read(page)
        for stream, events in groupby(page, key=lambda event: event.stream):
            try:
                draft.fold(list(events))
            # docs/decisions/0009-read-models-in-the-transaction.md
            except Exception as error:  # noqa: BLE001 - a bug in a fold stops nothing
                stale[stream] = f"{Directory.name}: {type(error).__name__}: {error}"
        rows.write(UPSERT, [draft.entries[stream].row() for stream in sorted(draft.touched)])
    after = ""
    while streams := _next(rows, "organizations", after):
        draft = _Draft(rows)
        draft.load(streams)
        rows.write(INSERT_CLOSURE, [row for stream in streams for row in draft.closure(stream)])
        after = streams[-1]
    return stale


_CODING = frozenset({OrganizationRegistered.TYPE, OrganizationRecoded.TYPE})


def _pages(log: Reader) -> Iterator[list[RecordedEvent]]:
    """The life events of all streams, page by page of streams, each stream whole and in order."""
    after = ""
    while streams := _next(log, "heads", after):
        yield log.events_of_subject(streams, SUBJECT)
        after = streams[-1]


def _next(reader: Reader, table: str, after: str) -> list[str]:
    return [
        stream
        for (stream,) in reader.rows(
            f"SELECT stream FROM {table} WHERE stream > ? ORDER BY stream LIMIT ?", [after, PAGE]
        )
    ]


def makes_circle(reader: Reader, stream: str, parent: str, on: str) -> bool:
    """Whether hanging ``stream`` under ``parent`` from a date on makes a circle on any day since.

    Ask it under the directory's lock: a move dated back may make one in the past alone.
    """
    return stream == parent or bool(
        reader.rows(
            "SELECT 1 FROM closure WHERE stream = ? AND ancestor = ?"
            " AND (to_on IS NULL OR to_on >= ?) LIMIT 1",
            [parent, stream, on],
        )
    )


def entries_of(reader: Reader, streams: Sequence[str]) -> dict[str, OrganizationEntry]:
    """The entries of streams, by stream."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM organizations WHERE stream", streams)
    return {one.stream: one for one in map(entry_of_row, rows)}


def streams_of(reader: Reader, codes: Sequence[str]) -> dict[str, str]:
    """The streams that codes, old ones too, stand for; unknown codes are left out."""
    rows = reader.select_in("SELECT code, stream FROM codes WHERE code", codes)
    return dict(rows)


def find(reader: Reader, code: str) -> OrganizationEntry | None:
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


def entries_under(reader: Reader, ancestor: str, day: str) -> list[OrganizationEntry]:
    """An organization and all under it on a date, ordered by code (UTF-8 bytes)."""
    rows = reader.rows(
        f"SELECT {_prefixed('o')} FROM closure c JOIN organizations o ON o.stream = c.stream"
        f" WHERE c.ancestor = ? AND c.from_on <= ? AND {_until(day, 'c.')}",
        [ancestor, day],
    )
    return _sorted(entry_of_row(row) for row in rows)


def all_entries(reader: Reader) -> list[OrganizationEntry]:
    """Every organization, ordered by code (UTF-8 bytes)."""
    return _sorted(entry_of_row(row) for row in reader.rows(f"SELECT {COLUMNS} FROM organizations"))


def roots(reader: Reader) -> list[OrganizationEntry]:
    """The organizations without a parent, ordered by code: the scopes of cycles."""
    return _sorted(
        entry_of_row(row)
        for row in reader.rows(f"SELECT {COLUMNS} FROM organizations WHERE parent IS NULL")
    )


def scope_of(reader: Reader, stream: str, day: str) -> str:
    """The root above an organization on a date, as a stream."""
    chain = ancestors_of(reader, [stream], day).get(stream, [])
    return chain[-1][0] if chain else stream


def _sorted(entries: Iterable[OrganizationEntry]) -> list[OrganizationEntry]:
    return sorted(entries, key=lambda one: one.code.encode())


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in COLUMNS.split(","))


def _plain(day: str) -> str:
    return date.fromisoformat(day).isoformat()


def _until(day: str, alias: str = "") -> str:
    return f"({alias}to_on IS NULL OR {alias}to_on >= '{_plain(day)}')"
