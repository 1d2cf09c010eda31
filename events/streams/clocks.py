"""The clock: what it showed when a person confirmed it, for a reason.

Closing stops while the clock is behind the newest event, the scheduler while it may be ahead. A
confirmation leads past both (docs/semantics.md, section 9.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from events.decider import Decider
from events.event import Event
from events.periods import instant_text, parse_instant
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from events.event import RecordedEvent

STREAM = "clock"
LONGEST_REASON = 500


# facts
class ClockConfirmed(Event):
    """A person confirmed what the clock showed, while the newest event was of ``newest``.

    ``database_seconds`` is how far the database server's clock was ahead of it.
    """

    TYPE: ClassVar[str] = "ClockConfirmed"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    shown: str
    newest: str | None = None
    database_seconds: int | None = None
    reason: str


# commands
@dataclass(frozen=True, slots=True)
class ConfirmClock:
    """Confirm what the clock shows now; ``newest`` is the newest recording instant."""

    shown: datetime
    newest: datetime | None
    database_seconds: int | None
    reason: str


# evolve
@dataclass(frozen=True, slots=True)
class ClockState:
    """The newest confirmation; ``shown`` is None before the first."""

    shown: datetime | None = None
    newest: datetime | None = None
    database_seconds: int = 0


def evolve(state: ClockState, event: RecordedEvent) -> ClockState:
    """Return the clock after one event."""
    if event.type != ClockConfirmed.TYPE:
        return state
    newest = event.data.get("newest")
    return ClockState(
        parse_instant(event.data["shown"]),
        None if newest is None else parse_instant(newest),
        event.data.get("database_seconds", 0),
    )


# decide
def decide(command: ConfirmClock, _state: ClockState) -> list[Event]:
    """Return the confirmation; raise ``Refused`` without a reason of at most 500 characters."""
    if not 1 <= len(command.reason) <= LONGEST_REASON:
        raise Refused("clock_reason", field="reason", most=LONGEST_REASON)
    return [
        ClockConfirmed(
            shown=instant_text(command.shown),
            newest=None if command.newest is None else instant_text(command.newest),
            database_seconds=command.database_seconds,
            reason=command.reason,
        )
    ]


DECIDER = Decider(ClockState(), evolve, decide)
