"""The audit log searched by organization, tree, type, actor and dates, page by page.

Pages are in the log's reading order and have only settled events, so that a cursor never skips an
event that commits later.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.event import RecordedEvent
from events.log.reader import COLUMNS, Reader, event_from_row
from events.log.texts import data_with_texts, texts_of
from events.periods import instant_text
from events.refusals.errors import Refused
from events.streams.organizations import PREFIX
from projections.audit.walk import AuditFilter, AuditWalk
from projections.documents.in_force import district
from projections.organizations.directory import OrganizationEntry, find
from projections.organizations.scope import EVERYTHING, Scope

LARGEST_LIMIT = 10_000
GATHERED = 20_000
"""Up to so many events of chosen streams are gathered in memory; above, the log is walked."""
GATHERED_STREAMS = 1_000
"""Streams whose events are gathered at most."""
DAY = timedelta(days=1)
MARK = "p"
"""The first character of a cursor before it is encoded: a position."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """The filters of a search; None leaves one out, dates are local and both included.

    ``organization`` and ``under`` are codes; ``after`` is the cursor of the last event seen.
    """

    organization: str | None = None
    under: str | None = None
    type: str | None = None
    actor: str | None = None
    recorded_from: date | None = None
    recorded_to: date | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None
    limit: int = 100
    after: str | None = None
    scope: Scope = EVERYTHING
    """What the caller may see: for a part, the events of its organizations and whole roots."""
    actors: tuple[str, ...] = ()
    """Any of these instead of one ``actor``."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event of the log as ``audit log --json`` shows it.

    ``cursor`` is its place in the log, ``hash`` is hex. ``data`` has the texts of the event; for a
    text that was erased, the commitment that the event has.
    """

    cursor: str
    stream: str
    version: int
    type: str
    actor: str
    channel: str
    occurred_on: str | None
    recorded_at: str
    data: dict[str, Any]
    hash: str


def search(reader: Reader, query: AuditQuery) -> list[AuditEntry]:
    """Return the events that match a query, in reading order.

    Raises ``Refused`` for an invalid cursor, a limit out of range, and an unknown code.
    """
    if not 1 <= query.limit <= LARGEST_LIMIT:
        raise Refused("bad_limit", field="limit", limit=query.limit, largest=LARGEST_LIMIT)
    after = 0 if query.after is None else _position(query.after)
    walk = AuditWalk(reader, after, reader.settled_position(), _filters(reader, query))
    positions = walk.positions(query.limit)
    rows = reader.select_in(f"SELECT {COLUMNS} FROM events WHERE position", positions)
    events = sorted(map(event_from_row, rows), key=lambda event: event.position)
    return _entries(reader, events)


def cursor(position: int) -> str:
    """Return the opaque text of a position in the log."""
    return base64.urlsafe_b64encode(f"{MARK}{position}".encode()).decode().rstrip("=")


def _position(text: str) -> int:
    """Return the position of a cursor; ``Refused`` for any other text."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    digits = plain.removeprefix(MARK)
    if plain[:1] == MARK and digits.isdecimal() and len(digits) < 19:
        return int(digits)
    raise Refused("bad_cursor", field="after", text=text)


def _filters(reader: Reader, query: AuditQuery) -> list[AuditFilter]:
    filters: list[AuditFilter] = []
    if query.organization is not None:
        stream = _entry(reader, query.organization, "organization", query.scope).stream
        filters.append(AuditFilter("stream = ?", (stream,), streams=(stream,)))
    if query.under is not None:
        filters.append(_under(reader, _entry(reader, query.under, "under", query.scope).stream))
    if not query.scope.whole:
        filters.append(_within(reader, query.scope))
    if query.actors:
        marks = ", ".join("?" * len(query.actors))
        bounds = (min(query.actors), max(query.actors))
        filters.append(AuditFilter(f"actor IN ({marks})", query.actors, "actor", bounds))
    for name, value in (("type", query.type), ("actor", query.actor)):
        if value is not None:
            filters.append(AuditFilter(f"{name} = ?", (value,), name, (value, value)))
    if query.occurred_from is not None or query.occurred_to is not None:
        first = (query.occurred_from or date.min).isoformat()
        last = (query.occurred_to or date.max).isoformat()
        month, months = "substr(occurred_on, 1, 7)", (first[:7], last[:7])
        filters.append(AuditFilter("occurred_on BETWEEN ? AND ?", (first, last), month, months))
    if query.recorded_from is not None or query.recorded_to is not None:
        filters.append(_recorded(reader, query))
    return filters


def _under(reader: Reader, ancestor: str) -> AuditFilter:
    """Return the filter of events of all organizations that are or were under one."""
    condition = "EXISTS (SELECT 1 FROM closure c WHERE c.ancestor = ? AND c.stream = events.stream)"
    rows = reader.rows(
        "SELECT DISTINCT stream FROM closure WHERE ancestor = ? ORDER BY stream LIMIT ?",
        [ancestor, GATHERED_STREAMS + 1],
    )
    streams = tuple(stream for (stream,) in rows)
    gathered = streams if _few(reader, streams) else ()
    return AuditFilter(condition, (ancestor,), streams=gathered)


def _within(reader: Reader, scope: Scope) -> AuditFilter:
    """Return the filter of events that a scope may see, where that is not everything.

    These are the streams of its organizations, and the cycles of the roots that it covers whole: a
    cycle names every organization under its root.
    """
    condition, values = scope.condition()
    roots = sorted(
        part.ancestor.removeprefix(PREFIX)
        for part in scope.parts
        if part.ancestor is not None and part.categories is None
    )
    marks = ", ".join("?" * len(roots)) or "NULL"
    test = (
        f"EXISTS (SELECT 1 FROM organizations o WHERE o.stream = events.stream AND {condition}"
        " UNION ALL SELECT 1 FROM cycles y WHERE y.stream = events.stream"
        f" AND y.scope IN ({marks}))"
    )
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {condition} UNION"
        f" SELECT y.stream FROM cycles y WHERE y.scope IN ({marks}) ORDER BY 1 LIMIT ?",
        [*values, *roots, GATHERED_STREAMS + 1],
    )
    streams = tuple(stream for (stream,) in rows)
    gathered = streams if streams and _few(reader, streams) else ()
    return AuditFilter(test, (*values, *roots), streams=gathered)


def may_see(reader: Reader, scope: Scope, stream: str) -> bool:
    """Return whether a scope may see the events of a stream."""
    if scope.whole:
        return True
    within = _within(reader, scope)
    sql = f"SELECT 1 FROM (SELECT CAST(? AS text) AS stream) events WHERE {within.condition}"
    return bool(reader.rows(sql, [stream, *within.values]))


def _few(reader: Reader, streams: tuple[str, ...]) -> bool:
    """Return whether the events of streams are few enough to gather."""
    if len(streams) > GATHERED_STREAMS:
        return False
    return sum(reader.versions(streams).values()) <= GATHERED


def _recorded(reader: Reader, query: AuditQuery) -> AuditFilter:
    """Return the filter of recording dates: local days as instants, indexed by hour."""
    zone = district(reader).zone
    first = "" if query.recorded_from is None else _midnight(query.recorded_from, zone)
    last = "9" if query.recorded_to is None else _midnight(query.recorded_to + DAY, zone)
    return AuditFilter(
        "recorded_at >= ? AND recorded_at < ?",
        (first, last),
        "substr(recorded_at, 1, 13)",
        (first[:13], last[:13]),
        drives=False,
    )


def _midnight(day: date, zone: ZoneInfo) -> str:
    return instant_text(datetime.combine(day, time.min, tzinfo=zone))


def _entry(reader: Reader, code: str, field: str, scope: Scope) -> OrganizationEntry:
    entry = find(reader, code)
    if entry is None or not scope.covers(reader, entry):
        raise Refused("unknown_organization", field=field, code=code)
    return entry


def _entries(reader: Reader, events: list[RecordedEvent]) -> list[AuditEntry]:
    texts = texts_of(reader, events)
    return [
        AuditEntry(
            cursor=cursor(event.position),
            stream=event.stream,
            version=event.version,
            type=event.type,
            actor=event.actor,
            channel=event.channel,
            occurred_on=event.occurred_on,
            recorded_at=event.recorded_at,
            data=data_with_texts(event, texts),
            hash=event.hash.hex(),
        )
        for event in events
    ]
