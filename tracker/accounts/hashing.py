"""Argon2 hashes, a bounded number at once: each takes 64 MB and four threads while it runs.

They run at a lower priority: who signs in waits rather than everybody who works.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, get_native_id
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
NICE = 10
"""How much lower the priority of a hash is than that of a page, as the command ``nice`` counts."""


def _lower_priority() -> None:
    """Lower the priority of the current thread and the threads that it starts, where Linux can."""
    with suppress(OSError):
        current = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, get_native_id(), current + NICE)


_THREADS = ThreadPoolExecutor(AT_ONCE, "hashing", initializer=_lower_priority)


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
            return _THREADS.submit(self.inside.hash, password).result()

    def verify(self, password: str, hashed: str) -> bool:
        """Return whether a password is the one of a hash."""
        with self._turn():
            return _THREADS.submit(self.inside.verify, password, hashed).result()

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
