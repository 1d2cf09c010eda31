"""Lending one's own role for a while, and ending it before its day."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.accounts import GrantRole, RevokeRole, Role
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, Reason
from tracker.accounts.lending import lend, take_back
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import Shape, StepAnswer
from tracker.http.context import Context

router = APIRouter(prefix="/api/v1", tags=["accounts"])


class LoanGiven(FrozenModel):
    """To whom which of one's own roles is lent, over what, until when."""

    login: Name = Field(description="The log-in name of who gets it.")
    role: Role
    organization: OrganizationCode | None = None
    categories: tuple[CategoryName, ...] | None = Field(default=None, min_length=1, max_length=50)
    from_on: Day
    until_on: Day


class LoanDone(Shape):
    """A loan that stands."""

    login: str
    grant_id: str


class LoanEnded(FrozenModel):
    """Why it ends."""

    reason: Reason


@router.post("/loans", status_code=201, response_model=LoanDone, responses=WRITING)
def lend_role(context: Context, given: LoanGiven, key: IdempotencyKey = None) -> Response:
    """Lend one's own role, or a part of what it is over, until a day."""
    assert context.account is not None
    grant_id = identity_of(key, field="grant_id")
    fields = {name: one for name, one in given if name != "login"}
    command = GrantRole.model_construct(grant_id=grant_id, delegated_by=None, **fields)
    with context.read() as reader:
        today = context.today(reader)
    changed = lend(context.doors, context.account, given.login, command, today, context.metadata())
    return appended({"login": given.login, "grant_id": grant_id}, changed=changed)


@router.post(
    "/loans/{account}/{grant_id:path}/ending", response_model=StepAnswer, responses=WRITING
)
def end_loan(context: Context, account: str, grant_id: str, given: LoanEnded) -> Response:
    """End a loan of one's own before its day."""
    assert context.account is not None
    command = RevokeRole.model_construct(grant_id=grant_id, reason=given.reason)
    changed = take_back(context.doors, context.account, account, command, context.metadata())
    return json_answer({"changed": changed})
