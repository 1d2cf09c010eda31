"""The bulletin (通报) of a closed month as a page to print, in the form of an official circular."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import parse_month
from events.streams.organizations import PREFIX
from projections.cycles.bulletin import bulletin
from projections.cycles.overview import assignments, exclusions, orders_of
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.organizations.selection import names_of_codes, only_root
from projections.oversight.dashboard import named
from projections.oversight.worst_items import worst_items
from projections.rectifications.ledger import OVERDUE, read_orders
from tracker.http.context import Context
from tracker.http.ranking_view import kept, view_of
from tracker.web.cycles.cycles import Rate, reasons, root_asked
from tracker.web.page.names import people_named
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.periods import Period
    from tracker.http.context import RequestContext
    from tracker.http.ranking_view import RankingView

router = APIRouter(include_in_schema=False)
LISTED = 100
"""Organizations that a list of a bulletin names; the files have all."""
PLACES = 10
WORST = 8
NAMED = 6


@router.get("/cycles/{period}/bulletin")
def show(context: Context, period: str) -> Response:
    """The bulletin; figures are the whole month's, names are those that who asks may see."""
    month = parse_month(period)
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        root = root_asked(context, reader, scope)
        code = root.stream.removeprefix(PREFIX)
        everybody = (
            EVERYTHING if root.stream == only_root(reader) else Scope((ScopePart(root.stream),))
        )
        view = view_of(context, reader, root.stream)
    whole = context.fresh.get(
        f"bulletin:{code}:{period}",
        lambda one: (bulletin(one, code, month), worst_items(one, everybody, period, WORST)),
    )
    own = context.fresh.get(
        f"bulletin:{code}:{period}:{scope.key()}", lambda one: _own(one, scope, code, period)
    )
    tables = _tables(context, month, None if everybody is EVERYTHING else root.stream, view)
    with context.read() as reader:
        people = {who for one in own.value["missed"] for who in one["inspectors"]}
        late = read_orders(reader, scope, context.today(reader), OVERDUE, LISTED)
        names = people_named(reader, sorted(people))
        tables = _with_names(reader, tables)
    told, worst = whole.value
    return page(
        context,
        "cycles/bulletin.html",
        told=told,
        worst=worst,
        own=own.value,
        names=names,
        tables=tables,
        view=view,
        late=[order for order in late if order.period == period],
        reasons=reasons(context),
        summed=_summed(told),
        month=month,
        period_asked=period,
        made_at=whole.made_at,
        is_whole=scope.whole,
    )


def _own(reader: Reader, scope: Scope, code: str, period: str) -> dict[str, Any]:
    """The names that a scope may see: missed, not held, left out, found wanting, ordered."""
    worst = worst_items(reader, scope, period, 1000, NAMED)
    return {
        "missed": assignments(reader, scope, code, period, LISTED, state="missed"),
        "not_held": assignments(reader, scope, code, period, LISTED, state="not_held"),
        "exclusions": exclusions(reader, scope, code, period)[:LISTED],
        "orders": orders_of(reader, scope, period),
        "found": {
            f"{one['scheme']}@{one['version']}/{one['criterion']}": [
                each["name"] for each in named(reader, scope, one["streams"])
            ]
            for one in worst
        },
    }


def _summed(told: dict[str, Any]) -> dict[str, Any]:
    """The month in one line: how many of how many were drawn and inspected."""
    population = sum(one["N"] for one in told["strata"])
    size = sum(one["n"] for one in told["strata"])
    return {
        "population": population,
        "drawn": size,
        "rate": str(Rate(size, population)) if population else None,
    }


def _tables(
    context: RequestContext, month: Period, under: str | None, view: RankingView
) -> list[dict[str, Any]]:
    """The first places of each category with a score, as far as who asks sees places."""
    if view.shown != "places":
        return []
    found, _ = kept(context, month, under)
    first = min(PLACES, view.first or PLACES)
    return [
        {"category": league.category, "rows": list(found.rows(league.category, 0, PLACES, first))}
        for league in found.leagues.values()
        if len(league.hundredths)
    ]


def _with_names(reader: Reader, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    codes = [row.organization for table in tables for row in table["rows"]]
    names = names_of_codes(reader, codes)
    return [
        table
        | {"rows": [row._asdict() | {"name": names[row.organization]} for row in table["rows"]]}
        for table in tables
    ]
