"""The composition root: only here an engine is opened, the clock read and entropy drawn."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from events.event import Metadata
from events.log.store import Store
from events.periods import local_date, parse_instant
from events.streams.demonstrations import DECIDER, STREAM
from projections.catalog import Projector
from projections.documents.in_force import district
from scheduler.clock_check import ClockWatch
from scheduler.runner import Runner
from scheduler.working_days import is_working_day
from tracker.logs import log
from tracker.storage.database import (
    migrate,
    open_engine,
    refuse_unfinished_copy,
    require_database,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.log.reader import Reader
    from scheduler.runner import Progress, StepResult
    from tracker.settings import Settings

Clock = Callable[[], datetime]
"""Returns an instant in UTC."""

SCHEDULER_ACTOR = "scheduler"
SCHEDULER_CHANNEL = "scheduler"


def utc_now() -> datetime:
    """Return the current instant; the program has no other clock."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Return seconds that nobody can set, counted also while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


def database_now(reader: Reader) -> datetime | None:
    """Return what the clock of the database server shows; None for SQLite, which has none."""
    if not reader.postgres:
        return None
    ((shown,),) = reader.rows("SELECT clock_timestamp()")
    return parse_instant(str(shown))


@dataclass(frozen=True, slots=True)
class App:
    """An open database with what acts on it: settings, store, scheduler."""

    settings: Settings
    engine: Engine
    store: Store
    correlation: str
    lead: timedelta | None = None
    """How far the clock of a demonstration is ahead of the machine's; None of other databases."""
    is_driven: bool = False
    """Whether the caller gave the clock, so that it has nothing to do with any other."""

    def device_now(self) -> datetime:
        """Return the instant on users' devices, from which a demonstration's clock differs."""
        return self.store.clock() - (self.lead or timedelta(0))

    def reopen(self) -> Callable[[], Engine]:
        """Return a picklable function that opens the same database in another process."""
        return partial(open_engine, self.settings.database_url, self.settings.busy_seconds)

    def metadata(self, channel: str = "cli", source: str | None = None) -> Metadata:
        """Return the metadata of an event: actor, channel, correlation and source."""
        return Metadata(self.settings.actor, channel, self.correlation, source=source)

    def today(self) -> date:
        """Return the local date in the district's time zone."""
        with self.store.read() as reader:
            return local_date(self.store.clock(), district(reader).zone)

    def runner(
        self,
        progress: Progress | None = None,
        report: Callable[[StepResult], None] | None = None,
        watch: ClockWatch | None = None,
    ) -> Runner:
        """Return the runner of the monthly process on this database.

        ``watch`` stops it when the clock is put forward while the process runs.
        """
        return Runner(
            self.store,
            os.urandom,
            self.reopen(),
            self.settings.workers,
            progress,
            is_working_day,
            report,
            self.database_now,
            watch,
        )

    def watch_clock(self) -> ClockWatch:
        """Return a watch over the wall clock of this process, from now on."""
        return ClockWatch(self.store.clock, steady_seconds)

    def database_now(self, reader: Reader) -> datetime | None:
        """Return what the clock of the database server shows; None for SQLite.

        A demonstration counts it as its own is ahead; a clock that the caller gave is compared
        with none.
        """
        shown = None if self.is_driven else database_now(reader)
        return shown if shown is None or self.lead is None else shown + self.lead

    def scheduler_metadata(self) -> Metadata:
        """Return the scheduler's metadata: its own actor, and a new correlation for each tick."""
        return Metadata(SCHEDULER_ACTOR, SCHEDULER_CHANNEL, uuid.uuid4().hex)


def open_app(settings: Settings, *, create: bool = False, clock: Clock | None = None) -> App:
    """Open the database; ``create`` creates or migrates it, otherwise it must exist.

    ``clock`` is the clock while a demonstration is built; later it has the one that its first
    event set, and every other database the machine's. Raises ``Refused`` where the database is
    missing or is no database of the tracker.
    """
    engine = open_engine(settings.database_url, settings.busy_seconds)
    try:
        if create:
            refuse_unfinished_copy(engine)
            migrate(engine)
        else:
            require_database(settings.database_url, engine)
        lead = _read_lead(engine)
    except BaseException:
        engine.dispose()
        raise
    correlation = uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(correlation=correlation, actor=settings.actor)
    ahead = lead or timedelta(0)
    store = Store(engine, clock or (lambda: utc_now() + ahead), Projector(_fold_failed))
    return App(settings, engine, store, correlation, lead, is_driven=clock is not None)


def _read_lead(engine: Engine) -> timedelta | None:
    """Return how far a demonstration's clock is ahead of the machine's; None of other databases."""
    with Store(engine, utc_now).read() as reader:
        return DECIDER.fold(reader.stream(STREAM)).lead


def _fold_failed(stream: str, error: Exception) -> None:
    log().error("fold failed; run: tracker rebuild", stream=stream, error=repr(error))
