"""Accounts: who may act, in which role, over which organizations, until when.

Login names, people's names, passwords and second factors are stored outside the log
(``tracker.accounts.credentials``) and can be deleted (docs/decisions/0011-stored-bytes.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, assert_never, get_args

from pydantic import Field

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Refused
from events.values import (
    CategoryName,
    Day,
    FrozenModel,
    Identity,
    OrganizationCode,
    PersonId,
    Reason,
)

if TYPE_CHECKING:
    from events.event import RecordedEvent

PREFIX = "account-"
Role = Literal["branch", "township", "inspector", "department", "auditor", "administrator"]
ROLES: tuple[str, ...] = get_args(Role)
TokenScope = Literal["read", "record", "inspect", "manage"]
TOKEN_SCOPES: tuple[str, ...] = get_args(TokenScope)


def account_stream(account: str) -> str:
    """Return the stream of an account."""
    return PREFIX + account


# facts
class AccountEvent(Event):
    """Base of the events of an account."""

    account: str


class AccountOpened(AccountEvent):
    """An account may have roles from now on; ``person`` is the account's inspector, if any."""

    TYPE: ClassVar[str] = "AccountOpened"

    person: str | None = None


class RoleGranted(AccountEvent):
    """A role over an organization and its descendants, for some categories, from a day to a day.

    Without ``organization`` it is over the whole district, without ``categories`` for all of them,
    without ``until_on`` until it is revoked. ``delegated_by`` is the account that lends its role.
    """

    TYPE: ClassVar[str] = "RoleGranted"

    grant_id: str
    role: str
    organization: str | None = None
    categories: tuple[str, ...] | None = None
    from_on: date
    until_on: date | None = None
    delegated_by: str | None = None


class RoleRevoked(AccountEvent):
    """A role ended before its last day."""

    TYPE: ClassVar[str] = "RoleRevoked"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    grant_id: str
    reason: str


class AccountDisabled(AccountEvent):
    """The account cannot sign in; its sessions, tokens and one-time links are void."""

    TYPE: ClassVar[str] = "AccountDisabled"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    reason: str


class AccountEnabled(AccountEvent):
    """The account may sign in again."""

    TYPE: ClassVar[str] = "AccountEnabled"


class LinkIssued(AccountEvent):
    """The actor was shown a one-time link to set the account's password; earlier links are void."""

    TYPE: ClassVar[str] = "LinkIssued"

    link_id: str


class PasswordChanged(AccountEvent):
    """A new password was set: through a one-time ``link``, or by the holder (``own``)."""

    TYPE: ClassVar[str] = "PasswordChanged"

    how: str
    link_id: str | None = None


class SecondFactorChanged(AccountEvent):
    """Signing in requires a one-time code from now on, or no longer."""

    TYPE: ClassVar[str] = "SecondFactorChanged"

    required: bool


class TokenIssued(AccountEvent):
    """A personal token for programs was issued, with its scopes and last day."""

    TYPE: ClassVar[str] = "TokenIssued"

    token_id: str
    scopes: tuple[str, ...]
    until_on: date


class TokenRevoked(AccountEvent):
    """A personal token is void."""

    TYPE: ClassVar[str] = "TokenRevoked"

    token_id: str


# commands
class OpenAccount(FrozenModel):
    """Open an account."""

    account: PersonId
    person: PersonId | None = None


class GrantRole(FrozenModel):
    """Grant a role, or delegate one's own."""

    grant_id: Identity
    role: Role
    organization: OrganizationCode | None = None
    categories: tuple[CategoryName, ...] | None = Field(default=None, min_length=1, max_length=50)
    from_on: Day
    until_on: Day | None = None
    delegated_by: PersonId | None = None


class RevokeRole(FrozenModel):
    """End a role before its last day."""

    grant_id: Identity
    reason: Reason


class SwitchAccount(FrozenModel):
    """Disable an account for a reason, or enable it again without one."""

    reason: Reason | None = None


class IssueLink(FrozenModel):
    """Issue a one-time link to set the password."""

    link_id: Identity


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Record a new password; if it was set through a link, revoke every personal token."""

    how: Literal["link", "own"]
    link_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequireSecondFactor:
    """Require a one-time code at sign-in, or no longer."""

    required: bool


class IssueToken(FrozenModel):
    """Issue a personal token."""

    token_id: Identity
    scopes: tuple[TokenScope, ...] = Field(min_length=1, max_length=len(TOKEN_SCOPES))
    until_on: Day


class RevokeToken(FrozenModel):
    """Revoke a personal token."""

    token_id: Identity


AccountCommand = (
    OpenAccount
    | GrantRole
    | RevokeRole
    | SwitchAccount
    | IssueLink
    | ChangePassword
    | RequireSecondFactor
    | IssueToken
    | RevokeToken
)


# evolve
@dataclass(frozen=True, slots=True)
class Grant:
    """A role as granted; dates are ISO texts, both included."""

    grant_id: str
    role: str
    organization: str | None
    categories: tuple[str, ...] | None
    from_on: str
    until_on: str | None
    delegated_by: str | None = None

    def holds(self, day: str) -> bool:
        """Return whether the role is valid on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A personal token that is not revoked."""

    token_id: str
    scopes: tuple[str, ...]
    until_on: str


@dataclass(frozen=True, slots=True)
class Account:
    """The state of an account; ``account`` is empty before it is opened."""

    account: str = ""
    person: str | None = None
    enabled: bool = True
    second_factor: bool = False
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, PersonalToken] = field(default_factory=dict)


def evolve(state: Account, event: RecordedEvent) -> Account:
    """Return the account after one event."""
    data = event.data
    match event.type:
        case AccountOpened.TYPE:
            return Account(data["account"], data.get("person"))
        case RoleGranted.TYPE:
            return replace(state, grants=state.grants | {data["grant_id"]: grant_of(data)})
        case RoleRevoked.TYPE:
            return replace(state, grants=_without(state.grants, data["grant_id"]))
        case AccountDisabled.TYPE:
            return replace(state, enabled=False, tokens={})
        case AccountEnabled.TYPE:
            return replace(state, enabled=True)
        case SecondFactorChanged.TYPE:
            return replace(state, second_factor=data["required"])
        case TokenIssued.TYPE:
            token = PersonalToken(data["token_id"], tuple(data["scopes"]), data["until_on"])
            return replace(state, tokens=state.tokens | {token.token_id: token})
        case TokenRevoked.TYPE:
            return replace(state, tokens=_without(state.tokens, data["token_id"]))
        case _:
            return state


def grant_of(data: dict[str, Any]) -> Grant:
    """Return the grant in the data of a ``RoleGranted``."""
    categories = data.get("categories")
    return Grant(
        data["grant_id"],
        data["role"],
        data.get("organization"),
        None if categories is None else tuple(categories),
        data["from_on"],
        data.get("until_on"),
        data.get("delegated_by"),
    )


def _without(entries: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if key != name}


# decide
def decide(command: AccountCommand, state: Account) -> list[Event]:
    """Return the events for one account, none if nothing changes, or raise ``Refused``."""
    if isinstance(command, OpenAccount):
        return _open(command, state)
    if not state.account:
        raise Refused("unknown_account")
    account = state.account
    match command:
        case GrantRole():
            return _grant(command, state)
        case RevokeRole(grant_id=grant_id):
            revoked = RoleRevoked(account=account, grant_id=grant_id, reason=command.reason)
            return [revoked] if grant_id in state.grants else []
        case SwitchAccount():
            return _switch(command, state)
        case IssueLink():
            return _link(command, state)
        case ChangePassword():
            return _password(command, state)
        case RequireSecondFactor(required=required):
            changed = SecondFactorChanged(account=account, required=required)
            return [changed] if required != state.second_factor else []
        case IssueToken() | RevokeToken():
            return _token(command, state)
        case _:
            assert_never(command)


def _switch(command: SwitchAccount, state: Account) -> list[Event]:
    if command.reason is None:
        return [] if state.enabled else [AccountEnabled(account=state.account)]
    disabled = AccountDisabled(account=state.account, reason=command.reason)
    return [disabled] if state.enabled else []


def _link(command: IssueLink, state: Account) -> list[Event]:
    if not state.enabled:
        raise Refused("account_disabled")
    return [LinkIssued(account=state.account, link_id=command.link_id)]


def _password(command: ChangePassword, state: Account) -> list[Event]:
    account, how = state.account, command.how
    revoked = state.tokens if how == "link" else ()
    return [
        PasswordChanged(account=account, how=how, link_id=command.link_id),
        *(TokenRevoked(account=account, token_id=token_id) for token_id in revoked),
    ]


def _open(command: OpenAccount, state: Account) -> list[Event]:
    if not state.account:
        return [AccountOpened(account=command.account, person=command.person)]
    if state.person == command.person:
        return []
    raise Refused("account_exists", field="account")


def _grant(command: GrantRole, state: Account) -> list[Event]:
    if command.until_on is not None and command.until_on < command.from_on:
        raise Refused(
            "ends_before", field="until_on", until=command.until_on, first=command.from_on
        )
    if command.delegated_by is not None and command.until_on is None:
        raise Refused("no_end", field="until_on")
    event = RoleGranted(account=state.account, **command.model_dump())
    earlier = state.grants.get(command.grant_id)
    if earlier is None:
        return [event]
    if earlier == grant_of(event.data()):
        return []
    raise Refused("grant_exists", field="grant_id", grant_id=command.grant_id)


def _token(command: IssueToken | RevokeToken, state: Account) -> list[Event]:
    account, token_id = state.account, command.token_id
    known = token_id in state.tokens
    if isinstance(command, RevokeToken):
        return [TokenRevoked(account=account, token_id=token_id)] if known else []
    scopes, last = tuple(sorted(set(command.scopes))), command.until_on
    issued = TokenIssued(account=account, token_id=token_id, scopes=scopes, until_on=last)
    return [] if known else [issued]


DECIDER = Decider(Account(), evolve, decide)
