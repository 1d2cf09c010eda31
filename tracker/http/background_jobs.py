"""Long steps that somebody began from a page: awaited for a moment, then left to go on.

A step remembers nothing that matters: what it did stands in the log, and beginning it again is the
way to take it up. Kept is only what is going on now, and the last refusal of each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass

from events.refusals.errors import Refused
from tracker.logs import log

AWAITED_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a step stands: ``changed`` None while it goes on; ``refused`` where it was refused."""

    changed: bool | None = None
    refused: Refused | None = None


class BackgroundJobs:
    """The long steps of one application, one at a time; safe between threads."""

    def __init__(self, awaited_seconds: float = AWAITED_SECONDS) -> None:
        """``awaited_seconds`` is how long whoever begins a step waits for it."""
        self._awaited = awaited_seconds
        self._pool = ThreadPoolExecutor(1, "underway")
        self._steps: dict[str, Future[bool]] = {}
        self._guard = threading.Lock()

    def begin(self, key: str, work: Callable[[], bool]) -> JobOutcome:
        """Begin a step, unless it goes on already, and wait a moment for it.

        ``Refused`` is handed back as an outcome; any other failure of the step is raised.
        """
        with self._guard:
            step = self._steps.get(key)
            if step is None or step.done():
                step = self._steps[key] = self._pool.submit(work)
        try:
            changed = step.result(self._awaited)
        except NotYet:
            return JobOutcome()
        except Refused as refused:
            self._forget(key)
            return JobOutcome(refused=refused)
        self._forget(key)
        return JobOutcome(changed)

    def of(self, key: str) -> JobOutcome | None:
        """How a step that was not waited for stands, or None where there is none.

        A step that ended well is forgotten; a refusal stands until the step is begun again.
        """
        with self._guard:
            step = self._steps.get(key)
        if step is None:
            return None
        if not step.done():
            return JobOutcome()
        error = step.exception()
        if isinstance(error, Refused):
            return JobOutcome(refused=error)
        if error is not None:
            log().error("a step failed", step=key, error=repr(error))
        self._forget(key)
        return None

    def close(self) -> None:
        """Let go of the thread; a step that goes on is taken up at the next beginning."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, key: str) -> None:
        with self._guard:
            self._steps.pop(key, None)
