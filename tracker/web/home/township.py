"""The home of a township: its organizations × this month's duties, who owes what, what to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.periods import month_of
from projections.organizations.directory import entries_of
from projections.oversight.heat_map import HeatMapQuery as Question
from projections.rectifications.ledger import OPEN, OVERDUE, count_orders, read_orders
from tracker.access.rights import granted_scope
from tracker.web.home.overview import heat_of, page_size

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

OWED = 12
ORDERS = 8


def township_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part: what the township's organizations have done of this month, evaluated now."""
    scope, today = granted_scope(reader, context.holder(reader), "township"), context.today(reader)
    month = month_of(today)
    tops = sorted({one.ancestor for one in scope.parts if one.ancestor is not None})
    found = heat_of(context, reader, scope, Question(month, limit=page_size(month, every=False)))
    waiting = count_orders(reader, scope, today)
    shown = read_orders(reader, scope, today, OVERDUE, ORDERS)
    shown += (
        read_orders(reader, scope, today, OPEN, ORDERS - len(shown)) if len(shown) < ORDERS else []
    )
    return [
        (
            "home/township.html",
            found
            | {
                "month": str(month),
                "first_owed": found["owed"][:OWED],
                "waiting": waiting,
                "orders": shown,
                "tops": [one.name for one in entries_of(reader, tops).values()],
            },
        )
    ]
