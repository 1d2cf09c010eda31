"""Events already recorded under the identities of import lines, with their free texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

SHORT = 8
"""A stream is short where it has at most this many events for each line about it."""
Key = tuple[str, str]
"""A stream and an identity in it."""


@dataclass(slots=True)
class RecordedIdentities:
    """The events recorded under a page's identities, and their texts that are not erased."""

    events: dict[Key, RecordedEvent] = field(default_factory=dict)
    texts: dict[tuple[str, int, str], str] = field(default_factory=dict)


def read_recorded(reader: Reader, pairs: Sequence[Key]) -> RecordedIdentities:
    """Return what is recorded under (stream, identity) pairs."""
    events = events_of(reader, _candidates(reader, pairs))
    places = [(event.stream, event.version) for event in events.values()]
    return RecordedIdentities(events, reader.texts(places))


def _candidates(reader: Reader, pairs: Sequence[Key]) -> list[Key]:
    """Return the pairs that may be recorded; of short streams only those that are.

    Reading all identities of a short stream is faster than looking up each pair.
    """
    lines = Counter(stream for stream, _ in pairs)
    versions = reader.versions(sorted(lines))
    short = {stream for stream, version in versions.items() if version <= SHORT * lines[stream]}
    long = versions.keys() - short
    known = reader.event_ids(sorted(short))
    return [pair for pair in pairs if pair[0] in long or pair in known]


def events_of(reader: Reader, pairs: Sequence[Key]) -> dict[Key, RecordedEvent]:
    """Return the events recorded under (stream, identity) pairs."""
    return reader.events_under(pairs)
