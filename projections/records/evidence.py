"""Where every stored evidence file was used, and which records came after their month.

Both are few rows compared with the records: only uploaded files have uses, and only records that
were recorded after the end of their month are late. The days of grace that a scheme gives are
subtracted where the records are shown.
"""

from __future__ import annotations

from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from events.periods import month_of
from events.streams.records import ActivityCorrected, ActivityRecorded, record_subject
from events.streams.rectifications import RectificationReplied
from projections.records.facts import entries_of_records
from projections.scoring.credit import state_at
from projections.scoring.history import NEVER, recording_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement

INSERT_USE = (
    "INSERT INTO evidence_uses (stream, version, place, file, kind, subject, occurred_on,"
    " recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_LATE = (
    "INSERT INTO late_records (stream, version, month, record_id, occurred_on, recorded_on, days)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class EvidenceUses:
    """The read model of used files and of records that came after their month."""

    name = "evidence"
    version = 1
    tables = ("evidence_uses", "late_records")
    create = (
        """CREATE TABLE IF NOT EXISTS evidence_uses (stream text NOT NULL, version integer NOT NULL,
        place integer NOT NULL, file text NOT NULL, kind text NOT NULL, subject text NOT NULL,
        occurred_on text, recorded_at text NOT NULL, PRIMARY KEY (stream, version, place))""",
        "CREATE INDEX IF NOT EXISTS evidence_uses_file ON evidence_uses (file)",
        """CREATE TABLE IF NOT EXISTS late_records (stream text NOT NULL, version integer NOT NULL,
        month text NOT NULL, record_id text NOT NULL, occurred_on text NOT NULL,
        recorded_on text NOT NULL, days integer NOT NULL, PRIMARY KEY (stream, version))""",
        "CREATE INDEX IF NOT EXISTS late_records_month ON late_records (month, days)",
    )
    types = frozenset({ActivityRecorded.TYPE, ActivityCorrected.TYPE, RectificationReplied.TYPE})

    def plan(self, _reader: Reader, events: Sequence[RecordedEvent], zone: str) -> list[Statement]:
        """Plan a row for each file that an event names and for each record after its month."""
        uses: list[tuple[Any, ...]] = []
        late: list[tuple[Any, ...]] = []
        for event in events:
            uses += _uses(event)
            if event.type == ActivityRecorded.TYPE:
                late += _late(event, ZoneInfo(zone))
        return [(INSERT_USE, uses), (INSERT_LATE, late)]


def _uses(event: RecordedEvent) -> list[tuple[Any, ...]]:
    data = event.data
    named = data["changes"] if event.type == ActivityCorrected.TYPE else data
    subject = event.subject or f"record/{data['record_id']}"
    return [
        (event.stream, event.version, place, piece["file"], piece["kind"], subject,
         event.occurred_on, event.recorded_at)
        for place, piece in enumerate(named.get("evidence") or ())
        if "file" in piece
    ]  # fmt: skip


def _late(event: RecordedEvent, zone: ZoneInfo) -> list[tuple[Any, ...]]:
    occurred_on = event.data["occurred_on"]
    recorded_on = recording_date(event, zone)
    if recorded_on[:7] <= occurred_on[:7]:
        return []
    month = month_of(date.fromisoformat(occurred_on))
    days = (date.fromisoformat(recorded_on) - month.last_day).days
    return [
        (event.stream, event.version, str(month), event.data["record_id"], occurred_on,
         recorded_on, days)
    ]  # fmt: skip


class FileUse(NamedTuple):
    """One use of a stored file: the organization's stream and the subject inside it.

    ``occurred_on`` is the day (ISO) of the record as it is now or of the reply's measures, None
    where there is none; ``recorded_at`` is an instant (ISO text).
    """

    recorded_at: str
    stream: str
    subject: str
    kind: str
    occurred_on: str | None


def uses_of(reader: Reader, files: Sequence[str]) -> dict[str, list[FileUse]]:
    """Return where files (their SHA-256) were used so far, oldest first, by file."""
    uses: dict[str, list[FileUse]] = {}
    for file, *columns in reader.select_in(
        f"SELECT file, {', '.join(FileUse._fields)} FROM evidence_uses WHERE file", files
    ):
        uses.setdefault(file, []).append(FileUse._make(columns))
    days = _days_of_records(reader, [use for of_file in uses.values() for use in of_file])
    return {
        file: [
            use._replace(occurred_on=days.get((use.stream, use.subject), use.occurred_on))
            for use in sorted(of_file, key=itemgetter(slice(3)))
        ]
        for file, of_file in uses.items()
    }


def _days_of_records(reader: Reader, uses: Sequence[FileUse]) -> dict[tuple[str, str], str]:
    """Return the present day of each record that uses a file, by stream and subject."""
    by_stream: dict[str, set[str]] = {}
    for use in uses:
        kind, _, record_id = use.subject.partition("/")
        if kind == "record":
            by_stream.setdefault(use.stream, set()).add(record_id)
    return {
        (stream, record_subject(record_id)): state_at(entries, NEVER)["occurred_on"]
        for stream, ids in by_stream.items()
        for record_id, entries in entries_of_records(reader, stream, sorted(ids)).items()
    }


def flagged_uses(
    uses: Sequence[FileUse], stream: str, subject: str, occurred_on: str = ""
) -> list[FileUse]:
    """Return the uses of a file that flag it next to a record, the newest one of each subject.

    They are those of other organizations and of other months (so of earlier years too); another
    record of the same organization and month flags nothing (docs/semantics.md, section 3). The
    record is a ``subject`` of a ``stream``; its day (ISO) is ``occurred_on``, else that of its
    newest use, and where neither is known every use by another subject flags.
    """
    newest: dict[tuple[str, str], FileUse] = {}
    for use in reversed(uses):
        newest.setdefault((use.stream, use.subject), use)
    own = newest.pop((stream, subject), None)
    month = (occurred_on or (own.occurred_on if own is not None else None) or "")[:7]
    return [
        use
        for use in newest.values()
        if not month or use.stream != stream or (use.occurred_on or month)[:7] != month
    ]


def all_files_used(reader: Reader) -> list[str]:
    """Return the SHA-256 of every stored file that any event uses, in order."""
    rows = reader.rows("SELECT DISTINCT file FROM evidence_uses ORDER BY file")
    return [file for (file,) in rows]


class UsedFile(NamedTuple):
    """A stored file as an event uses it: the subject inside the stream, the kind, the SHA-256."""

    subject: str
    kind: str
    file: str


def files_used(reader: Reader, stream: str) -> list[UsedFile]:
    """Return the stored files that events of a stream use, in the order of the events."""
    rows = reader.rows(
        "SELECT subject, kind, file FROM evidence_uses WHERE stream = ? ORDER BY version, place",
        [stream],
    )
    return [UsedFile._make(row) for row in rows]
