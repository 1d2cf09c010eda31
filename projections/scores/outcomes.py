"""The read model of outcomes: posted scores with adjustments, inspections, rectification orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events.streams.findings import (
    FindingsSubmitted,
    InspectionAssigned,
    InspectionMissed,
    InspectionNotHeld,
)
from events.streams.rectifications import RectificationOrdered
from events.streams.scores import ScoreAdjusted, ScorePosted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

INSPECTION_STATES = {
    InspectionAssigned.TYPE: "open",
    FindingsSubmitted.TYPE: "scored",
    InspectionMissed.TYPE: "missed",
    InspectionNotHeld.TYPE: "not_held",
}


class FileOutcomes:
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
        """Plan the rows that follow from events."""
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
"""Where an organization moves between two scopes and both post a month, the first score counts."""
_INSERT_INSPECTION = (
    "INSERT INTO inspections (stream, scope, period, state, inspectors, assigned_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, scope, period) DO NOTHING"
)
_INSERT_RECTIFICATION = (
    "INSERT INTO rectifications (stream, rectification_id, period, criterion, due_on, version,"
    " ordered_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _adjustments(reader: Reader, adjusted: Sequence[RecordedEvent]) -> list[Statement]:
    """Plan one update for each adjusted score, which appends to its list of adjustments."""
    lists: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for event in adjusted:
        data = event.data
        key = (event.stream, data["kind"], data["period"], data["scope"])
        if key not in lists:
            rows = reader.rows(f"SELECT adjustments FROM scores WHERE {_ONE_SCORE}", key)
            lists[key] = [known for (text,) in rows for known in orjson.loads(text)]
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


class InspectionRow(NamedTuple):
    """One inspection: ``inspectors`` are ids of people, ``assigned_at`` an instant (ISO text)."""

    stream: str
    scope: str
    period: str
    state: str
    inspectors: tuple[str, ...]
    assigned_at: str


_INSPECTIONS = f"SELECT {', '.join(InspectionRow._fields)} FROM inspections WHERE "


def _inspection(row: Sequence[Any]) -> InspectionRow:
    stream, scope, period, state, inspectors, assigned_at = row
    people = tuple(orjson.loads(inspectors))
    return InspectionRow(stream, scope, period, state, people, assigned_at)


def inspections_of(
    reader: Reader, streams: Sequence[str]
) -> dict[tuple[str, str, str], InspectionRow]:
    """Return every inspection of some organizations, by stream, scope and month."""
    rows = map(_inspection, reader.select_in(f"{_INSPECTIONS}stream", streams))
    return {(row.stream, row.scope, row.period): row for row in rows}


def inspection_in(reader: Reader, stream: str, period: str) -> InspectionRow | None:
    """Return the inspection of an organization in a month, None where it was not drawn."""
    rows = reader.rows(
        f"{_INSPECTIONS}stream = ? AND period = ? ORDER BY assigned_at", [stream, period]
    )
    return next(map(_inspection, rows), None)


def streams_to_inspect(reader: Reader, scope: str, period: str, limit: int) -> list[str]:
    """Return the organizations of a cycle whose inspection is open, the first few by stream."""
    rows = reader.rows(
        "SELECT stream FROM inspections"
        " WHERE scope = ? AND period = ? AND state = 'open' ORDER BY stream LIMIT ?",
        [scope, period, limit],
    )
    return [stream for (stream,) in rows]


def open_inspections(
    reader: Reader, scope: str, period: str, streams: Sequence[str]
) -> list[InspectionRow]:
    """Return the open inspections of a cycle among some organizations, by stream."""
    rows = reader.select_in(
        f"{_INSPECTIONS}state = 'open' AND scope = ? AND period = ? AND stream",
        streams,
        given=[scope, period],
    )
    return [_inspection(row) for row in sorted(rows)]


def inspected_among(reader: Reader, period: str, streams: Sequence[str]) -> frozenset[str]:
    """Return those of some organizations whose inspection of a month was scored."""
    rows = reader.select_in(
        "SELECT stream FROM inspections WHERE state = 'scored' AND period = ? AND stream",
        streams,
        given=[period],
    )
    return frozenset(stream for (stream,) in rows)


def inspections_by_state(reader: Reader, scope: str, period: str) -> dict[str, int]:
    """Count the inspections of a cycle in each state."""
    rows = reader.rows(
        "SELECT state, count(*) FROM inspections WHERE scope = ? AND period = ? GROUP BY state",
        [scope, period],
    )
    return {state: int(count) for state, count in rows}


def last_inspections_before(reader: Reader, period: str, streams: Sequence[str]) -> dict[str, str]:
    """Return the month of each newest scored inspection before a month, by stream."""
    newest: dict[str, str] = {}
    for stream, month in reader.select_in(
        "SELECT stream, period FROM inspections WHERE state = 'scored' AND period < ? AND stream",
        streams,
        given=[period],
    ):
        newest[stream] = max(month, newest.get(stream, ""))
    return newest


def visits_between(reader: Reader, first: str, last: str) -> dict[str, int]:
    """Count the inspections of each organization from one month to another, both included."""
    rows = reader.rows(
        "SELECT stream, count(*) FROM inspections WHERE state = 'scored'"
        " AND period BETWEEN ? AND ? GROUP BY stream",
        [first, last],
    )
    return {stream: int(count) for stream, count in rows}


def scored_inspections(reader: Reader) -> Sequence[tuple[str, str, str]]:
    """Return every scored inspection: stream, scope, month."""
    rows: Sequence[tuple[str, str, str]] = reader.rows(
        "SELECT stream, scope, period FROM inspections WHERE state = 'scored'"
    )
    return rows


class PostedScore(NamedTuple):
    """A score as it was posted: the scope of its cycle, and figures with two decimals or None.

    ``scheme`` and ``scheme_version`` are the version by which it was posted.
    """

    scope: str
    derived: str | None
    inspected: str | None
    score: str | None
    scheme: str
    scheme_version: int


def posted_score(reader: Reader, stream: str, kind: str, period: str) -> PostedScore | None:
    """Return the posted score of an organization and period, None before it is posted."""
    rows = reader.rows(
        f"SELECT {', '.join(PostedScore._fields)} FROM scores"
        " WHERE stream = ? AND kind = ? AND period = ?",
        [stream, kind, period],
    )
    return next(map(PostedScore._make, rows), None)


def streams_posted(reader: Reader, kind: str, period: str) -> set[str]:
    """Return the organizations whose score of a period is posted."""
    rows = reader.rows("SELECT stream FROM scores WHERE period = ? AND kind = ?", [period, kind])
    return {stream for (stream,) in rows}


def count_posted(reader: Reader, scope: str, kind: str, period: str) -> int:
    """Count the scores that a cycle has posted."""
    rows = reader.rows(
        "SELECT count(*) FROM scores WHERE scope = ? AND period = ? AND kind = ?",
        [scope, period, kind],
    )
    return int(rows[0][0])


def scores_among(
    reader: Reader, kind: str, period: str, streams: Sequence[str]
) -> Sequence[tuple[str, str, str | None, str | None, str]]:
    """Return posted scores of organizations: stream, scope, score, inspected and JSON."""
    return reader.select_in(
        "SELECT stream, scope, score, inspected, adjustments FROM scores"
        " WHERE kind = ? AND period = ? AND stream",
        streams,
        given=[kind, period],
    )


def scores_posted(reader: Reader, streams: Sequence[str]) -> Sequence[tuple[str, str, str, int]]:
    """Return every posted score of organizations: stream, period, kind, version of its event."""
    return reader.select_in(
        "SELECT stream, period, kind, version FROM scores WHERE stream", streams
    )


def posted_versions(reader: Reader, stream: str, period: str, until: str) -> list[tuple[str, int]]:
    """Return the kind and version of what was posted by an instant (ISO text), by kind."""
    rows = reader.rows(
        "SELECT kind, version FROM scores WHERE stream = ? AND period = ? AND posted_at <= ?",
        [stream, period, until],
    )
    return sorted((kind, version) for kind, version in rows)


def sum_historical(reader: Reader, scope: str, kind: str, period: str) -> int:
    """Sum the historical records that count in the scores of a cycle."""
    rows = reader.rows(
        "SELECT coalesce(sum(historical), 0) FROM scores"
        " WHERE scope = ? AND period = ? AND kind = ?",
        [scope, period, kind],
    )
    return int(rows[0][0])


def inspections_in_cycle(reader: Reader, scope: str, period: str) -> list[InspectionRow]:
    """Return every inspection of a cycle."""
    rows = reader.rows(f"{_INSPECTIONS}scope = ? AND period = ?", [scope, period])
    return [_inspection(row) for row in rows]


def order_versions(reader: Reader, stream: str, period: str) -> list[int]:
    """Return the versions of the events that ordered rectifications for a period, in order."""
    rows = reader.rows(
        "SELECT version FROM rectifications WHERE stream = ? AND period = ? ORDER BY version",
        [stream, period],
    )
    return [version for (version,) in rows]


class Adjustment(NamedTuple):
    """One adjustment of a posted score: the version of its event, its account and instant."""

    old: str | None
    new: str
    version: int
    actor: str
    at: str


class ScoreRow(NamedTuple):
    """A posted score of one organization; ``adjustments`` oldest first."""

    period: str
    kind: str
    derived: str | None
    inspected: str | None
    score: str | None
    scheme: str
    scheme_version: int
    historical: int
    posted_at: str
    adjustments: list[Adjustment]


def score_rows(reader: Reader, stream: str) -> list[ScoreRow]:
    """Return every posted score of an organization."""
    rows = reader.rows(
        f"SELECT {', '.join(ScoreRow._fields)} FROM scores WHERE stream = ?", [stream]
    )
    return [
        ScoreRow._make((*row, [Adjustment(**one) for one in orjson.loads(adjustments)]))
        for *row, adjustments in rows
    ]


class RectificationRow(NamedTuple):
    """A rectification order: the version of its event, and when it is due (a date, ISO text)."""

    version: int
    rectification_id: str
    period: str
    criterion: str
    due_on: str
    ordered_at: str


def rectification_rows(reader: Reader, stream: str) -> list[RectificationRow]:
    """Return every rectification order of an organization, oldest first."""
    rows = reader.rows(
        f"SELECT {', '.join(RectificationRow._fields)} FROM rectifications"
        " WHERE stream = ? ORDER BY version",
        [stream],
    )
    return [RectificationRow._make(row) for row in rows]
