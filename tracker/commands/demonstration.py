"""Setting the clock of a demonstration, the first event of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.periods import parse_instant
from events.streams.demonstrations import DECIDER, STREAM, SetDemonstrationClock

if TYPE_CHECKING:
    from datetime import datetime

    from events.log.store import Store


def set_demonstration_clock(
    store: Store, shown: datetime, machine: datetime, metadata: Metadata
) -> None:
    """Record that the clock shows ``shown`` when the machine's shows ``machine``.

    ``Refused`` where anything was recorded before: no other database gets such a clock.
    """
    with store.append() as log:
        log.lock([STREAM])
        newest = log.newest_instant()
        command = SetDemonstrationClock(
            shown, machine, None if newest is None else parse_instant(newest)
        )
        events = DECIDER.decide(command, DECIDER.fold(log.stream(STREAM)))
        log.append([PendingEvent(STREAM, "clock", event, metadata) for event in events])
