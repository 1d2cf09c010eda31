"""What stands already under the identities of import lines: events, and the texts they brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.reading import COLUMNS, PARAMETERS, recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.reading import Reader

Key = tuple[str, str]
"""A stream and an identity in it."""


@dataclass(slots=True)
class Standing:
    """The events that stand under a page's identities, and the free texts that still stand."""

    events: dict[Key, RecordedEvent] = field(default_factory=dict)
    texts: dict[tuple[str, int, str], str] = field(default_factory=dict)


def standing(reader: Reader, pairs: Sequence[Key]) -> Standing:
    """What stands under (stream, identity) pairs."""
    events = events_of(reader, pairs)
    marks = [(event.stream, event.version) for event in events.values()]
    return Standing(events, reader.texts(marks))


def events_of(reader: Reader, pairs: Sequence[Key]) -> dict[Key, RecordedEvent]:
    """The events under (stream, identity) pairs, each found by the index.

    The pairs stand in a subquery: beside a bare ``IN (VALUES ...)`` SQLite reads the whole log.
    """
    found: dict[Key, RecordedEvent] = {}
    size = PARAMETERS // 2
    for start in range(0, len(pairs), size):
        page = pairs[start : start + size]
        marks = ", ".join(["(?, ?)"] * len(page))
        rows = reader.rows(
            f"SELECT {COLUMNS} FROM events WHERE (stream, event_id)"
            f" IN (SELECT * FROM (VALUES {marks}) AS wanted)",
            [value for pair in page for value in pair],
        )
        found.update(((row[0], row[3]), recorded(row)) for row in rows)
    return found
