"""Heat map of organizations and the duties of a month, outstanding duties, and both as files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import Length, Period, month_of, parse_month
from projections.documents.in_force import categories
from projections.organizations.selection import parents_in
from projections.oversight.heat_map import HeatMapQuery as Question
from projections.oversight.heat_map import heat_map, owed, progress
from tracker.export.tables import Table, table_response
from tracker.http import exports
from tracker.http.context import Context
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
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.oversight.heat_map import HeatMap
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MOST_EVALUATED = 2000
"""Organizations that one file evaluates."""
EVERY_PAGE = 20
"""Organizations on a page with the duties of the whole year: fewer, as each has more columns."""
MONTHS_OFFERED = 13
"""Months to choose from: the present one and a year before it."""


def parse_month_asked(context: RequestContext, reader: Reader, given: str) -> Period:
    """Return the month of the request, else the present one; raises ``Refused`` if invalid."""
    return parse_month(given) if given else month_of(context.today(reader))


def list_months(context: RequestContext, reader: Reader) -> list[str]:
    """Return the present month and those before it that the district has, newest first."""
    month, first = month_of(context.today(reader)), context.district(reader).first_month
    months: list[str] = []
    while month >= first and len(months) < MONTHS_OFFERED:
        months.append(str(month))
        month = month.previous()
    return months


def choose_page_size(month: Period, *, every: bool) -> int:
    """Return how many organizations a page shows.

    Fewer where the duties of the year are columns too: on request and in the last month of a year.
    """
    return EVERY_PAGE if every or month.window_around(Length.YEAR).last_month == month else PAGE


def read_heat_map(
    context: RequestContext, reader: Reader, scope: Scope, question: Question
) -> dict[str, Any]:
    """Return a heat map with its outstanding duties and progress.

    ``own`` are the streams for which the account may record: their cells link to the form.
    """
    heat = heat_map(reader, scope, context.district(reader), context.today(reader), question)
    streams = [row.stream for group in heat.groups for row in group.rows]
    recording = context.may(reader, "record")
    return {
        "heat": heat,
        "owed": owed(heat),
        "progress": progress(heat),
        "own": context.scope(reader, "record").streams_among(reader, streams)
        if recording
        else set(),
    }


@router.get("/overview")
def show(context: Context, request: Request) -> Response:
    """Show the heat map of a month by pages; with ``format`` a file.

    The file is the heat map, or the outstanding duties with ``list=owed``.
    """
    given = request.query_params
    asked = {name: given.get(name, "") for name in ("period", "under", "category", "every")}
    form, place = read_file_format(request), read_page_number(request)
    with context.read() as reader:
        known = categories(reader)
        asked["category"] = asked["category"] if asked["category"] in known else ""
        scope = context.scope(reader, "see_many")
        month = parse_month_asked(context, reader, asked["period"])
        size = choose_page_size(month, every=bool(asked["every"]))
        filled = FilledForm(dict(context.request.query_params) | asked)
        top = pick_filter(context, filled, asked, FilterField("under", "see_many"), reader)
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
            heat = heat_map(reader, scope, context.district(reader), context.today(reader), whole)
            said = " ".join(one for one in (top.name if top else "", str(month)) if one)
            write = _make_owed_table if given.get("list") == "owed" else _make_heat_table
            return table_response(write(context, reader, heat, said), form)
        values = read_heat_map(context, reader, scope, question)
        offered = list_months(context, reader)
    return page(
        context,
        "home/overview.html",
        asked=asked,
        month=str(month),
        top=top,
        filled=filled,
        offered=offered if str(month) in offered else [str(month), *offered],
        parents=context.figures.get(
            f"parents:{scope.key()}", lambda own: len(parents_in(own, scope, 2))
        ).value,
        categories=tuple(known),
        place=place,
        most=MOST_EVALUATED,
        **values,
    )


def note_left_out(context: RequestContext, heat: HeatMap) -> str:
    """Return the words of a file that lacks organizations; empty where it has all."""
    if not heat.more:
        return ""
    return context.t(
        f"只含前 {MOST_EVALUATED} 个组织，后面还有；请按所属组织或类别分次导出",
        f"only the first {MOST_EVALUATED} organizations, there are more: export by organization"
        " above or by category",
    )


def _make_heat_table(context: RequestContext, reader: Reader, heat: HeatMap, said: str) -> Table:
    """Return the heat map as a table: one row per organization and duty."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"), t("事项", "Duty"),
        t("期间", "Window"), t("状态", "State"), t("已计", "Counted"), t("要求", "Required"),
        t("最迟", "Due"),
    )  # fmt: skip
    rows = [
        [
            row.name, row.organization, words.category(group.category),
            words.word("activities", duty.activity), duty.window,
            t("不要求", "not required") if cell is None else words.status(cell.state),
            *([None, None, None] if cell is None
              else [cell.counted, cell.required, cell.due_on]),
        ]
        for group in heat.groups
        for row in group.rows
        for duty, cell in zip(group.duties, row.cells, strict=True)
    ]  # fmt: skip
    name = t("本月事项总览", "Duties")
    left_out = note_left_out(context, heat)
    return exports.fill_table(context, reader, name, said, heads, rows, left_out)


def _make_owed_table(context: RequestContext, reader: Reader, heat: HeatMap, said: str) -> Table:
    """Return the outstanding duties as a table, late ones first."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("状态", "State"), t("最迟", "Due"), t("组织", "Organization"), t("代码", "Code"),
        t("类别", "Category"), t("事项", "Duty"), t("期间", "Window"), t("还差", "Missing"),
        t("要求", "Required"),
    )  # fmt: skip
    rows = [
        [
            words.status(row.state), row.due_on, row.name, row.organization,
            words.category(row.category), words.word("activities", row.activity),
            row.window, row.missing, row.required,
        ]
        for row in owed(heat)
    ]  # fmt: skip
    name = t("未开展情况清单", "Outstanding duties")
    left_out = note_left_out(context, heat)
    return exports.fill_table(context, reader, name, said, heads, rows, left_out)
