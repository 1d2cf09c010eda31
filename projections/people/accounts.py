"""Accounts as they are now: person, roles, personal tokens, enabled or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from events.streams.accounts import (
    PREFIX,
    Account,
    AccountDisabled,
    AccountEnabled,
    AccountOpened,
    Grant,
    PersonalToken,
    RoleGranted,
    RoleRevoked,
    SecondFactorChanged,
    TokenIssued,
    TokenRevoked,
    account_stream,
    evolve,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.contract import Statement


class AccountRow(NamedTuple):
    """One account as a row: booleans are 0 or 1, ``grants`` and ``tokens`` are JSON lists."""

    stream: str
    person: str | None
    enabled: int
    second_factor: int
    grants: str
    tokens: str


COLUMNS = ", ".join(AccountRow._fields)
UPSERT = (
    f"INSERT INTO accounts ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET person = excluded.person,"
    " enabled = excluded.enabled, second_factor = excluded.second_factor,"
    " grants = excluded.grants, tokens = excluded.tokens"
)


class Accounts:
    """The read model of accounts."""

    name = "accounts"
    version = 1
    tables = ("accounts",)
    create = (
        """CREATE TABLE IF NOT EXISTS accounts (stream text PRIMARY KEY, person text,
        enabled integer NOT NULL, second_factor integer NOT NULL, grants text NOT NULL,
        tokens text NOT NULL)""",
    )
    types = frozenset(
        event_class.TYPE
        for event_class in (
            AccountOpened,
            RoleGranted,
            RoleRevoked,
            AccountDisabled,
            AccountEnabled,
            SecondFactorChanged,
            TokenIssued,
            TokenRevoked,
        )
    )

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], _zone: str) -> list[Statement]:
        """Plan the newest row of each account that events change."""
        known = accounts(reader, sorted({event.stream for event in events}))
        for event in events:
            known[event.stream] = evolve(known.get(event.stream, Account()), event)
        return [(UPSERT, [_row(stream, account) for stream, account in known.items()])]


def _row(stream: str, account: Account) -> AccountRow:
    return AccountRow(
        stream,
        account.person,
        int(account.enabled),
        int(account.second_factor),
        orjson.dumps(list(account.grants.values())).decode(),
        orjson.dumps(list(account.tokens.values())).decode(),
    )


def accounts(reader: Reader, streams: Sequence[str] | None = None) -> dict[str, Account]:
    """Return accounts by stream: those named, or all."""
    sql = f"SELECT {COLUMNS} FROM accounts"
    rows = reader.rows(sql) if streams is None else reader.select_in(f"{sql} WHERE stream", streams)
    return {row.stream: _account(row) for row in map(AccountRow._make, rows)}


def account_of(reader: Reader, account: str) -> Account | None:
    """Return one account, or None where it was never opened."""
    stream = account_stream(account)
    return accounts(reader, [stream]).get(stream)


def _account(row: AccountRow) -> Account:
    grants = [
        Grant(**grant | {"categories": grant["categories"] and tuple(grant["categories"])})
        for grant in orjson.loads(row.grants)
    ]
    tokens = [
        PersonalToken(**token | {"scopes": tuple(token["scopes"])})
        for token in orjson.loads(row.tokens)
    ]
    return Account(
        row.stream.removeprefix(PREFIX),
        row.person,
        bool(row.enabled),
        bool(row.second_factor),
        {grant.grant_id: grant for grant in grants},
        {token.token_id: token for token in tokens},
    )


def count_accounts(reader: Reader) -> int:
    """Count the accounts that were ever opened."""
    return int(reader.rows("SELECT count(*) FROM accounts")[0][0])


def accounts_of_people(reader: Reader, people: Sequence[str] | None = None) -> dict[str, str]:
    """Return the account of each inspector who has one, by the inspector's id."""
    sql = "SELECT person, stream FROM accounts WHERE person"
    rows = reader.rows(f"{sql} IS NOT NULL") if people is None else reader.select_in(sql, people)
    return {person: stream.removeprefix(PREFIX) for person, stream in rows}
