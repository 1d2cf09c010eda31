"""The home of an inspector: what is assigned, how many days are left, what waits to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.inspections.assignments import assignments
from tracker.web.page.names import people_named

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

FEW_OVER = 12


def inspector_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part: what is to be done by its last day, then what is done, then what is over."""
    person = context.account.person if context.account is not None else None
    rows = []
    if person is not None:
        rows = assignments(reader, person, context.today(reader), context.scope(reader, "inspect"))
    running = [one for one in rows if one["closes_on"] is not None]
    waiting = [one for one in running if _waits(one)]
    over = [one for one in rows if one["closes_on"] is None]
    colleagues = sorted({person for one in waiting for person in one["colleagues"]})
    return [
        (
            "home/inspector.html",
            {
                "person": person,
                "names": people_named(reader, colleagues),
                "waiting": waiting,
                "done": [one for one in running if not _waits(one)],
                "over": over[:FEW_OVER],
                "more": len(over) > FEW_OVER,
            },
        )
    ]


def _waits(one: dict[str, Any]) -> bool:
    return bool(one["state"] == "open" or one["to_sign"] or one["handed_back"])
