"""The events of a stream, newest first, page by page, with the texts that were not erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.log.reader import COLUMNS, event_from_row
from events.log.texts import data_with_texts, texts_of

if TYPE_CHECKING:
    from events.log.reader import Reader

PAGE = 30


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of a stream; ``data`` has its texts where they were not erased."""

    version: int
    type: str
    actor: str
    channel: str
    occurred_on: str | None
    recorded_at: str
    recorded_on: str | None
    subject: str | None
    data: dict[str, Any]


def timeline(
    reader: Reader, stream: str, before: int | None = None, until: str = "", limit: int = PAGE
) -> list[TimelineEvent]:
    """Return the events of a stream below a version, newest first.

    ``until`` is the last instant whose events count; empty for all.
    """
    tests = ["stream = ?"]
    values: list[Any] = [stream]
    if before is not None:
        tests.append("version < ?")
        values.append(before)
    if until:
        tests.append("recorded_at <= ?")
        values.append(until)
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE {' AND '.join(tests)} ORDER BY version DESC LIMIT ?",
        [*values, limit],
    )
    events = [event_from_row(row) for row in rows]
    texts = texts_of(reader, events)
    return [
        TimelineEvent(
            version=event.version,
            type=event.type,
            actor=event.actor,
            channel=event.channel,
            occurred_on=event.occurred_on,
            recorded_at=event.recorded_at,
            recorded_on=event.recorded_on,
            subject=event.subject,
            data=data_with_texts(event, texts),
        )
        for event in events
    ]
