"""Accounts as they stand: whose, in force or not, with roles and personal tokens."""

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
    RoleGranted,
    RoleRevoked,
    SecondFactorChanged,
    Token,
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
    """One account; truths are 0 or 1, ``grants`` and ``tokens`` JSON lists."""

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
    """The read model of who may act."""

    name = "accounts"
    version = 1
    tables = ("accounts",)
    create = (
        """CREATE TABLE IF NOT EXISTS accounts (stream text PRIMARY KEY, person text,
        enabled integer NOT NULL, second_factor integer NOT NULL, grants text NOT NULL,
        tokens text NOT NULL)""",
    )
    types = frozenset(
        one.TYPE
        for one in (
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
        """The newest row of each account whose stream went on."""
        known = accounts(reader, sorted({event.stream for event in events}))
        for event in events:
            known[event.stream] = evolve(known.get(event.stream, Account()), event)
        return [(UPSERT, [_row(stream, one) for stream, one in known.items()])]


def _row(stream: str, one: Account) -> AccountRow:
    return AccountRow(
        stream,
        one.person,
        int(one.enabled),
        int(one.second_factor),
        orjson.dumps(list(one.grants.values())).decode(),
        orjson.dumps(list(one.tokens.values())).decode(),
    )


def accounts(reader: Reader, streams: Sequence[str] | None = None) -> dict[str, Account]:
    """Accounts by stream: those named, or all."""
    sql = f"SELECT {COLUMNS} FROM accounts"
    rows = reader.rows(sql) if streams is None else reader.select_in(f"{sql} WHERE stream", streams)
    return {row.stream: _account(row) for row in map(AccountRow._make, rows)}


def account_of(reader: Reader, account: str) -> Account | None:
    """One account, or None where it was never opened."""
    stream = account_stream(account)
    return accounts(reader, [stream]).get(stream)


def _account(row: AccountRow) -> Account:
    grants = [
        Grant(**one | {"categories": one["categories"] and tuple(one["categories"])})
        for one in orjson.loads(row.grants)
    ]
    tokens = [Token(**one | {"scopes": tuple(one["scopes"])}) for one in orjson.loads(row.tokens)]
    return Account(
        row.stream.removeprefix(PREFIX),
        row.person,
        bool(row.enabled),
        bool(row.second_factor),
        {one.grant_id: one for one in grants},
        {one.token_id: one for one in tokens},
    )


def count_accounts(reader: Reader) -> int:
    """How many accounts were ever opened."""
    return int(reader.rows("SELECT count(*) FROM accounts")[0][0])


def accounts_of_people(reader: Reader, people: Sequence[str] | None = None) -> dict[str, str]:
    """The account of each inspector who has one, by the inspector's id: of those named, or all."""
    sql = "SELECT person, stream FROM accounts WHERE person"
    rows = reader.rows(f"{sql} IS NOT NULL") if people is None else reader.select_in(sql, people)
    return {person: stream.removeprefix(PREFIX) for person, stream in rows}
