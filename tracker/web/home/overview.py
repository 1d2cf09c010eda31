"""Organizations × the duties of a month: the page, what is owed, and both as files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.vocabulary import CATEGORIES
from events.periods import Length, Period, month_of, parse_month
from projections.organizations.selection import parents_in
from projections.oversight.heat_map import HeatMapQuery as Question
from projections.oversight.heat_map import heat_map, owed, progress
from tracker.export.tables import Table, exported
from tracker.http.context import Context
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
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MOST_EVALUATED = 2000
"""Organizations that one file evaluates."""
EVERY_PAGE = 20
"""Organizations on a page that shows the duties of the whole year."""
MONTHS_OFFERED = 13
MOST_PARENTS = 400
"""Organizations with others under them that a page offers to search under."""


def month_asked(context: RequestContext, reader: Reader, given: str) -> Period:
    """The month that was asked for, else the present one; ``Refused`` for no month."""
    return parse_month(given) if given else month_of(context.today(reader))


def months_offered(context: RequestContext, reader: Reader) -> list[str]:
    """The present month and those before it that the district has, newest first."""
    month, first = month_of(context.today(reader)), context.district(reader).first_month
    found: list[str] = []
    while month >= first and len(found) < MONTHS_OFFERED:
        found.append(str(month))
        month = month.previous()
    return found


def page_size(month: Period, *, every: bool) -> int:
    """How many organizations a page shows: fewer where the duties of the year are columns too."""
    return EVERY_PAGE if every or month.window_around(Length.YEAR).last_month == month else PAGE


def heat_of(
    context: RequestContext, reader: Reader, scope: Scope, question: Question
) -> dict[str, Any]:
    """A heat map with what pages show beside it: who owes what, progress, whose forms are open."""
    found = heat_map(reader, scope, context.district(reader), context.today(reader), question)
    streams = [row["stream"] for group in found["groups"] for row in group["rows"]]
    recording = context.may(reader, "record")
    return {
        "heat": found,
        "owed": owed(found),
        "progress": progress(found),
        "own": context.scope(reader, "record").streams_among(reader, streams)
        if recording
        else set(),
    }


@router.get("/overview")
def show(context: Context, request: Request) -> Response:
    """The heat map of a month, fifty organizations a page; ``list=owed`` with a format: a file."""
    given = request.query_params
    asked = {name: given.get(name, "") for name in ("period", "under", "category", "every")}
    asked["category"] = asked["category"] if asked["category"] in CATEGORIES else ""
    form, place = form_of(request), place_of(request)
    with context.read() as reader:
        scope = context.scope(reader, "see_many")
        month = month_asked(context, reader, asked["period"])
        size = page_size(month, every=bool(asked["every"]))
        top, fault = organization_asked(context, reader, asked["under"], "see_many")
        question = Question(
            month,
            None if top is None else top.stream,
            asked["category"] or None,
            (place - 1) * size,
            size,
            bool(asked["every"]),
        )
        if form:
            whole = replace(question, offset=0, limit=MOST_EVALUATED)
            found = heat_map(reader, scope, context.district(reader), context.today(reader), whole)
            said = " ".join(one for one in (top.name if top else "", str(month)) if one)
            write = _owed_table if given.get("list") == "owed" else _heat_table
            return exported(write(context, reader, found, said), form)
        values = heat_of(context, reader, scope, question)
        offered = months_offered(context, reader)
    return page(
        context,
        "home/overview.html",
        asked=asked,
        month=str(month),
        top=top,
        fault=fault,
        offered=offered if str(month) in offered else [str(month), *offered],
        parents=context.fresh.get(
            f"parents:{scope.key()}", lambda one: parents_in(one, scope, MOST_PARENTS)
        ).value,
        categories=tuple(CATEGORIES),
        place=place,
        most=MOST_EVALUATED,
        **values,
    )


def _told(context: RequestContext, found: dict[str, Any], said: str) -> str:
    if not found["more"]:
        return said
    return said + context.t(
        f" （只含前 {MOST_EVALUATED} 个组织）", f" (the first {MOST_EVALUATED} organizations only)"
    )


def _heat_table(context: RequestContext, reader: Reader, found: dict[str, Any], said: str) -> Table:
    """The heat map as a file: a row an organization and duty."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"), t("事项", "Duty"),
        t("期间", "Window"), t("状态", "State"), t("已计", "Counted"), t("要求", "Required"),
        t("最迟", "Due"),
    )  # fmt: skip
    rows = [
        [
            row["name"], row["organization"], words.category(group["category"]),
            words.word("activities", duty["activity"]), duty["window"],
            t("不要求", "not asked") if cell is None else words.status(cell["state"]),
            *([None, None, None] if cell is None
              else [cell["counted"], cell["required"], cell["due_on"]]),
        ]
        for group in found["groups"]
        for row in group["rows"]
        for duty, cell in zip(group["duties"], row["cells"], strict=True)
    ]  # fmt: skip
    return _table(
        context, reader, t("本月事项总览", "Duties"), _told(context, found, said), heads, rows
    )


def _owed_table(context: RequestContext, reader: Reader, found: dict[str, Any], said: str) -> Table:
    """Who owes what as a file, what is late first."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("状态", "State"), t("最迟", "Due"), t("组织", "Organization"), t("代码", "Code"),
        t("类别", "Category"), t("事项", "Duty"), t("期间", "Window"), t("还差", "Missing"),
        t("要求", "Required"),
    )  # fmt: skip
    rows = [
        [
            words.status(one["state"]), one["due_on"], one["name"], one["organization"],
            words.category(one["category"]), words.word("activities", one["activity"]),
            one["window"], one["missing"], one["required"],
        ]
        for one in owed(found)
    ]  # fmt: skip
    name = t("未开展情况清单", "Who owes what")
    return _table(context, reader, name, _told(context, found, said), heads, rows)


def _table(
    context: RequestContext,
    reader: Reader,
    name: str,
    said: str,
    heads: tuple[str, ...],
    rows: list[list[Any]],
) -> Table:
    said += cut_short(context, len(rows))
    return Table(name, said, local_now(context, reader), heads, rows[:MOST_EXPORTED])
