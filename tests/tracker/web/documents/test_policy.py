import re
from datetime import date

import pytest

from events.refusals.errors import Refused
from projections.documents.policy_words import NOT_YET
from tests.support.small_district import cycle
from tests.support.web_district import Form, Visitor, WebDistrict, notices

FORM = "/policy/publish"


def test_says_the_defaults(home: WebDistrict, officer: Visitor) -> None:
    """Before the first publication the page describes the defaults; readers have no button."""
    page = officer.get("/policy")
    assert "默认值，尚未发布" in page
    assert "次月1日开启，6日抽取，10日截止" in page
    assert 'href="/policy/publish"' not in home.enter("branch", "c").get("/policy")


def confirmed(officer: Visitor, form: Form) -> Form:
    """The form as it is sent after its changes were read and ticked."""
    text = officer.send(form, 409).text
    (sure,) = re.findall(r'name="sure" value="([0-9a-f]{64})"', text)
    return form.fill(sure=sure)


def test_says_what_is_not_carried_out_yet(home: WebDistrict, officer: Visitor) -> None:
    """The page marks what this version does not carry out, as the list in one module has it."""
    page = officer.get("/policy")
    assert "系统尚未执行的内容" in page
    assert [zh in page for zh, _ in NOT_YET.values()] == [True] * len(NOT_YET)
    for marked in ("半年考核（尚未执行）", "年度考核（尚未执行）", "申诉期15天（尚未执行）"):
        assert marked in page


def test_asks_before_it_publishes(home: WebDistrict, officer: Visitor) -> None:
    """The page says what changes, from which month and for whom; another text asks again."""
    home.small.tell_many(cycle("2026-03", closed=False))
    form = officer.form(FORM, "/policy").fill(do="publish")
    form = form.fill(text=form["text"].replace("visits_per_year: 4", "visits_per_year: 2"))
    text = re.sub(r"<[^>]+>|\s+", "", officer.send(form, 409).text)
    assert "同一组织一年最多检查4次同一组织一年最多检查2次" in text
    assert "自2026年4月起适用，涉及2个组织；" in text
    assert "仍按原规则：2026年3月。" in text
    other = confirmed(officer, form)
    other = other.fill(text=other["text"].replace("visits_per_year: 2", "visits_per_year: 3"))
    officer.send(other, 409)
    assert home.events("PolicyPublished") == []


def test_publishes_the_next_version(home: WebDistrict, officer: Visitor) -> None:
    """The same document twice is one version; older versions can be read."""
    form = officer.form(FORM, "/policy").fill(do="publish")
    form = form.fill(text=form["text"].replace("visits_per_year: 4", "visits_per_year: 2"))
    form = confirmed(officer, form)
    assert officer.send(form).headers["location"] == "/policy?done=published"
    assert officer.send(form).headers["location"] == "/policy?done=standing"
    page = officer.get("/policy?done=published")
    assert "一年最多检查2次" in page
    assert "名department-None" in page
    second = form.fill(text=form["text"].replace("visits_per_year: 2", "visits_per_year: 3"))
    officer.send(second, 409)
    officer.send(confirmed(officer, second))
    assert "一年最多检查2次" in officer.get("/policy?version=1")
    assert "一年最多检查3次" in officer.get("/policy?version=x")
    assert len(home.events("PolicyPublished")) == 2


def test_tells_every_fault_at_its_place(home: WebDistrict, officer: Visitor) -> None:
    """Every problem is listed at its place, a syntax error with its line."""
    form = officer.form(FORM, "/policy")
    bad = form.fill(text="policy: district\nappeal_days: 0\nspot_check: {draws: 3, closes: 2}\n")
    for do, status in (("check", 200), ("publish", 422)):
        answer = officer.send(bad.fill(do=do), status)
        assert '<td class="mono">appeal_days</td>' in answer.text
        assert "有错误" in answer.text
        assert "appeal_days: 0" in officer.again(answer, "/policy")["text"]
    broken = officer.send(form.fill(text="a: [1", do="publish"), 422)
    assert any("第" in one for one in notices(broken.text))
    assert "没有错误" in officer.send(form.fill(do="check"), 200).text
    assert home.events("PolicyPublished") == []


def test_takes_an_upload(officer: Visitor) -> None:
    """An uploaded file takes precedence over the text of the form."""
    form = officer.form(FORM, "/policy").fill(do="check")
    answer = officer.client.post(
        "/policy", data=form.fields, files={"file": ("p.yaml", b"policy: district\nmoon: 1\n")}
    )
    assert "moon" in answer.text
    assert "有错误" in answer.text


def test_a_draw_must_leave_time_for_grace(officer: Visitor) -> None:
    """A policy that draws within the grace of a published scheme is refused."""
    form = officer.form(FORM, "/policy").fill(
        do="check", text="policy: district\nspot_check: {draws: 2}\n"
    )
    assert "有错误" in officer.send(form, 200).text


def test_who_may(home: WebDistrict) -> None:
    """Only users over the whole district publish a policy."""
    home.enter("department", "c").get(FORM, 403)
    home.enter("auditor", None).get(FORM, 403)


def test_a_year_without_working_days_is_a_warning(
    officer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy whose next openings need an unknown year is good, with the warning at its place."""

    def unpublished(day: date) -> bool:
        raise Refused("calendar_unknown", year=day.year)

    monkeypatch.setattr("tracker.app.is_working_day", unpublished)
    rolled = "policy: district\nspot_check: {roll: next_working_day}\n"
    form = officer.form(FORM, "/policy").fill(do="check", text=rolled)
    answer = officer.send(form, 200).text
    assert '<td class="mono">working_days</td>' in answer
    assert "还没有 2026 年的工作日历" in answer
    listed = form.fill(text=f"{rolled}working_days: {{2026: {{holidays: [04-04..04-06]}}}}\n")
    assert "工作日历" not in officer.send(listed, 200).text


def test_own_categories_appear_on_pages(home: WebDistrict, officer: Visitor) -> None:
    """A category of the policy is in the drop-downs by its name as soon as it is published."""
    text = "policy: district\ncategories: {hospital: {zh: 医院}}\n"
    form = officer.form(FORM, "/policy").fill(do="publish", text=text)
    officer.send(confirmed(officer, form))
    admin = home.enter("administrator", None)
    assert '<option value="hospital">医院</option>' in admin.get("/admin/register-organization")
    assert "本区另设的组织类别：医院" in officer.get("/policy")
