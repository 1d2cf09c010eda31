"""Argon2 hashes, a bounded number at once: each takes 64 MB and a processor while it runs."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.refusals.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 2
"""Hashes that run at once: 128 MB."""
WAITING = 8
"""Requests that may wait for their turn. Each keeps a thread of the server from other requests."""
WAIT_SECONDS = 5.0


class PasswordHasher:
    """Hashes and verifies passwords, ``AT_ONCE`` at a time in this process.

    Both raise ``Refused`` (``hashing_busy``) where too many wait already, or the wait is too long.
    """

    def __init__(self, inside: PasswordHash | None = None) -> None:
        """``inside`` is Argon2id with the parameters of the library."""
        self.inside = inside or PasswordHash((Argon2Hasher(),))
        self._running = BoundedSemaphore(AT_ONCE)
        self._admitted = BoundedSemaphore(AT_ONCE + WAITING)

    def hash(self, password: str) -> str:
        """Return the hash under which a password is stored."""
        with self._turn():
            return self.inside.hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """Return whether a password is the one of a hash."""
        with self._turn():
            return self.inside.verify(password, hashed)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for a turn, for a short time."""
        if not self._admitted.acquire(blocking=False):
            raise Refused("hashing_busy")
        try:
            if not self._running.acquire(timeout=WAIT_SECONDS):
                raise Refused("hashing_busy")
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._admitted.release()
