"""Idempotency: whether a command repeats what was recorded under its identity, and event ids.

The same identity with the same content changes nothing; with other content it is refused
(docs/semantics.md, section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from events.event import Metadata, PendingEvent, RecordedEvent
from events.log.store import same_content
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from events.event import Event

NOBODY = Metadata("")
"""Metadata plays no part in comparing contents."""


class Earlier(NamedTuple):
    """What was recorded under a command's identity before.

    ``event`` is recorded, or pending where an earlier line of the same file leads to it; ``texts``
    are the free texts of recorded events that are not erased.
    """

    event: RecordedEvent | PendingEvent
    texts: dict[tuple[str, int, str], str]


def refuse_other_content(
    earlier: Earlier,
    event: Event,
    recorded_on: date | None = None,
    *,
    field: str,
    derived: bool = False,
) -> None:
    """Raise ``Refused`` unless ``event`` has the content that came first under its identity.

    ``derived`` says that the identity is a digest of the content, so a recorded event has the same.
    """
    if not (derived and isinstance(earlier.event, RecordedEvent)) and not repeats(
        earlier, event, recorded_on
    ):
        raise identity_conflict(earlier.event.event_id, field)


def repeats(earlier: Earlier, event: Event, recorded_on: date | None = None) -> bool:
    """Return whether ``event`` has the content that came first under its identity."""
    first, day = earlier.event, iso(recorded_on)
    if isinstance(first, PendingEvent):
        return first.event == event and first.recorded_on == day
    pending = PendingEvent(first.stream, first.event_id, event, NOBODY, day)
    return same_content(first, pending, earlier.texts)


def identity_conflict(event_id: str, field: str) -> Refused:
    """Return the refusal of an identity that was used with other content."""
    identity = event_id.partition("/")[2]
    return Refused("identity_conflict.line", field=field, identity=identity)


def unknown_organization(code: str) -> Refused:
    """Return the refusal of a code that no organization has or had."""
    return Refused("unknown_organization", field="organization", code=code)


def pending_events(
    stream: str,
    event_id: str,
    events: Sequence[Event],
    metadata: Metadata,
    recorded_on: date | None = None,
) -> list[PendingEvent]:
    """Return a command's events as they are appended: the first with the identity itself.

    Those after it have the identity with ``#2``, ``#3`` and so on.
    """
    day = iso(recorded_on)
    return [
        PendingEvent(
            stream, event_id if place == 1 else f"{event_id}#{place}", event, metadata, day
        )
        for place, event in enumerate(events, start=1)
    ]


def iso(day: date | None) -> str | None:
    """Return a date as ISO text."""
    return None if day is None else day.isoformat()
