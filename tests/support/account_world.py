"""A small district with one account, ``li``, for the tests of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from events.event import RecordedEvent
from events.periods import instant_text
from events.refusals.errors import Refused
from events.streams.accounts import account_stream
from tests.support.small_district import SmallDistrict
from tests.support.web_client import BY, PASSWORD, QUICK
from tracker.accounts import credentials
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.second_factor import SecondFactor
from tracker.accounts.sign_in import Authenticator, NewSession

ADDRESS = "192.0.2.1"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 9, 20, 1, 0, tzinfo=UTC)


class CountingHasher(PasswordHasher):
    """A hasher that remembers what it verified against, and counts what it hashed."""

    def __init__(self) -> None:
        """Hash quickly."""
        super().__init__(QUICK)
        self.hashed = 0
        self.verified: list[str] = []
        self.meanwhile: Callable[[], object] | None = None
        """What happens, once, after the next password was verified."""

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Take a place among those who hash or wait, without hashing."""
        self._admitted.acquire()
        try:
            yield
        finally:
            self._admitted.release()

    def hash(self, password: str) -> str:
        """Count it, and hash."""
        self.hashed += 1
        return super().hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """Note it, and verify."""
        self.verified.append(hashed)
        fits, meanwhile, self.meanwhile = super().verify(password, hashed), self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return fits


class AccountWorld:
    """A district with one account, ``li``, and its one-time link."""

    def __init__(self, url: str) -> None:
        """Open the account; its link is not used yet."""
        self.small = SmallDistrict(url)
        self.small.now = NOW
        self.hasher = CountingHasher()
        self.authenticator = Authenticator(self.small.store, self.entropy, self.hasher)
        self.drawn = 0
        opened = self.authenticator.open_account("li", "李", BY)
        self.account, self.link = opened.account, opened.link

    def entropy(self, size: int) -> bytes:
        """Bytes that never come twice."""
        self.drawn += 1
        return self.drawn.to_bytes(size, "big")

    def choose_password(self) -> str:
        """Choose the password by the account's link; return the session's secret."""
        return self.authenticator.use_link(self.link, PASSWORD).secret

    def expect_refusal(
        self, login: str, password: str, code: str = "", address: str = ADDRESS
    ) -> str:
        """Sign in, expect a refusal, and return its code."""
        with pytest.raises(Refused) as caught:
            self.authenticator.sign_in(login, password, code, address)
        return caught.value.code

    def is_signed_in(self, secret: str) -> bool:
        """Return whether a session (its secret) is in force now."""
        with self.small.read() as reader:
            session = credentials.session_of(reader, secret, instant_text(self.small.clock()))
        return session is not None

    def code(self, seconds: int = 0) -> str:
        """Return the one-time code of now, or of some seconds later."""
        return pyotp.TOTP(SECRET).at(self.small.now + timedelta(seconds=seconds))

    def events(self) -> list[RecordedEvent]:
        """Return the events of the account."""
        with self.small.read() as reader:
            return list(reader.stream(account_stream(self.account)))

    def types(self) -> list[str]:
        """Return the types of the account's events."""
        return [event.type for event in self.events()]

    def issue_link(self) -> str:
        """Issue a new one-time link; return its secret."""
        return self.authenticator.new_link(self.account, BY)

    def change_password(self, old: str, new: str, address: str = ADDRESS) -> NewSession:
        """Change the password from within a session; return the new session."""
        return self.authenticator.change_password(self.account, old, new, BY, address)

    def enable_second_factor(self, password: str = PASSWORD) -> None:
        """Ask for one-time codes from now on."""
        assert SecondFactor(self.authenticator).enable(
            self.account, SECRET, self.code(), password, BY, ADDRESS
        )
