"""Rectifications (整改通知单): what must be mended by when, and what was answered to it.

An order stands in the organization's stream under a subject of its own, and so do the replies to
it. A reply says what was done; whether that suffices is for a check to find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from events.decider import Decider
from events.event import Event
from events.periods import parse_month
from events.refusals.errors import Refused
from events.values import Day, Evidence, FrozenModel, Identity, Reason

if TYPE_CHECKING:
    from events.event import RecordedEvent


def rectification_subject(rectification_id: str) -> str:
    """The subject of one rectification inside its organization's stream."""
    return f"rectification/{rectification_id}"


# facts
class RectificationOrdered(Event):
    """A problem was found and must be mended by ``due``."""

    TYPE: ClassVar[str] = "RectificationOrdered"
    TEXTS: ClassVar[tuple[str, ...]] = ("problem",)

    rectification_id: str
    period: str
    criterion: str
    problem: str
    due: date

    def subject(self) -> str:
        """This rectification."""
        return rectification_subject(self.rectification_id)


class RectificationReplied(Event):
    """The organization answers what it did and on which day, with evidence where it has any."""

    TYPE: ClassVar[str] = "RectificationReplied"
    TEXTS: ClassVar[tuple[str, ...]] = ("measures",)

    rectification_id: str
    reply_id: str
    measures: str
    done_on: date
    evidence: tuple[dict[str, str], ...] | None = None

    def subject(self) -> str:
        """The rectification that is answered."""
        return rectification_subject(self.rectification_id)

    def happened_on(self) -> str:
        """The day on which it was done."""
        return self.done_on.isoformat()


# commands
class OrderRectification(FrozenModel):
    """Order a rectification."""

    rectification_id: str
    period: str
    criterion: str
    problem: str
    due: date


class ReplyRectification(FrozenModel):
    """Answer an order."""

    rectification_id: Identity
    reply_id: Identity
    measures: Reason
    done_on: Day
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


# evolve
@dataclass(frozen=True, slots=True)
class RectificationState:
    """One rectification so far; ``due`` is None before it was ordered, ``period`` is its month."""

    due: date | None = None
    replies: int = 0
    period: str = ""


def evolve(state: RectificationState, event: RecordedEvent) -> RectificationState:
    """The rectification after one of its events."""
    match event.type:
        case RectificationOrdered.TYPE:
            due = date.fromisoformat(event.data["due"])
            return RectificationState(due, period=event.data["period"])
        case RectificationReplied.TYPE:
            return replace(state, replies=state.replies + 1)
        case _:
            return state


# decide
def decide(
    command: OrderRectification | ReplyRectification, state: RectificationState, today: date
) -> list[Event]:
    """Order a rectification, or record a reply; late replies too: the ledger shows how late."""
    if isinstance(command, OrderRectification):
        return _order(command, today)
    return _reply(command, state, today)


def _order(command: OrderRectification, today: date) -> list[Event]:
    """Order it; a date that has passed is refused."""
    if command.due < today:
        raise Refused(
            "due_passed", field="rectify", criterion=command.criterion, due=command.due, today=today
        )
    return [RectificationOrdered(**command.model_dump())]


def _reply(command: ReplyRectification, state: RectificationState, today: date) -> list[Event]:
    if state.due is None:
        raise Refused(
            "unknown_rectification",
            field="rectification_id",
            rectification_id=command.rectification_id,
        )
    if command.done_on > today:
        raise Refused("future_date", field="done_on", day=command.done_on, today=today)
    if command.done_on < parse_month(state.period).first_day:
        raise Refused(
            "done_before_found", field="done_on", day=command.done_on, period=state.period
        )
    return [
        RectificationReplied(
            rectification_id=command.rectification_id,
            reply_id=command.reply_id,
            measures=command.measures,
            done_on=command.done_on,
            evidence=tuple(one.model_dump(exclude_none=True) for one in command.evidence) or None,
        )
    ]


DECIDER = Decider(RectificationState(), evolve, decide)
