"""The ranking of a month: as much of it as the policy publishes, and one's own places always.

The department and the auditors see all of what they look over; what everybody else sees beyond
their own organizations is decided by ``publish_ranking`` of the policy in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.periods import Period, parse_month
from projections.cycles.cycles import closed_months, newest_closed_month
from projections.documents.in_force import policy
from projections.organizations.directory import entries_of, streams_of
from projections.organizations.selection import streams_alive
from projections.scores.ranking import NOT_APPLIED
from projections.scores.standings import Standings, bands_of, change_since, places_of
from tracker.export.tables import Table, exported
from tracker.http.context import Context
from tracker.http.ranking_view import EVERYTHING_SHOWN, RankingView, kept, view_of
from tracker.web.page.listing import (
    MOST_EXPORTED,
    PAGE,
    cut_short,
    form_of,
    local_now,
    organization_asked,
    place_of,
)
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.scores.ranking import RankedOrganization
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
OWN = 50
RANKED_ALONE = 10**9
"""As many first places as no category has: everybody who has one."""
MONTHS = 24


@dataclass(frozen=True, slots=True)
class RankingQuestion:
    """A month, a category or all, and the part of the tree (its stream and code) or all of it."""

    month: Period
    category: str | None
    under: str | None


class RankingLine(NamedTuple):
    """A line of the page: place, name, score, and the change since the month before.

    ``of`` is how many of the category are ranked, None where the page does not show it.
    """

    organization: str
    name: str
    category: str
    rank: int | None
    of: int | None
    score: str | None
    state: str
    rise: int | None
    gain: str | None


@router.get("/ranking")
def show(context: Context, request: Request) -> Response:
    """A page of the ranking, or the file of it, with the change against the month before."""
    given = request.query_params
    asked = {name: given.get(name, "") for name in ("period", "category", "under", "all")}
    asked["category"] = asked["category"] if asked["category"] in CATEGORIES else ""
    with context.read() as reader:
        newest = newest_closed_month(reader)
        if newest is None and not asked["period"]:
            return page(context, "cycles/ranking_none.html")
        month = parse_month(asked["period"] or str(newest))
        top, fault = organization_asked(context, reader, asked["under"], "see_ranking")
        question = RankingQuestion(
            month, asked["category"] or None, None if top is None else top.stream
        )
        view = view_of(context, reader, question.under)
        first = view.first or (None if asked["all"] else RANKED_ALONE)
        scope = context.scope(reader, "see_ranking")
        found, made_at = kept(context, month, question.under)
        form, place = form_of(request), place_of(request)
        if form:
            rows = _rows(context, reader, question, view, found, MOST_EXPORTED + 1, 0, first)
            if view.shown != EVERYTHING_SHOWN:
                rows = _own(context, reader, question, scope, found, MOST_EXPORTED + 1)
            return exported(_table(context, reader, month, asked, rows), form)
        rows = _rows(context, reader, question, view, found, PAGE, (place - 1) * PAGE, first)
        own = [] if scope.whole else _own(context, reader, question, scope, found, OWN)
        bands = _bands(reader, question, found) if view.shown == "bands" else []
        months = closed_months(reader, MONTHS)
        linked = _linked(context, reader, [*rows, *own])
        may_choose = context.may(reader, "see_many")
    total = found.count(question.category, first) if view.shown == EVERYTHING_SHOWN else 0
    return page(
        context,
        "cycles/ranking.html",
        asked=asked,
        month=str(month),
        top=top,
        fault=fault,
        months=months if str(month) in months else [str(month), *months],
        categories=[name for name in CATEGORIES if name in found.leagues],
        view=view,
        rows=rows,
        own=own,
        mine={line.organization for line in own},
        linked=linked,
        may_choose=may_choose,
        bands=bands,
        total=total,
        place=place,
        pages=max(1, -(-total // PAGE)),
        made_at=made_at,
    )


def _linked(context: RequestContext, reader: Reader, rows: list[RankingLine]) -> set[str]:
    """The codes whose file who asks may open."""
    streams = streams_of(reader, [line.organization for line in rows])
    seen = context.scope(reader, "see_file").streams_among(reader, sorted(streams.values()))
    return {code for code, stream in streams.items() if stream in seen}


def _rows(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    view: RankingView,
    found: Standings,
    limit: int,
    offset: int,
    first: int | None,
) -> list[RankingLine]:
    """The rows that everybody of a view sees, each with its name and change."""
    if view.shown != EVERYTHING_SHOWN:
        return []
    rows = list(found.rows(question.category, offset, limit, first))
    streams = streams_of(reader, [row.organization for row in rows])
    entries = entries_of(reader, sorted(streams.values()))
    named = [(row, entries[streams[row.organization]].name, None) for row in rows]
    return _changed(context, reader, question, named, streams)


def _changed(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    rows: Sequence[tuple[RankedOrganization, str, int | None]],
    streams: dict[str, str],
) -> list[RankingLine]:
    """Rows of the ranking, each with its name and ``of``, compared with the month before."""
    month = question.month.previous()
    earlier, _ = kept(context, month, question.under)
    scored = [row.organization for row, _, _ in rows if row.score is not None]
    before = places_of(reader, sorted(streams[code] for code in scored), month, earlier)
    lines = []
    for row, name, ranked in rows:
        place = before.get(streams.get(row.organization, ""))
        change = change_since(row, None if place is None else place.line)
        lines.append(
            RankingLine(
                row.organization, name, row.category, row.rank, ranked, row.score, row.state,
                change.rise, change.gain,
            )
        )  # fmt: skip
    return lines


def _own(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    scope: Scope,
    found: Standings,
    limit: int,
) -> list[RankingLine]:
    """The places of one's own organizations, ranked ones first."""
    streams = streams_alive(reader, scope, question.month, limit, 0)
    rows = [
        (line, name, ranked)
        for line, name, ranked in places_of(reader, streams, question.month, found).values()
        if question.category in {None, line.category} and line.state != NOT_APPLIED
    ]
    rows.sort(key=lambda row: (row[0].category, row[0].rank or 10**9, row[0].organization))
    codes = streams_of(reader, [line.organization for line, _, _ in rows])
    return _changed(context, reader, question, rows, codes)


def _bands(reader: Reader, question: RankingQuestion, found: Standings) -> list[dict[str, Any]]:
    """How many organizations of each category lie in each band, by the policy's lower bounds."""
    rules = policy(reader).policy
    return [
        {
            "category": league.category,
            "bands": [
                {"band": name, "organizations": end - begin}
                for name, begin, end in bands_of(league, rules)
            ],
        }
        for league in found.chosen(question.category)
        if len(league.hundredths)
    ]


def _table(
    context: RequestContext,
    reader: Reader,
    month: Period,
    asked: dict[str, str],
    rows: list[RankingLine],
) -> Table:
    """The rows as a file, at most ten thousand."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("名次", "Place"), t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
        t("得分", "Score"), t("名次变化", "Rise"), t("得分变化", "Gain"), t("状态", "State"),
    )  # fmt: skip
    category = words.category(asked["category"]) if asked["category"] else t("各类", "all")
    said = " ".join(one for one in (str(month), category, asked["under"]) if one)
    return Table(
        t("排名", "Ranking"),
        said + cut_short(context, len(rows)),
        local_now(context, reader),
        heads,
        [
            [
                line.rank, line.name, line.organization, words.category(line.category),
                line.score, line.rise, line.gain, words.status(line.state),
            ]
            for line in rows[:MOST_EXPORTED]
        ],
    )  # fmt: skip
