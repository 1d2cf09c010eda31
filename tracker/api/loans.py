"""Loans of roles: the user lends an own role until a day, and may end the loan earlier."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.accounts import GrantRole, RevokeRole, Role
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, Reason
from tracker.accounts.delegations import delegate_role, end_delegation
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import Shape, StepAnswer
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=JsonRoute)


class LoanInput(FrozenModel):
    """Which of the user's own roles is lent to whom, over what, until when."""

    login: Name = Field(description="The log-in name of the recipient.")
    role: Role
    organization: OrganizationCode | None = None
    categories: tuple[CategoryName, ...] | None = Field(default=None, min_length=1, max_length=50)
    from_on: Day
    until_on: Day


class LoanAnswer(Shape):
    """A recorded loan."""

    login: str
    grant_id: str


class LoanEndInput(FrozenModel):
    """Why a loan ends."""

    reason: Reason


@router.post("/loans", status_code=201, response_model=LoanAnswer, responses=WRITING)
def lend_role(context: Context, body: LoanInput, key: IdempotencyKey = None) -> Response:
    """Lend your own role, over all or a part of its organizations, until a day."""
    assert context.account is not None
    grant_id = choose_identity(key, field="grant_id")
    fields = {name: value for name, value in body if name != "login"}
    command = GrantRole.model_construct(grant_id=grant_id, delegated_by=None, **fields)
    with context.read() as reader:
        today = context.today(reader)
    changed = delegate_role(
        context.authenticator, context.account, body.login, command, today, context.metadata()
    )
    return created_answer({"login": body.login, "grant_id": grant_id}, changed=changed)


@router.post(
    "/loans/{account}/{grant_id:path}/ending", response_model=StepAnswer, responses=WRITING
)
def end_loan(context: Context, account: str, grant_id: str, body: LoanEndInput) -> Response:
    """End a loan of your own before its last day."""
    assert context.account is not None
    command = RevokeRole.model_construct(grant_id=grant_id, reason=body.reason)
    changed = end_delegation(
        context.authenticator, context.account, account, command, context.metadata()
    )
    return json_answer({"changed": changed})
