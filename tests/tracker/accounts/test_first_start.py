"""The first start: an administrator and the one-time link."""

from datetime import date

import pytest

from events.refusals.errors import Refused
from tests.support.account_world import AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts.first_start import issue_first_link


def test_the_first_start(sqlite_url: str) -> None:
    """Each start makes a new link until somebody has signed in; afterwards there is none."""
    accounts = AccountWorld(sqlite_url)
    first = issue_first_link(accounts.authenticator, date(2026, 9, 20), BY)
    again = issue_first_link(accounts.authenticator, date(2026, 9, 20), BY)
    assert first is not None
    assert again is not None
    with pytest.raises(Refused):
        accounts.authenticator.use_link(first, PASSWORD)
    session = accounts.authenticator.use_link(again, PASSWORD)
    with accounts.small.read() as reader:
        grants = accounts.authenticator.read_account(reader, session.account).grants
    assert [(grant.role, grant.organization) for grant in grants.values()] == [
        ("administrator", None)
    ]
    assert issue_first_link(accounts.authenticator, date(2026, 9, 20), BY) is None
    accounts.small.dispose()
