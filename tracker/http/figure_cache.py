"""Figures over many organizations, kept for a minute and made anew behind the reader's back.

Whoever asks gets what was made last, with its age, at once; only the very first waits. Figures of
one organization are never kept: they commit with the append.
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
KEPT = 200


@dataclass(frozen=True, slots=True)
class CachedValue(Generic[Value]):
    """A value and when it was made."""

    value: Value
    made_at: datetime


class FigureCache:
    """What was made for each question, newest questions last; safe between threads."""

    def __init__(self, store: Store) -> None:
        """``store`` gives snapshots to make values from, and the clock."""
        self._store = store
        self._kept: OrderedDict[str, CachedValue[Any]] = OrderedDict()
        self._making: set[str] = set()
        self._cleared = 0
        self._guard = threading.Lock()
        self._first: dict[str, threading.Lock] = {}
        self._pool = ThreadPoolExecutor(1, "fresh")

    def get(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value]:
        """The newest value of a question; one that is too old is made anew in the background."""
        with self._guard:
            found = self._kept.get(key)
            lock = self._first.setdefault(key, threading.Lock()) if found is None else None
        if lock is not None:
            with lock:
                with self._guard:
                    found = self._kept.get(key)
                if found is None:
                    found = self._make(key, make)
            with self._guard:
                self._first.pop(key, None)
        assert found is not None
        if self._store.clock() - found.made_at > MAXIMUM_AGE:
            self._later(key, make)
        return found

    def soon(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value] | None:
        """The newest value of a long question; None while it is made for the first time."""
        with self._guard:
            found = self._kept.get(key)
        if found is None or self._store.clock() - found.made_at > MAXIMUM_AGE:
            self._later(key, make)
        return found

    def clear(self) -> None:
        """Forget everything, what is being made too: something that figures hang on has changed."""
        with self._guard:
            self._cleared += 1
            self._kept.clear()

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _later(self, key: str, make: Callable[[Reader], Value]) -> None:
        with self._guard:
            if key in self._making:
                return
            self._making.add(key)
        self._pool.submit(self._again, key, make)

    def _again(self, key: str, make: Callable[[Reader], Value]) -> None:
        try:
            self._make(key, make)
        except Exception as error:  # noqa: BLE001 - the old value stays, and its age is shown
            log().error("figures not refreshed", key=key, error=repr(error))
        finally:
            with self._guard:
                self._making.discard(key)

    def _make(self, key: str, make: Callable[[Reader], Value]) -> CachedValue[Value]:
        begun, cleared = self._store.clock(), self._cleared
        with self._store.read() as reader:
            made = CachedValue(make(reader), begun)
        with self._guard:
            if cleared != self._cleared:
                return made
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
