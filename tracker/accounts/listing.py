"""Accounts searched by name, role and state, with the names that stand beside the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.streams.accounts import PREFIX
from projections.organizations.directory import entries_of, streams_of
from projections.people.accounts import accounts
from tracker.access.rights import without_void_loans

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.streams.accounts import Account

FROM = "FROM accounts a LEFT JOIN credentials c ON c.account = substr(a.stream, ?)"
ENABLED, DISABLED, NO_PASSWORD = "enabled", "disabled", "no_password"
STATES = (ENABLED, DISABLED, NO_PASSWORD)


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Which accounts: ``text`` stands in log-in name or name; None leaves a filter out."""

    text: str | None = None
    role: str | None = None
    state: str | None = None
    lender: str | None = None


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account with its names (empty where they were erased) and whether a password was set."""

    account: Account
    login: str
    name: str
    password: bool


def _tests(wanted: AccountQuery) -> tuple[str, list[Any]]:
    tests = ["1 = 1"]
    values: list[Any] = []
    if wanted.text is not None:
        plain = wanted.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        tests.append("(c.login LIKE ? ESCAPE '!' OR c.name LIKE ? ESCAPE '!')")
        values += [f"%{plain}%", f"%{plain}%"]
    if wanted.role is not None:
        tests.append("a.grants LIKE ?")
        values.append(f'%"role":"{wanted.role}"%')
    if wanted.lender is not None:
        tests.append("a.grants LIKE ?")
        values.append(f'%"delegated_by":"{wanted.lender}"%')
    if wanted.state == NO_PASSWORD:
        tests.append("c.password IS NULL")
    elif wanted.state is not None:
        tests.append("a.enabled = ?")
        values.append(int(wanted.state == ENABLED))
    return " AND ".join(tests), values


def count(reader: Reader, wanted: AccountQuery) -> int:
    """How many accounts there are of those that are wanted."""
    tests, values = _tests(wanted)
    rows = reader.rows(f"SELECT count(*) {FROM} WHERE {tests}", [len(PREFIX) + 1, *values])
    return int(rows[0][0])


def listed(reader: Reader, wanted: AccountQuery, offset: int, limit: int) -> list[ListedAccount]:
    """A page of accounts by log-in name."""
    tests, values = _tests(wanted)
    rows = reader.rows(
        f"SELECT a.stream, c.login, c.name, c.password {FROM} WHERE {tests}"
        " ORDER BY COALESCE(c.login, a.stream) LIMIT ? OFFSET ?",
        [len(PREFIX) + 1, *values, limit, offset],
    )
    known = accounts(reader, [stream for stream, *_ in rows])
    return [
        ListedAccount(known[stream], login or "", name or "", password is not None)
        for stream, login, name, password in rows
    ]


def places(reader: Reader, found: list[ListedAccount]) -> dict[str, str]:
    """The names of the organizations that roles are over, by the code of the role."""
    codes = {
        grant.organization
        for one in found
        for grant in one.account.grants.values()
        if grant.organization is not None
    }
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    return {code: entries[stream].name for code, stream in streams.items()}


def void_loans(reader: Reader, account: Account, day: str) -> set[str]:
    """The lent roles of an account that hold no more, because the lender's own does not."""
    return set(account.grants) - set(without_void_loans(reader, account, day).grants)
