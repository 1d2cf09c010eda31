import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Event

import pytest

from scheduler.clock import run_clock, start_clock

PATIENCE = 20
"""Seconds after which an expected tick counts as missing."""


class CountingTick:
    """A tick that counts, fails its first ``faults`` times, signals when it ran often enough."""

    def __init__(self, enough: int = 1, faults: int = 0) -> None:
        """Start with no tick counted."""
        self.count = 0
        self.faults = faults
        self._wanted = enough
        self.enough = Event()

    def __call__(self) -> None:
        """Count one tick."""
        self.count += 1
        if self.count >= self._wanted:
            self.enough.set()
        if self.count <= self.faults:
            raise ValueError("this tick fails")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restore the signal handlers after the test."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_it_rings_at_once() -> None:
    """The first tick does not wait for the interval."""
    tick = CountingTick()
    scheduler = start_clock(tick, every_seconds=3600)
    assert tick.enough.wait(PATIENCE)
    scheduler.shutdown(wait=True)
    assert tick.count == 1


def test_a_tick_that_raises_is_followed_by_the_next(caplog: pytest.LogCaptureFixture) -> None:
    """An error is logged, and the clock goes on."""
    tick = CountingTick(enough=3, faults=2)
    with caplog.at_level(logging.ERROR, "apscheduler"):
        scheduler = start_clock(tick, every_seconds=0.05)
        assert tick.enough.wait(PATIENCE)
        scheduler.shutdown(wait=True)
    assert "this tick fails" in caplog.text


def test_never_two_rings_at_a_time() -> None:
    """A slow tick is not run twice at the same time."""
    begun, go_on = Event(), Event()
    count = []

    def slow() -> None:
        count.append(1)
        begun.set()
        go_on.wait(PATIENCE)

    scheduler = start_clock(slow, every_seconds=0.02)
    assert begun.wait(PATIENCE)
    assert not go_on.wait(0.2)
    assert count == [1]
    go_on.set()
    scheduler.shutdown(wait=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_a_signal(handlers: None, number: signal.Signals) -> None:
    """Stopped while a tick runs, the clock returns when that tick is done."""
    done = []

    def tick() -> None:
        os.kill(os.getpid(), number)
        Event().wait(0.05)
        done.append(1)

    run_clock(tick, every_seconds=3600)
    assert done == [1]


PROCESS = """
from scheduler.clock import run_clock
run_clock(lambda: print("tick", flush=True), every_seconds=0.05)
print("stopped", flush=True)
"""


def test_a_process_ends_on_a_signal() -> None:
    """SIGTERM ends a process that runs the clock, with its work done and no error."""
    folder = Path(__file__).parents[2]
    with Popen([sys.executable, "-c", PROCESS], stdout=PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["tick\n"] * 3
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)
    assert rest.endswith("stopped\n")
    assert process.returncode == 0
