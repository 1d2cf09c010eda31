import copy
from collections.abc import Iterator
from datetime import UTC, datetime
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
    """March 2026 has closed; ``c`` met in it and ``d`` did not."""
    found = WebDistrict(sqlite_url, tmp_path / "evidence")
    found.small.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    found.small.record("c", "m-1", "2026-03-02")
    found.small.tell_many(cycle("2026-03"))
    found.small.now = datetime(2026, 4, 12, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


def written(document: dict[str, Any]) -> str:
    """A document as somebody would paste it."""
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def test_lists_what_is_in_force_and_drafts(home: WebDistrict, officer: Visitor) -> None:
    """Published versions beside the shipped drafts, which only who publishes may begin with."""
    page = officer.get("/schemes")
    assert "施行中" in page
    assert 'href="/schemes/check?draft=branch-basics"' in page
    secretary = home.enter("branch", "c").get("/schemes")
    assert "community-test" in secretary
    assert "/schemes/check" not in secretary
    exported = officer.client.get("/schemes?format=csv").content.decode("utf-8-sig").splitlines()
    assert exported[2].split(",")[:2] == ["branch-basics", "1"]


def test_shows_the_tree_with_rules_in_words(officer: Visitor) -> None:
    """Sections, items, criteria with points and rule; counts by kind; from when for whom."""
    page = officer.get("/schemes/community-test")
    for part in (
        "标准m",
        "支部委员会会议每月1次",
        "活动 4",
        "现状 1",
        "数据 1",
        "2026年1月",
        "社区",
    ):
        assert part in page
    assert "草案" in officer.get("/schemes/branch-basics")


def test_searches_inside(officer: Visitor) -> None:
    """What has the text in its words or rule is left, also in the file handed over."""
    page = officer.get("/schemes/community-test?q=党课")
    assert "找到 1 项标准" in page
    assert "标准y" in page
    assert "标准m" not in page
    lines = officer.client.get("/schemes/community-test?q=党课&format=csv").content.decode()
    assert "标准y" in lines
    assert "标准m" not in lines
    assert "没有符合的内容" in officer.get("/schemes/community-test?q=没有的字")


def test_hands_over_the_document(officer: Visitor) -> None:
    """The YAML is the document, which passes the checks unchanged."""
    text = officer.get("/schemes/community-test?version=1&format=yaml")
    assert yaml.safe_load(text)["scheme"] == "community-test"
    form = officer.form("/schemes/check?draft=community-test", "/schemes/check")
    begun = yaml.safe_load(form["text"])
    assert (begun["version"], "effective_from" in begun) == (2, False)
    assert begun["sections"] == yaml.safe_load(text)["sections"]
    assert "没有错误，可以发布" in officer.send(form, 200).text


def test_an_unknown_scheme_is_not_found(officer: Visitor) -> None:
    """Neither the tree nor a comparison nor its closing."""
    for path in (
        "/schemes/no-such",
        "/schemes/community-test?version=9",
        "/schemes/no-such/compare?from=1&to=2",
        "/schemes/check?draft=no-such",
    ):
        officer.get(path, 404)
    form = officer.form("/schemes/check", "/schemes/check")
    form.action = "/schemes/no-such/close"
    officer.send(form.fill(from_month="2027-01"), 404)


def test_compares_two_versions(home: WebDistrict, officer: Visitor) -> None:
    """What was added, removed and changed, in words and with signs."""
    home.small.publish(NEXT)
    page = officer.get("/schemes/community-test/compare?from=1&to=2")
    assert "新增 1，删除 1，修改" in page
    assert "<del>标准m</del>" in page
    assert "<ins>新标准m</ins>" in page
    assert "两个版本内容相同" in officer.get("/schemes/community-test/compare?from=2&to=2")
    assert 'action="/schemes/community-test/compare"' in officer.get("/schemes/community-test")


def test_tells_every_fault_at_its_place(home: WebDistrict, officer: Visitor) -> None:
    """All faults of a pasted document at once; nothing is kept, and nothing typed is lost."""
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
    """A syntax error names its line; nothing at all is asked for."""
    form = officer.form("/schemes/check", "/schemes/check")
    broken = officer.send(form.fill(text="scheme: a\nversion: [1\n"), 422)
    assert any("3" in one for one in notices(broken.text))
    assert "请上传文件" in officer.send(form, 422).text
    for action in ("/schemes/effect", "/schemes/publish"):
        form.action = action
        assert "请上传文件" in officer.send(form, 422).text


def test_takes_an_upload(officer: Visitor) -> None:
    """A file goes before what was pasted, and stands in the form then."""
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
    """What organizations of the newest closed month would have scored; nothing is kept."""
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
    """From the month that was chosen, once; an opened month is refused."""
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
    """From a month on; a month that has opened is refused at the field."""
    form = officer.form("/schemes/community-test", "/schemes/community-test/close")
    early = officer.send(form.fill(from_month="2026-02"), 422)
    assert "e-from_month" in early.text
    officer.send(form.fill(from_month="2026-09"))
    assert "停用于" in officer.get("/schemes/community-test?done=closed")
    assert len(home.events("SchemeClosed")) == 1


def test_who_may(home: WebDistrict) -> None:
    """Everybody reads; only a department over the whole district publishes."""
    for role in ("branch", "township", "inspector", "auditor", "administrator"):
        visitor = home.enter(role, "c" if role == "branch" else None)
        visitor.get("/schemes/community-test")
        visitor.get("/schemes/check", 403)
    part = home.enter("department", "c")
    form = part.form("/schemes/check", "/schemes/check").fill(text=written(NEXT))
    form.action = "/schemes/publish"
    part.send(form, 403)
    form.action = "/schemes/effect"
    page = part.send(form, 200).text
    assert "组织d" not in page
    assert "适用的全部 1 个组织" in page
