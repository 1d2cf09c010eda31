"""Rectifications (整改通知单): what must be fixed by when, and the replies.

An order and the replies to it are in the organization's stream under one subject. A reply says what
was done; whether that is enough is for an inspection to find.
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
    """Return the subject of one rectification in its organization's stream."""
    return f"rectification/{rectification_id}"


# facts
class RectificationOrdered(Event):
    """A problem was found and must be fixed by ``due``."""

    TYPE: ClassVar[str] = "RectificationOrdered"
    TEXTS: ClassVar[tuple[str, ...]] = ("problem",)

    rectification_id: str
    period: str
    criterion: str
    problem: str
    due: date

    def subject(self) -> str:
        """Return this rectification."""
        return rectification_subject(self.rectification_id)


class RectificationReplied(Event):
    """The organization reports what it did and on which day, with evidence if it has any."""

    TYPE: ClassVar[str] = "RectificationReplied"
    TEXTS: ClassVar[tuple[str, ...]] = ("measures",)

    rectification_id: str
    reply_id: str
    measures: str
    done_on: date
    evidence: tuple[dict[str, str], ...] | None = None

    def subject(self) -> str:
        """Return the rectification that the reply answers."""
        return rectification_subject(self.rectification_id)

    def happened_on(self) -> str:
        """Return the day on which it was done."""
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
    """The state of a rectification; ``due`` is None before the order, ``period`` is its month."""

    due: date | None = None
    replies: int = 0
    period: str = ""


def evolve(state: RectificationState, event: RecordedEvent) -> RectificationState:
    """Return the rectification after one of its events."""
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
    """Return the order or the reply, or raise ``Refused``; late replies are accepted."""
    if isinstance(command, OrderRectification):
        return _order(command, today)
    return _reply(command, state, today)


def _order(command: OrderRectification, today: date) -> list[Event]:
    """Return the order; refuse a date that has passed."""
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
