"""The facts of every organization as rows: records, self-reports, sheets, postings.

Rows are a fold of one organization's stream and commit with the append. ``load_histories`` makes
the ``History`` that scoring reads; a past instant is folded from the log instead.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson

from events.streams.findings import FindingsSubmitted
from events.streams.organizations import SUBJECT
from events.streams.records import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityRetracted,
    ConditionReported,
    MeasureReported,
)
from projections.records.openings import load_openings
from projections.scores.outcomes import scores_posted
from projections.scoring.credit import state_at
from projections.scoring.history import (
    History,
    RecordHistory,
    RecordVersion,
    SheetFindings,
    StateReport,
    disallowances_of,
    entry_of,
    fold,
    mark_arrival,
    recording_date,
    report_of,
    sheet_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

UPSERT_RECORD = (
    "INSERT INTO record_facts (stream, record_id, from_on, to_on, historical, entries)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, record_id) DO UPDATE SET"
    " from_on = excluded.from_on, to_on = excluded.to_on, entries = excluded.entries"
)
INSERT_RECORD = (
    "INSERT INTO record_facts (stream, record_id, from_on, to_on, historical, entries)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
INSERT_REPORT = (
    "INSERT INTO report_facts (stream, version, kind, name, on_date, known_on, value)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_SHEET = (
    "INSERT INTO sheet_facts (stream, version, period, kind, sheet_id, known_on, findings)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class Facts:
    """The read model that figures are computed from."""

    name = "facts"
    version = 2
    tables = ("record_facts", "report_facts", "sheet_facts")
    create = (
        """CREATE TABLE IF NOT EXISTS record_facts (stream text NOT NULL, record_id text NOT NULL,
        from_on text NOT NULL, to_on text NOT NULL, historical integer NOT NULL,
        entries text NOT NULL, PRIMARY KEY (stream, record_id))""",
        "CREATE INDEX IF NOT EXISTS record_facts_on ON record_facts (stream, from_on)",
        """CREATE TABLE IF NOT EXISTS report_facts (stream text NOT NULL, version integer NOT NULL,
        kind text NOT NULL, name text NOT NULL, on_date text NOT NULL, known_on text NOT NULL,
        value text NOT NULL, PRIMARY KEY (stream, version))""",
        """CREATE TABLE IF NOT EXISTS sheet_facts (stream text NOT NULL, version integer NOT NULL,
        period text NOT NULL, kind text NOT NULL, sheet_id text NOT NULL, known_on text NOT NULL,
        findings text NOT NULL, PRIMARY KEY (stream, version))""",
    )
    types = frozenset(
        event_class.TYPE
        for event_class in (
            ActivityRecorded,
            ActivityCorrected,
            ActivityRetracted,
            ConditionReported,
            MeasureReported,
            FindingsSubmitted,
        )
    )

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], zone: str) -> list[Statement]:
        """Plan the rows that follow from events, which are in stream order within each stream."""
        draft = _Draft(reader, events, ZoneInfo(zone))
        for event in events:
            draft.add(event)
        return draft.statements()


class _Draft:
    """The rows of one batch; the rows of records that it changes are read first."""

    def __init__(self, reader: Reader, events: Sequence[RecordedEvent], zone: tzinfo) -> None:
        self.zone = zone
        self.new: dict[tuple[str, str], tuple[int, list[RecordVersion]]] = {}
        self.changed: dict[tuple[str, str], tuple[int, list[RecordVersion]]] = {}
        self.reports: list[tuple[Any, ...]] = []
        self.sheets: list[tuple[Any, ...]] = []
        again = {
            (event.stream, record_id)
            for event in events
            if event.type != ActivityRecorded.TYPE
            for record_id in _records_named(event)
        }
        rows = reader.select_pairs(
            "SELECT stream, record_id, historical, entries FROM record_facts"
            " WHERE (stream, record_id)",
            sorted(again),
        )
        self.known = {
            (stream, record_id): (historical, _entries(entries))
            for stream, record_id, historical, entries in rows
        }

    def add(self, event: RecordedEvent) -> None:
        known_on = recording_date(event, self.zone)
        change = entry_of(event, known_on)
        if change is not None:
            mark_arrival(change[1], event, self.zone)
        if event.type == ActivityRecorded.TYPE:
            assert change is not None, event.type
            record_id, entry = change
            historical = int(event.recorded_on is not None)
            self.new[event.stream, record_id] = (historical, [entry])
            return
        report = report_of(event, known_on)
        if report is not None:
            self.reports.append(
                (event.stream, event.version, report.kind, report.name, report.on, known_on,
                 report.value)
            )  # fmt: skip
            return
        sheet = sheet_of(event, known_on)
        if sheet is not None:
            self.sheets.append(
                (event.stream, event.version, sheet.period, sheet.kind, sheet.sheet_id, known_on,
                 _findings_text(sheet))
            )  # fmt: skip
            for record_id, entry in disallowances_of(event, known_on):
                self._append_entry(event.stream, record_id, entry)
            return
        assert change is not None, event.type
        self._append_entry(event.stream, *change)

    def _append_entry(self, stream: str, record_id: str, entry: RecordVersion) -> None:
        key = (stream, record_id)
        if key in self.new:
            self.new[key][1].append(entry)
        else:
            self.changed[key] = self.changed.get(key) or self.known[key]
            self.changed[key][1].append(entry)

    def statements(self) -> list[Statement]:
        return [
            (INSERT_RECORD, [_record_row(key, *value) for key, value in self.new.items()]),
            (UPSERT_RECORD, [_record_row(key, *value) for key, value in self.changed.items()]),
            (INSERT_REPORT, self.reports),
            (INSERT_SHEET, self.sheets),
        ]


def _records_named(event: RecordedEvent) -> list[str]:
    if event.type == FindingsSubmitted.TYPE:
        return [disallowed["record_id"] for disallowed in event.data["disallow"]]
    return [event.data["record_id"]] if "record_id" in event.data else []


def _record_row(
    key: tuple[str, str], historical: int, entries: list[RecordVersion]
) -> tuple[str, str, str, str, int, str]:
    """Return the row; ``from_on`` and ``to_on`` span every date that the record ever had."""
    if len(entries) == 1:
        (entry,) = entries
        day = entry.changes["occurred_on"]
        return (*key, day, day, historical, orjson.dumps([_packed(entry)]).decode())
    dates = [entry.changes["occurred_on"] for entry in entries if "occurred_on" in entry.changes]
    packed = orjson.dumps([_packed(entry) for entry in entries]).decode()
    return (*key, min(dates), max(dates), historical, packed)


def _packed(entry: RecordVersion) -> list[Any]:
    """Return an entry as it is stored: when it truly came only where it is historical."""
    arrival = [entry.came_on, entry.came_at] if entry.came_at else []
    return [entry.known_on, entry.version, entry.changes, *arrival]


def _findings_text(sheet: SheetFindings) -> str:
    """Return the findings of a sheet as JSON; with its additions where it found any.

    The list alone is the form of every row from before additions.
    """
    stored = [sheet.findings, sheet.additions] if sheet.additions else sheet.findings
    return orjson.dumps(stored, option=orjson.OPT_SORT_KEYS).decode()


def _findings_read(text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the findings and the additions of a row."""
    stored = orjson.loads(text)
    if stored and isinstance(stored[0], list):
        return stored[0], stored[1]
    return stored, []


def _entries(text: str) -> list[RecordVersion]:
    return [RecordVersion(*entry) for entry in orjson.loads(text)]


def load_histories(
    reader: Reader,
    streams: Sequence[str],
    zone: tzinfo,
    first_day: str = "0000-00-00",
    last_day: str = "9999-99-99",
) -> dict[str, History]:
    """Return the histories of organizations, from rows; records outside the days are left out."""
    lives: dict[str, list[RecordedEvent]] = {stream: [] for stream in streams}
    for event in reader.events_of_subject(streams, SUBJECT):
        lives[event.stream].append(event)
    histories = {stream: fold(events, zone) for stream, events in lives.items()}
    for stream, record_id, entries in reader.select_in(
        "SELECT stream, record_id, entries FROM record_facts"
        " WHERE from_on <= ? AND to_on >= ? AND stream",
        streams,
        given=[last_day, first_day],
    ):
        histories[stream].records[record_id] = RecordHistory(record_id, _entries(entries))
    _load_reports(reader, streams, histories)
    load_openings(reader, histories)
    return histories


_PLACE = itemgetter(0, 1)
"""Stream and version of a row."""


def _load_reports(reader: Reader, streams: Sequence[str], histories: dict[str, History]) -> None:
    reports = reader.select_in(
        "SELECT stream, version, kind, name, on_date, known_on, value FROM report_facts"
        " WHERE stream",
        streams,
    )
    for stream, version, kind, name, on, known_on, value in sorted(reports, key=_PLACE):
        histories[stream].reports.append(StateReport(kind, name, on, known_on, version, value))
    sheets = reader.select_in(
        "SELECT stream, version, period, kind, sheet_id, known_on, findings FROM sheet_facts"
        " WHERE stream",
        streams,
    )
    for stream, version, period, kind, sheet_id, known_on, findings in sorted(sheets, key=_PLACE):
        histories[stream].sheets.append(
            SheetFindings(period, kind, sheet_id, known_on, version, *_findings_read(findings))
        )
    for stream, period, kind, version in scores_posted(reader, streams):
        histories[stream].posted[period, kind] = version


def historical_counts(
    reader: Reader,
    streams: Sequence[str],
    first_day: str,
    last_day: str,
    asked_on: str = "9999-99-99",
) -> dict[str, int]:
    """Count the records of some days that came by a historical import, by stream.

    Their newest state as known on ``asked_on`` decides: a retracted record does not count, a
    corrected date counts as corrected (docs/semantics.md, section 10).
    """
    rows = reader.select_in(
        "SELECT stream, entries FROM record_facts WHERE historical = 1"
        " AND from_on <= ? AND to_on >= ? AND stream",
        streams,
        given=[last_day, first_day],
    )
    counts: dict[str, int] = {}
    for stream, entries in rows:
        state = state_at(_entries(entries), asked_on)
        if "retracted" not in state and first_day <= state.get("occurred_on", "") <= last_day:
            counts[stream] = counts.get(stream, 0) + 1
    return counts


def record_ids(reader: Reader, stream: str) -> frozenset[str]:
    """Return the ids of every record of an organization, retracted ones too."""
    rows = reader.rows("SELECT record_id FROM record_facts WHERE stream = ?", [stream])
    return frozenset(record_id for (record_id,) in rows)


def count_historical_records(reader: Reader, stream: str) -> int:
    """Count the records of an organization that came by a historical import."""
    rows = reader.rows(
        "SELECT count(*) FROM record_facts WHERE stream = ? AND historical = 1", [stream]
    )
    return int(rows[0][0])


def entries_of_records(
    reader: Reader, stream: str, records: Sequence[str]
) -> dict[str, list[RecordVersion]]:
    """Return the entries of records of an organization, by record id, without unknown ids."""
    rows = reader.select_pairs(
        "SELECT record_id, entries FROM record_facts WHERE (stream, record_id)",
        [(stream, record_id) for record_id in records],
    )
    return {record_id: _entries(entries) for record_id, entries in rows}


def entries_between(
    reader: Reader, stream: str, first_day: str, last_day: str
) -> dict[str, list[RecordVersion]]:
    """Return the entries of the records that ever were dated to some days, by record id."""
    rows = reader.rows(
        "SELECT record_id, entries FROM record_facts"
        " WHERE stream = ? AND from_on <= ? AND to_on >= ?",
        [stream, last_day, first_day],
    )
    return {record_id: _entries(entries) for record_id, entries in rows}


def reports_of(reader: Reader, stream: str, last: str) -> list[StateReport]:
    """Return the self-reports of an organization that are dated up to a day (ISO)."""
    rows = reader.rows(
        "SELECT kind, name, on_date, known_on, version, value FROM report_facts"
        " WHERE stream = ? AND on_date <= ?",
        [stream, last],
    )
    return [StateReport(*row) for row in rows]


def newest_sheets(reader: Reader, stream: str) -> frozenset[int]:
    """Return the version of the newest sheet of each period, whose disallowed records count."""
    rows = reader.rows(
        "SELECT max(version) FROM sheet_facts WHERE stream = ? GROUP BY period", [stream]
    )
    return frozenset(version for (version,) in rows)


def newest_values(reader: Reader, streams: Sequence[str]) -> dict[tuple[str, str, str, str], str]:
    """Return the newest value of each self-report, by stream, kind, name and date (ISO)."""
    rows = reader.select_in(
        "SELECT version, stream, kind, name, on_date, value FROM report_facts WHERE stream",
        streams,
    )
    return {(stream, kind, name, on): value for _, stream, kind, name, on, value in sorted(rows)}


def streams_with_facts(reader: Reader) -> set[str]:
    """Return the organizations (streams) with any record, condition or measure."""
    rows = reader.rows("SELECT stream FROM record_facts UNION SELECT stream FROM report_facts")
    return {stream for (stream,) in rows}


def sheet_versions(reader: Reader, stream: str, first: str, last: str) -> list[int]:
    """Return the versions of an organization's sheets for some periods (their texts), in order."""
    rows = reader.rows(
        "SELECT version FROM sheet_facts WHERE stream = ? AND period BETWEEN ? AND ?"
        " ORDER BY version",
        [stream, first, last],
    )
    return [version for (version,) in rows]
