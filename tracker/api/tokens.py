"""Personal tokens of who is signed in: listed, issued, revoked; never by a token itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.streams.accounts import TokenScope
from events.values import Day, FrozenModel
from tracker.accounts.keyring import AccountSecurity
from tracker.accounts.sign_in import LONGEST_PASSWORD
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Shape
from tracker.http.context import Context
from tracker.http.enforce import forbidden

if TYPE_CHECKING:
    from events.streams.accounts import Account
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["accounts"])


class TokenGiven(FrozenModel):
    """What a token may be used for, its last day (at most a year ahead), and one's password.

    The password is asked for because a token outlives the session: whoever finds one open is not
    to take a token along.
    """

    scopes: tuple[TokenScope, ...] = Field(min_length=1, max_length=4)
    until_on: Day
    password: str = Field(max_length=LONGEST_PASSWORD, repr=False)


class TokenShown(Shape):
    """A token that was not revoked."""

    token_id: str
    scopes: list[str]
    until_on: str


class NewToken(TokenShown):
    """A token that was just issued."""

    token: str | None = Field(description="The secret, shown this once; null in a replay.")


@router.get("/tokens", response_model=list[TokenShown], responses=READING)
def list_tokens(context: Context) -> Response:
    """One's own tokens that were not revoked; asked by a session, not by a token."""
    account = _by_session(context)
    return json_answer(
        [
            {"token_id": one.token_id, "scopes": list(one.scopes), "until_on": one.until_on}
            for one in sorted(account.tokens.values(), key=lambda one: one.until_on)
        ]
    )


@router.post("/tokens", status_code=201, response_model=NewToken,
             responses=WRITING | refusals(429))  # fmt: skip
def issue_token(context: Context, given: TokenGiven, key: IdempotencyKey = None) -> Response:
    """Issue a token for programs, by one's password; its secret is shown once, and in no replay."""
    account = _by_session(context)
    token_id, keys = identity_of(key), AccountSecurity(context.doors)
    with context.read() as reader:
        keys.check_end(given.until_on, context.today(reader))
    checked = context.doors.check(account.account, given.password, context.address, "password")
    secret = keys.issue_token(
        account.account,
        given.scopes,
        given.until_on,
        context.metadata(),
        token_id=token_id,
        checked=checked,
    )
    document: dict[str, Any] = {
        "token_id": token_id,
        "scopes": sorted(set(given.scopes)),
        "until_on": given.until_on.isoformat(),
        "token": secret,
    }
    return appended(document, changed=secret is not None)


@router.delete("/tokens/{token_id}", status_code=204, responses=WRITING)
def revoke_token(context: Context, token_id: str) -> Response:
    """Make one's own token void at once; one that is void already stays so."""
    account = _by_session(context)
    AccountSecurity(context.doors).revoke_token(account.account, token_id, context.metadata())
    return Response(None, 204)


def _by_session(context: RequestContext) -> Account:
    """The account of a session; ``Refused`` for who came by a token."""
    if context.session is None or context.account is None:
        raise forbidden()
    return context.account
