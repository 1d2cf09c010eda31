"""Confirming the clock: by a person, for a reason, as an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.refusals.errors import BadValue, Refused
from events.streams.clocks import DECIDER, STREAM, ConfirmClock
from events.values import clean_text
from scheduler.clock_check import database_seconds, read_newest

if TYPE_CHECKING:
    from datetime import datetime

    from events.log.store import Store
    from scheduler.clock_check import DatabaseNow


def confirm_clock(
    store: Store, reason: str, metadata: Metadata, database_now: DatabaseNow | None
) -> datetime:
    """Record that the store's clock is right, and return the instant that it shows.

    ``Refused`` without a reason of at most 500 characters without control characters.
    """
    try:
        text = clean_text(reason)
    except BadValue:
        raise Refused("control_character", field="reason") from None
    now = store.clock()
    with store.append() as log:
        log.lock([STREAM])
        command = ConfirmClock(
            shown=now,
            newest=read_newest(log),
            database_seconds=database_seconds(log, now, database_now),
            reason=text,
        )
        state = DECIDER.fold(log.stream(STREAM))
        events = DECIDER.decide(command, state)
        version = log.heads[STREAM].version
        log.append(
            [PendingEvent(STREAM, f"confirmed/{version + 1}", event, metadata) for event in events]
        )
    return now
