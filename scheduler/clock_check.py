"""Whether the clock can be trusted: it is behind the events, or may be ahead of the time.

A person leads past a check by confirming the clock, an event with a reason
(``tracker scheduler confirm-clock``; docs/semantics.md, section 9.7).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from events.periods import instant_text, parse_instant
from events.refusals.errors import Refused
from events.streams.clocks import DECIDER, STREAM, ClockState

if TYPE_CHECKING:
    from events.log.reader import Reader

CLOCK_SECONDS = 300
"""How far clocks may be apart, and the clock behind the newest event."""
QUIET_DAYS = 180
"""The age of the newest event from which on the clock may be ahead."""

DatabaseNow = Callable[["Reader"], datetime | None]
"""Returns what the clock of the database server shows; None if it has none."""


class ClockWatch:
    """Compares the wall clock of a running process with one that nobody can set."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        """``steady`` counts seconds from any beginning, also while the machine sleeps."""
        self._wall, self._steady = wall, steady
        self._noticed: datetime | None = None
        self._begin()

    def _begin(self) -> None:
        self._began, self._began_steady = self._wall(), self._steady()

    def check(self, confirmed: datetime | None) -> None:
        """Raise ``Refused`` if the wall clock gained more than five minutes.

        A confirmation after the gain was noticed ends it: the comparison begins again.
        """
        now = self._wall()
        gained = (now - self._began).total_seconds() - (self._steady() - self._began_steady)
        if gained <= CLOCK_SECONDS:
            self._noticed = None
            return
        self._noticed = self._noticed or now
        if confirmed is None or confirmed < self._noticed:
            raise Refused("clock_jumped", now=instant_text(now), minutes=round(gained / 60))
        self._noticed = None
        self._begin()


def read_confirmation(reader: Reader) -> ClockState:
    """Return the newest confirmation of the clock."""
    return DECIDER.fold(reader.stream(STREAM))


def read_newest(reader: Reader) -> datetime | None:
    """Return the newest recording instant, or None if the log is empty."""
    newest = reader.newest_instant()
    return None if newest is None else parse_instant(newest)


def check_clock_behind(reader: Reader, now: datetime) -> None:
    """Raise ``Refused`` if the clock is more than five minutes behind the newest event.

    Events up to the newest one at a confirmation were recorded by a clock that was ahead; after
    it the confirmed instant takes their place.
    """
    newest, confirmed = read_newest(reader), read_confirmation(reader)
    if newest is None:
        return
    if confirmed.shown and confirmed.newest and newest <= confirmed.newest:
        newest = min(newest, confirmed.shown)
    if (newest - now).total_seconds() > CLOCK_SECONDS:
        raise Refused("clock_behind", now=instant_text(now), newest=instant_text(newest))


def check_clock_ahead(
    reader: Reader,
    now: datetime,
    database_now: DatabaseNow | None = None,
    watch: ClockWatch | None = None,
) -> None:
    """Raise ``Refused`` if the clock may be ahead and nobody confirmed it.

    It may be ahead if it gained on the watch of a running process, differs from the clock of the
    database server, or is far ahead of the newest event.
    """
    confirmed = read_confirmation(reader)
    if watch is not None:
        watch.check(confirmed.shown)
    seconds = database_seconds(reader, now, database_now)
    if seconds is not None and abs(seconds - confirmed.database_seconds) > CLOCK_SECONDS:
        raise Refused("clock_differs", now=instant_text(now), minutes=round(abs(seconds) / 60))
    newest = read_newest(reader)
    if newest is not None and now - newest > timedelta(days=QUIET_DAYS):
        raise Refused("clock_quiet", now=instant_text(now), newest=instant_text(newest))


def database_seconds(reader: Reader, now: datetime, database_now: DatabaseNow | None) -> int | None:
    """Return by how many seconds the database server's clock is ahead; None if it has none."""
    shown = None if database_now is None else database_now(reader)
    return None if shown is None else round((shown - now).total_seconds())
