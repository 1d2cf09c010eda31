"""The home page of a township: heat map of the month, outstanding duties, open rectifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.periods import month_of
from projections.organizations.directory import entries_of
from projections.oversight.heat_map import HeatMapQuery as Question
from projections.rectifications.ledger import OPEN, OVERDUE, count_orders, read_orders
from tracker.access.rights import granted_scope
from tracker.web.home.overview import choose_page_size, read_heat_map

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

OWED = 12
"""Outstanding duties on the page."""
ORDERS = 8
"""Rectification orders on the page, overdue ones first."""


def build_township_part(
    context: RequestContext, reader: Reader
) -> list[tuple[str, dict[str, Any]]]:
    """Return one part: the present month of the township's organizations, evaluated now."""
    scope, today = granted_scope(reader, context.holder(reader), "township"), context.today(reader)
    month = month_of(today)
    tops = sorted({one.ancestor for one in scope.parts if one.ancestor is not None})
    values = read_heat_map(
        context, reader, scope, Question(month, limit=choose_page_size(month, every=False))
    )
    held = granted_scope(reader, context.holder(reader), "township", merged=True)
    waiting = count_orders(reader, held, today)
    shown = read_orders(reader, held, today, OVERDUE, ORDERS)
    shown += (
        read_orders(reader, held, today, OPEN, ORDERS - len(shown)) if len(shown) < ORDERS else []
    )
    return [
        (
            "home/township.html",
            values
            | {
                "month": str(month),
                "first_owed": values["owed"][:OWED],
                "waiting": waiting,
                "orders": shown,
                "tops": [one.name for one in entries_of(reader, tops).values()],
            },
        )
    ]
