"""The list of organizations: searched while typing, filtered, exported with the same filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections.cycles.cycles import newest_closed_month
from projections.organizations.directory import streams_of
from projections.organizations.search import ALL, STANDING, OrganizationQuery, search_organizations
from projections.scores.newest import with_scores
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm
from tracker.web.page.listing import PAGE
from tracker.web.page.picker import drop_choice, pick_organization
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.scores.newest import ScoredOrganization
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/organizations")
def show_organizations(context: Context, request: Request) -> Response:
    """Show the organizations in the account's scope; with ``format`` a file.

    The header ``x-part`` asks for the rows alone, without the page around them.
    """
    asked = dict(request.query_params)
    form = asked.pop("format", "")
    filled = FilledForm(asked)
    with context.read() as reader:
        scope = context.scope(reader, "see_file")
        top = pick_organization(context, reader, filled, "under", "see_file", closed=True)
        asked = drop_choice(asked, "under")
        asked["under"] = asked.get("under", "") if top is None else top.code
        wanted = OrganizationQuery(
            context.today(reader).isoformat(),
            asked.get("q", "").strip()[:100] or None,
            asked.get("category") or None,
            None if top is None else top.stream,
            life=ALL if asked.get("closed") else STANDING,
        )
        if form in FORMATS and filled.ok:
            every = search_organizations(reader, scope, wanted, None, exports.MOST_ROWS + 1)
            return table_response(
                _make_table(
                    context, reader, with_scores(reader, every, newest_closed_month(reader)), asked
                ),
                form,
            )
        organizations = (
            search_organizations(reader, scope, wanted, asked.get("after") or None, PAGE + 1)
            if filled.ok
            else []
        )
        rows = with_scores(reader, organizations, newest_closed_month(reader))
        above = _find_searchable_parents(reader, scope, rows)
        words = PageWords(context.language, reader)
    more = rows[PAGE - 1].code if len(rows) > PAGE else None
    part = "x-part" in request.headers
    return page(
        context,
        "organizations/rows.html" if part else "organizations/listing.html",
        200 if filled.ok or part else 422,
        part=part,
        above=above,
        rows=rows[:PAGE],
        more=more,
        asked=asked,
        filled=filled,
        categories=words.categories,
    )


def _find_searchable_parents(
    reader: Reader, scope: Scope, rows: list[ScoredOrganization]
) -> set[str]:
    """Return the codes of the parents that are in a scope: their names link to a search."""
    streams = streams_of(reader, sorted({row.parent for row in rows if row.parent}))
    held = scope.streams_among(reader, sorted(set(streams.values())))
    return {code for code, stream in streams.items() if stream in held}


def _make_table(
    context: RequestContext, reader: Reader, rows: list[ScoredOrganization], asked: dict[str, str]
) -> Table:
    """Return the filtered organizations as a table, of a long list the first ones."""
    words = PageWords(context.language, reader)
    heads = (
        context.t("代码", "code"),
        context.t("名称", "name"),
        context.t("类别", "category"),
        context.t("上级", "parent"),
        context.t("月份", "month"),
        context.t("得分", "score"),
    )
    filters = [
        asked.get("q", "").strip(),
        words.category(asked.get("category", "")),
        asked.get("under", "").strip(),
        context.t("含已撤销", "including closed") if asked.get("closed") else "",
    ]
    said = " ".join(text for text in filters if text)
    return exports.make_table(
        context,
        reader,
        context.t("组织", "organizations"),
        said,
        heads,
        [
            (row.code, row.name, words.category(row.category), row.parent_name, row.period,
             row.score)
            for row in rows
        ],
    )  # fmt: skip
