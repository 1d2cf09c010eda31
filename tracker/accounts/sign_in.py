"""Signing in: passwords, one-time links, second factors, sessions and personal tokens.

What happened to an account is an event; the secrets themselves stand beside the log. Every secret
that is handed out is random and kept as a digest.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.event import Metadata, PendingEvent
from events.log.store import identity_conflict, same_content
from events.periods import instant_text
from events.refusals.errors import Refused
from events.streams.accounts import (
    Account,
    AccountCommand,
    ChangePassword,
    GrantRole,
    IssueLink,
    OpenAccount,
    SwitchAccount,
    account_stream,
    decide,
    evolve,
)
from projections.people.accounts import account_of
from tracker.access.rights import not_oneself
from tracker.accounts import attempts, credentials
from tracker.accounts.credentials import Credential, OneTimeLink, SessionRow

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append, Store

SECRET_BYTES = 32
ID_BYTES = 6
SESSION_HOURS = 12
SEEN_MINUTES = 10
LINK_HOURS = 24
"""How long the link to a first password is good."""
LONGEST_LOGIN = 128
LOGIN = re.compile(r"[\w.@-]{1,64}")
"""A log-in name: letters, digits and Chinese, with ``. _ @ -`` between."""
LEAST_PASSWORD = 10
LONGEST_PASSWORD = 200
TOTP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was opened: the secret of its cookie, and whose it is."""

    secret: str
    account: str


@dataclass(frozen=True, slots=True)
class AccountInvitation:
    """An account that was opened, and the secret of its one-time link."""

    account: str
    link: str


@dataclass(slots=True)
class Authenticator:
    """Everything about signing in on one store; ``hasher`` is Argon2id."""

    store: Store
    entropy: Callable[[int], bytes]
    hasher: PasswordHash = field(default_factory=lambda: PasswordHash((Argon2Hasher(),)))
    _nobody: str = ""

    def now(self) -> datetime:
        """The store's clock."""
        return self.store.clock()

    def secret(self) -> str:
        """A new random secret for a cookie, link or token."""
        return base64.urlsafe_b64encode(self.entropy(SECRET_BYTES)).decode().rstrip("=")

    # accounts
    def open(
        self,
        login: str,
        name: str,
        metadata: Metadata,
        *,
        person: str | None = None,
        account: str | None = None,
    ) -> AccountInvitation:
        """Open an account with a one-time link by which its holder chooses a password.

        ``Refused`` where the log-in name is taken, or holds what nobody types at a log-in.
        """
        if not LOGIN.fullmatch(login):
            raise Refused("bad_login", field="login")
        name_of_account = account or f"u-{self.entropy(ID_BYTES).hex()}"
        command = OpenAccount(account=name_of_account, person=person)
        with self.store.append() as log:
            opened = append_to(log, name_of_account, command, "opened", metadata)
            credential = Credential(name_of_account, login, name, None, None, 0)
            credentials.add_credential(log, credential)
            bearer = credentials.by_login(log, login)
            if not opened or bearer is None or bearer.account != name_of_account:
                raise Refused("login_taken", field="login", login=login)
            link = self._link(log, name_of_account, metadata)
        return AccountInvitation(name_of_account, link)

    def standing(self, reader: Reader, account: str) -> Account:
        """An account as it stands; ``Refused`` where it was never opened."""
        found = account_of(reader, account)
        if found is None:
            raise Refused("unknown_account")
        return found

    def grant(self, account: str, command: GrantRole, metadata: Metadata) -> bool:
        """Grant a role; False where it stands already."""
        return self._tell(account, command, f"grant/{command.grant_id}", metadata)

    def tell(self, account: str, command: AccountCommand, metadata: Metadata) -> bool:
        """Do something else to an account.

        Disabling it ends its sessions, tokens and one-time links at once, and for good.
        """
        if isinstance(command, SwitchAccount) and command.reason is not None:
            with self.store.append() as log:
                changed = append_to(log, account, command, self.fresh(), metadata)
                credentials.end_sessions(log, account)
                credentials.void_tokens(log, account)
                credentials.void_links(log, account)
            return changed
        return self._tell(account, command, self.fresh(), metadata)

    def _tell(
        self, account: str, command: AccountCommand, identity: str, metadata: Metadata
    ) -> bool:
        with self.store.append() as log:
            return append_to(log, account, command, identity, metadata)

    def fresh(self) -> str:
        """A new random identity."""
        return self.entropy(ID_BYTES * 2).hex()

    # one-time links
    def new_link(self, account: str, metadata: Metadata) -> str:
        """A new one-time link of an account; those before are void, and the log says who made it.

        ``Refused`` where the account is disabled, or is that of whoever asks.
        """
        not_oneself(account, metadata.actor)
        with self.store.append() as log:
            self.standing(log, account)
            return self._link(log, account, metadata)

    def _link(self, log: Append, account: str, metadata: Metadata) -> str:
        secret, link_id = self.secret(), self.fresh()
        append_to(log, account, IssueLink(link_id=link_id), f"link/{link_id}", metadata)
        ends_at = instant_text(self.now() + timedelta(hours=LINK_HOURS))
        credentials.replace_links(log, secret, OneTimeLink(account, link_id), ends_at)
        return secret

    def use_link(self, secret: str, password: str, channel: str = "web") -> NewSession:
        """Set the password that a one-time link allows, once, and sign in.

        The account's other sessions end, and its tokens are void. ``Refused`` where the link is
        used, old or unknown, and with ``code_needed`` where a second factor stands: the password is
        set then, and signing in with it asks for the code.
        """
        check_password(password)
        hashed = self.hasher.hash(password)
        with self.store.append() as log:
            now = instant_text(self.now())
            found = credentials.link_of(log, secret, now)
            if found is None:
                raise Refused("bad_link", hours=LINK_HOURS)
            account, link_id = found
            log.lock([account_stream(account)])
            known = credentials.by_account(log, account)
            gone = known is None or not self.standing(log, account).enabled
            if known is None or gone or credentials.link_of(log, secret, now) is None:
                raise Refused("bad_link", hours=LINK_HOURS)
            command = ChangePassword("link", link_id)
            append_to(log, account, command, self.fresh(), Metadata(account, channel))
            self._set_password(log, account, hashed)
            credentials.void_tokens(log, account)
            if known.totp_secret is None:
                return self._session(log, account)
        raise Refused("code_needed", field="code")

    def change_password(
        self, account: str, old: str, new: str, metadata: Metadata, address: str
    ) -> NewSession:
        """Change one's own password; every other session ends. ``Refused`` for a wrong old one."""
        check_password(new)
        known = self.check(account, old, address)
        hashed = self.hasher.hash(new)
        with self.store.append() as log:
            if self.still(log, known) is None:
                raise Refused("wrong_password", field="old")
            append_to(log, account, ChangePassword("own"), self.fresh(), metadata)
            self._set_password(log, account, hashed)
            return self._session(log, account)

    def _set_password(self, log: Append, account: str, hashed: str) -> None:
        """What was opened by the password before is closed, and so are links to choose another."""
        credentials.set_password(log, account, hashed)
        credentials.end_sessions(log, account)
        credentials.void_links(log, account)

    # passwords
    def check(self, account: str, password: str, address: str, field: str = "old") -> Credential:
        """Whose password it is; ``Refused`` where it is not the account's, or was tried too often.

        ``field`` is where it was typed in.
        """
        with self.store.read() as reader:
            known = credentials.by_account(reader, account)
        attempt = self.fresh()
        attempts.begin(self.store, attempt, known.login if known else account, address)
        if known is None or not self._matches(known, password):
            raise Refused("wrong_password", field=field)
        with self.store.append() as log:
            attempts.forgive(log, attempt)
        return known

    def still(self, log: Append, known: Credential) -> Credential | None:
        """The newest of what a password was held against; None where it is good no more.

        The account is locked: nobody changes its password before this transaction has ended.
        """
        log.lock([account_stream(known.account)])
        newest = credentials.by_account(log, known.account)
        standing = account_of(log, known.account)
        if newest is None or newest.password != known.password:
            return None
        return newest if standing is not None and standing.enabled else None

    def _matches(self, known: Credential | None, password: str) -> bool:
        """Whether a password fits; it takes as long where nobody bears the name."""
        if known is None or known.password is None:
            self._nobody = self._nobody or self.hasher.hash(self.secret())
            self.hasher.verify(password[:LONGEST_PASSWORD], self._nobody)
            return False
        return self.hasher.verify(password[:LONGEST_PASSWORD], known.password)

    # signing in and out
    def sign_in(self, login: str, password: str, code: str, address: str) -> NewSession:
        """Open a session.

        ``Refused``: ``signed_in_too_often`` while too many have failed, ``code_needed`` where the
        second factor is asked for, ``sign_in_failed`` for everything else that does not fit.
        """
        login, attempt = login[:LONGEST_LOGIN], self.fresh()
        attempts.begin(self.store, attempt, login, address)
        with self.store.read() as reader:
            known = credentials.by_login(reader, login)
            standing = account_of(reader, known.account) if known is not None else None
        if not self._matches(known, password) or standing is None or not standing.enabled:
            raise Refused("sign_in_failed")
        assert known is not None
        if known.totp_secret is not None and not code.strip():
            with self.store.append() as log:
                attempts.forgive(log, attempt)
            raise Refused("code_needed", field="code")
        with self.store.append() as log:
            self._enter(log, known, code)
            attempts.forgive(log, attempt)
            return self._session(log, known.account)

    def _enter(self, log: Append, known: Credential, code: str) -> None:
        """Refuse what has changed since it was checked; a code is good once, also at one time.

        The code is held against the second factor as it stands now, not as it was.
        """
        newest = self.still(log, known)
        if newest is None:
            raise Refused("sign_in_failed")
        if newest.totp_secret is None:
            return
        step = self.step_of(newest.totp_secret, code)
        if step <= newest.totp_step:
            raise Refused("sign_in_failed")
        credentials.set_totp_step(log, known.account, step)

    def step_of(self, secret: str, code: str) -> int:
        """The time step that a code belongs to, now or one before or after; 0 for none."""
        one_time = pyotp.TOTP(secret)
        now = int(self.now().timestamp()) // TOTP_SECONDS
        plain = code.replace(" ", "")
        for step in (now, now - 1, now + 1):
            if pyotp.utils.strings_equal(one_time.at(step * TOTP_SECONDS), plain):
                return step
        return 0

    def _session(self, log: Append, account: str) -> NewSession:
        secret, now = self.secret(), self.now()
        ends_at = instant_text(now + timedelta(hours=SESSION_HOURS))
        session = SessionRow(account, self.secret(), instant_text(now), ends_at)
        credentials.add_session(log, secret, session)
        return NewSession(secret, account)

    def keep(self, secret: str, seen_at: str) -> None:
        """Keep a session alive that is used, at most every few minutes."""
        now = self.now()
        if seen_at > instant_text(now - timedelta(minutes=SEEN_MINUTES)):
            return
        ends_at = instant_text(now + timedelta(hours=SESSION_HOURS))
        with self.store.append() as log:
            credentials.extend_session(log, secret, instant_text(now), ends_at)

    def sign_out(self, secret: str) -> None:
        """End a session."""
        with self.store.append() as log:
            credentials.end_session(log, secret)


def check_password(password: str) -> None:
    """Refuse a password that is too short or too long."""
    if not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused("bad_password", field="password", least=LEAST_PASSWORD, most=LONGEST_PASSWORD)


def append_to(
    log: Append, account: str, command: AccountCommand, identity: str, metadata: Metadata
) -> bool:
    """Decide and append what follows for an account; False where nothing does.

    The first event is under the identity, those that come with it under it and their number.
    """
    stream = account_stream(account)
    log.lock([stream])
    state = reduce(evolve, log.stream(stream), Account())
    pending = [
        PendingEvent(stream, f"{identity}/{number}" if number else identity, one, metadata)
        for number, one in enumerate(decide(command, state))
    ]
    standing = log.known([(stream, identity)]).get((stream, identity)) if pending else None
    if standing is not None:
        if same_content(standing, pending[0], log.texts_of([standing])):
            return False
        raise identity_conflict(identity.partition("/")[2])
    return bool(log.append(pending))
