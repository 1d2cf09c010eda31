"""A user's duties as a calendar: the secret link that a calendar program reads."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.periods import instant_text, month_of
from events.refusals.errors import Refused
from projections.oversight.heat_map import HeatMapQuery, heat_map, owed
from projections.people.accounts import account_of
from projections.rectifications.ledger import OPEN, OVERDUE, read_orders
from tracker.access.rights import without_void_delegations
from tracker.accounts import calendar_links
from tracker.export.calendar import CalendarDay, calendar_response, calendar_text
from tracker.http.context import Context
from tracker.inspections.assignments import read_assignments
from tracker.web.page.qr import draw_qr_code
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.oversight.heat_map import OwedDuty
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
PAGE = "/account/calendar"
MOST_EVALUATED = 300
"""Organizations whose duties one calendar has."""
MOST_ORDERS = 200
NAMED = 5
"""Organizations that a day names; the others are counted."""


@router.get("/account/calendar")
def show(context: Context) -> Response:
    """Show whether there is a link, with the buttons to make and to revoke it."""
    return _show_page(context)


def _show_page(context: RequestContext, secret: str = "") -> Response:
    assert context.account is not None
    with context.read() as reader:
        made = calendar_links.made_at(reader, context.account.account)
    address = f"{context.site}/calendar/{secret}" if secret else ""
    return page(
        context,
        "accounts/calendar.html",
        made=made,
        address=address,
        code=draw_qr_code(address) if address else "",
    )


@router.post("/account/calendar")
def make_link(context: Context) -> Response:
    """Make a new link, shown only this time; the one before becomes invalid."""
    assert context.account is not None
    secret = context.authenticator.new_secret()
    with context.app.store.append() as log:
        calendar_links.replace_calendar_link(
            log, context.account.account, secret, instant_text(context.now())
        )
    return _show_page(context, secret)


@router.post("/account/calendar/revoke")
def revoke_link(context: Context) -> Response:
    """Make the link invalid."""
    assert context.account is not None
    with context.app.store.append() as log:
        calendar_links.revoke_calendar_link(log, context.account.account)
    return redirect(f"{PAGE}?done=revoked")


@router.get("/calendar/{token}")
def read_calendar(context: Context, token: str) -> Response:
    """Return the calendar of a link's account: what it may record, reply to and inspect."""
    with context.read() as reader:
        today = context.today(reader)
        name = calendar_links.account_of_link(reader, token)
        account = account_of(reader, name) if name is not None else None
        if account is None or not account.enabled:
            raise Refused("calendar_link_void")
        context.account = without_void_delegations(reader, account, today.isoformat())
        days = [
            *_list_duties(context, reader, today),
            *_list_orders(context, reader, today),
            *_list_inspections(context, reader, today),
        ]
    days.sort(key=lambda one: (one.day, one.uid))
    title = context.t("过程化考核待办", "Process assessment duties")
    return calendar_response(calendar_text(title, days, context.now()))


def _list_duties(context: RequestContext, reader: Reader, today: date) -> list[CalendarDay]:
    """Return a day for each outstanding duty of this month and the one before, on its last day."""
    scope, words = context.scope(reader, "record"), PageWords(context.language, reader)
    this = month_of(today)
    months = [this] if this == context.district(reader).first_month else [this.previous(), this]
    duties: dict[tuple[str, str, str], list[OwedDuty]] = {}
    for month in months:
        question = HeatMapQuery(month, limit=MOST_EVALUATED)
        heat = heat_map(reader, scope, context.district(reader), today, question)
        for duty in owed(heat):
            duties.setdefault((duty.due_on, duty.activity, duty.window), []).append(duty)
    return [
        CalendarDay(
            _uid("duty", activity, window),
            date.fromisoformat(due_on),
            f"{words.word('activities', activity)} {window}",
            _name_organizations(context, [duty.name for duty in rows]),
        )
        for (due_on, activity, window), rows in duties.items()
    ]


def _name_organizations(context: RequestContext, names: list[str]) -> str:
    shown = "、".join(sorted(names)[:NAMED])
    if len(names) <= NAMED:
        return shown
    return context.t(f"{shown}等{len(names)}个组织", f"{shown} and others, {len(names)} in all")


def _list_orders(context: RequestContext, reader: Reader, today: date) -> list[CalendarDay]:
    """Return a day for each rectification order without a reply."""
    scope = context.scope(reader, "reply")
    orders = [
        order
        for state in (OVERDUE, OPEN)
        for order in read_orders(reader, scope, today, state, MOST_ORDERS)
    ]
    said = context.t("整改回复", "Rectification reply")
    return [
        CalendarDay(
            _uid("order", order.stream, order.rectification_id),
            date.fromisoformat(order.due),
            f"{said}：{order.name}",
            order.problem or order.criterion,
        )
        for order in orders
    ]


def _list_inspections(context: RequestContext, reader: Reader, today: date) -> list[CalendarDay]:
    """Return a day for each open inspection, on the last day of its cycle."""
    assert context.account is not None
    if context.account.person is None:
        return []
    scope = context.scope(reader, "inspect")
    rows = read_assignments(reader, context.account.person, today, scope)
    said = context.t("抽查", "Inspection")
    return [
        CalendarDay(
            _uid("inspection", row.organization, row.period),
            date.fromisoformat(row.closes_on),
            f"{said}：{row.name} {row.period}",
        )
        for row in rows
        if row.closes_on is not None and row.state == "open"
    ]


def _uid(*parts: str) -> str:
    """Return the id of a day, the same whenever it is written again."""
    return f"{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}@duties"
