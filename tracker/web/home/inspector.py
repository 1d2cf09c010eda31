"""The home page of an inspector: assigned inspections, days left, sheets to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.inspections.assignments import Assignment, read_assignments
from tracker.web.page.names import read_people_names

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

FEW_OVER = 12
"""Past inspections on the page; older ones are in the electronic files."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A month of which the inspector was reminded: the day, the open sheets, the last day."""

    period: str
    reminded_on: str | None
    closes_on: str
    open_sheets: int


def build_inspector_part(
    context: RequestContext, reader: Reader
) -> list[tuple[str, dict[str, Any]]]:
    """Return one part: open inspections by closing date, then finished ones, then past ones."""
    person = context.account.person if context.account is not None else None
    rows: list[Assignment] = []
    if person is not None:
        rows = read_assignments(
            reader, person, context.today(reader), context.scope(reader, "inspect")
        )
    running = [row for row in rows if row.closes_on is not None]
    waiting = [row for row in running if _is_waiting(row)]
    over = [row for row in rows if row.closes_on is None]
    colleagues = sorted({person for row in waiting for person in row.colleagues})
    return [
        (
            "home/inspector.html",
            {
                "person": person,
                "names": read_people_names(reader, colleagues, context.language),
                "waiting": waiting,
                "reminders": _list_reminders(running),
                "done": [row for row in running if not _is_waiting(row)],
                "over": over[:FEW_OVER],
                "more": len(over) > FEW_OVER,
            },
        )
    ]


def _is_waiting(assignment: Assignment) -> bool:
    return assignment.state == "open" or assignment.to_sign or assignment.handed_back


def _list_reminders(running: list[Assignment]) -> list[Reminder]:
    """Return a reminder for each cycle of which the inspector was reminded and has open sheets."""
    reminders: dict[tuple[str, str], Reminder] = {}
    for row in running:
        if row.reminded and row.state == "open" and row.closes_on is not None:
            key = (row.scope, row.period)
            before = reminders[key].open_sheets if key in reminders else 0
            reminders[key] = Reminder(row.period, row.reminded_on, row.closes_on, before + 1)
    return list(reminders.values())
