"""Signing in: passwords, one-time links, second factors, sessions and personal tokens.

What happened to an account is an event; the secrets themselves stand beside the log. Every secret
that is handed out is random and kept as a digest.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.accounts import (
    Account,
    AccountCommand,
    ChangePassword,
    GrantRole,
    OpenAccount,
    SwitchAccount,
    account_stream,
    decide,
    evolve,
)
from events.errors import Kind, Refused
from events.event import Metadata, Pending
from events.periods import instant_text
from events.store import refuse_other_content, same_content
from projections.accounts import account_of
from tracker import credentials
from tracker.credentials import Credential, digest

if TYPE_CHECKING:
    from events.reading import Reader
    from events.store import Append, Store

SECRET_BYTES = 32
ID_BYTES = 6
LINK_HOURS = 24
SESSION_HOURS = 12
SEEN_MINUTES = 10
FAILURES = 5
FAILURES_OF_ADDRESS = 30
FAILURE_MINUTES = 15
LONGEST_LOGIN = 128
LEAST_PASSWORD = 10
LONGEST_PASSWORD = 200
TOTP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was opened: the secret of its cookie, and whose it is."""

    secret: str
    account: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that was opened, and the secret of its one-time link."""

    account: str
    link: str


@dataclass(slots=True)
class Doorkeeper:
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
    ) -> Opened:
        """Open an account with a one-time link by which its holder chooses a password.

        ``Refused`` where the log-in name is taken.
        """
        name_of_account = account or f"u-{self.entropy(ID_BYTES).hex()}"
        command = OpenAccount(account=name_of_account, person=person)
        with self.store.append() as log:
            opened = append_to(log, name_of_account, command, "opened", metadata)
            log.write(
                f"INSERT INTO credentials ({credentials.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [(name_of_account, login, name, None, None, 0)],
            )
            bearer = credentials.by_login(log, login)
            if not opened or bearer is None or bearer.account != name_of_account:
                raise Refused(
                    "login_taken",
                    "field {field}: {login} is taken; choose another",
                    kind=Kind.CONFLICT,
                    field="login",
                    login=login,
                )
            link = self._link(log, name_of_account)
        return Opened(name_of_account, link)

    def standing(self, reader: Reader, account: str) -> Account:
        """An account as it stands; ``Refused`` where it was never opened."""
        found = account_of(reader, account)
        if found is None:
            raise Refused("unknown_account", "there is no such account", kind=Kind.NOT_FOUND)
        return found

    def grant(self, account: str, command: GrantRole, metadata: Metadata) -> bool:
        """Grant a role; False where it stands already."""
        return self._tell(account, command, f"grant/{command.grant_id}", metadata)

    def tell(self, account: str, command: AccountCommand, metadata: Metadata) -> bool:
        """Do something else to an account; disabling it ends its sessions and tokens at once."""
        if isinstance(command, SwitchAccount) and command.reason is not None:
            with self.store.append() as log:
                changed = append_to(log, account, command, self.fresh(), metadata)
                log.write("DELETE FROM sessions WHERE account = ?", [(account,)])
                log.write("DELETE FROM tokens WHERE account = ?", [(account,)])
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
    def new_link(self, account: str) -> str:
        """A new one-time link of an account; those before are void."""
        with self.store.append() as log:
            self.standing(log, account)
            return self._link(log, account)

    def _link(self, log: Append, account: str) -> str:
        secret = self.secret()
        ends_at = instant_text(self.now() + timedelta(hours=LINK_HOURS))
        log.write("DELETE FROM one_time_links WHERE account = ?", [(account,)])
        log.write(
            "INSERT INTO one_time_links (digest, account, ends_at) VALUES (?, ?, ?)",
            [(digest(secret), account, ends_at)],
        )
        return secret

    def use_link(self, secret: str, password: str, channel: str = "web") -> SignedIn:
        """Set the password that a one-time link allows, once, and sign in.

        The account's other sessions end. ``Refused`` where the link is used, old or unknown.
        """
        check_password(password)
        hashed = self.hasher.hash(password)
        with self.store.append() as log:
            now = instant_text(self.now())
            account = credentials.link_of(log, secret, now)
            if account is not None:
                log.lock([account_stream(account)])
            if account is None or credentials.link_of(log, secret, now) is None:
                raise bad_link()
            metadata = Metadata(account, channel)
            append_to(log, account, ChangePassword("link"), self.fresh(), metadata)
            log.write(
                "UPDATE one_time_links SET used_at = ? WHERE digest = ?", [(now, digest(secret))]
            )
            log.write("UPDATE credentials SET password = ? WHERE account = ?", [(hashed, account)])
            log.write("DELETE FROM sessions WHERE account = ?", [(account,)])
            return self._session(log, account)

    def change_password(self, account: str, old: str, new: str, metadata: Metadata) -> SignedIn:
        """Change one's own password; every other session ends. ``Refused`` for a wrong old one."""
        check_password(new)
        self.check(account, old)
        hashed = self.hasher.hash(new)
        with self.store.append() as log:
            append_to(log, account, ChangePassword("own"), self.fresh(), metadata)
            log.write("UPDATE credentials SET password = ? WHERE account = ?", [(hashed, account)])
            log.write("DELETE FROM sessions WHERE account = ?", [(account,)])
            return self._session(log, account)

    def check(self, account: str, password: str) -> None:
        """Refuse a password that is not the account's."""
        with self.store.read() as reader:
            known = credentials.by_account(reader, account)
        if not self._matches(known, password):
            raise Refused("wrong_password", "field {field}: that is not your password", field="old")

    # signing in and out
    def sign_in(self, login: str, password: str, code: str, address: str) -> SignedIn:
        """Open a session.

        ``Refused``: ``signed_in_too_often`` while too many have failed, ``code_needed`` where the
        second factor is asked for, ``sign_in_failed`` for everything else that does not fit.
        """
        login = login[:LONGEST_LOGIN]
        with self.store.read() as reader:
            self._throttle(reader, login, address)
            known = credentials.by_login(reader, login)
            standing = account_of(reader, known.account) if known is not None else None
        if not self._matches(known, password) or standing is None or not standing.enabled:
            self._failed(login, address)
        assert known is not None
        step = self._second_factor(known, code, login, address)
        with self.store.append() as log:
            if step:
                self._use_step(log, known, step)
            return self._session(log, known.account)

    def _matches(self, known: Credential | None, password: str) -> bool:
        """Whether a password fits; it takes as long where nobody bears the name."""
        if known is None or known.password is None:
            self._nobody = self._nobody or self.hasher.hash(self.secret())
            self.hasher.verify(password[:LONGEST_PASSWORD], self._nobody)
            return False
        return self.hasher.verify(password[:LONGEST_PASSWORD], known.password)

    def _throttle(self, reader: Reader, login: str, address: str) -> None:
        since = instant_text(self.now() - timedelta(minutes=FAILURE_MINUTES))
        of_login, of_address = credentials.failures(reader, login, address, since)
        if of_login >= FAILURES or of_address >= FAILURES_OF_ADDRESS:
            raise Refused(
                "signed_in_too_often",
                "too many sign-ins failed; try again in {minutes} minutes",
                kind=Kind.BUSY,
                minutes=FAILURE_MINUTES,
            )

    def _failed(self, login: str, address: str) -> None:
        now = self.now()
        since = instant_text(now - timedelta(minutes=FAILURE_MINUTES))
        with self.store.append() as log:
            log.write("DELETE FROM login_failures WHERE failed_at <= ?", [(since,)])
            log.write(
                "INSERT INTO login_failures (login, address, failed_at) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [(login, address, instant_text(now))],
            )
        raise Refused("sign_in_failed", "the name or the password is wrong", kind=Kind.FORBIDDEN)

    def _second_factor(self, known: Credential, code: str, login: str, address: str) -> int:
        """The step of the code that was given; 0 where none is asked for."""
        if known.totp_secret is None:
            return 0
        if not code.strip():
            raise Refused(
                "code_needed",
                "field {field}: enter the six digits that your authenticator shows",
                field="code",
            )
        step = self.step_of(known.totp_secret, code)
        if step <= known.totp_step:
            self._failed(login, address)
        return step

    def step_of(self, secret: str, code: str) -> int:
        """The time step that a code belongs to, now or one before or after; 0 for none."""
        one_time = pyotp.TOTP(secret)
        now = int(self.now().timestamp()) // TOTP_SECONDS
        plain = code.replace(" ", "")
        for step in (now, now - 1, now + 1):
            if pyotp.utils.strings_equal(one_time.at(step * TOTP_SECONDS), plain):
                return step
        return 0

    def _use_step(self, log: Append, known: Credential, step: int) -> None:
        """A code is good once, also where two use it at the same time."""
        log.lock([account_stream(known.account)])
        newest = credentials.by_account(log, known.account)
        if newest is None or step <= newest.totp_step:
            raise Refused(
                "sign_in_failed", "the name or the password is wrong", kind=Kind.FORBIDDEN
            )
        log.write("UPDATE credentials SET totp_step = ? WHERE account = ?", [(step, known.account)])

    def _session(self, log: Append, account: str) -> SignedIn:
        secret, now = self.secret(), self.now()
        ends_at = instant_text(now + timedelta(hours=SESSION_HOURS))
        log.write("DELETE FROM sessions WHERE ends_at <= ?", [(instant_text(now),)])
        log.write(
            "INSERT INTO sessions (digest, account, csrf, created_at, seen_at, ends_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(digest(secret), account, self.secret(), instant_text(now), instant_text(now),
              ends_at)],
        )  # fmt: skip
        return SignedIn(secret, account)

    def keep(self, secret: str, seen_at: str) -> None:
        """Keep a session alive that is used, at most every few minutes."""
        now = self.now()
        if seen_at > instant_text(now - timedelta(minutes=SEEN_MINUTES)):
            return
        ends_at = instant_text(now + timedelta(hours=SESSION_HOURS))
        with self.store.append() as log:
            log.write(
                "UPDATE sessions SET seen_at = ?, ends_at = ? WHERE digest = ?",
                [(instant_text(now), ends_at, digest(secret))],
            )

    def sign_out(self, secret: str) -> None:
        """End a session."""
        with self.store.append() as log:
            log.write("DELETE FROM sessions WHERE digest = ?", [(digest(secret),)])


def check_password(password: str) -> None:
    """Refuse a password that is too short or too long."""
    if not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(
            "bad_password",
            "field {field}: a password has {least} to {most} characters",
            field="password",
            least=LEAST_PASSWORD,
            most=LONGEST_PASSWORD,
        )


def bad_link() -> Refused:
    """The refusal of a link that is not good any more."""
    return Refused(
        "bad_link",
        "this link was used, is older than {hours} hours or never was; ask for a new one",
        kind=Kind.NOT_FOUND,
        hours=LINK_HOURS,
    )


def append_to(
    log: Append, account: str, command: AccountCommand, identity: str, metadata: Metadata
) -> bool:
    """Decide and append what follows for an account; False where nothing does."""
    stream = account_stream(account)
    log.lock([stream])
    state = reduce(evolve, log.stream(stream), Account())
    pending = [Pending(stream, identity, one, metadata) for one in decide(command, state)]
    standing = log.known([(stream, identity)]).get((stream, identity)) if pending else None
    if standing is not None:
        if same_content(standing, pending[0], log.texts_of([standing])):
            return False
        raise refuse_other_content(identity.partition("/")[2])
    return bool(log.append(pending))
