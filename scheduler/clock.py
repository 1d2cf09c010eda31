"""The clock: calls a function at a fixed interval. Only this module imports APScheduler.

Nothing is kept in its job store: at every tick the events decide what is due, so a missed tick
costs nothing (docs/decisions/0012-the-scheduler-remembers-nothing.md).
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

TICK_SECONDS = 60.0


def start_clock(
    tick: Callable[[], None], *, every_seconds: float = TICK_SECONDS
) -> BackgroundScheduler:
    """Call ``tick`` in the background, at once and every ``every_seconds``; calls never overlap.

    ``tick`` must handle its errors; an error that escapes is only logged by APScheduler.
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


def run_clock(tick: Callable[[], None], *, every_seconds: float = TICK_SECONDS) -> None:
    """Run the clock until SIGTERM or SIGINT, then wait for a running tick to finish."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    scheduler = start_clock(tick, every_seconds=every_seconds)
    stopped.wait()
    scheduler.shutdown(wait=True)
