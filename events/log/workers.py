"""Tasks run in child processes, which end when the process that started them ends."""

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
    """Yield the result of ``job`` for each task, in any order.

    With one worker, or without ``reopen``, the tasks run here and in order. Otherwise each child
    process opens its engine with ``reopen``; ``job`` and ``reopen`` must be importable by name.
    An exception of ``job`` is raised here.
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
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, job, reopen), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    try:
        yield from _dispatch(pipes, tasks)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join()


def _dispatch(pipes: Sequence[Connection], tasks: Sequence[Any]) -> Iterator[Any]:
    waiting = iter(tasks)
    busy: list[Connection] = []
    for pipe, task in zip(pipes, waiting, strict=False):
        pipe.send(task)
        busy.append(pipe)
    while busy:
        for ready in wait(busy):
            assert isinstance(ready, Connection)
            answer, error = ready.recv()
            if error is not None:
                raise error
            task = next(waiting, waiting)
            if task is waiting:
                busy.remove(ready)
            else:
                ready.send(task)
            yield answer


def _work(
    pipe: Connection, job: Callable[[Engine, Any], Any], reopen: Callable[[], Engine]
) -> None:
    """Run tasks one after another until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent alone
    threading.Thread(target=_end_with_parent, daemon=True).start()
    engine = reopen()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            break
        try:
            answer, error = job(engine, task), None
        except Exception as raised:  # noqa: BLE001 - the parent raises it again
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
