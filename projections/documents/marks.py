"""Cache-invalidation marks: one row for each scheme's stream; their sum changes with every scheme.

What is made of all schemes (book, vocabulary) is cached in memory under that sum. It changes with
every event of any scheme, in whatever order two of them commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.documents.schemes import SchemeClosed, SchemePublished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

NEWEST = "SELECT CAST(sum(mark) AS text) FROM scheme_marks"
"""The sum of the marks, as text; null where no scheme was ever published."""
MARK_BYTES = 6
"""Bytes of a hash in a mark: logs differ in them, and the sum of thousands fits 64 bits."""
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
        mark bigint NOT NULL)""",
    )
    types = frozenset({SchemePublished.TYPE, SchemeClosed.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Plan the mark of each stream: the first bytes of the hash of its newest event."""
        newest = {event.stream: int.from_bytes(event.hash[:MARK_BYTES]) for event in events}
        return [(UPSERT, sorted(newest.items()))]


def newest_mark(reader: Reader) -> str:
    """Return the sum of the marks, empty where no scheme was ever published."""
    return reader.rows(NEWEST)[0][0] or ""
