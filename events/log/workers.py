"""Work spread over processes of their own, which end when the process that started them ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from sqlalchemy import Engine

Task = TypeVar("Task")
Result = TypeVar("Result")


def spread_tasks(
    job: Callable[[Engine, Task], Result],
    tasks: Sequence[Task],
    engine: Engine,
    reopen: Callable[[], Engine] | None = None,
    workers: int = 1,
) -> Iterator[Result]:
    """The answers of ``job`` to each task, in any order.

    With one worker, or without ``reopen``, all is done here and in order. Otherwise each process
    opens an engine of its own; ``job`` and ``reopen`` must be importable by name.
    """
    count = min(workers, len(tasks))
    if reopen is None or count < 2:
        for task in tasks:
            yield job(engine, task)
        return
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    processes = []
    for _ in range(count):
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, job, reopen), daemon=True)
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    try:
        yield from _dispatch(pipes, tasks)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join()


def _dispatch(pipes: Sequence[Connection], tasks: Sequence[Any]) -> Iterator[Any]:
    left = iter(tasks)
    busy: list[Connection] = []
    for pipe, task in zip(pipes, left, strict=False):
        pipe.send(task)
        busy.append(pipe)
    while busy:
        for ready in wait(busy):
            assert isinstance(ready, Connection)
            answer, error = ready.recv()
            if error is not None:
                raise error
            task = next(left, left)
            if task is left:
                busy.remove(ready)
            else:
                ready.send(task)
            yield answer


def _work(
    pipe: Connection, job: Callable[[Engine, Any], Any], reopen: Callable[[], Engine]
) -> None:
    """What each process does: one task after another, until nobody sends any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    engine = reopen()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            break
        try:
            answer, error = job(engine, task), None
        except Exception as raised:  # noqa: BLE001 - it is raised again where it was asked for
            answer, error = None, raised
        try:
            pipe.send((answer, error))
        except BrokenPipeError:
            break
    engine.dispose()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
