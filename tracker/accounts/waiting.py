"""Who has not signed in yet, and new one-time codes for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.streams.accounts import account_stream
from projections.organizations.directory import entries_of, streams_of
from tracker.accounts.codes import make_code
from tracker.accounts.listing import NO_PASSWORD, AccountQuery, list_accounts
from tracker.accounts.people import people_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import Metadata
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.accounts.listing import ListedAccount
    from tracker.accounts.sign_in import Authenticator

MOST_WAITING = 1_000_000
"""Accounts that are looked at: more than any district has."""


@dataclass(frozen=True, slots=True)
class WaitingAccount:
    """An enabled account without a password; texts are empty where nothing is known.

    ``above`` is the name of the parent of the organization that the first role is over.
    """

    account: str
    login: str
    name: str
    phone: str
    role: str
    organization: str
    above: str


def list_waiting(reader: Reader, scope: Scope | None) -> list[WaitingAccount]:
    """Return who has set no password yet, by the organization above theirs.

    With a scope only accounts whose every role is a branch in it; None is everybody.
    """
    rows = list_accounts(reader, AccountQuery(state=NO_PASSWORD), 0, MOST_WAITING)
    rows = [row for row in rows if row.account.enabled and row.login]
    codes = {grant.organization for row in rows for grant in row.account.grants.values()}
    streams = streams_of(reader, sorted(code for code in codes if code))
    if scope is not None:
        reached = scope.streams_among(reader, sorted(set(streams.values())))
        within = {code for code, stream in streams.items() if stream in reached}
        rows = [row for row in rows if _is_branch_in(row, within)]
    entries = entries_of(reader, sorted(set(streams.values())))
    above = entries_of(reader, sorted({one.parent for one in entries.values() if one.parent}))
    people = people_of(
        reader, [name for row in rows for name in (row.account.account, row.account.person) if name]
    )
    waiting = []
    for row in rows:
        grant = next(iter(row.account.grants.values()), None)
        entry = entries.get(streams.get((grant.organization if grant else None) or "", ""))
        person = people.get(row.account.account) or people.get(row.account.person or "")
        parent = above.get(entry.parent or "") if entry is not None else None
        waiting.append(
            WaitingAccount(
                row.account.account,
                row.login,
                row.name,
                (person.phone or "") if person is not None else "",
                grant.role if grant is not None else "",
                entry.name if entry is not None else "",
                parent.name if parent is not None else "",
            )
        )
    return sorted(waiting, key=lambda one: (one.above, one.organization, one.login))


def _is_branch_in(row: ListedAccount, within: set[str]) -> bool:
    grants = row.account.grants.values()
    return bool(grants) and all(
        grant.role == "branch" and grant.organization in within for grant in grants
    )


def renew_codes(
    authenticator: Authenticator, accounts: Sequence[str], metadata: Metadata, hours: int
) -> dict[str, str]:
    """Return a new one-time code by account; earlier codes and links of theirs are void."""
    with authenticator.store.append() as log:
        log.lock(sorted(map(account_stream, accounts)))
        codes = {account: make_code(authenticator.entropy) for account in sorted(accounts)}
        for account, code in codes.items():
            authenticator.issue_link(log, account, metadata, code, hours)
    return codes
