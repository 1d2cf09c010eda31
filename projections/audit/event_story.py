"""One event read aloud: what it changed of its subject, and the proof that it is as it was written.

The subject before and after is the fold of its own events in the log, up to the one before and with
this one; the proof is the hash of the stored bytes over the hash before, worked out anew.
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
"""Entries of a list that are shown; of a longer one only how many there are."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event: its data with texts, its subject before and after, and whether it is unchanged.

    ``expected`` is the hash (hex) worked out from the stored bytes; ``intact`` that it is the one
    that stands, and that the next event and every free text agree with it.
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
        """Whether the stored bytes have the hash that stands beside them."""
        return self.expected == self.event.hash.hex() and self.texts_agree

    @property
    def changed(self) -> list[str]:
        """The names of what it changed."""
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name) != self.after.get(name)]


def story(reader: Reader, stream: str, version: int) -> EventStory | None:
    """One event of a stream with what it changed and its proof, or None where there is none."""
    told = reader.stream(stream, max(0, version - 2), 2)
    found = [one for one in told if one.version == version]
    if not found:
        return None
    event = found[0]
    before = next((one.hash for one in told if one.version == version - 1), chain.genesis(stream))
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
    """Whether every free text that still stands is the one that the event committed to."""
    kind = EVENT_TYPES.get(event.type)
    if kind is None or not kind.TEXTS:
        return True
    rows = reader.rows(
        "SELECT field, salt, value FROM texts WHERE stream = ? AND version = ?",
        [event.stream, event.version],
    )
    kept = {field: commitment(bytes(salt), value) for field, salt, value in rows}
    stated = {place: holder[key] for place, holder, key in text_places(event.data, kind.TEXTS)}
    return all(stated.get(place) == one for place, one in kept.items())


Evolve = Callable[[Any, "RecordedEvent"], Any]
_WHOLE: tuple[tuple[str, Any, Evolve], ...] = (
    (accounts.PREFIX, accounts.Account(), accounts.evolve),
    (people.PREFIX, people.Person(), people.evolve),
)
"""The streams that are one subject, by how their names begin."""
_PARTS: tuple[tuple[str, Any, Evolve], ...] = (
    (organizations.SUBJECT, organizations.Organization(), organizations.evolve),
    ("inspection/", findings.Inspection(), findings.evolve),
    ("rectification/", rectifications.RectificationState(), rectifications.evolve),
)
"""The subjects inside an organization's stream, by how their names begin."""


def _subject(reader: Reader, event: RecordedEvent) -> tuple[Values, Values]:
    """The subject of an event before and after it; nothing where there is none to fold."""
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
    found = read_trail(reader, event.stream, record_id)
    for one in found.steps if found is not None else ():
        if one.version == event.version:
            state = {"retracted": True} if one.kind == "retracted" else {}
            return one.before, one.after | state
    return {}, {}


LISTED = frozenset({"frame", "sample", "exclusions"})
"""What a cycle holds of its organizations: long lists, told by their own events alone."""


def _cycle(reader: Reader, event: RecordedEvent) -> tuple[Values, Values]:
    """A cycle without the lists of its organizations, which are not even read."""
    told = reader.events_except_types(event.stream, BULK_TYPES, event.version - 1)
    before, after = _folded(told, event, cycles.Cycle(), cycles.evolve)
    return _without_lists(before), _without_lists(after)


def _without_lists(values: Values) -> Values:
    return {name: one for name, one in values.items() if name not in LISTED}


def _folded(
    told: list[RecordedEvent], event: RecordedEvent, nothing: Any, evolve: Evolve
) -> tuple[Values, Values]:
    earlier = [one for one in told if one.version < event.version]
    before = reduce(evolve, earlier, nothing)
    after = evolve(before, event)
    return (_plain(before) if before != nothing else {}), _plain(after)


def _plain(value: Any) -> Any:
    """A state as JSON values; a long list as the number of its entries."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else list(value)
        return len(items) if len(items) > SHORT else [_plain(one) for one in items]
    if isinstance(value, date):
        return None if value in {date.min, date.max} else value.isoformat()
    return value
