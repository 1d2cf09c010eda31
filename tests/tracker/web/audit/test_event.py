"""The page of one event, and the verification of the log."""

from __future__ import annotations

import time

from tests.support.web_client import OWN, Web
from tests.tracker.web.audit.test_search import record


def test_one_event(web: Web) -> None:
    """An event's page shows it in words, before and after, and that its hash agrees."""
    record(web)
    auditor = web.visitor("auditor")
    page = auditor.get(f"/audit/organization-{OWN}/2")
    assert page.heading.startswith("记录活动")
    assert "✓ 一致" in page.text
    assert any(row.startswith("活动") and row.endswith("支部委员会会议") for row in page.rows)
    assert f"/audit/organization-{OWN}/1" in page.links
    assert auditor.get(f"/audit/organization-{OWN}/99").status == 404


def test_every_event_has_a_page(web: Web) -> None:
    """Every event of the log has a page in both languages, and its hash agrees."""
    record(web)
    web.drawn()
    auditor = web.visitor("auditor")
    auditor.client.cookies.set("tracker_language", "en")
    with web.read() as reader:
        rows = reader.rows("SELECT stream, version FROM events ORDER BY position")
    for stream, version in rows:
        page = auditor.get(f"/audit/{stream}/{version}")
        assert page.status == 200, (stream, version)
        assert "Verified: the hash" in page.text


def test_verification(web: Web) -> None:
    """An auditor starts a verification, and its page shows when it finished."""
    auditor = web.visitor("auditor")
    page = auditor.get("/audit/verify")
    assert "还没有校验过" in page.text
    assert auditor.send(page.form("/audit/verify")).location == "/audit/verify"
    for _ in range(600):
        page = auditor.get("/audit/verify")
        if "正在校验" not in page.text:
            break
        time.sleep(0.05)
    assert "✓ 一致" in page.text
    assert "2026-09-20 09:00" in page.text
