"""The free texts of events: which of them still exist, and event data with them put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from events.event import EVENT_TYPES, RecordedEvent, text_places
from events.log.reader import Reader


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
    return {(stream, version, field): value for stream, version, field, value in rows}


def texts_in_field(
    reader: Reader, places: Sequence[tuple[str, int]], field: str
) -> dict[tuple[str, int], str]:
    """The free texts that still exist in one field of events, by (stream, version)."""
    pairs: Sequence[Any] = places
    rows = reader.select_pairs(
        f"SELECT stream, version, value FROM texts WHERE field = '{field}' AND (stream, version)",
        pairs,
    )
    return {(stream, version): value for stream, version, value in rows}


def texts_of_stream(reader: Reader, stream: str) -> dict[tuple[int, str], str]:
    """The free texts of a whole stream that still exist, by (version, field)."""
    rows = reader.rows("SELECT version, field, value FROM texts WHERE stream = ?", [stream])
    return {(version, field): value for version, field, value in rows}


def data_with_texts(event: RecordedEvent, texts: dict[tuple[str, int, str], str]) -> dict[str, Any]:
    """An event's data with its free texts; where one was erased its commitment stays."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or not kind.TEXTS:
        return event.data
    data: dict[str, Any] = orjson.loads(orjson.dumps(event.data))
    for place, holder, key in list(text_places(data, kind.TEXTS)):
        holder[key] = texts.get((event.stream, event.version, place), holder[key])
    return data
