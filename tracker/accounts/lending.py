"""Lending one's own role to somebody for a while: over all that it is over, or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, RevokeRole, grant_of
from projections.organizations.directory import find
from projections.people.accounts import account_of
from tracker.access.rights import LENDABLE, lends
from tracker.accounts import credentials

if TYPE_CHECKING:
    from datetime import date

    from events.event import Metadata
    from events.log.reader import Reader
    from events.streams.accounts import Account, Grant
    from tracker.accounts.sign_in import Authenticator


def own_roles(account: Account, day: str) -> list[Grant]:
    """The roles in force that somebody may lend: their own, of the kinds that are lent at all."""
    return [
        one
        for one in account.grants.values()
        if one.role in LENDABLE and one.delegated_by is None and one.holds(day)
    ]


def lend(
    doors: Authenticator,
    lender: Account,
    login: str,
    command: GrantRole,
    today: date,
    metadata: Metadata,
) -> bool:
    """Lend a role to the holder of a log-in name; False where that loan stands already.

    Raises ``Refused`` at its field: an unknown name, oneself, a role that is not lent, an
    organization or categories beyond one's own role, a last day that is missing, has passed or
    outlives it.
    """
    command = command.model_copy(update={"delegated_by": lender.account})
    with doors.store.read() as reader:
        borrower = _borrower(reader, lender, login)
        _check(reader, lender, command, today)
    return doors.grant(borrower, command, metadata)


def _borrower(reader: Reader, lender: Account, login: str) -> str:
    known = credentials.by_login(reader, login)
    if known is None:
        raise Refused("unknown_login", field="login", login=login)
    if known.account == lender.account:
        raise Refused("lent_to_oneself", field="login")
    return known.account


def _check(reader: Reader, lender: Account, command: GrantRole, today: date) -> None:
    if command.role not in LENDABLE:
        raise Refused("not_lendable", field="role")
    if command.organization is not None and find(reader, command.organization) is None:
        raise Refused("beyond_own_role", field="organization")
    wanted = grant_of(command.model_dump(mode="json"))
    own = lends(reader, lender, wanted, today.isoformat())
    if own is None:
        raise Refused("beyond_own_role", field="organization")
    last = command.until_on
    if last is not None and last < today:
        raise Refused("loan_has_passed", field="until_on", day=last)
    if last is not None and own.until_on is not None and last.isoformat() > own.until_on:
        raise Refused("loan_outlives", field="until_on", last=own.until_on)


def take_back(
    doors: Authenticator,
    lender: Account,
    borrower: str,
    command: RevokeRole,
    metadata: Metadata,
) -> bool:
    """End a loan before its day; False where it has ended.

    ``Refused`` where it is not one's own.
    """
    with doors.store.read() as reader:
        found = account_of(reader, borrower)
    loan = found.grants.get(command.grant_id) if found is not None else None
    if loan is None:
        return False
    if loan.delegated_by != lender.account:
        raise Refused("not_your_loan")
    return doors.tell(borrower, command, metadata)
