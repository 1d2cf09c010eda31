"""The home page of an inspector: assigned inspections, days left, sheets to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.inspections.assignments import Assignment, read_assignments
from tracker.web.page.names import read_people_names

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

FEW_OVER = 12
"""Past inspections on the page; older ones are in the electronic files."""


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
                "done": [row for row in running if not _is_waiting(row)],
                "over": over[:FEW_OVER],
                "more": len(over) > FEW_OVER,
            },
        )
    ]


def _is_waiting(assignment: Assignment) -> bool:
    return assignment.state == "open" or assignment.to_sign or assignment.handed_back
