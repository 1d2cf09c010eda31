"""No more than a few passwords are hashed at once, for any number of requests."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, get_native_id

import pytest

from events.refusals.errors import Refused
from tests.support.web_client import QUICK
from tracker.accounts import hashing
from tracker.accounts.hashing import AT_ONCE, WAITING, PasswordHasher


class Slow:
    """Verifies after everybody else has asked, and knows how many did so at once."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.guard, self.running, self.most = Lock(), 0, 0

    def verify(self, _password: str, _hashed: str) -> bool:
        """Count who is inside."""
        with self.guard:
            self.running += 1
            self.most = max(self.most, self.running)
        QUICK.hash("x" * 100)
        with self.guard:
            self.running -= 1
        return True


def test_forty_at_once() -> None:
    """A few run, a few wait, and the rest are refused at once; afterwards everybody gets a turn."""
    hasher, slow = PasswordHasher(QUICK), Slow()
    hasher.inside = slow  # type: ignore[assignment]

    def ask(_number: int) -> str:
        try:
            return str(hasher.verify("password", ""))
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(ask, range(40)))
    assert slow.most <= AT_ONCE
    assert set(answers) <= {"True", "hashing_busy"}
    assert answers.count("True") >= 1
    assert [ask(number) for number in range(AT_ONCE + WAITING + 1)] == ["True"] * (
        AT_ONCE + WAITING + 1
    )


def test_a_wait_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whose turn does not come within the limit is refused, and waits no longer."""
    hasher = PasswordHasher(QUICK)
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 0.01)
    for _ in range(AT_ONCE):
        hasher._running.acquire()
    with pytest.raises(Refused, match="at this moment"):
        hasher.hash("password")
    for _ in range(AT_ONCE):
        hasher._running.release()
    assert hasher.verify("password", hasher.hash("password"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_a_hash_gives_way_to_pages() -> None:
    """It runs, with the threads that it starts, at a lower priority than the thread that asks."""
    priorities: list[int] = []

    class Watched:
        """Notes the priority under which it verifies."""

        def verify(self, _password: str, _hashed: str) -> bool:
            """Note the priority of this thread."""
            priorities.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))
            return True

    hasher = PasswordHasher(QUICK)
    hasher.inside = Watched()  # type: ignore[assignment]
    own = os.getpriority(os.PRIO_PROCESS, get_native_id())
    assert hasher.verify("password", "")
    assert priorities == [min(19, own + hashing.NICE)]
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == own
