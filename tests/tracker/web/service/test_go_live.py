"""The page on which a district that is being set up goes live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_client import MONTH, Web, make_world


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The district of ``Web``, being set up, in November."""
    url = f"sqlite:///{tmp_path / 'tracker.db'}"
    make_world(url, tmp_path, "--setup")
    web = Web(url, tmp_path, monkeypatch)
    web.at("2026-11-03 09:00")
    yield web
    web.dispose()


def test_every_page_of_who_may_go_live_says_that_it_is_set_up(moving: Web) -> None:
    """Home, cycles and administration say so with a link, a branch sees it without one."""
    admin, clerk, branch = map(moving.visitor, ("administrator", "department", "branch"))
    for who, path in ((admin, "/"), (admin, "/admin"), (clerk, "/"), (clerk, "/cycles")):
        page = who.get(path)
        assert "考核区还在筹备" in page.text
        assert "/admin/go-live" in page.links
    assert "可以开启" not in clerk.get("/cycles").text
    page = branch.get("/")
    assert "考核区还在筹备" in page.text
    assert "/admin/go-live" not in page.links


def test_the_month_is_typed_on_purpose(moving: Web) -> None:
    """The page shows what opens; without the month typed nothing is done; then it is, once."""
    clerk = moving.visitor("department")
    page = clerk.get(f"/admin/go-live?from={MONTH}")
    assert "2026年9月、2026年10月（共2个月）" in page.text
    assert "社区33023" in page.rows
    form = page.form("/admin/go-live")
    assert form["from"] == MONTH
    told = clerk.send(form.fill(month="2026-10"))
    assert told.status == 422
    assert told.faults["month"] == f"请输入 {MONTH} 以确认正式启用"
    assert moving.events("WentLive") == []
    done = clerk.send(form.fill(month=MONTH))
    assert done.location == "/admin/go-live?done=live"
    assert len(moving.events("WentLive")) == 1
    page = clerk.get("/admin/go-live")
    assert "<b>2026年9月</b>，不能再改" in page.text
    assert "f-month" not in page.text
    assert clerk.send(form.fill(month=MONTH)).status == 303
    assert clerk.send(form.fill(**{"from": "2026-10"}, month="2026-10")).status == 409
    assert "考核区还在筹备" not in clerk.get("/cycles").text
    assert "可以开启" in clerk.get("/cycles").text


def test_a_month_that_cannot_be_the_first(moving: Web) -> None:
    """A text that is no month and a month too far ahead are refused at the field."""
    clerk = moving.visitor("department")
    for month in ("2026-13", "2028-01"):
        page = clerk.get(f"/admin/go-live?from={month}")
        assert page.status == 422
        assert page.faults["from"]
    assert clerk.get("/admin/go-live").status == 200
