"""Work is spread over real processes, which end with the one that started them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from events.log import workers
from events.log.workers import spread_tasks
from events.refusals.errors import Refused
from tracker.storage.database import open_engine

ROOT = Path(__file__).parents[3]


def square(engine: Engine, number: int) -> tuple[int, int]:
    """The square of a number, and who found it."""
    with engine.connect() as connection:
        return int(
            connection.exec_driver_sql(f"SELECT {number * number}").scalar_one()
        ), os.getpid()


def refuse(engine: Engine, number: int) -> int:
    """Refuses the number 3."""
    if number == 3:
        raise Refused("bad_zone", zone=number)
    return number


def sleep(engine: Engine, seconds: float) -> None:
    """Says who works, and takes its time."""
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(seconds)


@pytest.fixture
def reopen(sqlite_url: str) -> partial[Engine]:
    """How each process opens its own engine."""
    return partial(open_engine, sqlite_url)


@pytest.fixture
def engine(reopen: partial[Engine]) -> Iterator[Engine]:
    """The engine of this process."""
    engine = reopen()
    yield engine
    engine.dispose()


def test_one_worker_does_all_here_and_in_order(engine: Engine, reopen: partial[Engine]) -> None:
    """Without a way to reopen, or with a single task, nobody else is asked."""
    here = os.getpid()
    assert list(spread_tasks(square, [1, 2, 3], engine)) == [(1, here), (4, here), (9, here)]
    assert list(spread_tasks(square, [1, 2], engine, reopen, 1)) == [(1, here), (4, here)]
    assert list(spread_tasks(square, [5], engine, reopen, 4)) == [(25, here)]
    assert list(spread_tasks(square, [], engine, reopen, 4)) == []


@pytest.mark.parametrize("tasks", [2, 9])
def test_every_task_is_answered_once(engine: Engine, reopen: partial[Engine], tasks: int) -> None:
    """By processes of their own, in any order, more or fewer than there are tasks."""
    answers = list(spread_tasks(square, range(tasks), engine, reopen, 3))
    assert sorted(answer for answer, _ in answers) == [number**2 for number in range(tasks)]
    assert os.getpid() not in {worker for _, worker in answers}
    assert not multiprocessing.active_children()


def test_what_a_worker_raises_is_raised_here(engine: Engine, reopen: partial[Engine]) -> None:
    """A refusal keeps its code and parameters, and no process is left behind."""
    with pytest.raises(Refused) as refused:
        list(spread_tasks(refuse, range(6), engine, reopen, 2))
    assert (refused.value.code, refused.value.params) == ("bad_zone", {"zone": 3})
    assert not multiprocessing.active_children()


def test_closing_the_results_ends_the_work(engine: Engine, reopen: partial[Engine]) -> None:
    """Closing the answers early ends every process."""
    answers = spread_tasks(square, range(100), engine, reopen, 2)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


OWNER = """
from functools import partial
from events.log.workers import spread_tasks
from tests.events.log.test_workers import sleep
from tracker.storage.database import open_engine
if __name__ == "__main__":
    reopen = partial(open_engine, "sqlite://")
    list(spread_tasks(sleep, [60, 60], reopen(), reopen, 2))
"""


def test_workers_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    """Nobody goes on working for a process that is gone."""
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    owner = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    pids = [int(owner.stdout.readline()) for _ in range(2)]
    owner.kill()
    owner.wait()
    owner.stdout.close()
    for _ in range(200):
        if not any(running(pid) for pid in pids):
            break
        time.sleep(0.05)
    assert not any(running(pid) for pid in pids)


def running(pid: int) -> bool:
    """Whether a process is there and no mere zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def interrupts() -> Iterator[None]:
    """What Ctrl-C does is put back after the test."""
    kept = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, kept)


@pytest.fixture
def pipe() -> Iterator[tuple[Connection, Connection]]:
    """Both ends of a pipe, closed after the test."""
    ends = multiprocessing.Pipe()
    yield ends
    for end in ends:
        end.close()


def test_a_worker_works_until_nobody_sends(
    interrupts: None, pipe: tuple[Connection, Connection], reopen: partial[Engine]
) -> None:
    """The loop of a process, run here: answers and errors go back, then it ends."""
    here, there = pipe
    for task in (2, 3):
        here.send(task)
    here.send("last")
    answers: list[Any] = []

    def job(engine: Engine, task: Any) -> Any:
        if task == "last":
            answers.extend(here.recv() for _ in range(2))
            here.close()
        return refuse(engine, task)

    workers._work(there, job, reopen)
    assert answers[0] == (2, None)
    assert isinstance(answers[1][1], Refused)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_a_worker_ends_where_nothing_comes(
    interrupts: None, pipe: tuple[Connection, Connection], reopen: partial[Engine]
) -> None:
    """A pipe whose other end is closed is the end of the work."""
    here, there = pipe
    here.close()
    workers._work(there, refuse, reopen)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_a_process_without_its_parent_exits(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for its parent's end and leaves at once; without a parent it waits for nobody."""
    left: list[object] = []

    class Parent:
        """A parent that has ended."""

        def join(self) -> None:
            """Return at once."""
            left.append("joined")

    workers._end_with_parent()
    assert left == []
    monkeypatch.setattr(multiprocessing, "parent_process", Parent)
    monkeypatch.setattr(os, "_exit", left.append)
    workers._end_with_parent()
    assert left == ["joined", 1]
