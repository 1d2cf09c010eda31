"""Who cannot record yet, and who has recorded nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.streams.accounts import (
    AccountDisabled,
    AccountOpened,
    RoleGranted,
    account_stream,
)
from events.streams.organizations import stream_of
from events.streams.records import ConditionReported
from projections.organizations.directory import all_entries
from scheduler.readiness import find_without_account, find_without_facts
from tests.support.small_district import SmallDistrict

DAY = "2026-03-01"


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """The county r with the communities c and d, and e below d."""
    district = SmallDistrict(database_url)
    district.register("r", category="county")
    for code, parent in (("c", "r"), ("d", "r"), ("e", "d")):
        district.register(code, parent)
    yield district
    district.dispose()


def grant(small: SmallDistrict, account: str, role: str, organization: str, **more: Any) -> None:
    """Open an account with a role."""
    stream = account_stream(account)
    small.tell(stream, AccountOpened(account=account))
    granted = RoleGranted(
        account=account, grant_id="g", role=role, organization=organization,
        **{"from_on": date(2026, 1, 1)} | more,
    )  # fmt: skip
    small.tell(stream, granted)


def without_account(small: SmallDistrict) -> list[str]:
    """The organizations over which no branch's account is, by code."""
    with small.read() as reader:
        entries = all_entries(reader)
        found = find_without_account(reader, entries, DAY)
    return [entry.code for entry in entries if entry.stream in found]


def test_a_branch_account_covers_what_is_below(small: SmallDistrict) -> None:
    """It counts for its organization and all below; a township's account does not."""
    assert without_account(small) == ["c", "d", "e", "r"]
    grant(small, "u-1", "township", "r")
    grant(small, "u-2", "branch", "d")
    assert without_account(small) == ["c", "r"]


def test_only_roles_in_force_count(small: SmallDistrict) -> None:
    """A role that has ended, one for another category and a disabled account leave it without."""
    grant(small, "u-1", "branch", "c", until_on=date(2026, 2, 28))
    grant(small, "u-2", "branch", "d", categories=("village",))
    grant(small, "u-3", "branch", "e")
    small.tell(account_stream("u-3"), AccountDisabled(account="u-3", reason="x"))
    assert without_account(small) == ["c", "d", "e", "r"]


def test_records_and_reports_are_facts(small: SmallDistrict) -> None:
    """Who recorded a meeting or reported a condition has facts."""
    small.record("c", "a-1", "2026-01-04")
    report = ConditionReported(condition="national_flag", state="met", on=date(2026, 1, 4))
    small.tell(stream_of("e"), report)
    with small.read() as reader:
        assert find_without_facts(reader, all_entries(reader)) == {stream_of("d"), stream_of("r")}
