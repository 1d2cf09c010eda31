import re
from datetime import UTC, date, datetime
from typing import Any

from events.streams.organizations import stream_of
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from tests.support.small_district import posted
from tests.support.web_district import Visitor, WebDistrict
from tracker.web.home.branch import group_due_tasks, merge_tasks


def plain(text: str) -> str:
    """Return the text of a page without its tags, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_what_is_due_by_its_day(home: WebDistrict, secretary: Visitor) -> None:
    """A due item shows the days left and links to the form of its window."""
    page = secretary.get("/")
    text = plain(page)
    assert "最迟 4月5日 还有 2 天" in text
    assert "最迟 5月5日 还有 32 天" in text
    assert (
        'href="/organizations/c/record?activity=branch_committee_meeting&amp;window=2026-03"'
        in page
    )
    home.small.record("c", "m-1", "2026-03-02")
    home.small.record("c", "m-2", "2026-04-02")
    page = secretary.get("/")
    assert "window=2026-03" not in page
    assert 'href="/organizations/c/records/m-2"' in page


def test_the_last_day_says_so(home: WebDistrict) -> None:
    """An item that is due today says so."""
    home.small.now = datetime(2026, 4, 5, 4, 0, tzinfo=UTC)
    assert "最迟 4月5日 今天截止" in plain(home.enter("branch", "c").get("/"))


def test_what_passed_says_how_long_ago(home: WebDistrict) -> None:
    """Late items stay on the page, and each missing report has a link."""
    home.small.now = datetime(2026, 7, 7, 4, 0, tzinfo=UTC)
    page = home.enter("branch", "c").get("/")
    assert "最迟 6月30日 已过 7 天" in plain(page)
    assert 'href="/organizations/c/report?condition=national_flag"' in page
    assert "一次填完全部 3 项" in plain(page)


def test_open_rectifications_and_months(home: WebDistrict, secretary: Visitor) -> None:
    """An answered order is not listed any more; posted months are in the chart."""
    assert "没有待整改的问题" in secretary.get("/")
    orders = [
        RectificationOrdered(
            rectification_id=f"s/{number}", period="2026-03", criterion="m",
            problem=f"问题{number}", due=date(2026, 4, 20),
        )
        for number in (1, 2)
    ]  # fmt: skip
    answer = RectificationReplied(
        rectification_id="s/1", reply_id="w", measures="改", done_on=date(2026, 4, 2)
    )
    home.small.tell(stream_of("c"), *orders, answer, posted("2026-02", "88.00"))
    page = secretary.get("/")
    assert "问题2" in page
    assert "问题1" not in page
    assert 'href="/organizations/c/rectifications/s/2"' in page
    assert "88" in page


def task(criterion: str, window: str, **more: Any) -> dict[str, Any]:
    """Return one task of the to-do list."""
    fields = {
        "criterion": criterion, "text": criterion, "name": "visit", "window": window,
        "required": 1, "counted": "0", "missing": "1", "records": [], "by": None,
        "due_on": "2026-05-05", "state": "due",
    }  # fmt: skip
    return fields | more


def test_one_row_for_each_activity_and_window() -> None:
    """A row has all criteria that one record serves and the counts of the one that misses most."""
    tasks = [
        task("a", "2026-04", missing="0.5", counted="0.5", records=["x"]),
        task("b", "2026-04", missing="2", required=2, by="2026-04-20", state="late",
             records=["x", "y"]),
        task("c", "2026-Q2"),
        task("d", "2026-04", state="done"),
    ]  # fmt: skip
    rows = merge_tasks(tasks, {"due", "late"})
    assert [[one["criterion"] for one in row["criteria"]] for row in rows] == [["a", "b"], ["c"]]
    first = rows[0]
    assert (first["missing"], first["required"], first["state"]) == ("2", 2, "late")
    assert (first["by"], first["records"]) == ("2026-04-20", ["x", "y"])
    groups = group_due_tasks(tasks, date(2026, 4, 22))
    assert [(one["day"], one["days"]) for one in groups] == [("2026-04-20", -2), ("2026-05-05", 13)]
