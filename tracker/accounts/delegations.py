"""Delegation: one's own role given to somebody for a while, for all or part of its scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, RevokeRole, grant_of
from projections.organizations.directory import find
from projections.people.accounts import account_of
from tracker.access.rights import DELEGABLE, delegating_grant
from tracker.accounts import credentials

if TYPE_CHECKING:
    from datetime import date

    from events.event import Metadata
    from events.log.reader import Reader
    from events.streams.accounts import Account, Grant
    from tracker.accounts.sign_in import Authenticator


def delegable_roles(account: Account, day: str) -> list[Grant]:
    """Return the roles in force that somebody may delegate: their own, of delegable kinds."""
    return [
        grant
        for grant in account.grants.values()
        if grant.role in DELEGABLE and grant.delegated_by is None and grant.holds(day)
    ]


def delegate_role(
    authenticator: Authenticator,
    lender: Account,
    login: str,
    command: GrantRole,
    today: date,
    metadata: Metadata,
) -> bool:
    """Delegate a role to the user with a log-in name; False where it is delegated already.

    Raises ``Refused`` at its field: an unknown name, one's own name, a role that cannot be
    delegated, an organization or categories beyond one's own role, a last day that is missing, has
    passed or is after the end of one's own role.
    """
    command = command.model_copy(update={"delegated_by": lender.account})
    with authenticator.store.read() as reader:
        borrower = _borrower(reader, lender, login)
        _check(reader, lender, command, today)
    return authenticator.grant_role(borrower, command, metadata)


def _borrower(reader: Reader, lender: Account, login: str) -> str:
    known = credentials.by_login(reader, login)
    if known is None:
        raise Refused("unknown_login", field="login", login=login)
    if known.account == lender.account:
        raise Refused("lent_to_oneself", field="login")
    return known.account


def _check(reader: Reader, lender: Account, command: GrantRole, today: date) -> None:
    if command.role not in DELEGABLE:
        raise Refused("not_lendable", field="role")
    if command.organization is not None and find(reader, command.organization) is None:
        raise Refused("beyond_own_role", field="organization")
    wanted = grant_of(command.model_dump(mode="json"))
    own = delegating_grant(reader, lender, wanted, today.isoformat())
    if own is None:
        raise Refused("beyond_own_role", field="organization")
    last = command.until_on
    if last is not None and last < today:
        raise Refused("loan_has_passed", field="until_on", day=last)
    if last is not None and own.until_on is not None and last.isoformat() > own.until_on:
        raise Refused("loan_outlives", field="until_on", last=own.until_on)


def end_delegation(
    authenticator: Authenticator,
    lender: Account,
    borrower: str,
    command: RevokeRole,
    metadata: Metadata,
) -> bool:
    """End a delegation before its last day; False where it has ended already.

    ``Refused`` where somebody else delegated the role.
    """
    with authenticator.store.read() as reader:
        account = account_of(reader, borrower)
    delegated = account.grants.get(command.grant_id) if account is not None else None
    if delegated is None:
        return False
    if delegated.delegated_by != lender.account:
        raise Refused("not_your_loan")
    return authenticator.change_account(borrower, command, metadata)
