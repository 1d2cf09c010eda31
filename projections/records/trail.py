"""One record read aloud: every event of it in order, with the record before and after.

Which events those are stands in the rows of ``facts``; the events themselves and their free texts
are read from the log, so that what is shown is what was said.
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
from projections.records.facts import entries_of_records

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
"""A record's fields as people write them: money in yuan, evidence as kinds with their files.

A field that is empty is left out; a free text that was erased is None.
"""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One event of a record; ``reason`` is None where none was asked for, or it was erased."""

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
    """A record with its history; ``known_on`` is the date (ISO) on which it counts as recorded."""

    record_id: str
    known_on: str
    steps: tuple[RecordChange, ...]

    @property
    def fields(self) -> Fields:
        """The record as it stands."""
        return self.steps[-1].after

    @property
    def state(self) -> str:
        """Retracted, disallowed, corrected or standing: what weighs most comes first."""
        kinds = {one.kind for one in self.steps}
        for kind in (RETRACTED, DISALLOWED, CORRECTED):
            if kind in kinds:
                return kind
        return STANDING

    @property
    def version(self) -> int:
        """The stream version of the newest event of the record's own: what a person saw of it."""
        return next(one.version for one in reversed(self.steps) if one.kind != DISALLOWED)

    def at(self, version: int) -> Fields:
        """The record as it stood at a stream version; empty where it was not there yet."""
        found: Fields = {}
        for one in self.steps:
            if one.version <= version:
                found = one.after
        return found


def read_trail(reader: Reader, stream: str, record_id: str) -> RecordTrail | None:
    """One record with its history, or None where the organization has no such record."""
    return read_trails(reader, stream, [record_id]).get(record_id)


def read_trails(reader: Reader, stream: str, record_ids: Sequence[str]) -> dict[str, RecordTrail]:
    """Records of one organization with their histories, by record id."""
    entries = entries_of_records(reader, stream, record_ids)
    versions = sorted({one.version for found in entries.values() for one in found})
    recorded = reader.events_at([(stream, version) for version in versions])
    events = {event.version: event for event in recorded.values()}
    texts = {
        (version, field): text
        for (_, version, field), text in texts_of(reader, list(recorded.values())).items()
    }
    said = {version: _said(event, texts) for version, event in events.items()}
    return {
        record_id: RecordTrail(
            record_id,
            found[0].known_on,
            _steps(record_id, [(events[one.version], said[one.version]) for one in found]),
        )
        for record_id, found in entries.items()
    }


def _said(event: RecordedEvent, texts: dict[tuple[int, str], str]) -> dict[str, Any]:
    """An event's data with its free texts; one that was erased is None."""
    data: dict[str, Any] = orjson.loads(orjson.dumps(event.data))
    for place, holder, key in list(text_places(data, EVENT_TYPES[event.type].TEXTS)):
        holder[key] = texts.get((event.version, place))
    return data


def _steps(
    record_id: str, told: list[tuple[RecordedEvent, dict[str, Any]]]
) -> tuple[RecordChange, ...]:
    found: list[RecordChange] = []
    fields: Fields = {}
    for event, data in told:
        before = fields
        if event.type == ActivityRecorded.TYPE:
            fields = _written(data)
        elif event.type == ActivityCorrected.TYPE:
            emptied = data.get("cleared") or ()
            kept = {name: one for name, one in before.items() if name not in emptied}
            fields = kept | _written(data["changes"])
        found.append(
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
    return tuple(found)


def _reason(record_id: str, data: dict[str, Any]) -> str | None:
    """The reason of a correction or retraction, or that of the sheet which disallowed it."""
    for one in data.get("disallow", ()):
        if one["record_id"] == record_id:
            return str(one["reason"]) if one["reason"] is not None else None
    found = data.get("reason")
    return str(found) if found is not None else None


def _written(data: dict[str, Any]) -> Fields:
    """The fields that an event holds, as people write them."""
    found = {name: data[name] for name in FIELDS if name in data}
    if "money" in found:
        found["money"] = {name: yuan(one) for name, one in found["money"].items()}
    return found


def yuan(fen: int) -> str:
    """An amount in fen as yuan with two decimals."""
    return f"{fen // FEN}.{fen % FEN:02}"
