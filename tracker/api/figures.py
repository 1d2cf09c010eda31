"""Figures: derived compliance of one or many organizations, explanations, a month's ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from events.periods import parse_instant, parse_month, parse_period
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import ComplianceQuestion, derive
from projections.compliance.explanation import explain
from projections.documents.in_force import require_category
from projections.organizations.directory import entries_of, streams_of
from projections.organizations.search import OrganizationQuery, search_organizations
from projections.organizations.selection import streams_alive
from projections.scores.standings import places_of
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.lists import (
    FILES,
    ListDefinition,
    PageParameters,
    file_answer,
    list_answer,
)
from tracker.api.protocol.parameters import (
    Category,
    Code,
    Under,
    find_organization,
    find_visible_organization,
    find_visible_stream,
)
from tracker.api.protocol.problems import READING
from tracker.api.shapes.figures import ComplianceAnswer, ExplanationAnswer, RankingRow
from tracker.http import exports
from tracker.http.context import Context
from tracker.http.ranking_view import EVERYTHING_SHOWN, read_cached_standings, read_ranking_view

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["figures"], responses=READING)
MOST_DERIVED = 500
"""Organizations of one file of figures: few, since each is computed on request."""

MOST_OWN = 100_000
"""Own organizations of an account that sees no others: more than any district has."""

PeriodText = Annotated[str, Query(max_length=10, description="2026-09, 2026-Q3, 2026-H2 or 2026.")]
Purpose = Annotated[
    Literal["monthly", "half_year", "annual"], Query(description="The purpose of the scheme.")
]
KnownAt = Annotated[
    str | None,
    Query(max_length=40, description="As known at this instant (with a UTC offset)."),
]
FIGURES = ListDefinition(
    "达标情况",
    "Compliance",
    (
        ("organization", "代码", "code"),
        ("period", "期间", "period"),
        ("purpose", "用途", "purpose"),
        ("scheme", "评价标准", "scheme"),
        ("version", "版本", "version"),
        ("score", "推算得分", "derived score"),
        ("met", "达标", "met"),
        ("partial", "部分", "partial"),
        ("missed", "未达标", "missed"),
        ("pending", "未到期", "pending"),
        ("unjudged", "待评判", "unjudged"),
    ),
    lambda row: [row["organization"]],
    bare=True,
)

RANKING = ListDefinition(
    "排名",
    "Ranking",
    (
        ("rank", "名次", "rank"),
        ("organization", "代码", "code"),
        ("category", "类别", "category"),
        ("score", "得分", "score"),
        ("posted", "已公布", "posted"),
        ("months_inspected", "抽查次数", "months inspected"),
        ("band", "档次", "band"),
        ("state", "状态", "state"),
    ),
    lambda row: [row["organization"]],
    bare=True,
)


@router.get("/compliance", response_model=list[ComplianceAnswer], responses=FILES)
def compliance(
    context: Context,
    paging: PageParameters,
    period: PeriodText,
    organization: Code = None,
    under: Under = None,
    purpose: Purpose = MONTHLY,
    known_at: KnownAt = None,
) -> Response:
    """Derive compliance from the events, for any period, sorted by organization code.

    A bare list, as docs/contracts.md defines it; the ``Link`` header names the next page. A file
    has the first 500 organizations, one line each, with their criteria counted by status; where
    there are more, its first and last line and a header say so.
    """
    judged = parse_period(period)
    instant = None if known_at is None else parse_instant(known_at)
    if organization is not None and under is not None:
        raise Refused("two_selections")
    with context.read() as reader:
        question = ComplianceQuestion(judged, purpose, context.today(reader), instant)
        limit = MOST_DERIVED + 1 if paging.whole else paging.wanted
        entries = _select(context, reader, organization, under, judged, paging.code, limit)
        more = paging.whole and len(entries) > MOST_DERIVED
        entries = entries[:MOST_DERIVED] if paging.whole else entries
        results = derive(reader, entries, context.district(reader), question)
        rows = [result.to_json() for result in results]
        if paging.whole:
            rows = [row | _count_statuses(row) for row in rows]
            left_out = exports.note_first(context, MOST_DERIVED) if more else ""
            return file_answer(context, reader, paging.format, FIGURES, rows, left_out)
        return list_answer(context, reader, paging, FIGURES, rows)


@router.get(
    "/organizations/{code}/explanation", response_model=ExplanationAnswer, responses=READING
)
def explanation(
    context: Context,
    code: str,
    period: PeriodText,
    criterion: Annotated[
        str | None, Query(max_length=32, description="Only this criterion, with its events.")
    ] = None,
    purpose: Purpose = MONTHLY,
    known_at: KnownAt = None,
) -> Response:
    """Explain a figure: criteria, rules in words, windows, records, events."""
    judged = parse_period(period)
    instant = None if known_at is None else parse_instant(known_at)
    with context.read() as reader:
        question = ComplianceQuestion(judged, purpose, context.today(reader), instant)
        entry = find_organization(reader, code)
        document = explain(
            reader, entry, context.district(reader), question, context.language, criterion
        )
    return json_answer(document)


@router.get("/ranking", response_model=list[RankingRow], responses=FILES)
def ranking(
    context: Context,
    paging: PageParameters,
    period: Annotated[str, Query(max_length=10, description="A month such as 2026-09.")],
    category: Category = None,
    under: Under = None,
) -> Response:
    """Return a month's ranking by category, as much of it as the account may see.

    An account that may not audit the whole ranking sees what the policy publishes, else only its
    own places. A bare list, as docs/contracts.md defines it; the ``Link`` header names the next
    page.
    """
    month = parse_month(period)
    after = paging.key(int)
    begin = after[0] if after is not None else 0
    with context.read() as reader:
        if category is not None:
            require_category(reader, category, "category")
        top = find_visible_stream(context, reader, under, "see_ranking")
        standings, _ = read_cached_standings(context, month, top)
        view = read_ranking_view(context, reader, top)
        if view.shown == EVERYTHING_SHOWN:
            rows = list(standings.rows(category, begin, paging.wanted, view.max_rank))
        else:
            scope = context.scope(reader, "see_ranking")
            streams = streams_alive(reader, scope, month, MOST_OWN, 0)
            own = places_of(reader, streams, month, standings)
            lines = [own[stream].line for stream in streams]
            rows = [line for line in lines if category in {None, line.category}]
            rows = rows[begin : begin + paging.wanted]
        shown = [row._asdict() for row in rows]
        # Ranks repeat and may be missing, so that the cursor is the number of rows before it.
        listing = replace(RANKING, key=lambda _row: [begin + paging.limit])
        return list_answer(context, reader, paging, listing, shown)


def _select(
    context: RequestContext,
    reader: Reader,
    code: str | None,
    under: str | None,
    period: Period,
    after: str | None,
    limit: int,
) -> list[OrganizationEntry]:
    """Return the organizations of a page: the one named, else those under ``under`` by code."""
    entry = find_visible_organization(context, reader, code, "see_file")
    if entry is not None:
        return [entry]
    above = find_visible_stream(context, reader, under, "see_file")
    query = OrganizationQuery(period.last_day.isoformat(), under=above)
    rows = search_organizations(reader, context.scope(reader, "see_file"), query, after, limit)
    streams = streams_of(reader, [row.code for row in rows])
    entries = entries_of(reader, sorted(streams.values()))
    return [entries[streams[row.code]] for row in rows]


def _count_statuses(row: dict[str, Any]) -> dict[str, int]:
    """Return how many criteria have which status."""
    statuses = [criterion["status"] for criterion in row["criteria"]]
    return {name: statuses.count(name) for name in dict.fromkeys(statuses)}
