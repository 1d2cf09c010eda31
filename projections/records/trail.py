"""One record with every change, in order, and its fields before and after each.

The rows of ``facts`` know which events those are; the events and their free texts are read from
the log, so that the page shows what was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from events.event import EVENT_TYPES, text_places
from events.log.texts import texts_of
from events.streams.findings import FindingsSubmitted
from events.streams.records import FIELDS, ActivityCorrected, ActivityRecorded, ActivityRetracted
from events.values import FEN
from projections.records.facts import entries_of_records, newest_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

RECORDED = "recorded"
CORRECTED = "corrected"
RETRACTED = "retracted"
DISALLOWED = "disallowed"
STANDING = "standing"
KINDS = {
    ActivityRecorded.TYPE: RECORDED,
    ActivityCorrected.TYPE: CORRECTED,
    ActivityRetracted.TYPE: RETRACTED,
    FindingsSubmitted.TYPE: DISALLOWED,
}

Fields = dict[str, Any]
"""A record's fields as users write them: money in yuan, evidence as kinds with their files.

An empty field is left out; a free text that was erased is None.
"""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One event of a record; ``reason`` is None where none is required, or it was erased."""

    kind: str
    version: int
    hash: str
    actor: str
    channel: str
    recorded_at: str
    recorded_on: str | None
    reason: str | None
    before: Fields
    after: Fields

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the fields that it changed."""
        return tuple(name for name in FIELDS if self.before.get(name) != self.after.get(name))


@dataclass(frozen=True, slots=True)
class RecordTrail:
    """A record with its history; ``known_on`` is the date (ISO) on which it counts as recorded.

    ``disallowed`` says whether the newest sheet of a period disallows it.
    """

    record_id: str
    known_on: str
    steps: tuple[RecordChange, ...]
    disallowed: bool

    @property
    def fields(self) -> Fields:
        """The record as it is now."""
        return self.steps[-1].after

    @property
    def state(self) -> str:
        """Retracted, disallowed, corrected or standing, in this order of precedence."""
        kinds = {step.kind for step in self.steps if step.kind != DISALLOWED or self.disallowed}
        for kind in (RETRACTED, DISALLOWED, CORRECTED):
            if kind in kinds:
                return kind
        return STANDING

    @property
    def version(self) -> int:
        """The stream version of the newest event of the record itself, without sheets.

        A correction names it, to say which state of the record its author saw.
        """
        return next(step.version for step in reversed(self.steps) if step.kind != DISALLOWED)

    def at(self, version: int) -> Fields:
        """Return the record at a stream version, empty before it was recorded."""
        fields: Fields = {}
        for step in self.steps:
            if step.version <= version:
                fields = step.after
        return fields


def read_trail(reader: Reader, stream: str, record_id: str) -> RecordTrail | None:
    """Return one record with its history, or None where the organization has no such record."""
    return read_trails(reader, stream, [record_id]).get(record_id)


def read_trails(reader: Reader, stream: str, record_ids: Sequence[str]) -> dict[str, RecordTrail]:
    """Return records of one organization with their histories, by record id."""
    entries_by_id = entries_of_records(reader, stream, record_ids)
    versions = sorted({entry.version for entries in entries_by_id.values() for entry in entries})
    recorded = reader.events_at([(stream, version) for version in versions])
    events = {event.version: event for event in recorded.values()}
    texts = {
        (version, field): text
        for (_, version, field), text in texts_of(reader, list(recorded.values())).items()
    }
    newest = newest_sheets(reader, stream)
    whole = {version: _add_texts(event, texts) for version, event in events.items()}
    return {
        record_id: RecordTrail(
            record_id,
            entries[0].known_on,
            _make_steps(
                record_id, [(events[entry.version], whole[entry.version]) for entry in entries]
            ),
            any("disallowed" in entry.changes and entry.version in newest for entry in entries),
        )
        for record_id, entries in entries_by_id.items()
    }


def _add_texts(event: RecordedEvent, texts: dict[tuple[int, str], str]) -> dict[str, Any]:
    """Return an event's data with its free texts; a text that was erased is None."""
    data: dict[str, Any] = orjson.loads(orjson.dumps(event.data))
    for place, holder, key in list(text_places(data, EVENT_TYPES[event.type].TEXTS)):
        holder[key] = texts.get((event.version, place))
    return data


def _make_steps(
    record_id: str, events: list[tuple[RecordedEvent, dict[str, Any]]]
) -> tuple[RecordChange, ...]:
    """Fold a record's events, each with its whole data, into its changes."""
    steps: list[RecordChange] = []
    fields: Fields = {}
    for event, data in events:
        before = fields
        if event.type == ActivityRecorded.TYPE:
            fields = _read_fields(data)
        elif event.type == ActivityCorrected.TYPE:
            emptied = data.get("cleared") or ()
            kept = {name: value for name, value in before.items() if name not in emptied}
            fields = kept | _read_fields(data["changes"])
        steps.append(
            RecordChange(
                KINDS[event.type],
                event.version,
                event.hash.hex(),
                event.actor,
                event.channel,
                event.recorded_at,
                event.recorded_on,
                _reason(record_id, data),
                before,
                fields,
            )
        )
    return tuple(steps)


def _reason(record_id: str, data: dict[str, Any]) -> str | None:
    """Return the reason of a correction or retraction, or of the sheet that disallowed a record."""
    reason = data.get("reason")
    for disallowed in data.get("disallow", ()):
        if disallowed["record_id"] == record_id:
            reason = disallowed["reason"]
            break
    return None if reason is None else str(reason)


def _read_fields(data: dict[str, Any]) -> Fields:
    """Return the fields that an event sets, as users write them."""
    fields = {name: data[name] for name in FIELDS if name in data}
    if "money" in fields:
        fields["money"] = {name: yuan(fen) for name, fen in fields["money"].items()}
    return fields


def yuan(fen: int) -> str:
    """Return an amount in fen as yuan with two decimals."""
    return f"{fen // FEN}.{fen % FEN:02}"
