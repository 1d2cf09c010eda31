"""Commands to an account decided and appended, within a transaction that the caller opened."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

from events.event import Metadata, PendingEvent
from events.log.store import identity_conflict, same_content
from events.refusals.errors import Refused
from events.streams.accounts import (
    Account,
    AccountCommand,
    GrantRole,
    OpenAccount,
    account_stream,
    decide,
    evolve,
)
from events.values import INVISIBLE, LONGEST_NAME, accept_text, clean_name
from tracker.accounts import credentials
from tracker.accounts.credentials import Credential
from tracker.accounts.grant_checks import require_known_categories

if TYPE_CHECKING:
    from events.log.store import Append

LOGIN = re.compile(r"[\w.@-]{1,64}")
"""A log-in name: letters, digits and Chinese, with ``. _ @ -`` between."""


def check_login(login: str) -> None:
    """Refuse a log-in name with characters that are not allowed."""
    if not LOGIN.fullmatch(login) or INVISIBLE.search(login):
        raise Refused("bad_login", field="login")


def add_account(
    log: Append, command: OpenAccount, login: str, name: str, metadata: Metadata
) -> None:
    """Open an account and store its names; ``Refused`` where the log-in name is taken or bad."""
    check_login(login)
    name = accept_text(name, "name", LONGEST_NAME, clean_name)
    opened = append_to(log, command.account, command, "opened", metadata)
    credentials.add_credential(log, Credential(command.account, login, name, None, None, 0))
    stored = credentials.by_login(log, login)
    if not opened or stored is None or stored.account != command.account:
        raise Refused("login_taken", field="login", login=login)


def append_to(
    log: Append, account: str, command: AccountCommand, identity: str, metadata: Metadata
) -> bool:
    """Decide a command and append its events to an account; False where nothing changes.

    The first event has the identity, each further one the identity and its number.
    """
    if isinstance(command, GrantRole):
        require_known_categories(log, command)
    stream = account_stream(account)
    log.lock([stream])
    state = reduce(evolve, log.stream(stream), Account())
    pending = [
        PendingEvent(stream, f"{identity}/{number}" if number else identity, event, metadata)
        for number, event in enumerate(decide(command, state))
    ]
    recorded = log.known([(stream, identity)]).get((stream, identity)) if pending else None
    if recorded is not None:
        if same_content(recorded, pending[0], log.texts_of([recorded])):
            return False
        raise identity_conflict(identity.partition("/")[2])
    return bool(log.append(pending))
