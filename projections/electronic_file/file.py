"""The electronic file of an organization: its stream with the rows of the projections.

``read_file`` joins scores, inspections and rectifications with the activities as they are now,
the number of their events, and the head of the stream, which proves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.log.damage import refuse_damage
from events.log.texts import texts_of_stream
from events.streams.findings import FindingsSubmitted
from events.streams.records import FIELDS, ActivityCorrected, ActivityRecorded, ActivityRetracted
from events.values import FEN
from projections.documents.in_force import book, district
from projections.organizations.directory import OrganizationEntry, entries_of
from projections.organizations.selection import codes_of
from projections.records.current import in_time_until
from projections.scores.outcomes import inspections_of, rectification_rows, score_rows
from projections.scoring.history import recording_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.event import RecordedEvent
    from events.log.reader import Reader

Texts = dict[tuple[int, str], str]
"""The texts of a stream that were not erased, by version and field."""


@dataclass(frozen=True, slots=True)
class FileOrganization:
    """An organization in its file: codes instead of streams, with every code that it had."""

    code: str
    name: str
    category: str
    parent: str | None
    registered_on: str
    closed_on: str | None
    merged_into: str | None
    codes: list[str]


@dataclass(frozen=True, slots=True)
class FileAdjustment:
    """An adjustment of a score; ``reason`` is None where its text was erased."""

    old: str | None
    new: str
    reason: str | None
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class FileScore:
    """The posted score of a period: ``score`` as it was posted, ``current`` as it counts now.

    Scores have two decimals, as texts; None where nothing was derived, inspected or scored.
    ``adjustments`` are oldest first.
    """

    period: str
    kind: str
    derived: str | None
    inspected: str | None
    score: str | None
    current: str | None
    scheme: str
    scheme_version: int
    historical: int
    adjustments: list[FileAdjustment]
    posted_at: str


@dataclass(frozen=True, slots=True)
class FileInspection:
    """An inspection with its state and inspectors."""

    period: str
    scope: str
    state: str
    inspectors: list[str]
    assigned_at: str


@dataclass(frozen=True, slots=True)
class FileRectification:
    """A rectification order; ``problem`` is None where its text was erased, ``due`` an ISO date."""

    rectification_id: str
    period: str
    criterion: str
    problem: str | None
    due: str
    ordered_at: str


@dataclass(frozen=True, slots=True)
class FileHead:
    """The head of the stream that proves a file: its version and hash (hex)."""

    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class ElectronicFile:
    """The electronic file of an organization, in the shape of ``tracker file --json``.

    ``activities`` are the records as they are now, by day, with the fields of
    ``docs/contracts.md``; a free text that was erased is None.
    """

    organization: FileOrganization
    scores: list[FileScore]
    inspections: list[FileInspection]
    rectifications: list[FileRectification]
    activities: list[dict[str, Any]]
    head: FileHead


def read_file(reader: Reader, entry: OrganizationEntry) -> ElectronicFile:
    """Read the electronic file of an organization from its whole stream.

    Raise ``DamagedEvent`` where an event does not match its hash.
    """
    refuse_damage(reader, entry.stream)
    events = reader.stream(entry.stream)
    texts = texts_of_stream(reader, entry.stream)
    head = events[-1]
    return ElectronicFile(
        head_of(reader, entry),
        _scores(reader, entry.stream, texts),
        _inspections(reader, entry.stream),
        _rectifications(reader, entry.stream, texts),
        _activities(reader, entry, events, texts),
        FileHead(head.version, head.hash.hex()),
    )


def head_of(reader: Reader, entry: OrganizationEntry) -> FileOrganization:
    """Return an organization as its file names it."""
    others = entries_of(
        reader, [stream for stream in (entry.parent, entry.merged_into) if stream is not None]
    )
    return FileOrganization(
        code=entry.code,
        name=entry.name,
        category=entry.category,
        parent=others[entry.parent].code if entry.parent is not None else None,
        registered_on=entry.registered_on,
        closed_on=entry.closed_on,
        merged_into=others[entry.merged_into].code if entry.merged_into is not None else None,
        codes=codes_of(reader, entry.stream),
    )


def scores_of(reader: Reader, stream: str) -> list[FileScore]:
    """Return the scores of an organization by period, as its file shows them."""
    return _scores(reader, stream, texts_of_stream(reader, stream))


def _scores(reader: Reader, stream: str, texts: Texts) -> list[FileScore]:
    scores = []
    for row in score_rows(reader, stream):
        adjustments = [
            FileAdjustment(
                stored.old,
                stored.new,
                texts.get((stored.version, "reason")),
                stored.actor,
                stored.at,
            )
            for stored in row.adjustments
        ]
        scores.append(
            FileScore(
                period=row.period,
                kind=row.kind,
                derived=row.derived,
                inspected=row.inspected,
                score=row.score,
                current=adjustments[-1].new if adjustments else row.score,
                scheme=row.scheme,
                scheme_version=row.scheme_version,
                historical=row.historical,
                adjustments=adjustments,
                posted_at=row.posted_at,
            )
        )
    return sorted(scores, key=lambda score: (score.period, score.kind))


def _inspections(reader: Reader, stream: str) -> list[FileInspection]:
    rows = inspections_of(reader, [stream]).values()
    return [
        FileInspection(row.period, row.scope, row.state, list(row.inspectors), row.assigned_at)
        for row in sorted(rows, key=lambda row: (row.period, row.scope))
    ]


def _rectifications(reader: Reader, stream: str, texts: Texts) -> list[FileRectification]:
    return [
        FileRectification(
            row.rectification_id,
            row.period,
            row.criterion,
            texts.get((row.version, "problem")),
            row.due_on,
            row.ordered_at,
        )
        for row in rectification_rows(reader, stream)
    ]


def _activities(
    reader: Reader, entry: OrganizationEntry, events: Iterable[RecordedEvent], texts: Texts
) -> list[dict[str, Any]]:
    zone, schemes = district(reader).zone, book(reader)
    activities = []
    for record_id, record in _fold_records(events).items():
        in_time = in_time_until(schemes, entry, record.fields["occurred_on"])
        late = recording_date(record.first, zone) > in_time
        activities.append({"record_id": record_id, **record.shown(texts), "late": late})
    return sorted(activities, key=lambda row: (row["occurred_on"], row["record_id"]))


def _fold_records(events: Iterable[RecordedEvent]) -> dict[str, _Activity]:
    """Fold the records of a stream, by id."""
    records: dict[str, _Activity] = {}
    lists: dict[str, list[str]] = {}
    for event in events:
        if event.type == ActivityRecorded.TYPE:
            records[event.data["record_id"]] = _Activity(event)
        elif event.type in {ActivityCorrected.TYPE, ActivityRetracted.TYPE}:
            records[event.data["record_id"]].change(event)
        elif event.type == FindingsSubmitted.TYPE:
            period = event.data["period"]
            for record_id in lists.get(period, ()):
                records[record_id].disallowed_by.discard(period)
            lists[period] = [line["record_id"] for line in event.data["disallow"]]
            for record_id in lists[period]:
                records[record_id].disallow(period)
    return records


class _Activity:
    """One record as it is now: its fields, and the event that each free text comes from."""

    def __init__(self, event: RecordedEvent) -> None:
        self.first = event
        self.fields = {key: event.data[key] for key in FIELDS if key in event.data}
        self.places = {key: (event.version, key) for key in ActivityRecorded.TEXTS}
        self.history = 1
        self.own_state = "standing"
        self.disallowed_by: set[str] = set()

    def change(self, event: RecordedEvent) -> None:
        """Apply a correction, which replaces whole fields, or a retraction, which is final."""
        self.history += 1
        if event.type == ActivityRetracted.TYPE:
            self.own_state = "retracted"
            return
        for name in event.data.get("cleared") or ():
            self.fields.pop(name, None)
        changes = event.data["changes"]
        self.fields |= changes
        self.places |= {
            key: (event.version, f"changes.{key}") for key in self.places if key in changes
        }
        if self.own_state == "standing":
            self.own_state = "corrected"

    def disallow(self, period: str) -> None:
        """Note that the sheet of a period disallowed it, until a later one leaves it out."""
        self.history += 1
        self.disallowed_by.add(period)

    @property
    def state(self) -> str:
        """Retracted, disallowed, corrected or standing, in this order of precedence."""
        if self.disallowed_by and self.own_state != "retracted":
            return "disallowed"
        return self.own_state

    def shown(self, texts: Texts) -> dict[str, Any]:
        """Return the record as JSON values; money in yuan, texts None where they were erased."""
        fields: dict[str, Any] = {key: self.fields.get(key) for key in FIELDS}
        for key, place in self.places.items():
            fields[key] = texts.get(place) if key in self.fields else None
        money = self.fields.get("money")
        if money is not None:
            fields["money"] = {
                key: f"{value // FEN}.{value % FEN:02}" for key, value in money.items()
            }
        fields["evidence"] = [
            {"kind": piece["kind"], "file": piece.get("file")} for piece in fields["evidence"] or ()
        ]
        return fields | {
            "state": self.state,
            "history": self.history,
            "recorded_at": self.first.recorded_at,
            "recorded_on": self.first.recorded_on,
            "actor": self.first.actor,
            "historical": self.first.recorded_on is not None,
        }
