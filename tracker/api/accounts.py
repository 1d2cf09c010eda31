"""Accounts and their roles, for administrators."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, RevokeRole, Role, SwitchAccount, account_stream
from events.values import CategoryName, Day, FrozenModel, Name, OrganizationCode, PersonId, Reason
from projections.people.accounts import account_of
from tracker.access.rights import require_organization
from tracker.accounts import credentials, listing
from tracker.accounts.listing import AccountQuery
from tracker.api.protocol.answers import (
    IfMatch,
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    json_answer,
    make_etag,
    not_modified,
    require_current,
)
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.lists import (
    FILES,
    ListDefinition,
    PageParameters,
    list_answer,
)
from tracker.api.protocol.parameters import find_organization
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page, Shape, StepAnswer
from tracker.api.who import RoleAnswer, role_answer
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.streams.accounts import Account
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=JsonRoute)
ID_DIGITS = 12
"""Hexadecimal digits of an account's id: 48 bits of the key's SHA-256."""
MOST_ACCOUNTS = 1_000_000
"""Accounts that are sorted for a page: more than any district has."""
LISTING = ListDefinition(
    "账号",
    "Accounts",
    (
        ("account", "账号", "account"),
        ("login", "用户名", "log-in name"),
        ("name", "姓名", "name"),
        ("person", "检查人员", "inspector"),
        ("enabled", "启用", "enabled"),
        ("second_factor", "二次验证", "second factor"),
        ("roles", "角色", "roles"),
    ),
    lambda row: [row["login"] or account_stream(row["account"])],
)


class AccountInput(FrozenModel):
    """A user: the log-in name, the name that pages show, the inspector that they are."""

    login: Name = Field(max_length=64)
    name: Name
    person: PersonId | None = None


class GrantInput(FrozenModel):
    """A role over an organization and its descendants (null: the district), of some categories."""

    role: Role
    organization: OrganizationCode | None = None
    categories: tuple[CategoryName, ...] | None = Field(default=None, min_length=1, max_length=50)
    from_on: Day
    until_on: Day | None = None


class ReasonInput(FrozenModel):
    """The reason of a change."""

    reason: Reason


class AccountAnswer(Shape):
    """An account with its roles."""

    account: str
    login: str | None = Field(description="Null if it was erased.")
    name: str | None
    person: str | None
    enabled: bool
    second_factor: bool
    roles: list[RoleAnswer]


class NewAccountAnswer(Shape):
    """An account that was just created."""

    account: str
    login: str
    path: str | None = Field(description="The one-time path, shown only once; null in a replay.")


class LinkAnswer(Shape):
    """A new one-time path; earlier ones are void."""

    account: str
    path: str


class GrantAnswer(Shape):
    """A granted role."""

    account: str
    grant_id: str


@router.get("/accounts", response_model=Page[AccountAnswer], responses=FILES | READING)
def list_accounts(
    context: Context,
    paging: PageParameters,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of a name or log-in name.")
    ] = None,
    role: Annotated[Role | None, Query(description="Accounts with this role.")] = None,
    state: Annotated[
        Literal["enabled", "disabled", "no_password"] | None,
        Query(description="Accounts in this state."),
    ] = None,
) -> Response:
    """List accounts with their roles, sorted by log-in name."""
    after = paging.code or ""
    query = AccountQuery(q, role, state)
    with context.read() as reader:
        rows = [
            _account_answer(row.account, row.login or None, row.name or None)
            for row in listing.list_accounts(reader, query, 0, MOST_ACCOUNTS)
            if _sort_key(row.account, row.login) > after
        ]
        return list_answer(context, reader, paging, LISTING, rows[: paging.wanted])


def _sort_key(account: Account, login: str | None) -> str:
    """By what accounts are sorted: the log-in name, else the stream."""
    return login or account_stream(account.account)


def _account_answer(account: Account, login: str | None, name: str | None) -> dict[str, Any]:
    return {
        "account": account.account,
        "login": login,
        "name": name,
        "person": account.person,
        "enabled": account.enabled,
        "second_factor": account.second_factor,
        "roles": [role_answer(grant) for grant in account.grants.values()],
    }


@router.get("/accounts/{account}", response_model=AccountAnswer, responses=READING)
def show_account(context: Context, account: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return one account with its roles."""
    with context.read() as reader:
        known = _require_account(reader, account)
        etag = make_etag(reader, [account_stream(account)], "account")
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        row = credentials.by_account(reader, account)
        login, name = (row.login, row.name) if row is not None else (None, None)
        return answer_with_etag(_account_answer(known, login, name), etag)


def _require_account(reader: Reader, account: str) -> Account:
    """Return an account by its id; ``Refused`` where there is none."""
    known = account_of(reader, account)
    if known is None:
        raise Refused("unknown_account")
    return known


@router.post("/accounts", status_code=201, response_model=NewAccountAnswer, responses=WRITING)
def open_account(context: Context, body: AccountInput, key: IdempotencyKey = None) -> Response:
    """Create an account; its user sets a password at the one-time path."""
    # The id follows from the key, so that a repeated request finds the account it created.
    digest = hashlib.sha256(choose_identity(key).encode()).hexdigest()
    account = f"u-{digest[:ID_DIGITS]}"
    with context.read() as reader:
        existing = account_of(reader, account)
        row = credentials.by_account(reader, account)
    if existing is not None:
        same = row is not None and (row.login, row.name) == (body.login, body.name)
        if not same or existing.person != body.person:
            raise Refused("account_exists", field="Idempotency-Key")
        answer = {"account": account, "login": body.login, "path": None}
        return created_answer(answer, changed=False)
    opened = context.authenticator.open_account(
        body.login, body.name, context.metadata(), person=body.person, account=account
    )
    answer = {"account": account, "login": body.login, "path": f"/welcome/{opened.link}"}
    return created_answer(answer, changed=True, location=f"/api/v1/accounts/{account}")


@router.post("/accounts/{account}/link", status_code=201, response_model=LinkAnswer,
             responses=WRITING)  # fmt: skip
def make_link(context: Context, account: str) -> Response:
    """Create a one-time path at which the user sets a new password; earlier paths become void.

    The log records who made it. 409 for a disabled account, and for your own.
    """
    secret = context.authenticator.new_link(account, context.metadata())
    return json_answer({"account": account, "path": f"/welcome/{secret}"}, 201)


@router.post(
    "/accounts/{account}/grants",
    status_code=201,
    response_model=GrantAnswer,
    responses=WRITING | refusals(412),
)
def grant(
    context: Context,
    account: str,
    body: GrantInput,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Grant a role."""
    grant_id = choose_identity(key, field="grant_id")
    with context.read() as reader:
        if grant_id not in _require_account(reader, account).grants:
            require_current(if_match, make_etag(reader, [account_stream(account)], "account"))
        if body.organization is not None:
            find_organization(reader, body.organization)
    require_organization(body.role, body.organization)
    command = GrantRole.model_construct(grant_id=grant_id, **dict(body))
    changed = context.authenticator.grant_role(account, command, context.metadata())
    return created_answer({"account": account, "grant_id": grant_id}, changed=changed)


@router.post("/accounts/{account}/grants/{grant_id:path}/revocation", response_model=StepAnswer,
             responses=WRITING)  # fmt: skip
def revoke(context: Context, account: str, grant_id: str, body: ReasonInput) -> Response:
    """Revoke a role, for a reason; revoking it again changes nothing."""
    command = RevokeRole.model_construct(grant_id=grant_id, reason=body.reason)
    return _change_account(context, account, command)


@router.post("/accounts/{account}/disabling", response_model=StepAnswer, responses=WRITING)
def disable(context: Context, account: str, body: ReasonInput) -> Response:
    """Disable an account, for a reason; its sessions, tokens and links become void at once."""
    return _change_account(context, account, SwitchAccount.model_construct(reason=body.reason))


@router.post("/accounts/{account}/enabling", response_model=StepAnswer, responses=WRITING)
def enable(context: Context, account: str) -> Response:
    """Enable a disabled account: its user may sign in again."""
    return _change_account(context, account, SwitchAccount())


def _change_account(
    context: RequestContext, account: str, command: RevokeRole | SwitchAccount
) -> Response:
    return json_answer(
        {"changed": context.authenticator.change_account(account, command, context.metadata())}
    )
