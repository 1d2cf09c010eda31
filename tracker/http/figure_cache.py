"""Stale-while-revalidate cache (60 s) of district-wide figures, refreshed in the background.

A reader gets the newest value with its age at once; only the very first reader waits. Figures of
one organization are never cached: they commit with the append.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tracker.logs import log

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Store

Value = TypeVar("Value")
MAXIMUM_AGE = timedelta(seconds=60)
"""An older value is still shown, and refreshed in the background."""
KEPT = 200
"""How many values the cache holds; the least recently made is dropped first."""


@dataclass(frozen=True, slots=True)
class CachedValue(Generic[Value]):
    """A value and the instant it was read from the database."""

    value: Value
    made_at: datetime


class FigureCache:
    """The newest value of each key, most recently made last; safe between threads."""

    def __init__(self, store: Store) -> None:
        """``store`` gives the snapshots that values are made from, and the clock."""
        self._store = store
        self._values: OrderedDict[str, CachedValue[Any]] = OrderedDict()
        self._refreshing: set[str] = set()
        # Counts clearings, so that a value whose making began before one is not stored after it.
        self._cleared = 0
        self._guard = threading.Lock()
        # One lock for each key without a value, so that the first readers make it once.
        self._first_locks: dict[str, threading.Lock] = {}
        self._pool = ThreadPoolExecutor(1, "figures")

    def get(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value]:
        """Return the newest value of a key; one that is too old is refreshed in the background."""
        with self._guard:
            cached = self._values.get(key)
            lock = self._first_locks.setdefault(key, threading.Lock()) if cached is None else None
        if lock is not None:
            with lock:
                with self._guard:
                    cached = self._values.get(key)
                if cached is None:
                    cached = self._make(key, make)
            with self._guard:
                self._first_locks.pop(key, None)
        assert cached is not None
        if self._store.clock() - cached.made_at > MAXIMUM_AGE:
            self._refresh_later(key, make)
        return cached

    def get_if_made(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value] | None:
        """Return the newest value of a key, None while it is made for the first time.

        For figures that take longer than a reader should wait.
        """
        with self._guard:
            cached = self._values.get(key)
        if cached is None or self._store.clock() - cached.made_at > MAXIMUM_AGE:
            self._refresh_later(key, make)
        return cached

    def clear(self) -> None:
        """Invalidate every value, also those that are being made."""
        with self._guard:
            self._cleared += 1
            self._values.clear()

    def close(self) -> None:
        """Stop the background thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _refresh_later(self, key: str, make: Callable[[Reader], Value]) -> None:
        with self._guard:
            if key in self._refreshing:
                return
            self._refreshing.add(key)
        self._pool.submit(self._refresh, key, make)

    def _refresh(self, key: str, make: Callable[[Reader], Value]) -> None:
        try:
            self._make(key, make)
        except Exception as error:  # noqa: BLE001 - the old value stays, and its age is shown
            log().error("figures not refreshed", key=key, error=repr(error))
        finally:
            with self._guard:
                self._refreshing.discard(key)

    def _make(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value]:
        begun_at, cleared = self._store.clock(), self._cleared
        with self._store.read() as reader:
            cached = CachedValue(make(reader), begun_at)
        with self._guard:
            if cleared != self._cleared:
                return cached
            self._values[key] = cached
            self._values.move_to_end(key)
            while len(self._values) > KEPT:
                self._values.popitem(last=False)
        return cached
