"""Monitoring reads the health check without signing in."""

from __future__ import annotations

from tests.support.web_client import Web


def test_the_health_check_needs_no_sign_in(web: Web) -> None:
    """It reports that the database answers and that no stream waits for a rebuild."""
    answer = web.anybody().get("/health")
    assert (answer.status, answer.json) == (200, {"ok": True, "stale": 0})
