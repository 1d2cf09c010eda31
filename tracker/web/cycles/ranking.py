"""The ranking of a month: what the policy publishes, and always the user's own ranks.

The department and auditors see every organization of their scope. ``publish_ranking`` of the
policy in force decides what other users see beyond their own organizations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import Period, parse_month
from projections.cycles.cycles import closed_months, newest_closed_month
from projections.documents.in_force import categories, policy
from projections.organizations.directory import entries_of, streams_of
from projections.organizations.selection import streams_alive
from projections.scores.notes import month_notes
from projections.scores.ranking import NOT_APPLIED
from projections.scores.standings import Standings, bands_of, change_since, places_of
from tracker.export.tables import Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.http.ranking_view import (
    EVERYTHING_SHOWN,
    RankingView,
    read_cached_standings,
    read_ranking_view,
)
from tracker.web.page.forms import FilledForm
from tracker.web.page.listing import (
    PAGE,
    FilterField,
    pick_filter,
    read_file_format,
    read_page_number,
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
"""The most own organizations listed on the page."""
LAST_RANK = 10**9
"""After all real ranks: as a limit it leaves out only the unranked, as a key it sorts them last."""
MONTHS = 24
"""Closed months offered for choice."""


@dataclass(frozen=True, slots=True)
class RankingQuestion:
    """A month, a category or None for all, and the stream of an organization or None for all."""

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
def show_ranking(context: Context, request: Request) -> Response:
    """Show a page of the ranking or export it, with the change since the month before."""
    parameters = request.query_params
    asked = {name: parameters.get(name, "") for name in ("period", "category", "under", "all")}
    with context.read() as reader:
        known = categories(reader)
        asked["category"] = asked["category"] if asked["category"] in known else ""
        newest = newest_closed_month(reader)
        if newest is None and not asked["period"]:
            return page(context, "cycles/ranking_none.html")
        month = parse_month(asked["period"] or str(newest))
        filled = FilledForm(dict(context.request.query_params) | asked)
        top = pick_filter(context, filled, asked, FilterField("under", "see_ranking"), reader)
        question = RankingQuestion(
            month, asked["category"] or None, None if top is None else top.stream
        )
        view = read_ranking_view(context, reader, question.under)
        max_rank = view.max_rank or (None if asked["all"] else LAST_RANK)
        scope = context.scope(reader, "see_ranking")
        standings, made_at = read_cached_standings(context, month, question.under)
        export, place = read_file_format(request), read_page_number(request)
        if export:
            rows = _published_rows(
                context, reader, question, view, standings, exports.MOST_ROWS + 1, 0, max_rank
            )
            if view.shown != EVERYTHING_SHOWN:
                rows = _own_rows(context, reader, question, scope, standings, exports.MOST_ROWS + 1)
            return table_response(_export_table(context, reader, month, asked, rows), export)
        rows = _published_rows(
            context, reader, question, view, standings, PAGE, (place - 1) * PAGE, max_rank
        )
        own = [] if scope.whole else _own_rows(context, reader, question, scope, standings, OWN)
        bands = _count_bands(reader, question, standings) if view.shown == "bands" else []
        months = closed_months(reader, MONTHS)
        linked = _openable_codes(context, reader, [*rows, *own])
        notes = month_notes(reader, month).sentences(context.language)
        may_choose = context.may(reader, "see_many")
    total = standings.count(question.category, max_rank) if view.shown == EVERYTHING_SHOWN else 0
    return page(
        context,
        "cycles/ranking.html",
        asked=asked,
        month=str(month),
        top=top,
        filled=filled,
        months=months if str(month) in months else [str(month), *months],
        categories=[name for name in known if name in standings.categories],
        view=view,
        rows=rows,
        own=own,
        mine={line.organization for line in own},
        linked=linked,
        may_choose=may_choose,
        bands=bands,
        notes=notes,
        total=total,
        place=place,
        pages=max(1, -(-total // PAGE)),
        made_at=made_at,
    )


def _openable_codes(context: RequestContext, reader: Reader, rows: list[RankingLine]) -> set[str]:
    """Return the codes of the organizations whose file the user may open."""
    streams = streams_of(reader, [line.organization for line in rows])
    seen = context.scope(reader, "see_file").streams_among(reader, sorted(streams.values()))
    return {code for code, stream in streams.items() if stream in seen}


def _published_rows(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    view: RankingView,
    standings: Standings,
    limit: int,
    offset: int,
    max_rank: int | None,
) -> list[RankingLine]:
    """Return the rows published to the user, each with its name and change."""
    if view.shown != EVERYTHING_SHOWN:
        return []
    rows = list(standings.rows(question.category, offset, limit, max_rank))
    streams = streams_of(reader, [row.organization for row in rows])
    entries = entries_of(reader, sorted(streams.values()))
    named = [(row, entries[streams[row.organization]].name, None) for row in rows]
    return _with_changes(context, reader, question, named, streams)


def _with_changes(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    rows: Sequence[tuple[RankedOrganization, str, int | None]],
    streams: dict[str, str],
) -> list[RankingLine]:
    """Return the rows of the ranking, compared with the month before."""
    month = question.month.previous()
    earlier, _ = read_cached_standings(context, month, question.under)
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


def _own_rows(
    context: RequestContext,
    reader: Reader,
    question: RankingQuestion,
    scope: Scope,
    standings: Standings,
    limit: int,
) -> list[RankingLine]:
    """Return the ranks of the user's own organizations by category, those without one last."""
    streams = streams_alive(reader, scope, question.month, limit, 0)
    rows = [
        (line, name, ranked)
        for line, name, ranked in places_of(reader, streams, question.month, standings).values()
        if question.category in {None, line.category} and line.state != NOT_APPLIED
    ]
    rows.sort(key=lambda row: (row[0].category, row[0].rank or LAST_RANK, row[0].organization))
    codes = streams_of(reader, [line.organization for line, _, _ in rows])
    return _with_changes(context, reader, question, rows, codes)


def _count_bands(
    reader: Reader, question: RankingQuestion, standings: Standings
) -> list[dict[str, Any]]:
    """Return the number of organizations in each band, by category and the policy's bounds."""
    rules = policy(reader).policy
    return [
        {
            "category": ranked.category,
            "bands": [
                {"band": name, "organizations": end - begin}
                for name, begin, end in bands_of(ranked, rules)
            ],
        }
        for ranked in standings.select(question.category)
        if len(ranked.hundredths)
    ]


def _export_table(
    context: RequestContext,
    reader: Reader,
    month: Period,
    asked: dict[str, str],
    rows: list[RankingLine],
) -> Table:
    """Return the rows as an export table, of many the first ones."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("名次", "Place"), t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"),
        t("得分", "Score"), t("名次变化", "Rise"), t("得分变化", "Gain"), t("状态", "State"),
    )  # fmt: skip
    category = words.category(asked["category"]) if asked["category"] else t("各类", "all")
    said = month_notes(reader, month).sentences(context.language)
    note = " ".join(one for one in (str(month), category, asked["under"], *said) if one)
    return exports.make_table(
        context,
        reader,
        t("排名", "Ranking"),
        note,
        heads,
        [
            [
                line.rank, line.name, line.organization, words.category(line.category),
                line.score, line.rise, line.gain, words.status(line.state),
            ]
            for line in rows
        ],
    )  # fmt: skip
