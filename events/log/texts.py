"""The free texts of events that were not erased, and event data with its texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from events.event import EVENT_TYPES, RecordedEvent, text_places
from events.log.reader import Reader


def texts_of(reader: Reader, events: list[RecordedEvent]) -> dict[tuple[str, int, str], str]:
    """Return the texts of some events that still exist, by (stream, version, field)."""
    pairs: list[Any] = [
        (event.stream, event.version)
        for event in events
        if event.type in EVENT_TYPES and EVENT_TYPES[event.type].TEXTS
    ]
    rows = reader.select_pairs(
        "SELECT stream, version, field, value FROM texts WHERE (stream, version)", pairs
    )
    return {(stream, version, field): value for stream, version, field, value in rows}


def texts_in_field(
    reader: Reader, places: Sequence[tuple[str, int]], field: str
) -> dict[tuple[str, int], str]:
    """Return the texts in one field of events that still exist, by (stream, version)."""
    pairs: Sequence[Any] = places
    rows = reader.select_pairs(
        f"SELECT stream, version, value FROM texts WHERE field = '{field}' AND (stream, version)",
        pairs,
    )
    return {(stream, version): value for stream, version, value in rows}


def texts_of_stream(reader: Reader, stream: str) -> dict[tuple[int, str], str]:
    """Return the texts of a whole stream that still exist, by (version, field)."""
    rows = reader.rows("SELECT version, field, value FROM texts WHERE stream = ?", [stream])
    return {(version, field): value for version, field, value in rows}


def data_with_texts(event: RecordedEvent, texts: dict[tuple[str, int, str], str]) -> dict[str, Any]:
    """Return an event's data with its free texts; an erased text stays a commitment."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or not kind.TEXTS:
        return event.data
    data: dict[str, Any] = orjson.loads(orjson.dumps(event.data))
    for place, holder, key in list(text_places(data, kind.TEXTS)):
        holder[key] = texts.get((event.stream, event.version, place), holder[key])
    return data
