"""One row for each scheme's stream: whoever reads the newest mark knows whether schemes changed.

What is made of all schemes (book, vocabulary) is kept in memory under the newest mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.schemes import SchemeClosed, SchemePublished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.reading import Reader
    from projections.projection import Statement

NEWEST = "SELECT max(mark) FROM scheme_marks"
"""The newest mark: position, which orders, and hash, which no other log shares."""
UPSERT = (
    "INSERT INTO scheme_marks (stream, mark) VALUES (?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET mark = excluded.mark"
)


class Marks:
    """The read model of the newest event of each scheme."""

    name = "marks"
    version = 1
    tables = ("scheme_marks",)
    create = (
        """CREATE TABLE IF NOT EXISTS scheme_marks (stream text PRIMARY KEY,
        mark text NOT NULL)""",
    )
    types = frozenset({SchemePublished.TYPE, SchemeClosed.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """The newest mark of each stream."""
        newest = {event.stream: f"{event.position:020}{event.hash.hex()}" for event in events}
        return [(UPSERT, sorted(newest.items()))]
