"""Accounts searched by name, role and state, with the names stored outside the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.streams.accounts import PREFIX
from projections.organizations.directory import entries_of, streams_of
from projections.people.accounts import accounts
from tracker.access.rights import without_void_delegations

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.streams.accounts import Account

FROM = "FROM accounts a LEFT JOIN credentials c ON c.account = substr(a.stream, ?)"
ENABLED, DISABLED, NO_PASSWORD = "enabled", "disabled", "no_password"
STATES = (ENABLED, DISABLED, NO_PASSWORD)


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Which accounts: ``text`` is part of the log-in name or name; None leaves a filter out."""

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


def _where(query: AccountQuery) -> tuple[str, list[Any]]:
    tests = ["1 = 1"]
    values: list[Any] = []
    if query.text is not None:
        pattern = _containing(query.text)
        tests.append("(c.login LIKE ? ESCAPE '!' OR c.name LIKE ? ESCAPE '!')")
        values += [pattern, pattern]
    if query.role is not None:
        tests.append("a.grants LIKE ? ESCAPE '!'")
        values.append(_containing(f'"role":"{query.role}"'))
    if query.lender is not None:
        tests.append("a.grants LIKE ? ESCAPE '!'")
        values.append(_containing(f'"delegated_by":"{query.lender}"'))
    if query.state == NO_PASSWORD:
        tests.append("c.password IS NULL")
    elif query.state is not None:
        tests.append("a.enabled = ?")
        values.append(int(query.state == ENABLED))
    return " AND ".join(tests), values


def _containing(text: str) -> str:
    """Return the LIKE pattern (escape character ``!``) of all that contains a text."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def count_accounts(reader: Reader, query: AccountQuery) -> int:
    """Return how many accounts match."""
    where, values = _where(query)
    rows = reader.rows(f"SELECT count(*) {FROM} WHERE {where}", [len(PREFIX) + 1, *values])
    ((matching,),) = rows
    return int(matching)


def list_accounts(
    reader: Reader, query: AccountQuery, offset: int, limit: int
) -> list[ListedAccount]:
    """Return a page of the matching accounts in the order of log-in names."""
    where, values = _where(query)
    rows = reader.rows(
        f"SELECT a.stream, c.login, c.name, c.password {FROM} WHERE {where}"
        " ORDER BY COALESCE(c.login, a.stream) LIMIT ? OFFSET ?",
        [len(PREFIX) + 1, *values, limit, offset],
    )
    known = accounts(reader, [stream for stream, *_ in rows])
    return [
        ListedAccount(known[stream], login or "", name or "", password is not None)
        for stream, login, name, password in rows
    ]


def organization_names(reader: Reader, listed: list[ListedAccount]) -> dict[str, str]:
    """Return the names of the organizations that roles are over, by their codes."""
    codes = {
        grant.organization
        for row in listed
        for grant in row.account.grants.values()
        if grant.organization is not None
    }
    streams = streams_of(reader, sorted(codes))
    entries = entries_of(reader, sorted(set(streams.values())))
    return {code: entries[stream].name for code, stream in streams.items()}


def void_delegations(reader: Reader, account: Account, day: str) -> set[str]:
    """Return the delegated roles of an account that are void, because the lender lost theirs."""
    return set(account.grants) - set(without_void_delegations(reader, account, day).grants)
