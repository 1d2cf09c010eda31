"""The first start: an administrator account and its one-time link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.streams.accounts import GrantRole
from tracker.accounts.credentials import all_credentials

if TYPE_CHECKING:
    from datetime import date

    from events.event import Metadata
    from tracker.accounts.sign_in import Authenticator

LOGIN = "admin"
NAME = "系统管理员"
GRANT = "first-start"


def issue_first_link(authenticator: Authenticator, today: date, metadata: Metadata) -> str | None:
    """Return the secret of the first administrator's link; None once anybody has a password.

    Until somebody has signed in, every start makes a new link, and the previous one is void.
    """
    with authenticator.store.read() as reader:
        known = all_credentials(reader)
    if any(credential.password is not None for credential in known):
        return None
    first = next((row for row in known if row.login == LOGIN), None)
    if first is None:
        opened = authenticator.open_account(LOGIN, NAME, metadata)
        account, link = opened.account, opened.link
    else:
        account, link = first.account, authenticator.new_link(first.account, metadata)
    command = GrantRole(grant_id=GRANT, role="administrator", from_on=today)
    with authenticator.store.read() as reader:
        granted = authenticator.read_account(reader, account).grants
    if GRANT not in granted:
        authenticator.grant_role(account, command, metadata)
    return link
