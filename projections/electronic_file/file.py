"""The electronic file of an organization: its stream with the rows of the projections.

``read_file`` joins scores, inspections and rectifications with the activities as they are now,
the count of their events, and the head of the stream that proves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.schemes import SchemePolicy
from events.log.texts import texts_of_stream
from events.periods import day_after, parse_month
from events.streams.findings import FindingsSubmitted
from events.streams.records import FIELDS, ActivityCorrected, ActivityRecorded, ActivityRetracted
from events.streams.scores import MONTHLY
from events.values import FEN
from projections.documents.in_force import book, district
from projections.organizations.directory import OrganizationEntry, entries_of
from projections.organizations.selection import codes_of
from projections.records.facts import count_historical_records
from projections.scores.outcomes import inspections_of, rectification_rows, score_rows
from projections.scoring.history import recording_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader


def read_file(reader: Reader, entry: OrganizationEntry) -> dict[str, Any]:
    """The electronic file of an organization, in the shape of ``tracker file --json``.

    ``score`` is what was posted and ``current`` what counts now; a free text that was erased is
    None. Activities stand as they are now, by day; ``history`` counts the events of each.
    """
    events = reader.stream(entry.stream)
    texts = texts_of_stream(reader, entry.stream)
    head = events[-1]
    return {
        "organization": head_of(reader, entry),
        "scores": _scores(reader, entry.stream, texts),
        "inspections": _inspections(reader, entry.stream),
        "rectifications": _rectifications(reader, entry.stream, texts),
        "activities": _activities(reader, entry, events, texts),
        "head": {"version": head.version, "hash": head.hash.hex()},
    }


def file_head(reader: Reader, entry: OrganizationEntry) -> dict[str, Any]:
    """The head of a file without reading the stream: codes, version, hash, historical records."""
    head = reader.head(entry.stream) or (0, b"")
    version, digest = head
    return {
        "codes": codes_of(reader, entry.stream),
        "version": version,
        "hash": digest.hex(),
        "historical": count_historical_records(reader, entry.stream),
    }


Texts = dict[tuple[int, str], str]


def head_of(reader: Reader, entry: OrganizationEntry) -> dict[str, Any]:
    """An organization as its file names it: codes instead of streams, every code it bore."""
    named = entries_of(
        reader, [one for one in (entry.parent, entry.merged_into) if one is not None]
    )
    return {
        "code": entry.code,
        "name": entry.name,
        "category": entry.category,
        "parent": named[entry.parent].code if entry.parent is not None else None,
        "registered_on": entry.registered_on,
        "closed_on": entry.closed_on,
        "merged_into": named[entry.merged_into].code if entry.merged_into is not None else None,
        "codes": codes_of(reader, entry.stream),
    }


def _scores(reader: Reader, stream: str, texts: Texts) -> list[dict[str, Any]]:
    found = []
    for row in score_rows(reader, stream):
        adjustments = [
            {
                "old": adjustment.old,
                "new": adjustment.new,
                "reason": texts.get((adjustment.version, "reason")),
                "actor": adjustment.actor,
                "at": adjustment.at,
            }
            for adjustment in row.adjustments
        ]
        found.append(
            {
                "period": row.period,
                "kind": row.kind,
                "derived": row.derived,
                "inspected": row.inspected,
                "score": row.score,
                "current": adjustments[-1]["new"] if adjustments else row.score,
                "scheme": row.scheme,
                "scheme_version": row.scheme_version,
                "historical": row.historical,
                "adjustments": adjustments,
                "posted_at": row.posted_at,
            }
        )
    return sorted(found, key=lambda one: (one["period"], one["kind"]))


def scores_of(reader: Reader, stream: str) -> list[dict[str, Any]]:
    """The scores of an organization by period, as its file shows them."""
    return _scores(reader, stream, texts_of_stream(reader, stream))


def _inspections(reader: Reader, stream: str) -> list[dict[str, Any]]:
    return [
        {
            "period": one.period,
            "scope": one.scope,
            "state": one.state,
            "inspectors": list(one.inspectors),
            "assigned_at": one.assigned_at,
        }
        for one in sorted(
            inspections_of(reader, [stream]).values(), key=lambda one: (one.period, one.scope)
        )
    ]


def _rectifications(reader: Reader, stream: str, texts: Texts) -> list[dict[str, Any]]:
    return [
        {
            "rectification_id": one.rectification_id,
            "period": one.period,
            "criterion": one.criterion,
            "problem": texts.get((one.version, "problem")),
            "due": one.due_on,
            "ordered_at": one.ordered_at,
        }
        for one in rectification_rows(reader, stream)
    ]


def _activities(
    reader: Reader, entry: OrganizationEntry, events: Sequence[RecordedEvent], texts: Texts
) -> list[dict[str, Any]]:
    records: dict[str, _Activity] = {}
    for event in events:
        if event.type == ActivityRecorded.TYPE:
            records[event.data["record_id"]] = _Activity(event)
        elif event.type in {ActivityCorrected.TYPE, ActivityRetracted.TYPE}:
            records[event.data["record_id"]].change(event)
        elif event.type == FindingsSubmitted.TYPE:
            for one in event.data["disallow"]:
                records[one["record_id"]].disallow(event)
    zone, schemes = district(reader).zone, book(reader)
    found = []
    for record_id, one in records.items():
        month = parse_month(one.fields["occurred_on"][:7])
        category = entry.category_on(month.last_day.isoformat())
        scheme = schemes.in_force(category, MONTHLY, month)
        policy = SchemePolicy() if scheme is None else scheme.policy
        in_time = day_after(month.last_day, policy.recording_grace_days).isoformat()
        late = recording_date(one.first, zone) > in_time
        found.append({"record_id": record_id, **one.shown(texts), "late": late})
    return sorted(found, key=lambda one: (one["occurred_on"], one["record_id"]))


class _Activity:
    """One record read aloud: its fields with the version that each free text comes from."""

    def __init__(self, event: RecordedEvent) -> None:
        self.first = event
        self.fields = {key: event.data[key] for key in FIELDS if key in event.data}
        self.places = {key: (event.version, key) for key in ActivityRecorded.TEXTS}
        self.history = 1
        self.state = "standing"

    def change(self, event: RecordedEvent) -> None:
        """A correction replaces whole fields, a retraction is final."""
        self.history += 1
        if event.type == ActivityRetracted.TYPE:
            self.state = "retracted"
            return
        for name in event.data.get("cleared") or ():
            self.fields.pop(name, None)
        changes = event.data["changes"]
        self.fields |= changes
        self.places |= {
            key: (event.version, f"changes.{key}") for key in self.places if key in changes
        }
        if self.state == "standing":
            self.state = "corrected"

    def disallow(self, _event: RecordedEvent) -> None:
        """A sheet disallowed it; a retraction weighs more."""
        self.history += 1
        if self.state != "retracted":
            self.state = "disallowed"

    def shown(self, texts: Texts) -> dict[str, Any]:
        """The record as it stands; money in yuan, free texts where they still stand."""
        fields: dict[str, Any] = {key: self.fields.get(key) for key in FIELDS}
        for key, place in self.places.items():
            fields[key] = texts.get(place) if key in self.fields else None
        money = self.fields.get("money")
        if money is not None:
            fields["money"] = {
                key: f"{value // FEN}.{value % FEN:02}" for key, value in money.items()
            }
        fields["evidence"] = [
            {"kind": one["kind"], "file": one.get("file")} for one in fields["evidence"] or ()
        ]
        return fields | {
            "state": self.state,
            "history": self.history,
            "recorded_at": self.first.recorded_at,
            "recorded_on": self.first.recorded_on,
            "actor": self.first.actor,
            "historical": self.first.recorded_on is not None,
        }
