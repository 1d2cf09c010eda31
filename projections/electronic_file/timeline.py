"""A stream read aloud, newest first, page by page; texts where they still stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.log.reader import COLUMNS, event_from_row
from events.log.texts import data_with_texts, texts_of

if TYPE_CHECKING:
    from events.log.reader import Reader

PAGE = 30


def timeline(
    reader: Reader, stream: str, before: int | None = None, until: str = "", limit: int = PAGE
) -> list[dict[str, Any]]:
    """The events of a stream below a version, newest first; ``until`` is the last instant."""
    tests = ["stream = ?"]
    given: list[Any] = [stream]
    if before is not None:
        tests.append("version < ?")
        given.append(before)
    if until:
        tests.append("recorded_at <= ?")
        given.append(until)
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE {' AND '.join(tests)} ORDER BY version DESC LIMIT ?",
        [*given, limit],
    )
    events = [event_from_row(row) for row in rows]
    texts = texts_of(reader, events)
    return [
        {
            "version": event.version,
            "type": event.type,
            "actor": event.actor,
            "channel": event.channel,
            "occurred_on": event.occurred_on,
            "recorded_at": event.recorded_at,
            "recorded_on": event.recorded_on,
            "subject": event.subject,
            "data": data_with_texts(event, texts),
        }
        for event in events
    ]
