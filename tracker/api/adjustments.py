"""Adjustments of posted scores: another value that counts instead, for a reason."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.scores import MONTHLY
from events.values import FrozenModel, Reason, Score
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.parameters import find_organization
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import Shape
from tracker.commands.scores import ScoreAdjustment, adjust_posted_score
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

router = APIRouter(prefix="/api/v1", tags=["organizations"], route_class=JsonRoute)


class AdjustmentInput(FrozenModel):
    """The value that counts instead of a posted score, and why."""

    period: str
    kind: str = MONTHLY
    new: Score = Field(description="At most two decimals, such as 93.50.")
    reason: Reason


class AdjustmentAnswer(Shape):
    """A recorded adjustment; the same for a replay."""

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
    context: Context, code: str, body: AdjustmentInput, key: IdempotencyKey = None
) -> Response:
    """Adjust a posted score: what was posted stays readable, the newest adjustment counts."""
    adjustment_id = choose_identity(key, field="adjustment_id")
    command = ScoreAdjustment.model_construct(adjustment_id=adjustment_id, **dict(body))
    with context.read() as reader:
        entry = find_organization(reader, code)
    changed = adjust_posted_score(context.app.store, entry, command, context.metadata())
    if changed:
        context.figures.clear()
    answer = {
        "organization": code,
        "period": body.period,
        "kind": body.kind,
        "adjustment_id": adjustment_id,
    }
    return created_answer(answer, changed=changed)
