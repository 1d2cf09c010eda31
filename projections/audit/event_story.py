"""One event explained: what it changed of its subject, and the proof that it was not altered.

The subject before and after is folded from its events in the log, without and with this one. The
proof is the hash of the stored bytes over the previous hash, computed again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

from events.event import EVENT_TYPES, commitment, text_places
from events.log import chain
from events.log.texts import data_with_texts, texts_of
from events.streams import accounts, cycles, findings, organizations, people, rectifications
from events.streams.cycles import BULK_TYPES
from events.streams.records import ActivityRecorded, record_subject
from events.streams.scores import ScoreAdjusted
from projections.records.trail import read_trail

if TYPE_CHECKING:
    from events.event import RecordedEvent
    from events.log.reader import Reader

SHORT = 20
"""Entries of a list that are shown; a longer list is shown as the number of its entries."""
Values = dict[str, Any]
"""A subject's fields as JSON values."""


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event: its data with texts, its subject before and after, and whether it is unchanged.

    ``previous`` is the hash (hex) before it, ``expected`` the one computed from the stored bytes;
    ``texts_agree`` whether every free text matches its commitment, ``newest`` the stream's version.
    """

    event: RecordedEvent
    data: Values
    before: Values
    after: Values
    previous: str
    expected: str
    texts_agree: bool
    newest: int

    @property
    def intact(self) -> bool:
        """Return whether the stored bytes have the stored hash, and all texts their commitments."""
        return self.expected == self.event.hash.hex() and self.texts_agree

    @property
    def changed(self) -> list[str]:
        """Return the names of the fields that it changed."""
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name) != self.after.get(name)]


def explain_event(reader: Reader, stream: str, version: int) -> EventStory | None:
    """Return an event of a stream with what it changed and its proof, None without the event."""
    events = {event.version: event for event in reader.stream(stream, max(0, version - 2), 2)}
    event = events.get(version)
    if event is None:
        return None
    previous = events.get(version - 1)
    before = chain.genesis(stream) if previous is None else previous.hash
    texts = texts_of(reader, [event])
    was, became = _subject(reader, event)
    newest = reader.head(stream)
    return EventStory(
        event,
        data_with_texts(event, texts),
        was,
        became,
        before.hex(),
        chain.link(before, event.body).hex(),
        _texts_agree(reader, event),
        newest[0] if newest is not None else version,
    )


def _texts_agree(reader: Reader, event: RecordedEvent) -> bool:
    """Return whether every text that was not erased matches the event's commitment."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or not kind.TEXTS:
        return True
    rows = reader.rows(
        "SELECT field, salt, value FROM texts WHERE stream = ? AND version = ?",
        [event.stream, event.version],
    )
    kept = {field: commitment(bytes(salt), value) for field, salt, value in rows}
    stated = {place: holder[key] for place, holder, key in text_places(event.data, kind.TEXTS)}
    return all(stated.get(place) == committed for place, committed in kept.items())


Evolve = Callable[[Any, "RecordedEvent"], Any]
_WHOLE: tuple[tuple[str, Any, Evolve], ...] = (
    (accounts.PREFIX, accounts.Account(), accounts.evolve),
    (people.PREFIX, people.Person(), people.evolve),
)
"""The streams that are one subject: prefix of the name, first state, fold."""
_PARTS: tuple[tuple[str, Any, Evolve], ...] = (
    (organizations.SUBJECT, organizations.Organization(), organizations.evolve),
    ("inspection/", findings.Inspection(), findings.evolve),
    ("rectification/", rectifications.RectificationState(), rectifications.evolve),
)
"""The subjects inside an organization's stream: prefix of the name, first state, fold."""


def _subject(reader: Reader, event: RecordedEvent) -> tuple[Values, Values]:
    """Return the subject of an event before and after it; empty where it has no subject."""
    if event.type == ActivityRecorded.TYPE or (event.subject or "").startswith("record/"):
        return _record(reader, event)
    if event.type == ScoreAdjusted.TYPE:
        return {"score": event.data.get("old")}, {"score": event.data["new"]}
    for prefix, nothing, evolve in _PARTS:
        if event.subject is not None and event.subject.startswith(prefix):
            return _folded(reader.subject(event.stream, event.subject), event, nothing, evolve)
    if event.stream.startswith(cycles.PREFIX):
        return _cycle(reader, event)
    for prefix, nothing, evolve in _WHOLE:
        if event.stream.startswith(prefix):
            return _folded(reader.stream(event.stream), event, nothing, evolve)
    return {}, {}


def _record(reader: Reader, event: RecordedEvent) -> tuple[Values, Values]:
    record_id = event.data["record_id"]
    assert event.subject in {None, record_subject(record_id)}
    record = read_trail(reader, event.stream, record_id)
    for step in record.steps if record is not None else ():
        if step.version == event.version:
            state = {"retracted": True} if step.kind == "retracted" else {}
            return step.before, step.after | state
    return {}, {}


LISTED = frozenset({"frame", "sample", "exclusions"})
"""The fields of a cycle that list organizations: too long to show, and in separate events."""


def _cycle(reader: Reader, event: RecordedEvent) -> tuple[Values, Values]:
    """Return a cycle without the lists of its organizations, which are not read at all."""
    events = reader.events_except_types(event.stream, BULK_TYPES, event.version - 1)
    before, after = _folded(events, event, cycles.Cycle(), cycles.evolve)
    return _without_lists(before), _without_lists(after)


def _without_lists(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in LISTED}


def _folded(
    events: list[RecordedEvent], event: RecordedEvent, nothing: Any, evolve: Evolve
) -> tuple[Values, Values]:
    """Fold a subject up to an event, without it and with it; ``nothing`` is its first state."""
    earlier = [other for other in events if other.version < event.version]
    before = reduce(evolve, earlier, nothing)
    after = evolve(before, event)
    return (_plain(before) if before != nothing else {}), _plain(after)


def _plain(value: Any) -> Any:
    """Return a state as JSON values; a long list as the number of its entries."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else list(value)
        return len(items) if len(items) > SHORT else [_plain(item) for item in items]
    if isinstance(value, date):
        return None if value in {date.min, date.max} else value.isoformat()
    return value
