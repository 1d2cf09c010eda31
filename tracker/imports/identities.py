"""What stands already under the identities of import lines: events, and the texts they brought."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

SHORT = 8
"""A stream is short where it holds at most so many events for each line that asks."""
Key = tuple[str, str]
"""A stream and an identity in it."""


@dataclass(slots=True)
class RecordedIdentities:
    """The events that stand under a page's identities, and the free texts that still stand."""

    events: dict[Key, RecordedEvent] = field(default_factory=dict)
    texts: dict[tuple[str, int, str], str] = field(default_factory=dict)


def standing(reader: Reader, pairs: Sequence[Key]) -> RecordedIdentities:
    """What stands under (stream, identity) pairs."""
    events = events_of(reader, _candidates(reader, pairs))
    marks = [(event.stream, event.version) for event in events.values()]
    return RecordedIdentities(events, reader.texts(marks))


def _candidates(reader: Reader, pairs: Sequence[Key]) -> list[Key]:
    """The pairs that may stand: of streams that are short, only those that do.

    All identities of a short stream are read more quickly than each pair is asked for.
    """
    asked = Counter(stream for stream, _ in pairs)
    versions = reader.versions(sorted(asked))
    short = {stream for stream, version in versions.items() if version <= SHORT * asked[stream]}
    longer = versions.keys() - short
    known = reader.event_ids(sorted(short))
    return [pair for pair in pairs if pair[0] in longer or pair in known]


def events_of(reader: Reader, pairs: Sequence[Key]) -> dict[Key, RecordedEvent]:
    """The events under (stream, identity) pairs."""
    return reader.events_under(pairs)
