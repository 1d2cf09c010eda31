from tests.support.account_world import AccountWorld
from tracker.accounts.calendar_links import (
    account_of_link,
    made_at,
    replace_calendar_link,
    revoke_calendar_link,
)


def test_an_account_has_one_link(accounts: AccountWorld) -> None:
    """A new link replaces the old one; the secret itself is not stored; revoked it is void."""
    store = accounts.small.store
    for secret in ("one", "two"):
        with store.append() as log:
            replace_calendar_link(log, "u-1", secret, "2026-09-20T00:00:00Z")
    with store.read() as reader:
        assert account_of_link(reader, "one") is None
        assert account_of_link(reader, "two") == "u-1"
        assert made_at(reader, "u-1") == "2026-09-20T00:00:00Z"
        assert made_at(reader, "u-2") is None
        rows = reader.rows("SELECT digest FROM calendar_links")
    assert [bytes(row[0]) for row in rows] != [b"two"]
    with store.append() as log:
        revoke_calendar_link(log, "u-1")
    with store.read() as reader:
        assert account_of_link(reader, "two") is None
