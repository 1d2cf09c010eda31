from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.streams.accounts import GrantRole, SwitchAccount
from tests.support.web_district import ADMINISTRATOR, WebDistrict
from tracker.accounts.listing import (
    DISABLED,
    ENABLED,
    NO_PASSWORD,
    AccountQuery,
    count_accounts,
    list_accounts,
    organization_names,
    void_delegations,
)
from tracker.health import database_size, read_health


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """A clerk who lends to a secretary, a disabled auditor, somebody without a password."""
    found = WebDistrict(database_url, tmp_path / "evidence")
    found.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    clerk = found.enter("township", "r")
    secretary = found.enter("branch", "c")
    loan = GrantRole(
        grant_id="loan", role="township", organization="d", from_on=date(2026, 4, 1),
        until_on=date(2026, 5, 1), delegated_by=clerk.account,
    )  # fmt: skip
    found.authenticator.grant_role(secretary.account, loan, ADMINISTRATOR)
    auditor = found.enter("auditor", None)
    found.authenticator.change_account(auditor.account, SwitchAccount(reason="离岗"), ADMINISTRATOR)
    found.authenticator.open_account("new_100", "新人100%", ADMINISTRATOR)
    yield found
    found.dispose()


@pytest.mark.parametrize(
    ("wanted", "logins"),
    [
        (AccountQuery(), ["auditor-None", "branch-c", "new_100", "township-r"]),
        (AccountQuery(role="township"), ["branch-c", "township-r"]),
        (AccountQuery(text="new_"), ["new_100"]),
        (AccountQuery(text="100%"), ["new_100"]),
        (AccountQuery(text="_-c"), []),
        (AccountQuery(text="新"), ["new_100"]),
        (AccountQuery(state=NO_PASSWORD), ["new_100"]),
        (AccountQuery(state=DISABLED), ["auditor-None"]),
        (AccountQuery(state=ENABLED, role="branch"), ["branch-c"]),
    ],
)
def test_finds_accounts(home: WebDistrict, wanted: AccountQuery, logins: list[str]) -> None:
    """By name, role and state, on both databases, counted as they are listed."""
    with home.small.read() as reader:
        assert [one.login for one in list_accounts(reader, wanted, 0, 10)] == logins
        assert count_accounts(reader, wanted) == len(logins)
        assert [one.login for one in list_accounts(reader, wanted, 1, 1)] == logins[1:2]


def test_knows_lenders_and_places(home: WebDistrict) -> None:
    """Who lent to whom, over what by name, and which loans hold no more."""
    with home.small.read() as reader:
        (lender,) = list_accounts(reader, AccountQuery(text="township-r"), 0, 1)
        (borrower,) = list_accounts(reader, AccountQuery(lender=lender.account.account), 0, 5)
        assert borrower.login == "branch-c"
        assert organization_names(reader, [borrower]) == {"c": "组织c", "d": "组织d"}
        assert void_delegations(reader, borrower.account, "2026-04-03") == set()
    home.authenticator.change_account(
        lender.account.account, SwitchAccount(reason="离岗"), ADMINISTRATOR
    )
    with home.small.read() as reader:
        assert void_delegations(reader, borrower.account, "2026-04-03") == {"loan"}


def test_the_condition_is_told_of_both_databases(home: WebDistrict) -> None:
    """Kind and size of the database, counts, and nothing that waits."""
    settings = home.app.app.state.app.settings  # type: ignore[attr-defined]
    with home.small.read() as reader:
        found = read_health(
            reader,
            settings.database_url,
            settings.evidence_folder,
            settings.backup_folder,
            "2026-04-03",
        )
        assert database_size(reader, settings.database_url) > 0
    assert found.database == home.small.engine.dialect.name
    assert (found.accounts, found.organizations, found.stale_count) == (4, 3, 0)
    assert (found.leases, found.imports, found.evidence_bytes) == ([], [], 0)
