"""The call list: who owes what in a month, by township, with whom to call; as page and file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections.oversight.call_list import call_list
from projections.oversight.heat_map import HeatMapQuery, heat_map
from projections.rectifications.ledger import OVERDUE, read_orders
from tracker.accounts.contacts import read_contacts
from tracker.export.tables import table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.web.home.overview import (
    MOST_EVALUATED,
    list_months,
    note_left_out,
    parse_month_asked,
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
    from events.log.reader import Reader
    from projections.oversight.call_list import CallGroup, CallLine
    from tracker.export.tables import Table
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/calls")
def show(context: Context, request: Request) -> Response:
    """Show whom to call about a month's outstanding duties; with ``format`` a file."""
    given = request.query_params
    asked = {name: given.get(name, "") for name in ("period", "under")}
    form, place = read_file_format(request), read_page_number(request)
    with context.read() as reader:
        scope, today = context.scope(reader, "see_many"), context.today(reader)
        month = parse_month_asked(context, reader, asked["period"])
        filled = FilledForm(dict(given) | asked)
        top = pick_filter(context, filled, asked, FilterField("under", "see_many"), reader)
        under = None if top is None else top.stream
        question = HeatMapQuery(month, under, None, (place - 1) * PAGE, PAGE)
        if form:
            question = replace(question, offset=0, limit=MOST_EVALUATED)
        heat = heat_map(reader, scope, context.district(reader), today, question)
        overdue = read_orders(reader, scope, today, OVERDUE, exports.MOST_ROWS, under=under)
        groups = call_list(reader, heat, overdue)
        contacts = context.figures.get(
            f"contacts:{today}", lambda source: read_contacts(source, today.isoformat())
        ).value
        if form:
            said = " ".join(one for one in (top.name if top else "", str(month)) if one)
            left_out = note_left_out(context, heat)
            table = _make_table(context, reader, groups, contacts, said, left_out)
            return table_response(table, form)
        offered = list_months(context, reader)
    return page(
        context,
        "home/calls.html",
        asked=asked,
        month=str(month),
        top=top,
        filled=filled,
        groups=groups,
        contacts=contacts,
        organizations=sum(len(group.lines) for group in groups),
        offered=offered if str(month) in offered else [str(month), *offered],
        place=place,
        more=heat.more,
    )


def _make_table(
    context: RequestContext,
    reader: Reader,
    groups: list[CallGroup],
    contacts: dict[str, list[str]],
    said: str,
    left_out: str,
) -> Table:
    """Return the list as a table: one row for each organization to call."""
    t, words = context.t, PageWords(context.language, reader)
    heads = (
        t("上级", "Under"), t("组织", "Organization"), t("代码", "Code"), t("联系人", "Contact"),
        t("未完成事项", "Owes"), t("最迟", "Due"), t("逾期项数", "Late"), t("联系情况", "Answer"),
    )  # fmt: skip
    rows = [
        (
            group.name, line.name, line.organization, "、".join(contacts.get(line.stream, ())),
            _describe_debts(context, words, line), line.due_on, line.late, "",
        )
        for group in groups
        for line in group.lines
    ]  # fmt: skip
    name = t("催办名单", "Call list")
    return exports.fill_table(context, reader, name, said, heads, rows, left_out)


def _describe_debts(context: RequestContext, words: PageWords, line: CallLine) -> str:
    """Return everything that an organization owes in words."""
    duties = [f"{words.word('activities', one.activity)}（{one.window}）" for one in line.duties]
    orders = [
        context.t("整改：", "rectify: ") + (one.problem or one.criterion) for one in line.orders
    ]
    return "；".join(duties + orders)
