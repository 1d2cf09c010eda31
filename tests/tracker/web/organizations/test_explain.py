import re
from datetime import date

import pytest

from events.event import Event, Metadata, PendingEvent
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRecorded, ConditionReported
from events.streams.scores import ScoreAdjusted, ScorePosted
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, SIBLING, Page, Web
from tests.tracker.web.test_many import closed

WHY = f"/organizations/{OWN}/explain/{MONTH}"
BY = Metadata("os:clerk", "cli")


def tell(web: Web, *events: Event) -> None:
    """Append events to the stream of the visitor's community."""
    with web.tools.store.append() as log:
        version = (log.head(stream_of(OWN)) or (0, b""))[0]
        log.append(
            [
                PendingEvent(stream_of(OWN), f"told-{version}-{place}", event, BY)
                for place, event in enumerate(events)
            ]
        )


def meeting(record_id: str) -> ActivityRecorded:
    """Return a committee meeting in September."""
    return ActivityRecorded(
        record_id=record_id, activity="branch_committee_meeting", occurred_on=date(2026, 9, 12),
        title="九月支委会", attendance={"present": 7, "expected": 9},
        evidence=({"kind": "minutes"}, {"kind": "sign_in_sheet"}),
    )  # fmt: skip


def said(page: Page) -> str:
    """Return the text of a page without tags and spaces."""
    return re.sub(r"<[^>]+>|\s+", "", page.text)


def test_a_score_and_all_its_criteria(web: Web) -> None:
    """The page shows the score as a quotient of two sums, the scheme, and a line per criterion."""
    tell(web, ConditionReported(condition="national_flag", state="met", on=date(2026, 9, 1)))
    page = web.visitor("branch").get(WHY)
    assert page.heading == "2026年9月 得分由来"
    assert re.search(r"推算得分=100×.+÷.+=\d+\.\d\d。", said(page))
    assert re.search(r"现在推算（还有\d+项未到期）", said(page))
    assert "/schemes/community-2011?version=1" in page.links
    cells = [one for one in page.links if f"{WHY}?criterion=" in one]
    assert len(cells) > 100
    assert f"/organizations/{OWN}" in page.links


def test_an_activity_in_sentences(web: Web) -> None:
    """The page shows rule, windows, records, and their events with actor and time."""
    tell(
        web,
        meeting("m-1"),
        ActivityCorrected(
            record_id="m-1", changes={"attendance": {"present": 8, "expected": 9}}, reason="点错"
        ),
    )
    visitor = web.visitor("branch")
    page = visitor.get(f"{WHY}?criterion=2.4.1.1")
    text = said(page)
    assert "规则：党员人数达到7的组织：支部委员会会议每月1次" in text
    assert "从9月1日到9月30日，要求1次，计入1次" in text
    assert "在10月5日（含）以前记录" in text
    assert "9月12日支部委员会会议" in text
    assert "到会7/9" in text
    assert "到会8/9" in text
    assert "理由：点错" in text
    assert "系统管理员（命令行）·命令行" in text
    assert f"/organizations/{OWN}/records/m-1" in page.links
    assert "窗口或补录宽限期还没有结束" in text
    web.at("2026-10-06 09:00")
    assert "达到要求，得满分" in said(web.visitor("branch").get(f"{WHY}?criterion=2.4.1.1"))
    empty = web.visitor("branch").get(f"/organizations/{SIBLING}/explain/{MONTH}")
    assert empty.status == 404


def test_a_state_in_sentences(web: Web) -> None:
    """A condition shows its reports with their actors, or that it was never reported."""
    tell(web, ConditionReported(condition="service_windows", state="unmet", on=date(2026, 9, 2)))
    visitor = web.visitor("department")
    text = said(visitor.get(f"{WHY}?criterion=1.5.2"))
    assert "自2026-09-02起，服务窗口：未达标" in text
    assert "没有达到要求，得0分" in text
    other = said(visitor.get(f"/organizations/{SIBLING}/explain/{MONTH}?criterion=1.5.2"))
    assert "从来没有填报过" in other


def test_a_measure_that_was_never_reported(web: Web) -> None:
    """A missing measure is shown by its name, not by its identifier."""
    text = said(web.visitor("department").get(f"{WHY}?criterion=2.4.1.1"))
    assert "数据“党员人数”从未填报" in text


def test_a_finding_in_sentences(web: Web) -> None:
    """A finding is shown with its sheet, inspectors and reason."""
    closed(web)
    page = web.visitor("department").get(f"{WHY}?criterion=1.1.1")
    text = said(page)
    assert "检查以后：" in text
    assert "得分率0.5" in text
    assert "理由：旧" in text
    assert "检查人员测试inspector、测试inspector2" in text
    assert f"/organizations/{OWN}/sheets/{MONTH}" in page.links


def test_the_posted_and_the_derived_score(web: Web) -> None:
    """A posted month shows its versions and digests next to those derived now."""
    closed(web)
    text = said(web.visitor("department").get(WHY))
    assert "✓一致" in text
    tell(
        web,
        ScorePosted(kind="monthly", scope=ROOT, period="2026-10", derived="50.00", inspected=None,
                    score=None, scheme="community-2011", scheme_version=1, stream_version=1,
                    digest="d" * 64),
    )  # fmt: skip
    page = web.visitor("department").get(f"/organizations/{OWN}/explain/2026-10")
    assert "◐不同" in said(page)
    assert "未抽查，仅推算" in page.text
    assert "d" * 64 in page.text


def test_an_adjusted_score_is_explained(web: Web) -> None:
    """After an adjustment the page says who, when and why, and claims no agreement."""
    closed(web)
    (posted,) = re.findall(r"<b>([\d.]+)</b><span>公布", web.visitor("department").get(WHY).text)
    adjusted = ScoreAdjusted(
        kind="monthly", scope=ROOT, period=MONTH, old=posted, new="99.90", reason="复核"
    )
    tell(web, adjusted)
    text = said(web.visitor("branch").get(WHY))
    assert "99.90更正后，以此为准" in text
    assert f"系统管理员（命令行）更正：{posted}→99.90，理由：复核。" in text
    assert "✓一致" not in text
    assert "os:" not in text


@pytest.mark.parametrize(
    ("period", "name"), [("2026-H2", "2026年下半年"), ("2026-Q3", "2026年第3季度")]
)
def test_a_longer_period_is_named(web: Web, period: str, name: str) -> None:
    """The page of a quarter or half-year says so, and the page of its month links to it."""
    page = web.visitor("branch").get(f"/organizations/{OWN}/explain/{period}")
    assert f"{name}的得分" in said(page)
    assert "这个月" not in page.text
    assert f"/organizations/{OWN}/explain/{period}?" in web.visitor("branch").get(WHY).links


def test_as_known_on_a_day(web: Web) -> None:
    """A page as known on a past day omits later events, and its links keep the day."""
    web.at("2026-09-20 10:00")
    tell(web, meeting("m-1"))
    web.at("2026-09-25 10:00")
    correction = ActivityCorrected(record_id="m-1", changes={"place": "x"}, reason="补地点")
    tell(web, correction)
    visitor = web.visitor("department")
    then = visitor.get(f"{WHY}?criterion=2.4.1.1&known_at=2026-09-22")
    assert "截至 2026-09-22" in then.text
    assert "补地点" not in then.text
    assert f"/organizations/{OWN}?known_at=2026-09-22" in then.links
    assert "补地点" in visitor.get(f"{WHY}?criterion=2.4.1.1").text
    assert "补地点" in visitor.get(f"{WHY}?criterion=2.4.1.1&known_at=2026-09-25").text


@pytest.mark.parametrize("period", ["2026-13", "x", "1899-12", "2026-9"])
def test_what_is_no_period(web: Web, period: str) -> None:
    """An invalid period is refused with a message."""
    assert web.visitor("branch").get(f"/organizations/{OWN}/explain/{period}").status == 422


@pytest.mark.parametrize("query", ["known_at=x", "known_at=2026-02-30"])
def test_what_is_no_day(web: Web, query: str) -> None:
    """An invalid date is refused with a message."""
    page = web.visitor("branch").get(f"{WHY}?{query}")
    assert page.status == 422
    assert "日期" in page.text


def test_nothing_to_explain(web: Web) -> None:
    """Without a scheme, or for an unknown criterion, the page says so."""
    visitor = web.visitor("department")
    assert "没有适用的评价标准" in visitor.get(f"/organizations/{ROOT}/explain/{MONTH}").text
    assert "没有这项标准" in visitor.get(f"{WHY}?criterion=<b>").text
    for longer in ("2026-Q3", "2026-H2", "2026"):
        assert visitor.get(f"/organizations/{OWN}/explain/{longer}").status == 200


def test_foreign_figures_stay_closed(web: Web) -> None:
    """The explanation of a foreign organization is not found."""
    path = f"/organizations/{FOREIGN}/explain/{MONTH}"
    assert web.visitor("branch").get(path).status == 404
    assert web.visitor("administrator").get(path).status == 403
