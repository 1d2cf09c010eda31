"""The first start: an administrator, and the one-time link by which they come in."""

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


def first_link(doors: Authenticator, today: date, metadata: Metadata) -> str | None:
    """The secret of the first administrator's link; None once anybody has a password.

    As long as nobody has come in, every start gives a new link, and the one before is void.
    """
    with doors.store.read() as reader:
        known = all_credentials(reader)
    if any(one.password is not None for one in known):
        return None
    first = next((one for one in known if one.login == LOGIN), None)
    if first is None:
        opened = doors.open(LOGIN, NAME, metadata)
        account, link = opened.account, opened.link
    else:
        account, link = first.account, doors.new_link(first.account, metadata)
    command = GrantRole(grant_id=GRANT, role="administrator", from_on=today)
    with doors.store.read() as reader:
        granted = doors.standing(reader, account).grants
    if GRANT not in granted:
        doors.grant(account, command, metadata)
    return link
