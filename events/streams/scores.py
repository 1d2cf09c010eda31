"""Scores: posted once when a cycle closes, never changed; adjusted by a new event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.event import RecordedEvent

MONTHLY: Final = "monthly"
"""The kind of scores that a monthly cycle posts, and the purpose of their schemes."""


def score_identity(kind: str, scope: str, period: str) -> str:
    """Return the event id of a posting: one per kind, scope and period in a stream."""
    return f"score/{kind}/{scope}/{period}"


# facts
class ScoreEvent(Event):
    """Base of the events of one posted score."""

    kind: str
    scope: str
    period: str

    def subject(self) -> str:
        """Return the score of this period."""
        return score_identity(self.kind, self.scope, self.period)


class ScorePosted(ScoreEvent):
    """The figures of a period as they stood on the closing date (docs/semantics.md, section 6).

    ``derived`` and ``inspected`` are scores with two decimals or None; ``score`` is the one that
    counts. ``stream_version`` is the last version that the figures were computed from, the digests
    are those of the breakdowns; ``historical`` counts the period's records from historical imports.
    ``not_counted`` are the criteria of the period's sheets that count nothing because they are not
    applicable at the close (section 5), None where there is none.
    """

    TYPE: ClassVar[str] = "ScorePosted"

    derived: str | None = None
    inspected: str | None = None
    score: str | None = None
    scheme: str
    scheme_version: int
    stream_version: int
    digest: str
    inspected_digest: str | None = None
    historical: int = 0
    not_counted: tuple[str, ...] | None = None

    def data(self) -> dict[str, Any]:
        """Return the event's fields; the three figures are there even if they are None."""
        return {"derived": None, "inspected": None, "score": None} | super().data()


class ScoreAdjusted(ScoreEvent):
    """A posted score was adjusted: old value, new value, reason; the newest event counts."""

    TYPE: ClassVar[str] = "ScoreAdjusted"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    old: str | None = None
    new: str
    reason: str


# commands
@dataclass(frozen=True, slots=True)
class AdjustScore:
    """Adjust a posted score to another value (two decimals)."""

    kind: str
    scope: str
    period: str
    new: str
    reason: str


# evolve
@dataclass(frozen=True, slots=True)
class ScoreState:
    """The state of a posted score; ``posted`` is False before the posting."""

    posted: bool = False
    value: str | None = None


def evolve(state: ScoreState, event: RecordedEvent) -> ScoreState:
    """Return the score after one of its events."""
    match event.type:
        case ScorePosted.TYPE:
            return ScoreState(posted=True, value=event.data.get("score"))
        case ScoreAdjusted.TYPE:
            return replace(state, value=event.data["new"])
        case _:
            return state


# decide
def decide(command: AdjustScore, state: ScoreState) -> list[Event]:
    """Return the adjustment, none for the same value; raise ``Refused`` without a posting."""
    if not state.posted:
        raise Refused("score_not_posted", period=command.period)
    if state.value == command.new:
        return []
    return [
        ScoreAdjusted(
            kind=command.kind,
            scope=command.scope,
            period=command.period,
            old=state.value,
            new=command.new,
            reason=command.reason,
        )
    ]


DECIDER = Decider(ScoreState(), evolve, decide)
