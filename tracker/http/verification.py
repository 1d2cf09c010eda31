"""Checking the whole log behind the reader's back: begun by somebody, told when it is done."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.proofs.verify import verify_log
from projections.rebuild import compare
from tracker.logs import log

if TYPE_CHECKING:
    from tracker.app import App

NOT_FOLDED = "its read models do not follow from its events; run: tracker rebuild"


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What a check came to, and when it ran."""

    events: int
    streams: int
    seals: int
    erased: int
    faults: list[dict[str, Any]]
    begun_at: datetime
    ended_at: datetime

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The check as JSON values."""
        return {
            "ok": self.ok,
            "events": self.events,
            "streams": self.streams,
            "seals": self.seals,
            "erased_texts": self.erased,
            "faults": self.faults,
            "begun_at": self.begun_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class VerificationState:
    """How far the verification is: the newest check, and since when one runs."""

    newest: VerificationResult | None = None
    running_since: datetime | None = None
    failed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values."""
        since = self.running_since
        return {
            "running_since": None if since is None else since.isoformat(),
            "failed": self.failed,
            "newest": None if self.newest is None else self.newest.to_json(),
        }


class Verifier:
    """Checks the log of one application, one check at a time; safe between threads."""

    def __init__(self, tools: App) -> None:
        """``tools`` opens the database again for processes of the check's own."""
        self._tools = tools
        self._pool = ThreadPoolExecutor(1, "verify")
        self._guard = threading.Lock()
        self._state = VerificationState()

    def state(self) -> VerificationState:
        """How far it is."""
        with self._guard:
            return self._state

    def begin(self) -> bool:
        """Begin a check; False where one is running."""
        with self._guard:
            if self._state.running_since is not None:
                return False
            self._state = replace(self._state, running_since=self._tools.store.clock())
        self._pool.submit(self._run)
        return True

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        begun_at = self.state().running_since
        assert begun_at is not None
        try:
            found = self._check(begun_at)
        except Exception as error:  # noqa: BLE001 - told on the page; the log has why
            log().error("the verification broke off", error=repr(error), exc_info=error)
            with self._guard:
                self._state = replace(self._state, running_since=None, failed=True)
        else:
            with self._guard:
                self._state = VerificationState(found)

    def _check(self, begun_at: datetime) -> VerificationResult:
        """Every chain, column, head, text and seal; then the read models, as the commands do."""
        tools = self._tools
        workers = max(1, tools.settings.workers - 1)
        verdict = verify_log(tools.engine, tools.reopen(), workers)
        faults: list[dict[str, Any]] = [
            {"stream": one.stream, "version": one.version, "fault": one.fault}
            for one in verdict.faults
        ]
        if verdict.ok:
            faults += [
                {"stream": stream, "version": 0, "fault": NOT_FOLDED}
                for stream in compare(tools.engine, tools.reopen(), workers)
            ]
        return VerificationResult(
            verdict.events,
            verdict.streams,
            verdict.seals,
            verdict.erased,
            faults,
            begun_at,
            tools.store.clock(),
        )
