"""Background jobs started from a page: waited for briefly, then continued.

A job keeps no state that matters: what it did is in the log, and starting it again resumes it. Only
what runs now and the last refusal of each job are kept, in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from events.refusals.errors import Refused
from tracker.logs import log
from tracker.storage.database import storage_fault

AWAITED_SECONDS = 8.0
"""How long a request waits for its job."""


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """The state of a job: ``changed`` is None while it runs; ``refused`` is why it was refused."""

    changed: bool | None = None
    refused: Refused | None = None


class CycleStep(StrEnum):
    """The steps of a cycle that a person begins."""

    OPEN = "open"
    DRAW = "draw"
    CLOSE = "close"


def cycle_job(scope: str, period: str, step: CycleStep) -> str:
    """Return the key of a step of a cycle, the same for pages and the API.

    Each step has its own: a request to close during a draw must not get the draw's outcome.
    """
    return f"{scope}:{period}:{step}"


class BackgroundJobs:
    """The background jobs of one application, one at a time; safe between threads."""

    def __init__(self, awaited_seconds: float = AWAITED_SECONDS) -> None:
        """``awaited_seconds`` is how long ``begin`` waits for the job."""
        self._awaited = awaited_seconds
        self._pool = ThreadPoolExecutor(1, "jobs")
        self._jobs: dict[str, Future[bool]] = {}
        self._guard = threading.Lock()

    def begin(self, key: str, work: Callable[[], bool]) -> JobOutcome:
        """Begin a job, unless it runs already, and wait for it a moment.

        ``work`` returns whether it changed anything. ``Refused`` is returned as an outcome; any
        other failure is raised.
        """
        with self._guard:
            job = self._jobs.get(key)
            if job is None or job.done():
                job = self._jobs[key] = self._pool.submit(work)
        try:
            changed = job.result(self._awaited)
        except NotYet:
            return JobOutcome()
        except Refused as refused:
            self._forget(key)
            return JobOutcome(refused=refused)
        self._forget(key)
        return JobOutcome(changed)

    def outcome(self, key: str) -> JobOutcome | None:
        """Return the state of a job that was not waited for, or None where there is none.

        A job that succeeded is forgotten; a refusal is kept until the job begins again.
        """
        with self._guard:
            job = self._jobs.get(key)
        if job is None:
            return None
        if not job.done():
            return JobOutcome()
        error = job.exception()
        if isinstance(error, Refused):
            return JobOutcome(refused=error)
        if isinstance(error, DBAPIError) and (fault := storage_fault(error)) is not None:
            return JobOutcome(refused=Refused(fault.key))
        if error is not None:
            log().error("a background job failed", job=key, error=repr(error))
        self._forget(key)
        return None

    def cycle_outcome(self, scope: str, period: str) -> JobOutcome | None:
        """Return the state of the first step of a cycle that was not waited for, or None."""
        outcomes = [self.outcome(cycle_job(scope, period, step)) for step in CycleStep]
        return next((outcome for outcome in outcomes if outcome is not None), None)

    def close(self) -> None:
        """Wait for the running job and drop those that wait; beginning one again resumes it."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, key: str) -> None:
        with self._guard:
            self._jobs.pop(key, None)
