"""The home of an inspector: what is assigned, how many days are left, what waits to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.inspecting import assignments

if TYPE_CHECKING:
    from events.reading import Reader
    from tracker.http.here import Here

FEW_DONE = 30


def inspector_part(here: Here, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part: open assignments first, then those that are done or over."""
    person = here.account.person if here.account is not None else None
    rows = [] if person is None else assignments(reader, person, here.today(reader))
    waiting = [
        one for one in rows if one["days_left"] and (one["state"] == "open" or one["to_sign"])
    ]
    return [
        (
            "home_inspector.html",
            {
                "person": person,
                "waiting": waiting,
                "others": [one for one in rows if one not in waiting][:FEW_DONE],
            },
        )
    ]
