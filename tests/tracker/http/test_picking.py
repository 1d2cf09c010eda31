"""What was typed into a field is resolved in one place, within the scope of its action."""

from __future__ import annotations

import pytest

from tests.support.web_client import FOREIGN, OTHER_STREET, OWN, STREET, Web
from tracker.http import picking


def test_a_single_match_is_taken(web: Web) -> None:
    """Name, a part of it or initials of one organization are as good as its code."""
    visitor = web.visitor("department")
    for text in (STREET, "东风街道", "东风", "dfjd", f"东风街道（{STREET}）"):
        page = visitor.get(f"/organizations?under={text}")
        assert (page.status, page.faults) == (200, {}), text
        assert f'value="东风街道（{STREET}）"' in page.text
        assert "红星社区" in page.text
        assert "西山社区" not in page.text


def test_several_matches_are_a_choice(web: Web) -> None:
    """The fault counts them; each is offered with its code, category and parent."""
    page = web.visitor("department").get("/organizations?under=西山")
    assert page.status == 422
    assert page.faults["under"].startswith("有 2 个组织符合“西山”")
    assert f'西山街道（{OTHER_STREET}） <span class="soft">街道 · 示例县委</span>' in page.text
    assert f'西山社区（{FOREIGN}） <span class="soft">社区 · 西山街道</span>' in page.text
    english = web.visitor("department")
    english.client.cookies.set("tracker_language", "en")
    page = english.get("/organizations?under=西山")
    assert page.faults["under"].startswith("2 organizations match 西山: choose one")
    assert f"西山街道 ({OTHER_STREET})" in page.text


def test_more_than_the_offered_are_said(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more than fit into a choice, the count says so."""
    monkeypatch.setattr(picking, "MOST_CANDIDATES", 1)
    page = web.visitor("department").get("/organizations?under=西山")
    assert page.faults["under"].startswith("有 1+ 个组织符合")


def test_nothing_outside_the_scope_matches(web: Web) -> None:
    """An organization of another street is as unknown as one that there is not."""
    visitor = web.visitor("township")
    answers = [visitor.get(f"/organizations?under={text}") for text in (FOREIGN, "西山社区", "无")]
    assert [page.status for page in answers] == [422] * 3
    assert [page.faults["under"][:4] for page in answers] == ["没有符合"] * 3
    assert visitor.get(f"/organizations?under={OWN}").status == 200


def test_people_are_told_apart(web: Web) -> None:
    """Several people of one name are a choice, with their log-in names; one is taken."""
    for login in ("deputy", "deputy2"):
        web.admit(login, "auditor", STREET)
    visitor = web.visitor("township")
    form = (
        visitor.get("/account/delegations").form("/account/delegations").fill(until_on="2026-10-01")
    )
    page = visitor.send(form.fill(login="测试deputy"), "/account/delegations")
    assert page.status == 303
    page = visitor.send(form.fill(login="测试dep", grant_id="g2"), "/account/delegations")
    assert page.faults["login"].startswith("有 2 人符合“测试dep”")
    assert "测试deputy2（deputy2）" in page.text
    page = visitor.send(form.fill(login="无", grant_id="g2"), "/account/delegations")
    assert page.faults["login"].startswith("没有符合“无”的人员")
