import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Event

import pytest

from scheduler.clock import ring, ring_until_told

PATIENCE = 20
"""Seconds after which a ring that was promised is missing."""


class Bell:
    """A tick that counts, raises the first ``faults`` times, and says when it was heard enough."""

    def __init__(self, enough: int = 1, faults: int = 0) -> None:
        """Nothing was heard yet."""
        self.rings = 0
        self.faults = faults
        self._enough = enough
        self.heard = Event()

    def __call__(self) -> None:
        """One ring."""
        self.rings += 1
        if self.rings >= self._enough:
            self.heard.set()
        if self.rings <= self.faults:
            raise ValueError("this ring fails")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signals are handled after the test as before."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_it_rings_at_once() -> None:
    """The first ring does not wait for the interval."""
    bell = Bell()
    scheduler = ring(bell, every_seconds=3600)
    assert bell.heard.wait(PATIENCE)
    scheduler.shutdown(wait=True)
    assert bell.rings == 1


def test_a_ring_that_raises_is_followed_by_the_next(caplog: pytest.LogCaptureFixture) -> None:
    """An error ends in the log, and the clock goes on."""
    bell = Bell(enough=3, faults=2)
    with caplog.at_level(logging.ERROR, "apscheduler"):
        scheduler = ring(bell, every_seconds=0.05)
        assert bell.heard.wait(PATIENCE)
        scheduler.shutdown(wait=True)
    assert "this ring fails" in caplog.text


def test_never_two_rings_at_a_time() -> None:
    """A ring that takes long is not joined by another one."""
    begun, go_on = Event(), Event()
    count = []

    def slow() -> None:
        count.append(1)
        begun.set()
        go_on.wait(PATIENCE)

    scheduler = ring(slow, every_seconds=0.02)
    assert begun.wait(PATIENCE)
    assert not go_on.wait(0.2)
    assert count == [1]
    go_on.set()
    scheduler.shutdown(wait=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_rings_until_it_is_told(handlers: None, number: signal.Signals) -> None:
    """Told to stop while a ring is at work, it returns when that ring is done."""
    done = []

    def tick() -> None:
        os.kill(os.getpid(), number)
        Event().wait(0.05)
        done.append(1)

    ring_until_told(tick, every_seconds=3600)
    assert done == [1]


PROCESS = """
from scheduler.clock import ring_until_told
ring_until_told(lambda: print("ring", flush=True), every_seconds=0.05)
print("told", flush=True)
"""


def test_a_process_that_rings_ends_when_it_is_told() -> None:
    """SIGTERM ends a process that rings, with its work done and no error."""
    folder = Path(__file__).parents[2]
    with Popen([sys.executable, "-c", PROCESS], stdout=PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["ring\n"] * 3
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)
    assert rest.endswith("told\n")
    assert process.returncode == 0
