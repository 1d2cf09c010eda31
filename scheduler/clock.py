"""The alarm clock: APScheduler rings, and everything due is done. Only this file knows it.

Nothing is kept in its job store: what is due is asked of the facts at every ring, so a ring that
was missed costs nothing (docs/decisions/0012-the-scheduler-remembers-nothing.md).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

RING_SECONDS = 60.0


def ring(tick: Callable[[], None], *, every_seconds: float = RING_SECONDS) -> BackgroundScheduler:
    """Start ringing in the background, at once and then ``every_seconds``; never two at a time.

    ``tick`` takes care of its own errors; one that it lets out ends in the log of APScheduler.
    """
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    scheduler.add_job(
        tick, IntervalTrigger(seconds=every_seconds, timezone=UTC), next_run_time=datetime.now(UTC)
    )
    scheduler.start()
    return scheduler


def ring_until_told(tick: Callable[[], None], *, every_seconds: float = RING_SECONDS) -> None:
    """Ring until SIGTERM or SIGINT; a tick that is at work is waited for."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    scheduler = ring(tick, every_seconds=every_seconds)
    told.wait()
    scheduler.shutdown(wait=True)
