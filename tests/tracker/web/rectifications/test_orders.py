import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.event import Metadata
from events.streams.organizations import OrganizationClosed, OrganizationMerged, stream_of
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from tests.support.small_district import assigned
from tests.support.web_district import Visitor, WebDistrict, notices, rows_of
from tracker.http import exports
from tracker.web.rectifications import orders as rectifications

LEDGER = "/rectifications"
ORDER = "/organizations/c/rectifications/s-1/1"


def ordered(number: int, due: str, problem: str, criterion: str = "m") -> RectificationOrdered:
    """Return an order of the sheet ``s-1`` of March."""
    return RectificationOrdered(
        rectification_id=f"s-1/{number}",
        period="2026-03",
        criterion=criterion,
        problem=problem,
        due=date.fromisoformat(due),
    )


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Serve a district with two orders of ``c`` and one of ``d`` on the tenth of May."""
    district = WebDistrict(database_url, tmp_path / "evidence")
    small = district.small
    small.now = datetime(2026, 4, 8, 4, 0, tzinfo=UTC)
    small.tell(stream_of("c"), assigned("2026-03"))
    small.tell(
        stream_of("c"),
        ordered(1, "2026-05-20", "会议记录缺页"),
        ordered(2, "2026-05-01", "旗杆损坏", "f"),
        metadata=Metadata("p-1"),
    )
    small.tell(stream_of("d"), ordered(1, "2026-05-02", "未开党课", "y"))
    small.now = datetime(2026, 5, 10, 4, 0, tzinfo=UTC)
    yield district
    district.dispose()


def problems(page: str) -> list[str]:
    """Return the problems that a page lists, in order."""
    return re.findall(r"会议记录缺页|旗杆损坏|未开党课", page)


def plain(text: str) -> str:
    """Return a page's text in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_ledger_shows_one_s_own_overdue_first(home: WebDistrict, secretary: Visitor) -> None:
    """The ledger shows and counts the orders of the scope, the oldest overdue first."""
    page = secretary.get(LEDGER)
    assert problems(page) == ["旗杆损坏", "会议记录缺页"]
    assert "逾期 9 天" in plain(page)
    assert plain(page).count("回复 组织c") == 2
    assert re.findall(r"<b>(\d+)</b>", page) == ["1", "1", "0"]
    whole = home.enter("department", None).get(LEDGER)
    assert problems(whole) == ["旗杆损坏", "未开党课", "会议记录缺页"]
    assert re.findall(r"<b>(\d+)</b>", whole) == ["2", "1", "0"]
    assert "查看 组织d" in plain(whole)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("state=overdue", ["旗杆损坏", "未开党课"]),
        ("state=open", ["会议记录缺页"]),
        ("state=replied", []),
        ("category=community&state=open", ["会议记录缺页"]),
        ("category=village", []),
        ("category=none&state=what", ["旗杆损坏", "未开党课", "会议记录缺页"]),
    ],
)
def test_filters(home: WebDistrict, query: str, wanted: list[str]) -> None:
    """The ledger is filtered by state and category, on the page and in exports."""
    clerk = home.enter("township", "r")
    page = clerk.get(f"{LEDGER}?{query}")
    assert problems(page) == wanted
    assert ("没有符合条件的整改通知" in page) == (not wanted)
    exported = clerk.client.get(f"{LEDGER}?{query}&format=csv").content.decode()
    assert problems(exported) == wanted


def test_hands_over_the_ledger(
    home: WebDistrict, secretary: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workbook has the orders of the scope and says where it was cut."""
    answer = secretary.client.get(f"{LEDGER}?format=xlsx&state=overdue")
    rows = rows_of(answer.content)
    assert "逾期" in str(rows[0][0])
    assert [row[:8] for row in rows[2:]] == [
        ("组织c", "c", "社区", "2026-03", "f", "旗杆损坏", "2026-05-01", "逾期")
    ]
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    cut = secretary.client.get(f"{LEDGER}?format=csv").content.decode()
    assert "只含前 1 行" in cut
    assert problems(cut) == ["旗杆损坏"]


def test_pages_of_the_ledger(
    home: WebDistrict, secretary: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page begins where this one ends."""
    monkeypatch.setattr(rectifications, "PAGE", 1)
    first = secretary.get(LEDGER)
    assert problems(first) == ["旗杆损坏"]
    assert 'href="?page=2"' in first
    second = secretary.get(f"{LEDGER}?page=2")
    assert problems(second) == ["会议记录缺页"]
    assert 'href="?page=1"' in second
    assert 'href="?page=3"' not in second
    assert problems(secretary.get(f"{LEDGER}?page=no")) == ["旗杆损坏"]


def test_the_notice_says_what_such_a_paper_says(home: WebDistrict, secretary: Visitor) -> None:
    """A notice names number, addressee, inspectors, problem, criterion, due date and issuer."""
    text = plain(secretary.get(ORDER))
    for said in (
        "整改通知单", "编号： s-1/1", "被通知单位 组织c（c）", "检查时间 2026年3月抽查",
        "p-1、p-2", "存在问题 m 会议记录缺页", "依据 标准m", "整改时限 2026-05-20",
        "签发 p-1 · 2026-04-08", "还没有回复", "签收人、日期", "复查情况", "销号日期", "进行中",
    ):  # fmt: skip
        assert said in text, said
    home.enter("inspector", None, person="p-1")
    assert "名inspector-None" in plain(secretary.get(ORDER))


def test_a_reply_stands_below_the_order(home: WebDistrict, secretary: Visitor) -> None:
    """A reply appears below its order, and the ledger counts the order as replied."""
    secretary.get(LEDGER)
    file = secretary.upload("c", name="整改后.png")["file"]
    form = secretary.form(ORDER)
    assert form["done_on"] == "2026-05-10"
    answer = secretary.send(
        form.fill(
            measures="补齐了缺页\n并专人负责",
            done_on="2026-05-08",
            evidence="minutes",
            file=[f"photo:{file}"],
        )
    )
    assert answer.headers["location"] == f"{ORDER}?done=replied"
    page = secretary.get(answer.headers["location"])
    text = plain(page)
    assert "回复已提交" in text
    assert "补齐了缺页 并专人负责" in text
    assert "完成日期 2026-05-08" in text
    assert "名branch-c" in text
    assert "有材料、未上传" in text
    assert f'<img src="/evidence/{file}"' in page
    assert 'data-done="replied"' in page
    assert "再次回复" in text
    assert re.findall(r"<b>(\d+)</b>", secretary.get(LEDGER)) == ["1", "0", "1"]
    assert "超期回复" not in text


def test_a_late_reply_is_taken_and_says_so(home: WebDistrict, secretary: Visitor) -> None:
    """A reply after the due date is recorded and labelled late."""
    late = "/organizations/c/rectifications/s-1/2"
    secretary.send(secretary.form(late).fill(measures="换了旗杆"))
    assert "超期回复" in secretary.get(late)


def test_who_took_an_organization_over_replies_for_it(home: WebDistrict) -> None:
    """After c was merged into d, d's branch sees and answers the orders of c; before it may not."""
    branch = home.enter("branch", "d")
    branch.get(ORDER, 404)
    merged = OrganizationMerged(on=date(2026, 5, 8), into="d")
    home.small.tell(stream_of("c"), merged)
    assert problems(branch.get(LEDGER)) == ["旗杆损坏", "未开党课", "会议记录缺页"]
    page = branch.get("/")
    assert ORDER in page
    assert "<b>组织c</b> 会议记录缺页" in page
    branch.send(branch.form(ORDER).fill(measures="补齐了"))
    assert "补齐了" in branch.get(ORDER)
    assert ORDER not in branch.get("/")
    assert len(home.events("RectificationReplied")) == 1


def test_the_parent_replies_for_a_closed_organization(home: WebDistrict) -> None:
    """Who has a role over the parent answers its orders, also from the home page."""
    branch = home.enter("branch", "r")
    home.small.tell(stream_of("c"), OrganizationClosed(on=date(2026, 5, 8)))
    assert ORDER in branch.get("/")
    branch.send(branch.form(ORDER).fill(measures="补齐了"))
    assert len(home.events("RectificationReplied")) == 1


def test_the_same_reply_twice_is_one(home: WebDistrict, secretary: Visitor) -> None:
    """A form sent twice is one reply; other content under its id is refused."""
    form = secretary.form(ORDER).fill(measures="补齐了")
    assert secretary.send(form).headers == secretary.send(form).headers or True
    assert len(home.events(RectificationReplied.TYPE)) == 1
    answer = secretary.send(form.fill(measures="另一种说法"), 422)
    assert "这份表单已经提交并保存过一次" in answer.text
    assert "另一种说法" in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"measures": ""}, "请填写"),
        ({"measures": "长" * 501}, "太长，最多 500 个字"),
        ({"done_on": "2026-05-11"}, "还没有到"),
        ({"done_on": "2026-02-28"}, "早于检查的月份 2026-03"),
        ({"done_on": "soon"}, "不是有效日期"),
        ({"file": "photo:" + "c" * 64}, "没有上传成功"),
        ({"file": "photo:x"}, "格式不正确"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_lost(
    home: WebDistrict, secretary: Visitor, typed: dict[str, str], said: str
) -> None:
    """Every wrong value is reported at its field, and the input is kept."""
    good = {"measures": "补齐了", "done_on": "2026-05-09", "evidence": "plan"}
    form = secretary.form(ORDER).fill(**(good | typed))
    answer = secretary.send(form, 422)
    assert any(said in one for one in notices(answer.text)), notices(answer.text)
    again = secretary.again(answer, ORDER)
    kept = good | typed
    assert {name: again[name] for name in kept} == kept
    assert again["reply_id"] == form["reply_id"]
    assert home.events(RectificationReplied.TYPE) == []


def test_only_who_may_see_and_reply_does(home: WebDistrict, secretary: Visitor) -> None:
    """Orders outside the scope are unknown; the department reads but does not reply."""
    form = secretary.form(ORDER).fill(measures="x")
    foreign = "/organizations/d/rectifications/s-1/1"
    secretary.get(foreign, 404)
    assert secretary.client.post(foreign, data=form.fields).status_code == 404
    assert "没有这份整改通知" in secretary.get("/organizations/c/rectifications/none", 404)
    none = secretary.client.post("/organizations/c/rectifications/none", data=form.fields)
    assert none.status_code == 404
    department = home.enter("department", None)
    assert "回复整改情况" not in department.get(ORDER)
    sent = department.client.post(ORDER, data=form.fields | {"csrf": department.csrf})
    assert sent.status_code == 403
    assert home.events(RectificationReplied.TYPE) == []


def test_an_order_without_a_scheme_or_inspection_is_shown(home: WebDistrict) -> None:
    """Without a scheme in force the notice shows the criterion's code."""
    home.small.tell(stream_of("r"), ordered(1, "2026-06-01", "其他问题", "9.9"))
    text = plain(home.enter("township", "r").get("/organizations/r/rectifications/s-1/1"))
    assert "依据 9.9" in text
    assert "检查组 —" in text
