"""Scores: posted once when a cycle closes, never changed; adjusted beside, with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.event import RecordedEvent

MONTHLY: Final = "monthly"
"""The kind of the scores that a month's cycle posts, and the purpose of their schemes."""


def score_identity(kind: str, scope: str, period: str) -> str:
    """The identity of a posting: one of a kind, scope and period in a stream, however often run."""
    return f"score/{kind}/{scope}/{period}"


# facts
class ScoreEvent(Event):
    """Base of the events of one posted score."""

    kind: str
    scope: str
    period: str

    def subject(self) -> str:
        """The score of this period."""
        return score_identity(self.kind, self.scope, self.period)


class ScorePosted(ScoreEvent):
    """The figures of a period as they stood on the closing date (docs/semantics.md, section 6).

    ``derived`` and ``inspected`` are scores with two decimals or absent; ``score`` is the one that
    counts. ``stream_version`` is the last version that the figures were made from, the digests are
    those of the breakdowns; ``historical`` counts the records of the period that came by a
    historical import.
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

    def data(self) -> dict[str, Any]:
        """The event's fields; the three figures stand there even where they are None."""
        return {"derived": None, "inspected": None, "score": None} | super().data()


class ScoreAdjusted(ScoreEvent):
    """A posted score was corrected beside: old value, new value, reason; the newest counts."""

    TYPE: ClassVar[str] = "ScoreAdjusted"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    old: str | None = None
    new: str
    reason: str


# commands
@dataclass(frozen=True, slots=True)
class AdjustScore:
    """Put another value beside a posted score (two decimals)."""

    kind: str
    scope: str
    period: str
    new: str
    reason: str


# evolve
@dataclass(frozen=True, slots=True)
class ScoreState:
    """A posted score so far; ``posted`` is False before the posting."""

    posted: bool = False
    value: str | None = None


def evolve(state: ScoreState, event: RecordedEvent) -> ScoreState:
    """The score after one of its events."""
    match event.type:
        case ScorePosted.TYPE:
            return ScoreState(posted=True, value=event.data.get("score"))
        case ScoreAdjusted.TYPE:
            return replace(state, value=event.data["new"])
        case _:
            return state


# decide
def decide(command: AdjustScore, state: ScoreState) -> list[Event]:
    """Adjust a posted score; one never posted is refused, the same value changes nothing."""
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
