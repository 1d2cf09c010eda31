"""The audit trail: the log asked by organization, tree, type, actor and dates, page by page.

Pages are in the log's reading order and hold settled events alone, so that a cursor never skips an
event that commits later. One filter drives each query through an index that is ordered by position
within its value; the others are looked at row by row. Which one is chosen by counting, up to a cap.
Filters of dates are walked bucket by bucket (a day recorded, a month occurred): each bucket is in
reading order, and as many are merged as a page needs.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from events.errors import Kind, Refused
from events.event import EVENT_TYPES, RecordedEvent, text_places
from events.periods import instant_text
from events.reading import COLUMNS, Reader, recorded
from projections.directory import Entry, find
from projections.documents import district

LARGEST_LIMIT = 10_000
CAP = 5_000
"""Index entries counted for each filter before it counts as wide."""
GATHERED = 20_000
"""Events under an organization that are sorted rather than met on a walk along the log."""
DAY = timedelta(days=1)
MARK = "p"


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is asked of the log; None leaves a filter out, dates are local and both included.

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


@dataclass(frozen=True, slots=True)
class _Filter:
    """One filter: its condition on a row with its values, and what counts its index entries.

    ``bucket`` is the expression of a bucketed index, with the first and last bucket in ``bounds``.
    """

    name: str
    condition: str
    values: tuple[Any, ...]
    bucket: str = ""
    bounds: tuple[str, str] = ("", "")


def search(reader: Reader, query: AuditQuery) -> list[dict[str, Any]]:
    """The events that a query names, in reading order, as ``audit log --json`` shows them.

    ``Refused`` for a cursor that is none, a limit out of reach, or a code nobody bears. A text that
    was erased shows the commitment that stands in the event.
    """
    if not 1 <= query.limit <= LARGEST_LIMIT:
        raise Refused(
            "bad_limit",
            "field limit: {limit} is not a number from 1 to {largest}",
            field="limit",
            limit=query.limit,
            largest=LARGEST_LIMIT,
        )
    after = 0 if query.after is None else _position(query.after)
    walk = _Walk(reader, after, reader.settled(), query.limit)
    positions = walk.positions(_filters(reader, query))
    rows = reader.select_in(f"SELECT {COLUMNS} FROM events WHERE position", positions)
    events = sorted((recorded(row) for row in rows), key=lambda event: event.position)
    return _shown(reader, events)


def cursor(position: int) -> str:
    """The opaque text that stands for a place in the log."""
    return base64.urlsafe_b64encode(f"{MARK}{position}".encode()).decode().rstrip("=")


def _position(text: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    digits = plain.removeprefix(MARK)
    if plain[:1] == MARK and digits.isdecimal() and len(digits) < 19:
        return int(digits)
    raise Refused(
        "bad_cursor",
        "field after: {text!r} is not a cursor; give the cursor of an event that was shown",
        field="after",
        text=text,
    )


def _filters(reader: Reader, query: AuditQuery) -> list[_Filter]:
    found: list[_Filter] = []
    if query.organization is not None:
        stream = _entry(reader, query.organization, "organization").stream
        found.append(_Filter("stream", "stream = ?", (stream,)))
    recorded_filter = _recorded(reader, query)
    if recorded_filter is not None:
        found.append(recorded_filter)
    if query.occurred_from is not None or query.occurred_to is not None:
        first = (query.occurred_from or date.min).isoformat()
        last = (query.occurred_to or date.max).isoformat()
        found.append(
            _Filter(
                "occurred",
                "occurred_on BETWEEN ? AND ?",
                (first, last),
                "substr(occurred_on, 1, 7)",
                (first[:7], last[:7]),
            )
        )
    if query.type is not None:
        found.append(_Filter("type", "type = ?", (query.type,)))
    if query.actor is not None:
        found.append(_Filter("actor", "actor = ?", (query.actor,)))
    if query.under is not None:
        stream = _entry(reader, query.under, "under").stream
        streams = "SELECT c.stream FROM closure c WHERE c.ancestor = ?"
        found.append(_Filter("under", f"stream IN ({streams})", (stream,)))
    return found


def _recorded(reader: Reader, query: AuditQuery) -> _Filter | None:
    """Local dates as instants: from the first day's beginning to before the last day's end."""
    if query.recorded_from is None and query.recorded_to is None:
        return None
    zone = district(reader).zone
    first = "" if query.recorded_from is None else _midnight(query.recorded_from, zone)
    last = "9" if query.recorded_to is None else _midnight(query.recorded_to + DAY, zone)
    return _Filter(
        "recorded",
        "recorded_at >= ? AND recorded_at < ?",
        (first, last),
        "substr(recorded_at, 1, 10)",
        (first[:10], last[:10]),
    )


def _midnight(day: date, zone: ZoneInfo) -> str:
    return instant_text(datetime.combine(day, time.min, tzinfo=zone))


def _entry(reader: Reader, code: str, field: str) -> Entry:
    found = find(reader, code)
    if found is None:
        raise Refused(
            "unknown_organization",
            "field {field}: {code} is not registered",
            kind=Kind.NOT_FOUND,
            field=field,
            code=code,
        )
    return found


class _Walk:
    """One page of positions: after the cursor, settled, at most ``limit``."""

    def __init__(self, reader: Reader, after: int, settled: int, limit: int) -> None:
        self.reader = reader
        self.span = (after, settled)
        self.limit = limit
        self.plus = "" if reader.postgres else "+"
        """Before a condition it keeps SQLite from driving the query by that column's index."""

    def positions(self, filters: list[_Filter]) -> list[int]:
        """The positions of the page, in order."""
        if not filters:
            return self._select("1 = 1", (), [], sort=False)
        driver = self._driver(filters)
        others = [one for one in filters if one is not driver]
        if driver.bucket:
            return self._merged(driver, others)
        if driver.name == "under" and self._size(driver, GATHERED) >= GATHERED:
            return self._select("1 = 1", (), filters, sort=False)
        sort = driver.name in {"stream", "under"}
        return self._select(driver.condition, driver.values, others, sort=sort)

    def _select(
        self, condition: str, values: tuple[Any, ...], others: list[_Filter], *, sort: bool
    ) -> list[int]:
        """The page that one condition drives; ``sort`` where its index is not by position."""
        plus = self.plus
        wanted = [condition, *(self._looked_at(one) for one in others)]
        bare = plus if sort else ""
        rows = self.reader.rows(
            f"SELECT position FROM events WHERE {' AND '.join(wanted)}"
            f" AND {bare}position > ? AND {bare}position < ? ORDER BY {bare}position LIMIT ?",
            [*values, *(value for one in others for value in one.values), *self.span, self.limit],
        )
        return [row[0] for row in rows]

    def _looked_at(self, one: _Filter) -> str:
        """The condition of a filter that does not drive: it is looked at row by row."""
        if one.name == "under":
            return (
                "EXISTS (SELECT 1 FROM closure c WHERE c.ancestor = ? AND c.stream = events.stream)"
            )
        return self.plus + one.condition.replace(" AND recorded", f" AND {self.plus}recorded")

    def _driver(self, filters: list[_Filter]) -> _Filter:
        """The filter that leaves the fewest events; of wide ones the first."""
        if len(filters) == 1:
            return filters[0]
        return min(filters, key=lambda one: self._size(one, CAP))

    def _size(self, one: _Filter, cap: int) -> int:
        """How many events a filter leaves, counted up to a cap."""
        if one.name in {"stream", "under"}:
            sql = f"SELECT COALESCE(sum(version), 0) FROM heads WHERE {one.condition}"
            return min(cap, int(self.reader.rows(sql, one.values)[0][0]))
        if one.bucket:
            condition, values = f"{one.bucket} BETWEEN ? AND ?", (*one.bounds, cap)
        else:
            condition, values = f"{one.condition} AND position > ?", (
                *one.values, self.span[0], cap,
            )  # fmt: skip
        rows = self.reader.rows(
            f"SELECT count(*) FROM (SELECT 1 FROM events WHERE {condition} LIMIT ?) s", values
        )
        return int(rows[0][0])

    def _merged(self, driver: _Filter, others: list[_Filter]) -> list[int]:
        """The page out of buckets, each in reading order, taken as far as they can matter."""
        found: list[int] = []
        for start, bucket in sorted(self._starts(driver)):
            if len(found) == self.limit and start > found[-1]:
                break
            condition = f"{driver.bucket} = ?"
            page = self._select(condition, (bucket,), [driver, *others], sort=False)
            found = sorted(found + page)[: self.limit]
        return found

    def _starts(self, driver: _Filter) -> list[tuple[int, str]]:
        """The first position after the cursor in each bucket that holds one."""
        bucket = driver.bucket
        rows = self.reader.rows(
            "WITH RECURSIVE b(x) AS ("
            f" SELECT * FROM (SELECT {bucket} AS x FROM events WHERE {bucket} >= ?"
            f" ORDER BY {bucket} LIMIT 1) s"
            f" UNION ALL SELECT (SELECT {bucket} FROM events WHERE {bucket} > b.x"
            f" ORDER BY {bucket} LIMIT 1) FROM b WHERE b.x < ?)"
            f" SELECT x, (SELECT position FROM events WHERE {bucket} = b.x AND position > ?"
            " AND position < ? ORDER BY position LIMIT 1) FROM b WHERE x <= ?",
            [driver.bounds[0], driver.bounds[1], *self.span, driver.bounds[1]],
        )
        return [(row[1], row[0]) for row in rows if row[1] is not None]


def _shown(reader: Reader, events: list[RecordedEvent]) -> list[dict[str, Any]]:
    texts = texts_of(reader, events)
    return [
        {
            "cursor": cursor(event.position),
            "stream": event.stream,
            "version": event.version,
            "type": event.type,
            "actor": event.actor,
            "channel": event.channel,
            "occurred_on": event.occurred_on,
            "recorded_at": event.recorded_at,
            "data": data_with_texts(event, texts),
            "hash": event.hash.hex(),
        }
        for event in events
    ]


def texts_of(reader: Reader, events: list[RecordedEvent]) -> dict[tuple[str, int, str], str]:
    """The free texts that still stand for events, by (stream, version, field), few at a time."""
    pairs: list[Any] = [
        (event.stream, event.version)
        for event in events
        if event.type in EVENT_TYPES and EVENT_TYPES[event.type].TEXTS
    ]
    rows = reader.select_pairs(
        "SELECT stream, version, field, value FROM texts WHERE (stream, version)", pairs
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def data_with_texts(event: RecordedEvent, texts: dict[tuple[str, int, str], str]) -> dict[str, Any]:
    """An event's data with its free texts; where one was erased its commitment stays."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or not kind.TEXTS:
        return event.data
    data: dict[str, Any] = orjson.loads(orjson.dumps(event.data))
    for place, holder, key in list(text_places(data, kind.TEXTS)):
        holder[key] = texts.get((event.stream, event.version, place), holder[key])
    return data
