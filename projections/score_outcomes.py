"""The projection of outcomes: scores with their adjustments, inspections, rectifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from events.findings import (
    FindingsSubmitted,
    InspectionAssigned,
    InspectionMissed,
    InspectionNotHeld,
)
from events.rectifications import RectificationOrdered
from events.scores import ScoreAdjusted, ScorePosted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.reading import Reader
    from projections.projection import Statement

INSPECTION_STATES = {
    InspectionAssigned.TYPE: "open",
    FindingsSubmitted.TYPE: "scored",
    InspectionMissed.TYPE: "missed",
    InspectionNotHeld.TYPE: "not_held",
}


class ElectronicFile:
    """The read model of scores, inspections and rectifications."""

    name = "electronic_file"
    version = 1
    tables = ("scores", "inspections", "rectifications")
    create = (
        """CREATE TABLE IF NOT EXISTS scores (stream text NOT NULL, kind text NOT NULL,
        period text NOT NULL, scope text NOT NULL, derived text, inspected text, score text,
        scheme text NOT NULL, scheme_version integer NOT NULL, version integer NOT NULL,
        posted_at text NOT NULL, historical integer NOT NULL, adjustments text NOT NULL,
        PRIMARY KEY (stream, kind, period))""",
        "CREATE INDEX IF NOT EXISTS scores_period ON scores (period, kind)",
        """CREATE TABLE IF NOT EXISTS inspections (stream text NOT NULL, scope text NOT NULL,
        period text NOT NULL, state text NOT NULL, inspectors text NOT NULL,
        assigned_at text NOT NULL, PRIMARY KEY (stream, scope, period))""",
        "CREATE INDEX IF NOT EXISTS inspections_period ON inspections (scope, period)",
        """CREATE TABLE IF NOT EXISTS rectifications (stream text NOT NULL,
        rectification_id text NOT NULL, period text NOT NULL, criterion text NOT NULL,
        due_on text NOT NULL, version integer NOT NULL, ordered_at text NOT NULL,
        PRIMARY KEY (stream, version))""",
    )
    types = frozenset(
        {ScorePosted.TYPE, ScoreAdjusted.TYPE, RectificationOrdered.TYPE, *INSPECTION_STATES}
    )

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """The rows that follow from the events."""
        posted: list[tuple[Any, ...]] = []
        assigned: list[tuple[Any, ...]] = []
        moved: list[tuple[Any, ...]] = []
        ordered: list[tuple[Any, ...]] = []
        adjusted: list[RecordedEvent] = []
        for event in events:
            data = event.data
            if event.type == ScorePosted.TYPE:
                posted.append(
                    (event.stream, data["kind"], data["period"], data["scope"],
                     data.get("derived"), data.get("inspected"), data.get("score"),
                     data["scheme"], data["scheme_version"], event.version, event.recorded_at,
                     data["historical"], "[]")
                )  # fmt: skip
            elif event.type == ScoreAdjusted.TYPE:
                adjusted.append(event)
            elif event.type == InspectionAssigned.TYPE:
                people = orjson.dumps(data["inspectors"]).decode()
                assigned.append(
                    (event.stream, data["scope"], data["period"], "open", people, event.recorded_at)
                )
            elif event.type in INSPECTION_STATES:
                state = INSPECTION_STATES[event.type]
                moved.append((state, event.stream, data["scope"], data["period"]))
            else:
                ordered.append(
                    (event.stream, data["rectification_id"], data["period"], data["criterion"],
                     data["due"], event.version, event.recorded_at)
                )  # fmt: skip
        return [
            (_INSERT_SCORE, posted),
            *_adjustments(reader, adjusted),
            (_INSERT_INSPECTION, assigned),
            (
                "UPDATE inspections SET state = ? WHERE stream = ? AND scope = ? AND period = ?",
                moved,
            ),
            (_INSERT_RECTIFICATION, ordered),
        ]


_INSERT_SCORE = (
    "INSERT INTO scores (stream, kind, period, scope, derived, inspected, score, scheme,"
    " scheme_version, version, posted_at, historical, adjustments)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, kind, period) DO NOTHING"
)
"""Where an organization moved between two scopes and both post one month, the first one stands."""
_INSERT_INSPECTION = (
    "INSERT INTO inspections (stream, scope, period, state, inspectors, assigned_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, scope, period) DO NOTHING"
)
_INSERT_RECTIFICATION = (
    "INSERT INTO rectifications (stream, rectification_id, period, criterion, due_on, version,"
    " ordered_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _adjustments(reader: Reader, adjusted: Sequence[RecordedEvent]) -> list[Statement]:
    """One update for each adjusted score, its list of adjustments grown at the end."""
    lists: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for event in adjusted:
        data = event.data
        key = (event.stream, data["kind"], data["period"], data["scope"])
        if key not in lists:
            rows = reader.rows(f"SELECT adjustments FROM scores WHERE {_ONE_SCORE}", key)
            lists[key] = orjson.loads(rows[0][0]) if rows else []
        lists[key].append(
            {
                "old": data.get("old"),
                "new": data["new"],
                "version": event.version,
                "actor": event.actor,
                "at": event.recorded_at,
            }
        )
    return [
        (
            f"UPDATE scores SET adjustments = ? WHERE {_ONE_SCORE}",
            [(orjson.dumps(lists[key]).decode(), *key) for key in sorted(lists)],
        )
    ]


_ONE_SCORE = "stream = ? AND kind = ? AND period = ? AND scope = ?"
