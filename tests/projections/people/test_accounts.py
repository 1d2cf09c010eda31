"""The read model of accounts equals the fold of their streams, on both databases."""

from collections.abc import Iterator
from datetime import date
from functools import reduce

import pytest

from events.event import Event
from events.streams.accounts import (
    Account,
    AccountDisabled,
    AccountEnabled,
    AccountOpened,
    Grant,
    PasswordChanged,
    PersonalToken,
    RoleGranted,
    RoleRevoked,
    SecondFactorChanged,
    TokenIssued,
    TokenRevoked,
    account_stream,
    evolve,
)
from projections.people.accounts import account_of, accounts
from tests.support.small_district import SmallDistrict

U1, U2 = account_stream("u-1"), account_stream("u-2")
FIRST = date(2026, 9, 1)
STORY: tuple[Event, ...] = (
    AccountOpened(account="u-1", person="p-1"),
    RoleGranted(account="u-1", grant_id="g-1", role="branch", organization="a", from_on=FIRST),
    RoleGranted(
        account="u-1", grant_id="g-2", role="department", categories=("community", "village"),
        from_on=FIRST, until_on=date(2026, 9, 30), delegated_by="u-2",
    ),
    TokenIssued(account="u-1", token_id="t-1", scopes=("read",), until_on=FIRST),
    TokenIssued(account="u-1", token_id="t-2", scopes=("read", "record"), until_on=FIRST),
    SecondFactorChanged(account="u-1", required=True),
    PasswordChanged(account="u-1", how="own"),
    TokenRevoked(account="u-1", token_id="t-1"),
    RoleRevoked(account="u-1", grant_id="g-1", reason="换岗"),
    AccountDisabled(account="u-1", reason="调离"),
    AccountEnabled(account="u-1"),
)  # fmt: skip


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A district without anybody."""
    small = SmallDistrict(database_url)
    yield small
    small.dispose()


def test_every_step_stands_in_the_row(district: SmallDistrict) -> None:
    """After each event the row says what folding the stream says."""
    for event in STORY:
        district.tell(U1, event)
        with district.read() as reader:
            folded = reduce(evolve, reader.stream(U1), Account())
            assert account_of(reader, "u-1") == folded
    assert district.faults == []


def test_several_steps_of_several_accounts_at_once(district: SmallDistrict) -> None:
    """One append with the events of two accounts leaves a row of each."""
    district.tell_many([
        *((U1, one) for one in STORY[:5]),
        (U2, AccountOpened(account="u-2")),
        *((U1, one) for one in STORY[5:8]),
    ])  # fmt: skip
    with district.read() as reader:
        found = accounts(reader)
        assert set(found) == {U1, U2}
        assert found[U1] == Account(
            "u-1",
            "p-1",
            second_factor=True,
            grants={
                "g-1": Grant("g-1", "branch", "a", None, "2026-09-01", None),
                "g-2": Grant(
                    "g-2", "department", None, ("community", "village"), "2026-09-01",
                    "2026-09-30", "u-2",
                ),
            },
            tokens={"t-2": PersonalToken("t-2", ("read", "record"), "2026-09-01")},
        )  # fmt: skip
        assert found[U2] == Account("u-2")
        assert accounts(reader, [U2]) == {U2: Account("u-2")}
        assert account_of(reader, "u-3") is None
