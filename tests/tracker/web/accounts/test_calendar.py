import re
from datetime import date

from events.streams.rectifications import RectificationOrdered
from tests.support.icalendar import read_calendar
from tests.support.web_client import OWN, Page, Visitor, Web
from tests.tracker.web.test_many import tell

PAGE = "/account/calendar"


def link_of(visitor: Visitor) -> str:
    """Make a link on the page; its path."""
    page = visitor.post(PAGE)
    assert page.status == 200
    (path,) = set(re.findall(r"http://testserver(/calendar/[\w-]+)", page.text))
    return str(path)


def days_of(page: Page) -> list[tuple[str, str, str]]:
    """The day, summary and description of everything in a calendar."""
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/calendar")
    return [
        (one["DTSTART"], one["SUMMARY"], one.get("DESCRIPTION", ""))
        for one in read_calendar(page.text)
    ]


def test_a_calendar_has_the_duties_of_its_account(web: Web) -> None:
    """Without a session the link gives the own duties; what is done disappears."""
    path = link_of(web.visitor("branch"))
    meeting = ("20261005", "支部委员会会议 2026-09", "红星社区")
    assert meeting in days_of(web.anybody().get(path))
    line = {"record_id": "a-9", "activity": "branch_committee_meeting",
            "occurred_on": "2026-09-12",
            "evidence": [{"kind": "minutes"}, {"kind": "sign_in_sheet"}],
            "attendance": {"present": 9, "expected": 9}}  # fmt: skip
    page = web.visitor("branch").call("POST", f"/api/v1/organizations/{OWN}/records", line)
    assert page.status in {200, 201}, page.text
    days = days_of(web.anybody().get(path))
    assert days
    assert meeting not in days


def test_a_township_has_a_day_for_many(web: Web) -> None:
    """A duty of several organizations is one day that names them; a reply has its own day."""
    order = RectificationOrdered(
        rectification_id="x-1", criterion="2.1", period="2026-09", problem="没有会议记录",
        due=date(2026, 10, 9),
    )  # fmt: skip
    tell(web, (OWN, order))
    days = days_of(web.anybody().get(link_of(web.visitor("township"))))
    assert ("20261005", "支部委员会会议 2026-09", "和平社区、红星社区") in days
    assert ("20261009", "整改回复：红星社区", "没有会议记录") in days


def test_an_inspector_has_the_open_inspections(web: Web) -> None:
    """Each open inspection is a day: the last one of its cycle."""
    web.drawn()
    days = days_of(web.anybody().get(link_of(web.visitor("inspector"))))
    assert ("20261010", "抽查：红星社区 2026-09", "") in days
    assert days_of(web.anybody().get(link_of(web.visitor("auditor")))) == []


def test_a_link_is_replaced_and_revoked(web: Web) -> None:
    """A new link makes the old one invalid; so do revoking it and disabling the account."""
    visitor = web.visitor("branch")
    assert "生成订阅地址" in visitor.get(PAGE).text
    first, second = link_of(visitor), link_of(visitor)
    anybody = web.anybody()
    assert anybody.get(first).status == 404
    assert anybody.get(second).status == 200
    assert second not in visitor.get(PAGE).text
    assert visitor.post(f"{PAGE}/revoke").location == f"{PAGE}?done=revoked"
    assert "已作废" in visitor.get(f"{PAGE}?done=revoked").text
    assert "日历地址无效" in anybody.get(second).text
    third = link_of(visitor)
    web.visitor("administrator").post(
        f"/admin/accounts/{visitor.account}/switch", to="disabled", reason="离岗"
    )
    assert anybody.get(third).status == 404
