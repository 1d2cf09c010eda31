"""The first start: an administrator and the one-time link."""

from datetime import date

import pytest

from events.refusals.errors import Refused
from tests.support.doors import Door
from tests.support.web_client import BY, PASSWORD
from tracker.accounts.first_start import issue_first_link


def test_the_first_start(sqlite_url: str) -> None:
    """Each start makes a new link until somebody has signed in; afterwards there is none."""
    door = Door(sqlite_url)
    first = issue_first_link(door.authenticator, date(2026, 9, 20), BY)
    again = issue_first_link(door.authenticator, date(2026, 9, 20), BY)
    assert first is not None
    assert again is not None
    with pytest.raises(Refused):
        door.authenticator.use_link(first, PASSWORD)
    session = door.authenticator.use_link(again, PASSWORD)
    with door.small.read() as reader:
        grants = door.authenticator.read_account(reader, session.account).grants
    assert [(grant.role, grant.organization) for grant in grants.values()] == [
        ("administrator", None)
    ]
    assert issue_first_link(door.authenticator, date(2026, 9, 20), BY) is None
    door.small.dispose()
