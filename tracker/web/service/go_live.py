"""Going live: what opens from a month on, and the month typed to confirm it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import month_of, parse_month
from events.refusals.errors import Refused
from scheduler.going_live import preview_live
from scheduler.working_days import is_working_day
from tracker.commands.district import go_live, is_still_to_go_live
from tracker.http.context import Context
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import page, redirect

if TYPE_CHECKING:
    from scheduler.going_live import LivePreview
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)


@router.get("/admin/go-live")
def show_preview(context: Context, request: Request) -> Response:
    """Show what going live from the month of ``from`` opens; without one, the present month."""
    return _live_page(context, request.query_params.get("from", ""), FilledForm())


def _live_page(
    context: RequestContext, asked: str, filled: FilledForm, status: int = 200
) -> Response:
    """Return the page; a month that cannot be the first one is refused at its field."""
    preview: LivePreview | None = None
    with context.read() as reader:
        facts = context.district(reader)
        month = asked or str(month_of(context.today(reader)))
        if not facts.live:
            try:
                first = parse_month(month)
                is_still_to_go_live(reader, first, context.now())
                now = context.now().astimezone(facts.zone)
                preview = preview_live(reader, first, now, is_working_day)
            except Refused as refused:
                filled.refuse(refused, context.language)
                filled.errors = {"from": next(iter(filled.errors.values()))}
                status = 422
    return page(
        context,
        "service/go_live.html",
        status,
        facts=facts,
        month=month,
        preview=preview,
        filled=FilledForm({"from": month, **filled.values}, filled.errors),
    )


@router.post("/admin/go-live")
def end_set_up(context: Context) -> Response:
    """Go live from the month that the page showed, if it is typed again on purpose."""
    month = parse_month(context.value("from"))
    with context.read() as reader:
        waiting = is_still_to_go_live(reader, month, context.now())
    if waiting and context.value("month") != str(month):
        fault = context.t(f"请输入 {month} 以确认正式启用", f"type {month} to confirm going live")
        return _live_page(context, str(month), FilledForm(context.typed(), {"month": fault}), 422)
    go_live(context.app.store, month, context.metadata())
    context.figures.clear()
    return redirect("/admin/go-live?done=live")
