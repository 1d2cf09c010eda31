"""The pages that list, show and compare schemes."""

import yaml

from tests.support.rubric import SUBJECTS, rubric
from tests.support.scheme_parts import without_english
from tests.support.small_district import SCHEME
from tests.support.web_district import Visitor, WebDistrict
from tests.tracker.web.documents.test_publishing import NEXT, written
from tracker.http.context import LANGUAGE_COOKIE


def test_lists_what_is_in_force_and_drafts(home: WebDistrict, officer: Visitor) -> None:
    """The list has published versions and shipped drafts; publishers can start from a draft."""
    page = officer.get("/schemes")
    assert "施行中" in page
    assert 'href="/schemes/check?draft=branch-basics"' in page
    secretary = home.enter("branch", "c").get("/schemes")
    assert "community-test" in secretary
    assert "/schemes/check" not in secretary
    exported = officer.client.get("/schemes?format=csv").content.decode("utf-8-sig").splitlines()
    assert exported[2].split(",")[:2] == ["branch-basics", "1"]


def test_shows_the_tree_with_rules_in_words(officer: Visitor) -> None:
    """The page shows sections, items and criteria with points and rules in words."""
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
    """The search keeps criteria whose words or rule match, on the page and in the export."""
    page = officer.get("/schemes/community-test?q=党课")
    assert "找到 1 项标准" in page
    assert "标准y" in page
    assert "标准m" not in page
    lines = officer.client.get("/schemes/community-test?q=党课&format=csv").content.decode()
    assert "标准y" in lines
    assert "标准m" not in lines
    assert "没有符合的内容" in officer.get("/schemes/community-test?q=没有的字")


def test_hands_over_the_document(officer: Visitor) -> None:
    """The exported YAML is the document and validates unchanged."""
    text = officer.get("/schemes/community-test?version=1&format=yaml")
    assert yaml.safe_load(text)["scheme"] == "community-test"
    form = officer.form("/schemes/check?draft=community-test", "/schemes/check")
    begun = yaml.safe_load(form["text"])
    assert (begun["version"], "effective_from" in begun) == (2, False)
    assert begun["sections"] == yaml.safe_load(text)["sections"]
    assert "没有错误，可以发布" in officer.send(form, 200).text


def test_an_unknown_scheme_is_not_found(officer: Visitor) -> None:
    """The tree, the comparison and the closing of an unknown scheme are not found."""
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
    """The comparison lists what was added, removed and changed."""
    home.small.publish(NEXT)
    page = officer.get("/schemes/community-test/compare?from=1&to=2")
    assert "新增 1，删除 1，修改" in page
    assert "<del>标准m</del>" in page
    assert "<ins>新标准m</ins>" in page
    assert "两个版本内容相同" in officer.get("/schemes/community-test/compare?from=2&to=2")
    assert 'action="/schemes/community-test/compare"' in officer.get("/schemes/community-test")


def test_who_may(home: WebDistrict) -> None:
    """Everybody reads schemes; only a department over the whole district publishes."""
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


def test_causes_are_a_folded_list(home: WebDistrict, officer: Visitor) -> None:
    """More than five causes of a deduction are folded; each has its figure once."""
    home.small.publish(rubric("village") | {"effective_from": "2026-01"})
    page = officer.get("/schemes/rubric-village")
    folded = [line for line in SUBJECTS if line[2] > 5]
    assert page.count('<details class="causes">') == len(folded)
    assert page.count('<ul class="causes">') == len(SUBJECTS)
    assert page.count("<li>无年度计划 <b>每次扣0.5分</b></li>") == len(SUBJECTS)
    assert "<li>每缺1次扣0.5分</li>" in page
    assert "扣分，共 27 种情形" in page
    exported = officer.client.get("/schemes/rubric-village?format=csv").content.decode()
    assert exported.count("被通报批评") == 1


def test_a_scheme_without_english_is_shown_in_chinese(home: WebDistrict, officer: Visitor) -> None:
    """The English pages of a scheme show its Chinese texts where it has no English ones."""
    home.small.publish(without_english(SCHEME | {"version": 3, "effective_from": "2026-12"}))
    officer.client.cookies.set(LANGUAGE_COOKIE, "en")
    pages = [officer.get(address) for address in ("/schemes", "/schemes/community-test")]
    assert "标准m" in pages[1]
    assert all("测试项目" in page for page in pages)
    assert ">None<" not in "".join(pages)


def test_what_is_not_carried_out_yet_is_marked(home: WebDistrict, officer: Visitor) -> None:
    """Nothing grants the bonus or the veto of a scheme so far, and the page says so."""
    home.small.publish(
        SCHEME
        | {
            "version": 3,
            "effective_from": "2026-12",
            "bonus": [{"code": "b1", "text": {"zh": "获上级表彰"}, "add": "2"}],
            "vetoes": [{"code": "v1", "text": {"zh": "发生重大责任事故"}}],
        }
    )
    page = officer.get("/schemes/community-test?version=3")
    assert page.count('<span class="soft">尚未执行</span>') == 2
