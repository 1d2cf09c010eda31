"""Authentication: passwords, one-time links, one-time codes and sessions.

What happens to an account is an event; secrets are stored outside the log. Every secret that is
handed out is random, and only its digest is stored.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyotp

from events.event import Metadata
from events.periods import instant_text
from events.refusals.errors import Refused
from events.streams.accounts import (
    Account,
    AccountCommand,
    ChangePassword,
    GrantRole,
    IssueLink,
    OpenAccount,
    RevokeRole,
    SwitchAccount,
    account_stream,
)
from projections.people.accounts import account_of
from tracker.access.rights import refuse_own_account
from tracker.accounts import credentials, rate_limit
from tracker.accounts.appending import add_account, append_to
from tracker.accounts.codes import read_code
from tracker.accounts.credentials import LINK_HOURS, Credential, OneTimeLink, SessionRow
from tracker.accounts.hashing import PasswordHasher

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append, Store

SECRET_BYTES = 32
ID_BYTES = 6
SESSION_HOURS = 12
"""A session ends so long after it was last used."""
SESSION_DAYS = 7
"""A session ends so long after it began, however much it is used."""
SEEN_MINUTES = 10
"""A session that is used is extended at most this often, so that reading rarely writes."""
LEAST_PASSWORD = 10
LONGEST_PASSWORD = 200
TOTP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session: the secret of its cookie, and its account."""

    secret: str
    account: str


@dataclass(frozen=True, slots=True)
class AccountInvitation:
    """A new account, and the secret of its one-time link."""

    account: str
    link: str


@dataclass(slots=True)
class Authenticator:
    """Passwords, links and sessions of one store."""

    store: Store
    entropy: Callable[[int], bytes]
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    device_clock: Callable[[], datetime] | None = None
    """The clock of users' devices, which make one-time codes, where the store's is another."""
    _decoy_hash: str = ""

    def now(self) -> datetime:
        """Return the instant of the store's clock."""
        return self.store.clock()

    def new_secret(self) -> str:
        """Return a new random secret for a cookie, link or token."""
        return base64.urlsafe_b64encode(self.entropy(SECRET_BYTES)).decode().rstrip("=")

    # accounts
    def open_account(
        self,
        login: str,
        name: str,
        metadata: Metadata,
        *,
        person: str | None = None,
        account: str | None = None,
    ) -> AccountInvitation:
        """Open an account with a one-time link, with which its holder chooses a password.

        ``Refused`` where the log-in name is taken or has characters that are not allowed.
        """
        account_id = account or f"u-{self.entropy(ID_BYTES).hex()}"
        with self.store.append() as log:
            command = OpenAccount(account=account_id, person=person)
            add_account(log, command, login, name, metadata)
            link = self.issue_link(log, account_id, metadata)
        return AccountInvitation(account_id, link)

    def read_account(self, reader: Reader, account: str) -> Account:
        """Return an account; ``Refused`` where it was never opened."""
        opened = account_of(reader, account)
        if opened is None:
            raise Refused("unknown_account")
        return opened

    def grant_role(self, account: str, command: GrantRole, metadata: Metadata) -> bool:
        """Grant a role; False where it is granted already."""
        return self._change(account, command, f"grant/{command.grant_id}", metadata)

    def change_account(self, account: str, command: AccountCommand, metadata: Metadata) -> bool:
        """Apply any other command to an account; False where nothing changes.

        Disabling it also ends its sessions, tokens and one-time links, for good. ``Refused`` where
        users disable their own account or revoke their own role: the last administrator stays.
        """
        if isinstance(command, SwitchAccount | RevokeRole):
            refuse_own_account(account, metadata.actor)
        if isinstance(command, SwitchAccount) and command.reason is not None:
            with self.store.append() as log:
                changed = append_to(log, account, command, self.new_id(), metadata)
                credentials.end_sessions(log, account)
                credentials.void_tokens(log, account)
                credentials.void_links(log, account)
            return changed
        return self._change(account, command, self.new_id(), metadata)

    def _change(
        self, account: str, command: AccountCommand, identity: str, metadata: Metadata
    ) -> bool:
        with self.store.append() as log:
            return append_to(log, account, command, identity, metadata)

    def new_id(self) -> str:
        """Return a new random identity."""
        return self.entropy(ID_BYTES * 2).hex()

    # one-time links
    def new_link(self, account: str, metadata: Metadata) -> str:
        """Return a new one-time link of an account; previous ones are void.

        ``Refused`` where the account is disabled or is the user's own.
        """
        refuse_own_account(account, metadata.actor)
        with self.store.append() as log:
            self.read_account(log, account)
            return self.issue_link(log, account, metadata)

    def issue_link(
        self,
        log: Append,
        account: str,
        metadata: Metadata,
        secret: str | None = None,
        hours: int = LINK_HOURS,
    ) -> str:
        """Issue a one-time link under a new secret, or one given; the account's others are void."""
        secret, link_id, now = secret or self.new_secret(), self.new_id(), self.now()
        append_to(log, account, IssueLink(link_id=link_id), f"link/{link_id}", metadata)
        issued_at, ends_at = instant_text(now), instant_text(now + timedelta(hours=hours))
        link = OneTimeLink(account, link_id)
        credentials.replace_links(log, secret, link, issued_at, ends_at)
        return secret

    def check_code_of_slip(self, login: str, typed: str, address: str) -> str:
        """Return the code of a slip as a link's secret; ``Refused`` where it is not the user's.

        Counted as an attempt at the user's password is.
        """
        attempt, code = self.new_id(), read_code(typed)
        rate_limit.count_attempt(self.store, attempt, login[: credentials.LONGEST_LOGIN], address)
        with self.store.append() as log:
            link = credentials.link_of(log, code, instant_text(self.now()))
            known = credentials.by_login(log, login)
            if link is None or known is None or known.account != link.account:
                raise Refused("bad_slip", field="slip")
            rate_limit.forget_attempt(log, attempt)
        return code

    def use_link(self, secret: str, password: str, channel: str = "web") -> NewSession:
        """Set a password with a one-time link, and sign in.

        The account's other sessions end, and its tokens are void. ``Refused`` where the link is
        used, expired or unknown, and with ``code_needed`` where a second factor is enabled: the
        password is set then, and signing in with it requires the code.
        """
        with self.store.read() as reader:
            # Anybody can send a link: it is looked up before the costly hash.
            if credentials.link_of(reader, secret, instant_text(self.now())) is None:
                raise Refused("bad_link", hours=LINK_HOURS)
        check_password(password)
        hashed = self.hasher.hash(password)
        with self.store.append() as log:
            now = instant_text(self.now())
            link = credentials.link_of(log, secret, now)
            if link is None:
                raise Refused("bad_link", hours=LINK_HOURS)
            account, link_id = link
            # Two uses at once both read the link: it is read again under the account's lock.
            log.lock([account_stream(account)])
            known = credentials.by_account(log, account)
            disabled = not self.read_account(log, account).enabled
            if known is None or disabled or credentials.link_of(log, secret, now) is None:
                raise Refused("bad_link", hours=LINK_HOURS)
            command = ChangePassword("link", link_id)
            append_to(log, account, command, self.new_id(), Metadata(account, channel))
            self._set_password(log, account, hashed)
            credentials.void_tokens(log, account)
            if known.totp_secret is None:
                return self._open_session(log, account)
        raise Refused("code_needed", field="code")

    def change_password(
        self, account: str, old: str, new: str, metadata: Metadata, address: str
    ) -> NewSession:
        """Change one's own password and return a new session; all others end.

        ``Refused`` for a wrong old password.
        """
        check_password(new)
        known = self.verify_password(account, old, address)
        hashed = self.hasher.hash(new)
        with self.store.append() as log:
            if self.lock_unchanged(log, known) is None:
                raise Refused("wrong_password", field="old")
            append_to(log, account, ChangePassword("own"), self.new_id(), metadata)
            self._set_password(log, account, hashed)
            return self._open_session(log, account)

    def _set_password(self, log: Append, account: str, hashed: str) -> None:
        """Store a new password; sessions of the old one end, and one-time links are void."""
        credentials.set_password(log, account, hashed)
        credentials.end_sessions(log, account)
        credentials.void_links(log, account)

    # passwords
    def verify_password(
        self, account: str, password: str, address: str, field: str = "old"
    ) -> Credential:
        """Return the account's credential; ``Refused`` for a wrong password or too many attempts.

        ``field`` is the field that the password was typed into.
        """
        with self.store.read() as reader:
            known = credentials.by_account(reader, account)
        attempt = self.new_id()
        rate_limit.count_attempt(self.store, attempt, known.login if known else account, address)
        if not self._compare(attempt, known, password) or known is None:
            raise Refused("wrong_password", field=field)
        with self.store.append() as log:
            rate_limit.forget_attempt(log, attempt)
        return known

    def lock_unchanged(self, log: Append, known: Credential) -> Credential | None:
        """Lock an account and return its credential; None where the verified password changed.

        Also None where the account was disabled. The lock keeps the password as it is until this
        transaction ends.
        """
        log.lock([account_stream(known.account)])
        newest = credentials.by_account(log, known.account)
        account = account_of(log, known.account)
        if newest is None or newest.password != known.password:
            return None
        return newest if account is not None and account.enabled else None

    def _compare(self, attempt: str, known: Credential | None, password: str) -> bool:
        """Return whether a password is right; an attempt that was not compared does not count."""
        try:
            return self._matches(known, password)
        except Refused:
            with self.store.append() as log:
                rate_limit.forget_attempt(log, attempt)
            raise

    def _matches(self, known: Credential | None, password: str) -> bool:
        """Return whether a password is right."""
        # An unknown name takes as long as a wrong password, so that timing reveals no names.
        if known is None or known.password is None:
            self._decoy_hash = self._decoy_hash or self.hasher.hash(self.new_secret())
            self.hasher.verify(password[:LONGEST_PASSWORD], self._decoy_hash)
            return False
        return self.hasher.verify(password[:LONGEST_PASSWORD], known.password)

    # signing in and out
    def sign_in(self, login: str, password: str, code: str, address: str) -> NewSession:
        """Open a session.

        ``Refused``: ``signed_in_too_often`` after too many failures, ``code_needed`` where the
        one-time code is missing, ``sign_in_failed`` for everything else.
        """
        login, attempt = login[: credentials.LONGEST_LOGIN], self.new_id()
        rate_limit.count_attempt(self.store, attempt, login, address)
        with self.store.read() as reader:
            known = credentials.by_login(reader, login)
            account = account_of(reader, known.account) if known is not None else None
        matches = self._compare(attempt, known, password)
        if not matches or account is None or not account.enabled:
            raise Refused("sign_in_failed")
        assert known is not None
        if known.totp_secret is not None and not code.strip():
            with self.store.append() as log:
                rate_limit.forget_attempt(log, attempt)
            raise Refused("code_needed", field="code")
        with self.store.append() as log:
            self._check_code(log, known, code)
            rate_limit.forget_attempt(log, attempt)
            return self._open_session(log, known.account)

    def _check_code(self, log: Append, known: Credential, code: str) -> None:
        """Refuse where the credential changed since it was verified, or the code is wrong or used.

        Runs under the account's lock: the code is compared with the current second factor, and two
        sign-ins at once cannot use the same code.
        """
        newest = self.lock_unchanged(log, known)
        if newest is None:
            raise Refused("sign_in_failed")
        if newest.totp_secret is None:
            return
        step = self.totp_step(newest.totp_secret, code)
        if step <= newest.totp_step:
            raise Refused("sign_in_failed")
        credentials.set_totp_step(log, known.account, step)

    def totp_step(self, secret: str, code: str) -> int:
        """Return the time step of a code: now, or one before or after for slow clocks; 0: none."""
        one_time = pyotp.TOTP(secret)
        clock = self.device_clock or self.now
        now = int(clock().timestamp()) // TOTP_SECONDS
        plain = code.replace(" ", "")
        for step in (now, now - 1, now + 1):
            if pyotp.utils.strings_equal(one_time.at(step * TOTP_SECONDS), plain):
                return step
        return 0

    def _open_session(self, log: Append, account: str) -> NewSession:
        secret, now = self.new_secret(), self.now()
        ends_at, begun = instant_text(now + timedelta(hours=SESSION_HOURS)), instant_text(now)
        session = SessionRow(account, self.new_secret(), begun, ends_at, begun)
        credentials.add_session(log, secret, session)
        return NewSession(secret, account)

    def is_extension_due(self, session: SessionRow) -> bool:
        """Whether a session that is used was last extended ``SEEN_MINUTES`` ago."""
        return session.seen_at <= instant_text(self.now() - timedelta(minutes=SEEN_MINUTES))

    def extend_session(self, secret: str, session: SessionRow) -> None:
        """Extend a session that is used, where it is due, up to its last end."""
        if not self.is_extension_due(session):
            return
        now = self.now()
        last = datetime.fromisoformat(session.created_at) + timedelta(days=SESSION_DAYS)
        ends_at = instant_text(min(now + timedelta(hours=SESSION_HOURS), last))
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
