"""Personal tokens of the signed-in user: list, issue, revoke; never by a token itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.accounts import TokenScope
from events.values import Day, FrozenModel
from tracker.accounts.personal_tokens import PersonalTokens
from tracker.accounts.sign_in import LONGEST_PASSWORD
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Shape
from tracker.http.authorization import forbidden
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

if TYPE_CHECKING:
    from events.streams.accounts import Account
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=JsonRoute)


class TokenInput(FrozenModel):
    """What a token may be used for, its last day (at most a year ahead), and the user's password.

    The password is required because a token outlives the session: somebody who finds a session open
    must not be able to issue one.
    """

    scopes: tuple[TokenScope, ...] = Field(min_length=1, max_length=4)
    until_on: Day
    password: str = Field(max_length=LONGEST_PASSWORD, repr=False)


class TokenAnswer(Shape):
    """A token that is not revoked."""

    token_id: str
    scopes: list[str]
    until_on: str


class NewTokenAnswer(TokenAnswer):
    """A token that was just issued."""

    token: str | None = Field(description="The secret, shown only once; null in a replay.")


@router.get("/tokens", response_model=list[TokenAnswer], responses=READING)
def list_tokens(context: Context) -> Response:
    """List your own tokens that are not revoked; needs a session, not a token."""
    account = _require_session(context)
    return json_answer(
        [
            {"token_id": token.token_id, "scopes": list(token.scopes), "until_on": token.until_on}
            for token in sorted(account.tokens.values(), key=lambda token: token.until_on)
        ]
    )


@router.post("/tokens", status_code=201, response_model=NewTokenAnswer,
             responses=WRITING | refusals(429))  # fmt: skip
def issue_token(context: Context, body: TokenInput, key: IdempotencyKey = None) -> Response:
    """Issue a token for programs, with your password; its secret is shown only once."""
    account = _require_session(context)
    token_id, tokens = choose_identity(key), PersonalTokens(context.authenticator)
    with context.read() as reader:
        tokens.check_last_day(body.until_on, context.today(reader))
    checked = context.authenticator.verify_password(
        account.account, body.password, context.address, "password"
    )
    secret = tokens.issue(
        account.account,
        body.scopes,
        body.until_on,
        context.metadata(),
        token_id=token_id,
        checked=checked,
    )
    document: dict[str, Any] = {
        "token_id": token_id,
        "scopes": sorted(set(body.scopes)),
        "until_on": body.until_on.isoformat(),
        "token": secret,
    }
    return created_answer(document, changed=secret is not None)


@router.delete("/tokens/{token_id}", status_code=204, responses=WRITING)
def revoke_token(context: Context, token_id: str) -> Response:
    """Revoke your own token at once. Idempotent."""
    account = _require_session(context)
    PersonalTokens(context.authenticator).revoke(account.account, token_id, context.metadata())
    return Response(None, 204)


def _require_session(context: RequestContext) -> Account:
    """Return the account of a session; ``Refused`` for a request with a token."""
    if context.session is None or context.account is None:
        raise forbidden()
    return context.account
