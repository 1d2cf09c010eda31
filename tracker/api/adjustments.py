"""Adjusting a posted score: another value beside it, for a reason."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.scores import MONTHLY
from events.values import FrozenModel, Money, Reason
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.parameters import known
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import Shape
from tracker.commands.scores import ScoreAdjustment, adjust
from tracker.http.context import Context

router = APIRouter(prefix="/api/v1", tags=["organizations"])


class AdjustmentGiven(FrozenModel):
    """The value that counts from now on in the place of a posted score, and why."""

    period: str
    kind: str = MONTHLY
    new: Money = Field(description="At most two decimals, such as 93.50.")
    reason: Reason


class AdjustmentAnswer(Shape):
    """An adjustment that stands; the same for a replay."""

    organization: str
    period: str
    kind: str
    adjustment_id: str


@router.post(
    "/organizations/{code}/adjustments",
    status_code=201,
    response_model=AdjustmentAnswer,
    responses=WRITING,
)
def adjust_score(
    context: Context, code: str, given: AdjustmentGiven, key: IdempotencyKey = None
) -> Response:
    """Put another value beside a posted score; what was posted stays, the newest counts."""
    adjustment_id = identity_of(key, field="adjustment_id")
    command = ScoreAdjustment.model_construct(adjustment_id=adjustment_id, **dict(given))
    with context.read() as reader:
        entry = known(reader, code)
    changed = adjust(context.tools.store, entry, command, context.metadata())
    if changed:
        context.fresh.clear()
    answer = {
        "organization": code,
        "period": given.period,
        "kind": given.kind,
        "adjustment_id": adjustment_id,
    }
    return appended(answer, changed=changed)
