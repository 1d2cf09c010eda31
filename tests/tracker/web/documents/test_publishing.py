"""The pages that validate, simulate, publish and close a scheme."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.small_district import SCHEME, cycle
from tests.support.web_district import Visitor, WebDistrict, notices

NEXT: dict[str, Any] = copy.deepcopy(SCHEME) | {"version": 2, "effective_from": "2026-06"}
NEXT["sections"][0]["items"][0]["criteria"][0]["text"] = {"zh": "新标准m", "en": "New m"}
NEXT["sections"][0]["items"][0]["criteria"][0]["points"] = "3"
NEXT["sections"][0]["items"][0]["criteria"][1]["code"] = "q2"
NEXT["sections"][0]["items"][0]["points"] = "7"
NEXT["points"] = "7"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Serve a district where March 2026 is closed; ``c`` met in it and ``d`` did not."""
    district = WebDistrict(sqlite_url, tmp_path / "evidence")
    district.small.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    district.small.record("c", "m-1", "2026-03-02")
    district.small.tell_many(cycle("2026-03"))
    district.small.now = datetime(2026, 4, 12, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def written(document: dict[str, Any]) -> str:
    """Return a document as a user would paste it."""
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def test_tells_every_fault_at_its_place(home: WebDistrict, officer: Visitor) -> None:
    """Every problem of a pasted document is listed; nothing is stored, the input is kept."""
    bad = copy.deepcopy(NEXT)
    bad["categories"] = ["moon"]
    bad["sections"][0]["items"][0]["criteria"][0]["rule"]["activity"] = "branch_comittee_meeting"
    form = officer.form("/schemes/check", "/schemes/check").fill(text=written(bad))
    answer = officer.send(form, 200)
    assert "处错误" in answer.text
    assert '<td class="mono">categories</td>' in answer.text
    assert "是不是 branch_committee_meeting" in answer.text
    assert "moon" in officer.again(answer, "/schemes/check")["text"]
    form.action = "/schemes/publish"
    assert "是不是" in officer.send(form.fill(sure="1"), 422).text
    assert len(home.events("SchemePublished")) == 1


def test_tells_the_line_of_what_is_no_yaml(officer: Visitor) -> None:
    """A syntax error names its line, and an empty form asks for a document."""
    form = officer.form("/schemes/check", "/schemes/check")
    broken = officer.send(form.fill(text="scheme: a\nversion: [1\n"), 422)
    assert any("3" in one for one in notices(broken.text))
    assert "请上传文件" in officer.send(form, 422).text
    for action in ("/schemes/effect", "/schemes/publish"):
        form.action = action
        assert "请上传文件" in officer.send(form, 422).text


def test_takes_an_upload(officer: Visitor) -> None:
    """An uploaded file takes precedence over pasted text and then fills the form."""
    form = officer.form("/schemes/check", "/schemes/check")
    answer = officer.client.post(
        "/schemes/check",
        data=form.fields,
        files={"file": ("next.yaml", written(NEXT).encode(), "application/yaml")},
    )
    assert answer.status_code == 200
    assert "没有错误" in answer.text
    assert "新标准m" in officer.again(answer, "/schemes/check")["text"]


def test_tries_a_scheme_on_last_month(home: WebDistrict, officer: Visitor) -> None:
    """The simulation shows scores of the newest closed month and stores nothing."""
    form = officer.form("/schemes/check", "/schemes/check").fill(text=written(NEXT))
    form.action = "/schemes/effect"
    page = officer.send(form, 200).text
    assert "2026年3月" in page
    assert "适用的全部 2 个组织" in page
    assert "1 个项目，6 项标准" in page
    assert "组织c" in page
    assert len(home.events("SchemePublished")) == 1
    bad = form.fill(text=written(NEXT | {"categories": ["moon"]}))
    assert "处错误" in officer.send(bad, 422).text
    annual = form.fill(text=written(NEXT | {"purpose": "annual"}))
    assert "只有按月考核" in officer.send(annual, 422).text


def test_publishes_once(home: WebDistrict, officer: Visitor) -> None:
    """A scheme is published once, from the chosen month; an opened month is refused."""
    form = officer.form("/schemes/check", "/schemes/check").fill(text=written(NEXT))
    form.action = "/schemes/publish"
    unsure = officer.send(form.fill(from_month="2026-07"), 422)
    assert "发布后不能修改" in unsure.text
    assert 'id="e-sure"' in unsure.text
    form = form.fill(sure="1")
    early = officer.send(form.fill(from_month="2026-03"), 422)
    assert "2026-03" in early.text.partition('id="e-from_month">')[2][:100]
    assert officer.send(form.fill(from_month="2026-13"), 422).text.count("e-from_month") > 0
    done = officer.send(form.fill(from_month="2026-07"))
    assert done.headers["location"] == "/schemes/community-test?version=2&done=published"
    again = officer.send(form.fill(from_month="2026-07"))
    assert "done=standing" in again.headers["location"]
    assert len(home.events("SchemePublished")) == 2
    assert "已发布，未到起用月份" in officer.get("/schemes/community-test?version=2")


def test_closes_a_scheme(home: WebDistrict, officer: Visitor) -> None:
    """A scheme is closed from a month on; an opened month is refused at the field."""
    form = officer.form("/schemes/community-test", "/schemes/community-test/close")
    early = officer.send(form.fill(from_month="2026-02"), 422)
    assert "e-from_month" in early.text
    asked = officer.send(form.fill(from_month="2026-09"), 409)
    assert "community-test → 不再有标准" in asked.text
    assert home.events("SchemeClosed") == []
    confirmation = re.search(r'name="handover" data-once value="([^"]+)"', asked.text)
    assert confirmation is not None
    assert officer.send(form.fill(from_month="2026-10", handover=unescape(confirmation[1])), 409)
    officer.send(form.fill(from_month="2026-09", handover=unescape(confirmation[1])))
    assert "停用于" in officer.get("/schemes/community-test?done=closed")
    assert len(home.events("SchemeClosed")) == 1


def test_a_category_changes_hands_with_a_second_tick(home: WebDistrict, officer: Visitor) -> None:
    """A scheme that takes a category from another is published after a second confirmation."""
    form = officer.form("/schemes/check", "/schemes/check").fill(
        text=written(NEXT | {"scheme": "other-test", "version": 1}), from_month="2026-07", sure="1"
    )
    form.action = "/schemes/publish"
    asked = officer.send(form, 409)
    assert "community-test → other-test" in asked.text
    assert len(home.events("SchemePublished")) == 1
    confirmation = re.search(r'name="handover" data-once value="([^"]+)"', asked.text)
    assert confirmation is not None
    officer.send(form.fill(handover=unescape(confirmation[1])))
    assert len(home.events("SchemePublished")) == 2
