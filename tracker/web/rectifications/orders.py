"""Rectifications: the ledger of a scope, one order as a printable notice, replies to orders."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import parse_month
from events.refusals.errors import Refused
from events.streams.rectifications import ReplyRectification, rectification_subject
from projections.compliance.criteria_served import scheme_of
from projections.documents.in_force import book, categories, vocabulary
from projections.organizations.directory import find
from projections.rectifications.ledger import (
    OPEN,
    OVERDUE,
    REPLIED,
    STATES,
    count_orders,
    inspectors_of,
    read_order,
    read_orders,
    read_replies,
)
from tracker.commands.rectifications import record_reply
from tracker.export.tables import FORMATS, Table, table_response
from tracker.http import exports
from tracker.http.context import Context
from tracker.http.uploads import require_files
from tracker.web.page.attachments import parse_evidence_fields, read_attachments
from tracker.web.page.forms import FilledForm, drop_empty, read_form
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from collections.abc import Collection

    from events.documents.schemes import Scheme
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from projections.rectifications.ledger import RectificationOrder
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = 50
OFFERED = ("rectification_measures", "photo", "minutes")
"""Kinds of evidence that the reply form offers first."""


@router.get("/rectifications")
def show_ledger(context: Context, request: Request) -> Response:
    """Show the orders of the user's scope, overdue ones first; ``format`` exports them."""
    form = request.query_params.get("format", "")
    number = request.query_params.get("page", "1")
    place = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
    with context.read() as reader:
        known = tuple(categories(reader))
        asked = _filters_given(request, known)
        scope, today = context.scope(reader, "see_file"), context.today(reader)
        if form in FORMATS:
            return table_response(_export_table(context, reader, scope, today, asked), form)
        rows = read_orders(
            reader,
            scope,
            today,
            asked["state"] or None,
            PAGE + 1,
            category=asked["category"] or None,
            offset=(place - 1) * PAGE,
        )
        own = context.scope(reader, "reply").streams_among(
            reader, sorted({order.stream for order in rows})
        )
    shown = [
        order._asdict() | {"days": (today - date.fromisoformat(order.due)).days}
        for order in rows[:PAGE]
    ]
    made = context.figures.get(
        f"rectifications:{today}:{scope.key()}", lambda reader: count_orders(reader, scope, today)
    )
    return page(
        context,
        "rectifications/listing.html",
        rows=shown,
        more=len(rows) > PAGE,
        place=place,
        asked=asked,
        counts=made.value,
        made_at=made.made_at,
        states=(OVERDUE, OPEN, REPLIED),
        categories=known,
        own=own,
    )


def _filters_given(request: Request, categories: Collection[str]) -> dict[str, str]:
    """Return the filters of the request; unknown values are ignored."""
    known = {"state": frozenset(STATES), "category": categories}
    fields = {name: request.query_params.get(name, "") for name in known}
    return {name: one if one in known[name] else "" for name, one in fields.items()}


def _export_table(
    context: RequestContext, reader: Reader, scope: Scope, today: date, asked: dict[str, str]
) -> Table:
    """Return the filtered ledger as an export table, of a long one the first rows."""
    t, words = context.t, PageWords(context.language, reader)
    clock = exports.local_clock(context, reader)
    rows = read_orders(
        reader,
        scope,
        today,
        asked["state"] or None,
        exports.MOST_ROWS + 1,
        category=asked["category"] or None,
    )
    note = " ".join(
        [
            words.status(asked["state"]) if asked["state"] else t("全部", "all"),
            words.category(asked["category"]) if asked["category"] else "",
        ]
    ).strip()
    heads = (
        t("组织", "Organization"), t("代码", "Code"), t("类别", "Category"), t("月份", "Month"),
        t("标准", "Criterion"), t("存在问题", "Problem"), t("整改时限", "Due"),
        t("状态", "State"), t("下达时间", "Ordered"), t("最近回复", "Newest reply"),
        t("编号", "Number"),
    )  # fmt: skip
    return exports.make_table(
        context,
        reader,
        t("整改台账", "Rectifications"),
        note,
        heads,
        [
            [
                order.name, order.organization, words.category(order.category), order.period,
                order.criterion, order.problem, order.due, words.status(order.state),
                clock.show(order.ordered_at), clock.show(order.replied_at), order.rectification_id,
            ]
            for order in rows
        ],
    )  # fmt: skip


@router.get("/organizations/{code}/rectifications/{rectification_id:path}")
def show_order(context: Context, code: str, rectification_id: str) -> Response:
    """Show one order as a printable notice, its replies, and the reply form."""
    return _order_page(context, code, rectification_id, None)


def _order_page(
    context: RequestContext,
    code: str,
    rectification_id: str,
    filled: FilledForm | None,
    status: int = 200,
) -> Response:
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = context.today(reader)
        found = read_order(reader, entry.stream, rectification_id, today)
        if found is None:
            raise unknown_order(rectification_id)
        order = found.order
        if filled is None:
            marks = {"reply_id": f"w-{uuid.uuid4().hex}", "done_on": today.isoformat()}
            filled = FilledForm(marks)
        answers = read_replies(reader, entry.stream).get(rectification_id, [])
        own = (entry.stream, rectification_subject(rectification_id))
        inspectors = inspectors_of(reader, entry.stream, order.period)
        files = read_attachments(context, reader, parse_evidence_fields((), filled["file"] or ()))
        offered = [*OFFERED, *(one.kind for one in files), *(filled["evidence"] or ())]
        kinds = tuple(dict.fromkeys(offered))
        values: dict[str, Any] = {
            "entry": entry,
            "order": order._asdict() | {"actor": found.actor, "hash": found.hash},
            "replies": [
                answer._asdict()
                | {"files": read_attachments(context, reader, answer.evidence, own)}
                for answer in answers
            ],
            "inspectors": inspectors,
            "names": read_people_names(
                reader,
                [*inspectors, found.actor, *(answer.actor for answer in answers)],
                context.language,
            ),
            "basis": _criterion_of(reader, entry, order),
            "filled": filled,
            "files": files,
            "kinds": kinds,
            "more": tuple(kind for kind in vocabulary(reader).evidence if kind not in kinds),
            "may_reply": context.may(reader, "reply")
            and context.scope(reader, "reply").covers(reader, entry),
        }
    return page(context, "rectifications/order.html", status, **values)


def unknown_order(rectification_id: str) -> Refused:
    """Return the refusal for an order that the organization does not have."""
    return Refused("unknown_rectification", rectification_id=rectification_id)


def _criterion_of(reader: Reader, entry: OrganizationEntry, order: RectificationOrder) -> Any:
    """Return the criterion of an order in the scheme of its month, or None."""
    month = parse_month(order.period)
    category = entry.category_on(month.last_day.isoformat())
    scheme: Scheme | None = scheme_of(book(reader), category, month)
    if scheme is None:
        return None
    return book(reader).catalogue(scheme).by_code.get(order.criterion)


@router.post("/organizations/{code}/rectifications/{rectification_id:path}")
def take_reply(context: Context, code: str, rectification_id: str) -> Response:
    """Record a reply; the form's ``reply_id`` makes it idempotent."""
    filled = FilledForm(
        context.typed() | {"evidence": context.values("evidence"), "file": context.values("file")}
    )
    fields = drop_empty(
        {
            "rectification_id": rectification_id,
            "reply_id": context.value("reply_id"),
            "measures": context.value("measures"),
            "done_on": context.value("done_on"),
            "evidence": parse_evidence_fields(filled["evidence"], filled["file"]),
        }
    )
    command = read_form(context, ReplyRectification, fields, filled)
    if command is None:
        return _order_page(context, code, rectification_id, filled, 422)
    try:
        with context.read() as reader:
            require_files(context, reader, command.evidence)
        record_reply(context.app.store, code, command, context.metadata())
    except Refused as refused:
        filled.refuse(refused, context.language)
        if refused.code == "identity_conflict":
            filled.errors = {"": filled.error("reply_id")}
        return _order_page(context, code, rectification_id, filled, 422)
    context.figures.clear()
    return redirect(
        f"/organizations/{quote(code)}/rectifications/{quote(rectification_id)}?done=replied"
    )
