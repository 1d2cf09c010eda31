import re
from datetime import date

import pytest

from events.event import Event, Metadata, PendingEvent
from events.proofs.seals import seal_log
from events.streams.organizations import OrganizationRenamed, stream_of
from events.streams.records import ActivityRecorded, ConditionReported
from events.streams.rectifications import RectificationOrdered
from events.streams.scores import ScorePosted
from projections.organizations.directory import find
from tests.support.web_client import CHILD, FOREIGN, MONTH, OWN, ROOT, SIBLING, Visitor, Web
from tests.tracker.web.test_many import closed
from tracker.web.organizations.file import _list_month_ends

FILE = f"/organizations/{OWN}"
BY = Metadata("os:clerk", "cli")
PHOTO = "c" * 64


def tell(web: Web, *events: Event, recorded_on: str | None = None) -> None:
    """Append events to the stream of the visitor's community."""
    with web.tools.store.append() as log:
        version = (log.head(stream_of(OWN)) or (0, b""))[0]
        log.append(
            [
                PendingEvent(stream_of(OWN), f"told-{version}-{place}", event, BY, recorded_on)
                for place, event in enumerate(events)
            ]
        )


def meeting(record_id: str, on: str, *evidence: dict[str, str]) -> ActivityRecorded:
    """Return a committee meeting."""
    return ActivityRecorded(
        record_id=record_id, activity="branch_committee_meeting",
        occurred_on=date.fromisoformat(on), evidence=evidence or ({"kind": "minutes"},),
    )  # fmt: skip


def posted(month: str, derived: str, inspected: str | None) -> ScorePosted:
    """Return a posted month."""
    return ScorePosted(
        kind="monthly", scope=ROOT, period=month, derived=derived, inspected=inspected,
        score=inspected, scheme="community-2011", scheme_version=1, stream_version=1,
        digest="0" * 64,
    )  # fmt: skip


def timeline(text: str) -> list[str]:
    """Return the names of the events in the timeline, in order."""
    (part,) = re.findall(r'id="timeline">(.*?)</section>', text, re.DOTALL)
    return re.findall(r"<b>(.*?)</b>", part)


@pytest.fixture
def department(web: Web) -> Visitor:
    """Return a visitor of the department."""
    return web.visitor("department")


def test_the_head(web: Web, department: Visitor) -> None:
    """The head has name, code, category, parent, lifecycle, version, hash and imported records."""
    tell(web, meeting("h-1", "2026-09-01"), recorded_on="2026-09-02")
    page = department.get(FILE)
    assert page.heading == "红星社区 电子档案"
    with web.read() as reader:
        head = reader.head(stream_of(OWN))
    assert head is not None
    for said in (OWN, "社区", "东风街道", "2026-01-01", f"第 {head[0]} 条", head[1].hex(),
                 "1 条活动记录来自历史台账，单独计数"):  # fmt: skip
        assert said in page.text


@pytest.mark.parametrize(
    ("login", "record", "adjust"),
    [("branch", True, False), ("township", True, False), ("department", False, True),
     ("auditor", False, False)],
)  # fmt: skip
def test_what_each_may_do(web: Web, *, login: str, record: bool, adjust: bool) -> None:
    """Only those who may record have the button, only those who may adjust have the form."""
    tell(web, posted("2026-08", "90.00", "88.00"))
    page = web.visitor(login).get(FILE)
    assert page.status == 200
    assert (f"{FILE}/record" in page.links) is record
    assert (f"{FILE}/adjust" in page.text) is adjust


def test_foreign_files_stay_closed(web: Web) -> None:
    """The file of a foreign organization is not found, like an unknown one."""
    visitor = web.visitor("township")
    assert visitor.get(f"/organizations/{FOREIGN}").status == 404
    assert visitor.get("/organizations/nobody").status == 404
    assert visitor.get(f"/organizations/{CHILD}").status == 200


def test_every_cell_leads_to_its_reason(web: Web, department: Visitor) -> None:
    """Sections open one by one or all at once; a cell links to the criterion of its month."""
    tell(web, ConditionReported(condition="national_flag", state="met", on=date(2026, 9, 1)))
    shut = department.get(FILE)
    assert "aria-expanded" in shut.text
    assert not [one for one in shut.links if "criterion=" in one]
    section = next(one for one in shut.links if one.endswith("section=1#matrix"))
    opened = department.get(section.partition("#")[0])
    cells = [one for one in opened.links if f"{FILE}/explain/{MONTH}?criterion=1." in one]
    assert cells
    assert department.get(cells[0]).status == 200
    whole = department.get(f"{FILE}?section=all")
    assert len([one for one in whole.links if "criterion=" in one]) > len(cells)
    assert 'aria-label="1.1.1 9月' in whole.text


def test_scores_with_the_gap(web: Web, department: Visitor) -> None:
    """Derived, inspected and final scores are shown together, with the gap and its mean."""
    tell(web, posted("2026-07", "91.00", None), posted("2026-08", "90.00", "88.50"))
    page = department.get(FILE)
    (row,) = [one for one in page.rows if "2026年8月" in one]
    assert row.startswith("2026年8月90.0088.501.5088.50")
    (other,) = [one for one in page.rows if "2026年7月" in one]
    assert "未抽查" in other
    assert '<svg class="chart"' in page.text
    said = re.sub(r"<[^>]+>|\s+", "", page.text)
    assert "已核查1个月，平均1.50，最大1.50（2026年8月）" in said


def test_no_score_no_gap(department: Visitor) -> None:
    """Before a month is posted the file says so and has no form for adjustments."""
    page = department.get(FILE)
    assert "还没有公布的月份" in page.text
    assert "还没有公布的得分" in page.text
    assert f"{FILE}/adjust" not in page.text


def test_inspections_and_orders(web: Web, department: Visitor) -> None:
    """An inspection has its inspectors, sheet and findings; an order has its state."""
    assert "还没有被抽中检查" in department.get(FILE).text
    closed(web)
    tell(
        web,
        RectificationOrdered(
            rectification_id="s-1/1", period=MONTH, criterion="1.1.1", problem="牌子旧了",
            due=date(2026, 10, 1),
        ),
    )  # fmt: skip
    page = web.visitor("department").get(FILE)
    assert f"{FILE}/sheets/{MONTH}" in page.links
    (row,) = [one for one in page.rows if "检查表" in one and "2026年9月" in one]
    assert "测试inspector、测试inspector2" in row
    assert f"{FILE}/rectifications/s-1/1" in page.links
    assert "牌子旧了" in page.text
    assert "逾期" in page.text


def test_evidence_of_the_year(web: Web, department: Visitor) -> None:
    """Evidence with and without a file is counted separately; a file links to its record."""
    assert "这一年还没有活动记录" in department.get(FILE).text
    tell(
        web,
        meeting("m-1", "2026-09-01", {"kind": "minutes"}, {"kind": "photo", "file": PHOTO}),
        meeting("m-2", "2026-09-02"),
    )
    page = department.get(FILE)
    rows = [one for one in page.rows if one.startswith(("会议记录", "照片"))]
    assert rows == ["会议记录2", "照片1"]
    assert f"/evidence/{PHOTO}" in page.links
    assert f"{FILE}/records/m-1" in page.links


def test_the_timeline_page_by_page(web: Web, department: Visitor) -> None:
    """The timeline has the newest events first by pages of 30; a too large version is ignored."""
    tell(web, *[meeting(f"m-{number}", "2026-09-01") for number in range(40)])
    first = department.get(FILE)
    assert timeline(first.text) == ["记录活动"] * 30
    older = next(one for one in first.links if "before=" in one)
    second = department.get(older.partition("#")[0])
    assert timeline(second.text) == [*["记录活动"] * 10, "组织登记"]
    assert "回到最新" in second.text
    assert "回到最新" not in first.text
    for odd in ("9" * 30, "x", "-1", "０", ""):
        assert department.get(f"{FILE}?before={odd}").status == 200


def test_as_known_on_a_day(web: Web) -> None:
    """The file as known on a past day has the name, figures, events and orders of that day."""
    web.at("2026-09-20 10:00")
    tell(web, meeting("m-1", "2026-09-18"), posted("2026-07", "91.00", "90.00"))
    web.at("2026-09-25 10:00")
    tell(
        web,
        OrganizationRenamed(on=date(2026, 9, 24), reason="x", name="红星新社区"),
        meeting("m-2", "2026-09-21", {"kind": "photo"}),
        posted("2026-08", "90.00", None),
        RectificationOrdered(rectification_id="s-1/1", period="2026-08", criterion="1.1.1",
                             problem="牌子旧了", due=date(2026, 10, 1)),
    )  # fmt: skip
    visitor = web.visitor("department")
    then = visitor.get(f"{FILE}?known_at=2026-09-22")
    assert then.heading == "红星社区 电子档案"
    assert "截至 2026-09-22" in then.text
    assert timeline(then.text) == ["公布得分", "记录活动", "组织登记"]
    assert "牌子旧了" not in then.text
    assert "2026年8月" not in "".join(then.rows)
    assert "known_at=2026-09-22" in "".join(then.links)
    assert f"{FILE}/adjust" not in then.text
    now = visitor.get(FILE)
    assert now.heading == "红星新社区 电子档案"
    assert len(timeline(now.text)) == 7
    for same in ("2026-09-25", "2027-01-01", ""):
        assert visitor.get(f"{FILE}?known_at={same}").heading == now.heading
    before = visitor.get(f"{FILE}?known_at=2026-05-31")
    assert "那时系统里还没有这个组织的登记" in before.text
    assert timeline(before.text) == []


def test_a_day_that_is_none(web: Web, department: Visitor) -> None:
    """An invalid date has its message at the field, and the page shows the present file."""
    tell(web, meeting("m-1", "2026-09-18"))
    page = department.get(f"{FILE}?known_at=2026-02-30")
    assert page.status == 422
    assert "不是有效日期" in page.faults["known_at"]
    assert timeline(page.text) == ["记录活动", "组织登记"]
    assert 'value="2026-02-30"' in page.text


@pytest.mark.parametrize(
    ("year", "shown"), [("2026", 2026), ("1999", 2026), ("3000", 2026), ("x", 2026), ("", 2026)]
)
def test_years_within_its_life(department: Visitor, year: str, shown: int) -> None:
    """A year outside the organization's life is replaced by the nearest year within."""
    assert f"{shown} 年各项标准达标情况" in department.get(f"{FILE}?year={year}").text


def test_the_seal(web: Web, department: Visitor) -> None:
    """A seal covers the file up to a version; later events are not sealed yet."""
    assert "尚未封存" in department.get(FILE).text
    with web.tools.store.append() as log:
        seal_log(log, web.tools.metadata(), "by hand")
    web.inside.state.figures.clear()
    assert "全部已封存" in department.get(FILE).text
    tell(web, meeting("m-1", "2026-09-18"))
    said = re.sub(r"<[^>]+>|\s+", "", department.get(FILE).text)
    assert "封存到第1条" in said
    assert "其后1条待下次封存" in said
    web.inside.state.figures.clear()


def test_an_adjustment_is_shown_in_the_file(web: Web, department: Visitor) -> None:
    """The form adjusts a posted score; the same form sent twice adjusts once."""
    tell(web, posted("2026-07", "91.00", None), posted("2026-08", "90.00", "88.00"))
    form = department.get(FILE).form("/adjust")
    assert form["period"] == "2026-08"
    filled = form.fill(new="89.5", reason="复核后更正")
    assert department.send(filled).location == f"{FILE}?done=adjusted"
    assert department.send(filled).location == f"{FILE}?done=adjusted"
    assert web.events("ScoreAdjusted") == [(stream_of(OWN), f"adjustment/{form['adjustment_id']}")]
    page = department.get(FILE)
    (row,) = [one for one in page.rows if "2026年8月" in one]
    assert "88.00 → 89.50：复核后更正 测试department" in row
    assert "88.00 → 89.50" in re.sub(r"<[^>]+>", "", page.text)
    assert timeline(page.text)[0] == "更正得分"
    again = department.get(FILE).form("/adjust")
    assert again["adjustment_id"] != form["adjustment_id"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"new": "106"}, "new"), ({"new": "八十"}, "new"), ({"new": ""}, "new"),
     ({"new": "80.555"}, "new"), ({"reason": " "}, "reason"), ({"period": "2026-01"}, "")],
)  # fmt: skip
def test_a_bad_adjustment_loses_nothing(
    web: Web, department: Visitor, typed: dict[str, str], field: str
) -> None:
    """Every fault is at its field, the input is still there, and nothing is recorded."""
    tell(web, posted("2026-08", "90.00", "88.00"))
    form = department.get(FILE).form("/adjust")
    page = department.send(form.fill(**({"new": "89", "reason": "复核后更正"} | typed)))
    assert page.status == 422
    assert page.faults[field]
    again = page.form("/adjust")
    assert again["adjustment_id"] == form["adjustment_id"]
    wanted = {"new": "89", "reason": "复核后更正"} | typed
    assert (again["new"], again["reason"].strip()) == (wanted["new"], wanted["reason"].strip())
    assert '<details class="noprint" id="adjust" open>' in page.text
    assert web.events("ScoreAdjusted") == []


@pytest.mark.parametrize("login", ["branch", "township", "inspector", "auditor", "administrator"])
def test_only_the_department_adjusts(web: Web, login: str) -> None:
    """Only the department may adjust scores."""
    tell(web, posted("2026-08", "90.00", "88.00"))
    answer = web.visitor(login).post(
        f"{FILE}/adjust", adjustment_id="a-1", period="2026-08", new="99", reason="x"
    )
    assert answer.status in {403, 404}
    assert web.events("ScoreAdjusted") == []


def test_an_identity_of_another_adjustment(web: Web, department: Visitor) -> None:
    """The message about an id of another adjustment is above the form."""
    tell(web, posted("2026-08", "90.00", "88.00"))
    form = department.get(FILE).form("/adjust").fill(new="89", reason="甲")
    assert department.send(form).status == 303
    page = department.send(form.fill(new="90"))
    assert page.status == 422
    assert page.faults[""]
    assert len(web.events("ScoreAdjusted")) == 1


def test_a_sibling_has_its_own_file(web: Web, department: Visitor) -> None:
    """The records of one organization are not in the file of another."""
    tell(web, meeting("m-1", "2026-09-18"))
    assert timeline(department.get(f"/organizations/{SIBLING}").text) == ["组织登记"]


def test_the_slider_keeps_the_newest_months(web: Web) -> None:
    """The slider has the month ends since the first month, at most sixty, and today."""
    with web.read() as reader:
        entry = find(reader, OWN)
    assert entry is not None
    start = date(2026, 9, 1)
    assert _list_month_ends(entry, date(2026, 11, 20), start) == [
        "2026-09-30",
        "2026-10-31",
        "2026-11-20",
    ]
    assert _list_month_ends(entry, start, start) == ["2026-09-01"]
    long = _list_month_ends(entry, date(2036, 1, 31), start)
    assert (len(long), long[0], long[-1]) == (60, "2031-02-28", "2036-01-31")
