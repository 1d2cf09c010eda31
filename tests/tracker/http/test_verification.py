"""The log is verified in the background: one run at a time, and a failed run is reported."""

from __future__ import annotations

import time

import pytest

from tests.support.web_client import TODAY, Web
from tracker.http import verification
from tracker.http.verification import VerificationState, Verifier

FILE = "a" * 64


def awaited(verifier: Verifier) -> VerificationState:
    """The state once nothing runs."""
    for _ in range(600):
        state = verifier.state()
        if state.running_since is None:
            return state
        time.sleep(0.05)
    raise AssertionError("the check did not end")


def test_a_check(web: Web) -> None:
    """A check counts what it looked at and says when it ran."""
    verifier = Verifier(web.tools)
    assert verifier.state() == VerificationState()
    begun = verifier.begin()
    assert begun is not None
    assert begun.running_since is not None
    found = awaited(verifier).newest
    assert found is not None
    assert found.ok
    assert found.events == len(_events(web))
    assert found.to_json()["begun_at"] == found.to_json()["ended_at"]
    assert TODAY.partition(" ")[0] in found.to_json()["begun_at"]
    verifier.close()


def _events(web: Web) -> list[object]:
    with web.read() as reader:
        return list(reader.rows("SELECT 1 FROM events"))


def test_one_at_a_time(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a check runs no other begins; one that breaks leaves the result before."""
    verifier = Verifier(web.tools)
    verifier.begin()
    before = awaited(verifier).newest

    def broken(*_: object) -> None:
        assert verifier.begin() is None
        raise OSError("the disk is gone")

    monkeypatch.setattr(verification, "verify_log", broken)
    assert verifier.begin() is not None
    state = awaited(verifier)
    assert (state.failed, state.newest) == (True, before)
    verifier.close()


def test_read_models_are_compared(web: Web) -> None:
    """A read model that does not follow from its events is a fault."""
    with web.tools.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE organizations SET name = 'x' WHERE code = '99-01'")
    verifier = Verifier(web.tools)
    verifier.begin()
    found = awaited(verifier).newest
    assert found is not None
    assert not found.ok
    assert [one["fault"] for one in found.faults] == [verification.NOT_FOLDED]
    verifier.close()


def test_evidence_is_compared(web: Web) -> None:
    """A file that an event names and that is not in the folder is a fault."""
    with web.tools.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO evidence_files (file, media_type, size, name, account, stored_at)"
            f" VALUES ('{FILE}', 'image/png', 9, 'a.png', 'u-1', '2026-04-03T00:00:00Z')"
        )
    verifier = Verifier(web.tools)
    verifier.begin()
    found = awaited(verifier).newest
    assert found is not None
    assert found.to_json()["evidence"] == {"files": 1, "missing": 1, "altered": 0}
    assert [one["stream"] for one in found.faults] == [f"evidence-{FILE}"]
    verifier.close()
