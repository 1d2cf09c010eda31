"""The list of organizations: searched as one types, filtered, exported as it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.vocabulary import CATEGORIES
from projections.directory import find
from projections.organization_list import with_scores
from projections.organization_search import ALL, STANDING, Wanted
from projections.organization_search import organizations as found_organizations
from tracker.export.tables import FORMATS, Table, exported
from tracker.http.here import Asked, unknown
from tracker.web.forms import Filled
from tracker.web.rendering import Words, page

if TYPE_CHECKING:
    from tracker.http.here import Here

router = APIRouter(include_in_schema=False)
PAGE = 50
MOST_EXPORTED = 10_000


@router.get("/organizations")
def organizations(here: Asked, request: Request) -> Response:
    """The organizations of who asks."""
    asked = dict(request.query_params)
    form = asked.pop("format", "")
    with here.read() as reader:
        scope = here.scope(reader, "see_file")
        under = None
        if asked.get("under"):
            top = find(reader, asked["under"])
            if top is None or not scope.covers(reader, top):
                raise unknown(asked["under"])
            under = top.stream
        wanted = Wanted(
            here.today(reader).isoformat(),
            asked.get("q", "").strip()[:100] or None,
            asked.get("category") or None,
            under,
            life=ALL if asked.get("closed") else STANDING,
        )
        limit = MOST_EXPORTED if form in FORMATS else PAGE + 1
        found = found_organizations(reader, scope, wanted, asked.get("after") or None, limit)
        rows = with_scores(reader, found)
        words = Words(here.language, reader)
    if form in FORMATS:
        return exported(_table(here, rows, asked, words), form)
    more = rows[PAGE - 1]["code"] if len(rows) > PAGE else None
    template = "organization_rows.html" if "hx-request" in request.headers else "organizations.html"
    return page(
        here,
        template,
        rows=rows[:PAGE],
        more=more,
        asked=asked,
        filled=Filled(asked),
        categories=[(name, words.category(name)) for name in CATEGORIES],
    )


def _table(here: Here, rows: list[dict[str, Any]], asked: dict[str, str], words: Words) -> Table:
    heads = (
        here.t("代码", "code"),
        here.t("名称", "name"),
        here.t("类别", "category"),
        here.t("上级", "parent"),
        here.t("月份", "month"),
        here.t("得分", "score"),
    )
    said = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    return Table(
        here.t("组织", "organizations"),
        said,
        here.now(),
        heads,
        [
            (one["code"], one["name"], words.category(one["category"]),
             one["parent_name"], one["period"], one["score"])
            for one in rows
        ],
    )  # fmt: skip
