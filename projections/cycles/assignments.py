"""Read model of assignments: who inspects what, one row per person and inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.findings import InspectionAssigned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

INSERT = (
    "INSERT INTO assignments (stream, scope, period, person) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (stream, scope, period, person) DO NOTHING"
)


class Assignments:
    """The read model of assignments."""

    name = "assignments"
    version = 1
    tables = ("assignments",)
    create = (
        """CREATE TABLE IF NOT EXISTS assignments (stream text NOT NULL, scope text NOT NULL,
        period text NOT NULL, person text NOT NULL, PRIMARY KEY (stream, scope, period, person))""",
        "CREATE INDEX IF NOT EXISTS assignments_person ON assignments (person, period)",
    )
    types = frozenset({InspectionAssigned.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Return one row for each inspector of each assignment."""
        rows = [
            (event.stream, event.data["scope"], event.data["period"], person)
            for event in events
            for person in event.data["inspectors"]
        ]
        return [(INSERT, rows)]


def assigned_to(reader: Reader, person: str) -> list[tuple[str, str, str]]:
    """Return all inspections ever assigned to a person: (stream, scope, period), newest first."""
    rows = reader.rows(
        "SELECT stream, scope, period FROM assignments WHERE person = ?"
        " ORDER BY period DESC, stream",
        [person],
    )
    return [(stream, scope, period) for stream, scope, period in rows]
