"""Verification of the whole log as a background job, with the result of the newest one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.proofs.verify import verify_log
from projections.rebuild import compare
from tracker.logs import log
from tracker.storage.evidence_checks import check_all_files
from tracker.storage.schema_check import schema_faults

if TYPE_CHECKING:
    from tracker.app import App

NOT_FOLDED = "its read models do not follow from its events; run: tracker rebuild"
"""The fault of a stream whose events are intact while its read models differ from a refold."""


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of one verification: what was counted, what is wrong, and when it ran."""

    events: int
    streams: int
    seals: int
    erased: int
    evidence: dict[str, int]
    faults: list[dict[str, Any]]
    begun_at: datetime
    ended_at: datetime

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            "ok": self.ok,
            "events": self.events,
            "streams": self.streams,
            "seals": self.seals,
            "erased_texts": self.erased,
            "evidence": self.evidence,
            "faults": self.faults,
            "begun_at": self.begun_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class VerificationState:
    """The newest result, and since when a verification runs."""

    newest: VerificationResult | None = None
    running_since: datetime | None = None
    failed: bool = False
    """Whether the newest verification raised an error; its trace is in the server's log."""

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        since = self.running_since
        return {
            "running_since": None if since is None else since.isoformat(),
            "failed": self.failed,
            "newest": None if self.newest is None else self.newest.to_json(),
        }


class Verifier:
    """Verifies the log of one application, one run at a time; safe between threads."""

    def __init__(self, app: App) -> None:
        """``app`` reopens the database for the worker processes of a run."""
        self._app = app
        self._pool = ThreadPoolExecutor(1, "verify")
        self._guard = threading.Lock()
        self._state = VerificationState()

    def state(self) -> VerificationState:
        """Return the newest result and whether a verification runs."""
        with self._guard:
            return self._state

    def begin(self) -> VerificationState | None:
        """Begin a verification; return the state that it began with, None where one is running.

        A small log is verified before a caller could ask for the state again.
        """
        with self._guard:
            if self._state.running_since is not None:
                return None
            begun = self._state = replace(self._state, running_since=self._app.store.clock())
        self._pool.submit(self._run)
        return begun

    def close(self) -> None:
        """Wait for a running verification, then stop the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        begun_at = self.state().running_since
        assert begun_at is not None
        try:
            result = self._verify(begun_at)
        except Exception as error:  # noqa: BLE001 - shown on the page; the log has why
            log().error("the verification broke off", error=repr(error), exc_info=error)
            with self._guard:
                self._state = replace(self._state, running_since=None, failed=True)
        else:
            with self._guard:
                self._state = VerificationState(result)

    def _verify(self, begun_at: datetime) -> VerificationResult:
        """Verify chains, columns, heads, texts and seals, then read models, then evidence files.

        Read models are compared only where the log is intact: a broken log cannot be folded.

        One worker fewer than the settings allow, so that the server keeps a processor.
        """
        app = self._app
        workers = max(1, app.settings.workers - 1)
        verdict = verify_log(app.engine, app.reopen(), workers)
        faults: list[dict[str, Any]] = [
            {"stream": fault.stream, "version": fault.version, "fault": fault.fault}
            for fault in verdict.faults
        ]
        if verdict.ok:
            faults += [
                {"stream": stream, "version": 0, "fault": NOT_FOLDED}
                for stream in compare(app.engine, app.reopen(), workers)
            ]
        evidence = check_all_files(app.store, app.settings.evidence_folder)
        return VerificationResult(
            verdict.events,
            verdict.streams,
            verdict.seals,
            verdict.erased,
            evidence.counts(),
            faults + evidence.log_faults() + schema_faults(app.engine),
            begun_at,
            app.store.clock(),
        )
