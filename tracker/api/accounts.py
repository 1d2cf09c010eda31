"""Accounts and the roles that they have: for who administers."""

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
from tracker.access.rights import require_place
from tracker.accounts import credentials
from tracker.accounts.listing import AccountQuery
from tracker.accounts.listing import listed as found_accounts
from tracker.api.protocol.answers import (
    IfMatch,
    IfNoneMatch,
    etag_of,
    json_answer,
    marked,
    matches,
    require_seen,
    unchanged,
)
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.lists import FILES, LARGEST_FILE, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import known
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page, Shape, StepAnswer
from tracker.api.who import Role as RoleShown
from tracker.api.who import role as role_shown
from tracker.http.context import Context

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.streams.accounts import Account
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["accounts"])
ID_DIGITS = 12
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


class AccountGiven(FrozenModel):
    """Who may sign in: the log-in name, how pages call them, the inspector that they are."""

    login: Name = Field(max_length=64)
    name: Name
    person: PersonId | None = None


class GrantGiven(FrozenModel):
    """A role over an organization and all under it (null: the district), of some categories."""

    role: Role
    organization: OrganizationCode | None = None
    categories: tuple[CategoryName, ...] | None = Field(default=None, min_length=1, max_length=50)
    from_on: Day
    until_on: Day | None = None


class ReasonBody(FrozenModel):
    """Why."""

    reason: Reason


class AccountShown(Shape):
    """An account as it stands."""

    account: str
    login: str | None = Field(description="Null where it was erased.")
    name: str | None
    person: str | None
    enabled: bool
    second_factor: bool
    roles: list[RoleShown]


class NewAccount(Shape):
    """An account that was just opened."""

    account: str
    login: str
    path: str | None = Field(description="The one-time path, shown this once; null in a replay.")


class LinkMade(Shape):
    """A new one-time path; those before are void."""

    account: str
    path: str


class GrantDone(Shape):
    """A role that stands."""

    account: str
    grant_id: str


@router.get("/accounts", response_model=Page[AccountShown], responses=FILES | READING)
def list_accounts(
    context: Context,
    paging: Paged,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name.")] = None,
    role: Annotated[Role | None, Query(description="With a role of this kind.")] = None,
    state: Annotated[
        Literal["enabled", "disabled", "no_password"] | None, Query(description="As it stands.")
    ] = None,
) -> Response:
    """Every account with its roles, by log-in name."""
    after = paging.code or ""
    wanted = AccountQuery(q, role, state)
    with context.read() as reader:
        rows = [
            _row(one.account, one.login or None, one.name or None)
            for one in found_accounts(reader, wanted, 0, LARGEST_FILE + 1)
            if _place(one.account, one.login) > after
        ]
        return listed(context, reader, paging, LISTING, rows[: paging.wanted])


def _place(one: Account, login: str | None) -> str:
    """By what an account is sorted: its log-in name, else its stream."""
    return login or account_stream(one.account)


def _shown(reader: Reader, one: Account) -> dict[str, Any]:
    named = credentials.by_account(reader, one.account)
    login, name = (named.login, named.name) if named is not None else (None, None)
    return _row(one, login, name)


def _row(one: Account, login: str | None, name: str | None) -> dict[str, Any]:
    return {
        "account": one.account,
        "login": login,
        "name": name,
        "person": one.person,
        "enabled": one.enabled,
        "second_factor": one.second_factor,
        "roles": [role_shown(grant) for grant in one.grants.values()],
    }


@router.get("/accounts/{account}", response_model=AccountShown, responses=READING)
def show_account(context: Context, account: str, if_none_match: IfNoneMatch = None) -> Response:
    """One account with its roles."""
    with context.read() as reader:
        found = _standing(reader, account)
        etag = etag_of(reader, [account_stream(account)], "account")
        if matches(if_none_match, etag):
            return unchanged(etag)
        return marked(_shown(reader, found), etag)


def _standing(reader: Reader, account: str) -> Account:
    found = account_of(reader, account)
    if found is None:
        raise Refused("unknown_account")
    return found


@router.post("/accounts", status_code=201, response_model=NewAccount, responses=WRITING)
def open_account(context: Context, given: AccountGiven, key: IdempotencyKey = None) -> Response:
    """Open an account; its holder chooses a password by the one-time path."""
    digest = hashlib.sha256(identity_of(key).encode()).hexdigest()
    account = f"u-{digest[:ID_DIGITS]}"
    with context.read() as reader:
        found = account_of(reader, account)
        known_as = credentials.by_account(reader, account)
    if found is not None:
        same = known_as is not None and (known_as.login, known_as.name) == (given.login, given.name)
        if not same or found.person != given.person:
            raise Refused("account_exists", field="Idempotency-Key")
        answer = {"account": account, "login": given.login, "path": None}
        return appended(answer, changed=False)
    opened = context.doors.open(
        given.login, given.name, context.metadata(), person=given.person, account=account
    )
    answer = {"account": account, "login": given.login, "path": f"/welcome/{opened.link}"}
    return appended(answer, changed=True, location=f"/api/v1/accounts/{account}")


@router.post("/accounts/{account}/link", status_code=201, response_model=LinkMade,
             responses=WRITING)  # fmt: skip
def make_link(context: Context, account: str) -> Response:
    """A new one-time path by which the holder chooses a password again; those before are void.

    The log says who made it. 409 for an account that is disabled, and for one's own.
    """
    secret = context.doors.new_link(account, context.metadata())
    return json_answer({"account": account, "path": f"/welcome/{secret}"}, 201)


@router.post(
    "/accounts/{account}/grants",
    status_code=201,
    response_model=GrantDone,
    responses=WRITING | refusals(412),
)
def grant(
    context: Context,
    account: str,
    given: GrantGiven,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Grant a role."""
    grant_id = identity_of(key, field="grant_id")
    with context.read() as reader:
        if grant_id not in _standing(reader, account).grants:
            require_seen(if_match, etag_of(reader, [account_stream(account)], "account"))
        if given.organization is not None:
            known(reader, given.organization)
    require_place(given.role, given.organization)
    command = GrantRole.model_construct(grant_id=grant_id, **dict(given))
    changed = context.doors.grant(account, command, context.metadata())
    return appended({"account": account, "grant_id": grant_id}, changed=changed)


@router.post("/accounts/{account}/grants/{grant_id:path}/revocation", response_model=StepAnswer,
             responses=WRITING)  # fmt: skip
def revoke(context: Context, account: str, grant_id: str, given: ReasonBody) -> Response:
    """End a role, for a reason; one that has ended changes nothing."""
    command = RevokeRole.model_construct(grant_id=grant_id, reason=given.reason)
    return _told(context, account, command)


@router.post("/accounts/{account}/disabling", response_model=StepAnswer, responses=WRITING)
def disable(context: Context, account: str, given: ReasonBody) -> Response:
    """Disable an account, for a reason; its sessions, tokens and links are void at once."""
    return _told(context, account, SwitchAccount.model_construct(reason=given.reason))


@router.post("/accounts/{account}/enabling", response_model=StepAnswer, responses=WRITING)
def enable(context: Context, account: str) -> Response:
    """Let the holder of a disabled account sign in again."""
    return _told(context, account, SwitchAccount())


def _told(context: RequestContext, account: str, command: RevokeRole | SwitchAccount) -> Response:
    return json_answer({"changed": context.doors.tell(account, command, context.metadata())})
