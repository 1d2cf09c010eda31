"""Rectification orders (整改通知单): what must be mended by when. Replies come later."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from events.errors import Refused
from events.event import Event
from events.values import Frozen


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


# commands
class OrderRectification(Frozen):
    """Order a rectification."""

    rectification_id: str
    period: str
    criterion: str
    problem: str
    due: date


# decide
def order(command: OrderRectification, today: date) -> list[Event]:
    """Order it; a date that has passed is refused."""
    if command.due < today:
        raise Refused(
            "due_passed",
            "field rectify: {criterion} is due on {due}, which has passed (today is {today})",
            field="rectify",
            criterion=command.criterion,
            due=command.due,
            today=today,
        )
    return [RectificationOrdered(**command.model_dump())]
