"""Going live: the preview of what opens, and the step itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.periods import parse_month
from events.refusals.errors import Refused
from events.values import FrozenModel
from scheduler.going_live import preview_live
from scheduler.working_days import is_working_day
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.cycles import LivePreviewAnswer, WentLiveAnswer
from tracker.commands.district import go_live, is_still_to_go_live
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

router = APIRouter(prefix="/api/v1", tags=["cycles"], route_class=JsonRoute)


class LiveInput(FrozenModel):
    """The first assessed month of a district that is being set up."""

    first_month: str = Field(description="Such as 2026-09; it cannot be changed afterwards.")
    confirm: bool = Field(
        default=False,
        description="Confirms the step, which cannot be undone; without it the request is refused"
        " (409 ``live_unconfirmed``).",
    )


@router.get("/going-live", response_model=LivePreviewAnswer, responses=READING | refusals(409))
def preview(
    context: Context,
    first_month: Annotated[str, Query(alias="from", description="Such as 2026-09.")],
) -> Response:
    """Return which cycles would open and who is assessed, if the district went live now.

    409 ``already_live`` for a district that is live from another month.
    """
    month = parse_month(first_month)
    with context.read() as reader:
        is_still_to_go_live(reader, month, context.now())
        now = context.now().astimezone(context.district(reader).zone)
        shown = preview_live(reader, month, now, is_working_day)
    return json_answer(asdict(shown))


@router.post("/going-live", response_model=WentLiveAnswer, responses=WRITING)
def end_set_up(context: Context, body: LiveInput) -> Response:
    """Go live: cycles open from the first month on. Once; the same month again changes nothing."""
    month = parse_month(body.first_month)
    with context.read() as reader:
        waiting = is_still_to_go_live(reader, month, context.now())
    if waiting and not body.confirm:
        raise Refused("live_unconfirmed", field="confirm", month=month)
    changed = go_live(context.app.store, month, context.metadata())
    if changed:
        context.figures.clear()
    return json_answer({"changed": changed, "first_month": str(month)})
