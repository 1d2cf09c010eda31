"""Requests wait for the turn of their own account, and keep no other account from its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from starlette.requests import ClientDisconnect, Request

from events.refusals.errors import Kind, Refused
from tracker.http import turns
from tracker.http.turns import (
    OF_ACCOUNT,
    OF_STRANGERS,
    WAITING_OF_ACCOUNT,
    WAITING_OF_STRANGERS,
    Turns,
)

LIMITS = {"u-1": (OF_ACCOUNT, WAITING_OF_ACCOUNT), None: (OF_STRANGERS, WAITING_OF_STRANGERS)}


class Client:
    """A request whose client is still there, or has left."""

    def __init__(self, *, left: bool = False) -> None:
        """A client that has ``left`` meanwhile."""
        self.left = left

    async def is_disconnected(self) -> bool:
        """Return whether it has left."""
        return self.left


async def at_once() -> None:
    """Read a request that came whole."""


class Crowd:
    """Requests that run until the gate is opened."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.turns = Turns()
        self.gate = asyncio.Event()
        self.running = self.most = 0
        self.codes: list[str] = []

    async def send(
        self,
        account: str | None,
        read: Callable[[], Awaitable[None]] = at_once,
        *,
        left: bool = False,
        streams: bool = False,
    ) -> None:
        """Send one request, and note how it ended."""
        request = cast(Request, Client(left=left))
        try:
            async with self.turns.take(account, request, read, streams=streams):
                self.running += 1
                self.most = max(self.most, self.running)
                await self.gate.wait()
                self.running -= 1
                self.codes.append("done")
        except Refused as refused:
            self.codes.append(refused.code if refused.kind is Kind.BUSY else "wrong kind")
        except ClientDisconnect:
            self.codes.append("left")

    async def settle(self) -> None:
        """Let every task run until it waits."""
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.mark.parametrize("account", LIMITS)
def test_so_many_run_and_so_many_wait(account: str | None) -> None:
    """The rest is refused at once; those who wait are served in the end, and nothing is kept."""
    running, waiting = LIMITS[account]

    async def play() -> None:
        crowd = Crowd()
        async with asyncio.TaskGroup() as group:
            for _ in range(running + waiting + 7):
                group.create_task(crowd.send(account))
            await crowd.settle()
            assert crowd.running == running
            assert crowd.codes == ["too_many_at_once"] * 7
            assert crowd.turns.count(account) == running + waiting
            crowd.gate.set()
        assert crowd.codes.count("done") == running + waiting
        assert crowd.most == running
        assert crowd.turns.count(account) == 0

    asyncio.run(play())


def test_a_crowd_keeps_nobody_else_waiting() -> None:
    """With strangers and one account at their limits another account runs at once."""

    async def play() -> None:
        crowd = Crowd()
        async with asyncio.TaskGroup() as group:
            for _ in range(OF_STRANGERS + WAITING_OF_STRANGERS):
                group.create_task(crowd.send(None))
            for _ in range(OF_ACCOUNT + WAITING_OF_ACCOUNT):
                group.create_task(crowd.send("u-1"))
            await crowd.settle()
            before = crowd.running
            group.create_task(crowd.send("u-2"))
            await crowd.settle()
            assert crowd.running == before + 1
            crowd.gate.set()

    asyncio.run(play())


def test_half_a_request_holds_no_turn() -> None:
    """Slow bodies leave the turns to others: strangers' are not counted, an account's only are."""

    async def play() -> None:
        crowd, whole = Crowd(), asyncio.Event()

        async def slowly() -> None:
            await whole.wait()

        async with asyncio.TaskGroup() as group:
            for _ in range(OF_STRANGERS + WAITING_OF_STRANGERS):
                group.create_task(crowd.send(None, slowly))
            for _ in range(OF_ACCOUNT + WAITING_OF_ACCOUNT - 1):
                group.create_task(crowd.send("u-1", slowly))
            group.create_task(crowd.send(None))
            group.create_task(crowd.send("u-1"))
            await crowd.settle()
            assert (crowd.running, crowd.codes) == (2, [])
            assert crowd.turns.count(None) == 1
            await crowd.send("u-1")
            assert crowd.codes == ["too_many_at_once"]
            whole.set()
            crowd.gate.set()

    asyncio.run(play())


def test_an_upload_takes_no_turn() -> None:
    """Files that come slowly are counted, and pages of the same account are served meanwhile."""

    async def play() -> None:
        crowd = Crowd()
        async with asyncio.TaskGroup() as group:
            for _ in range(OF_ACCOUNT):
                group.create_task(crowd.send("u-1", streams=True))
            group.create_task(crowd.send("u-1"))
            await crowd.settle()
            assert crowd.running == OF_ACCOUNT + 1
            crowd.gate.set()

    asyncio.run(play())


def test_a_wait_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that does not come in time is refused; a client that left takes none."""
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.01)

    async def play() -> None:
        crowd = Crowd()
        async with asyncio.TaskGroup() as group:
            for _ in range(OF_ACCOUNT):
                group.create_task(crowd.send("u-1"))
            await crowd.settle()
            await crowd.send("u-1")
            assert crowd.codes == ["too_many_at_once"]
            monkeypatch.setattr(turns, "WAIT_SECONDS", 60.0)
            group.create_task(crowd.send("u-1", left=True))
            await crowd.settle()
            crowd.gate.set()
        assert sorted(crowd.codes) == sorted(["too_many_at_once", "left", *["done"] * OF_ACCOUNT])
        assert crowd.turns.count("u-1") == 0

    asyncio.run(play())


def test_a_fault_returns_its_turn() -> None:
    """What goes wrong within a turn, or while the request is read, leaves none taken."""

    async def play() -> None:
        crowd = Crowd()

        async def broken() -> None:
            raise Refused("forbidden")

        request = cast(Request, Client())
        for account in ("u-1", None):
            for read in (at_once, broken):
                for _ in range(OF_ACCOUNT + 1):
                    with pytest.raises(Refused):
                        async with crowd.turns.take(account, request, read):
                            await broken()
            assert crowd.turns.count(account) == 0

    asyncio.run(play())
