"""The bulletin (通报) of a closed month, printable as an official circular."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import parse_month
from events.streams.organizations import PREFIX
from projections.cycles.bulletin import bulletin
from projections.cycles.bulletin_lists import adjusted_scores, uncounted_findings
from projections.cycles.overview import assignments, exclusions, orders_of
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.organizations.selection import names_of_codes, only_root
from projections.oversight.dashboard import named_organizations
from projections.oversight.worst_items import worst_items
from projections.rectifications.ledger import OVERDUE, read_orders
from tracker.http.context import Context
from tracker.http.ranking_view import read_cached_standings, read_ranking_view
from tracker.web.cycles.cycles import Rate, reasons, root_asked
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.periods import Period
    from projections.cycles.bulletin import Bulletin
    from tracker.http.context import RequestContext
    from tracker.http.ranking_view import RankingView

router = APIRouter(include_in_schema=False)
LISTED = 100
"""Organizations named in each list of a bulletin; the exported files have all."""
PLACES = 10
"""Ranks listed of each category."""
WORST = 8
"""Criteria listed among the problems found."""
NAMED = 6
"""Organizations named for one criterion."""


@router.get("/cycles/{period}/bulletin")
def show_bulletin(context: Context, period: str) -> Response:
    """Show the bulletin: figures of the whole month, names only of what the user may see."""
    month = parse_month(period)
    with context.read() as reader:
        scope = context.scope(reader, "see_cycle")
        root = root_asked(context, reader, scope)
        code = root.stream.removeprefix(PREFIX)
        everybody = (
            EVERYTHING if root.stream == only_root(reader) else Scope((ScopePart(root.stream),))
        )
        view = read_ranking_view(context, reader, root.stream)
    figures = context.figures.get(
        f"bulletin:{code}:{period}",
        lambda reader: (
            bulletin(reader, code, month),
            worst_items(reader, everybody, period, WORST),
        ),
    )
    lists = context.figures.get(
        f"bulletin:{code}:{period}:{scope.key()}",
        lambda reader: _visible_lists(reader, scope, code, period),
    )
    tables = _ranking_tables(context, month, None if everybody is EVERYTHING else root.stream, view)
    with context.read() as reader:
        people = {who for row in lists.value["missed"] for who in row.inspectors}
        late = read_orders(reader, scope, context.today(reader), OVERDUE, LISTED)
        names = read_people_names(reader, sorted(people), context.language)
        tables = _with_names(reader, tables)
    document, worst = figures.value
    return page(
        context,
        "cycles/bulletin.html",
        document=document,
        worst=worst,
        lists=lists.value,
        names=names,
        tables=tables,
        view=view,
        late=[order for order in late if order.period == period],
        reasons=reasons(context),
        sampled=_sampled(document),
        adjusted={row.organization: row for row in lists.value["adjusted"]},
        notes=document.notes.sentences(context.language),
        month=month,
        period_asked=period,
        made_at=figures.made_at,
        is_whole=scope.whole,
    )


def _visible_lists(reader: Reader, scope: Scope, code: str, period: str) -> dict[str, Any]:
    """Return the lists of a bulletin with the names that a scope may see."""
    worst = worst_items(reader, scope, period, 1000, NAMED)
    return {
        "missed": assignments(reader, scope, code, period, LISTED, state="missed"),
        "not_held": assignments(reader, scope, code, period, LISTED, state="not_held"),
        "exclusions": exclusions(reader, scope, code, period)[:LISTED],
        "orders": orders_of(reader, scope, period),
        "not_counted": uncounted_findings(reader, scope, code, period)[:LISTED],
        "adjusted": adjusted_scores(reader, scope, code, period),
        "examples": {
            f"{item.scheme}@{item.version}/{item.criterion}": [
                row.name for row in named_organizations(reader, scope, item.streams)
            ]
            for item in worst
        },
    }


def _sampled(document: Bulletin) -> dict[str, Any]:
    """Return the size of the sampling frame, of the sample, and the rate in percent."""
    population = sum(row.N for row in document.strata)
    size = sum(row.n for row in document.strata)
    return {
        "population": population,
        "drawn": size,
        "rate": str(Rate(size, population)) if population else None,
    }


def _ranking_tables(
    context: RequestContext, month: Period, under: str | None, view: RankingView
) -> list[dict[str, Any]]:
    """Return the first ranks of each category with a score; none where ranks are hidden."""
    if view.shown != "places":
        return []
    standings, _ = read_cached_standings(context, month, under)
    max_rank = min(PLACES, view.max_rank or PLACES)
    return [
        {
            "category": ranked.category,
            "rows": list(standings.rows(ranked.category, 0, PLACES, max_rank)),
        }
        for ranked in standings.categories.values()
        if len(ranked.hundredths)
    ]


def _with_names(reader: Reader, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tables with the name of each organization."""
    codes = [row.organization for table in tables for row in table["rows"]]
    names = names_of_codes(reader, codes)
    return [
        table
        | {"rows": [row._asdict() | {"name": names[row.organization]} for row in table["rows"]]}
        for table in tables
    ]
