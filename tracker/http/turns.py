"""Turns: how many requests of one account, and of all strangers together, run at once.

Python runs one thread at a time, so a page takes as long as everything that runs with it. With
turns, a user who asks for much, and any number of clients who are nobody, make themselves wait and
not the others. Waiting costs no thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from events.refusals.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

OF_ACCOUNT = 6
"""Requests of one account that run at once: as many as a browser sends."""
WAITING_OF_ACCOUNT = 24
"""Further requests of one account, whose body is being read or which wait for their turn."""
OF_STRANGERS = 4
"""Requests of clients who are not signed in that run at once."""
WAITING_OF_STRANGERS = 100
"""Further ones that wait: a county's secretaries who all sign in on the last day of a month."""
IDENTIFIED = 4
"""Requests whose sender is looked up at once: of these nobody knows yet whose turn it is."""
REFUSED = 2
"""Refusals that are rendered at once: after a refusal the turn is over."""
WAIT_SECONDS = 10.0
"""How long a request waits for its turn."""


@dataclass(slots=True)
class _Queue:
    """The requests of one party: an account, or all strangers."""

    running: asyncio.Semaphore
    most: int
    inside: int = 0
    """Requests that run, wait, or are being read."""


class Turns:
    """The turns of one application; used from its event loop only."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.identifying = asyncio.Semaphore(IDENTIFIED)
        self.refusing = asyncio.Semaphore(REFUSED)
        self._queues: dict[str | None, _Queue] = {}

    @asynccontextmanager
    async def take(
        self,
        account: str | None,
        request: Request,
        read: Callable[[], Awaitable[None]],
        *,
        streams: bool = False,
    ) -> AsyncIterator[None]:
        """Read a request with ``read`` and hold a turn of its account while the block runs.

        ``account`` is None for a stranger. The turn begins when the request is read whole, so that
        a slow line keeps nobody waiting. A request that ``streams`` its body reads it in the block:
        it is counted, and takes no turn. ``Refused`` (``too_many_at_once``) where too many wait, or
        the wait is too long; ``ClientDisconnect`` where the client left meanwhile.
        """
        if account is None:
            # Before it is counted: half a request of a stranger takes nobody's place.
            await read()
        queue = self._queues.setdefault(account, _new_queue(account))
        if queue.inside >= queue.most:
            raise Refused("too_many_at_once")
        queue.inside += 1
        try:
            if account is not None:
                await read()
            if streams:
                yield
            else:
                async with _turn(queue.running, request):
                    yield
        finally:
            queue.inside -= 1
            if not queue.inside:
                self._queues.pop(account, None)

    def count(self, account: str | None) -> int:
        """Return how many requests of an account (None: of strangers) are inside."""
        queue = self._queues.get(account)
        return 0 if queue is None else queue.inside


def _new_queue(account: str | None) -> _Queue:
    if account is None:
        return _Queue(asyncio.Semaphore(OF_STRANGERS), OF_STRANGERS + WAITING_OF_STRANGERS)
    return _Queue(asyncio.Semaphore(OF_ACCOUNT), OF_ACCOUNT + WAITING_OF_ACCOUNT)


@asynccontextmanager
async def _turn(running: asyncio.Semaphore, request: Request) -> AsyncIterator[None]:
    """Wait for a turn and hold it."""
    waits = running.locked()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await running.acquire()
    except TimeoutError:
        raise Refused("too_many_at_once") from None
    try:
        if waits and await request.is_disconnected():
            raise ClientDisconnect
        yield
    finally:
        running.release()
