"""Homes of township, department, auditor and administrator; duties and lists over many."""

import csv
import io
import re
from datetime import date

import pytest

from events.event import Metadata, PendingEvent
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from events.streams.records import ActivityRecorded
from events.streams.scores import ScoreAdjusted
from tests.support.web_client import (
    CHILD,
    FOREIGN,
    INSPECTING,
    MONTH,
    OWN,
    ROOT,
    SIBLING,
    STREET,
    Web,
)
from tests.support.web_district import rows_of

BY = Metadata("os:clerk", "cli")
FILE = "f" * 64


def tell(web: Web, *pairs: tuple[str, object]) -> None:
    """Append events in order."""
    with web.tools.store.append() as log:
        log.append(
            [
                PendingEvent(stream_of(code), f"told-{number}-{event!r}"[:90], event, BY)  # type: ignore[arg-type]
                for number, (code, event) in enumerate(pairs)
            ]
        )


def meeting(code: str, record_id: str, on: date, file: str | None = None) -> tuple[str, object]:
    """Return a meeting with its evidence."""
    minutes = {"kind": "minutes"} | ({"file": file} if file else {})
    fields = {"present": 8, "expected": 9}
    event = ActivityRecorded(
        record_id=record_id, activity="branch_committee_meeting", occurred_on=on,
        evidence=(minutes, {"kind": "sign_in_sheet"}), attendance=fields,
    )  # fmt: skip
    return code, event


def closed(web: Web) -> Web:
    """Draw September, inspect the own community, and close."""
    web.drawn()
    tell(
        web,
        (
            OWN,
            FindingsSubmitted(
                scope=ROOT, period=MONTH, kind="monthly", sheet_id="s-1",
                inspectors=("p-1", "p-2"), disallow=(),
                findings=({"criterion": "1.1.1", "credit": "0.5", "reason": "旧"},),
            ),
        ),
    )  # fmt: skip
    web.at("2026-10-11 09:00")
    web.tools.runner().close(ROOT, MONTH, web.tools.metadata(), by_hand=True, reason=None)
    return web


def test_a_township_sees_its_organizations_by_duties(web: Web) -> None:
    """A recorded duty is done at once; others are owed, with a link to the form."""
    tell(web, meeting(OWN, "r-1", date(2026, 9, 12)))
    page = web.visitor("township").get("/")
    assert page.heading.startswith("东风街道")
    (own,) = [row for row in page.rows if row.startswith("红星社区")]
    (sibling,) = [row for row in page.rows if row.startswith("和平社区")]
    assert "1/4" in own
    assert "0/4" in sibling
    assert re.search(r"\d\.\d\d（还有 \d+ 项未到期）", sibling)
    record = "/record?activity=branch_committee_meeting"
    assert f"/organizations/{SIBLING}{record}" in page.links
    assert f"/organizations/{OWN}{record}" not in page.links
    assert "西山社区" not in page.text
    assert f"/organizations/{CHILD}" not in page.links


def test_a_township_hands_over_who_owes_what(web: Web) -> None:
    """The exports have exactly the organizations of the scope that owe a duty."""
    tell(web, meeting(OWN, "r-1", date(2026, 9, 12)))
    visitor = web.visitor("township")
    text = visitor.get("/overview?list=owed&format=csv").answer.content.decode("utf-8-sig")
    (_, heads, *rows) = csv.reader(io.StringIO(text))
    assert heads[:4] == ["状态", "最迟", "组织", "代码"]
    assert len(rows) == 7
    assert {row[2] for row in rows} == {"红星社区", "和平社区"}
    book = rows_of(visitor.get("/overview?format=xlsx").answer.content)
    assert len(book) == 2 + 8
    assert {row[1] for row in book[2:]} == {OWN, SIBLING}


def test_the_department_looks_at_any_part(web: Web) -> None:
    """The department filters by street, category and month, and duties lead to files."""
    visitor = web.visitor("department")
    page = visitor.get(f"/overview?under={STREET}&period={MONTH}&category=community")
    assert "东风街道" in page.heading
    assert f"/organizations/{OWN}" in page.links
    assert "西山社区" not in page.text
    assert not any("/record?" in link for link in page.links)
    web.at(INSPECTING)
    visitor = web.visitor("department")
    everything = visitor.get("/overview?every=1")
    assert "2026年第4季度" in everything.text
    assert "2026年第4季度" not in visitor.get("/overview").text
    assert f"/organizations/{FOREIGN}" in everything.links
    assert "没有符合条件的组织" in visitor.get("/overview?category=school").text


@pytest.mark.parametrize("page", ["/overview", "/lists/uninspected"])
def test_pages_over_many_are_not_for_everybody(web: Web, page: str) -> None:
    """Branches and inspectors may not see pages over many organizations."""
    for login in ("branch", "inspector"):
        assert web.visitor(login).get(page).status == 403


def test_under_somebody_else_is_not_found(web: Web) -> None:
    """A township cannot look under another street or learn whether it exists."""
    visitor = web.visitor("township")
    for path in ("/overview", "/ranking?period=2026-09"):
        for code in ("99-02", "nobody"):
            page = visitor.get(f"{path}{'&' if '?' in path else '?'}under={code}")
            assert page.status == 200
            assert page.faults["under"].startswith(f"没有符合“{code}”的组织，或您无权查看")
            assert "西山" not in page.text
    assert visitor.get("/overview?under=99-02&format=csv").status == 404
    assert visitor.get("/overview?period=2026").status == 422


def test_the_department_sees_the_cycle_and_the_last_close(web: Web) -> None:
    """The department sees progress, and after the close scores, worst items and gaps."""
    assert "还没有开启过考核月份" in web.visitor("department").get("/").text
    page = web.drawn().visitor("department").get("/")
    assert f"/cycles/{MONTH}?scope={ROOT}" in page.links
    assert "天后截止" in page.text
    closed(web)
    page = web.visitor("department").get("/")
    assert any(row.startswith("社区311") for row in page.rows)
    assert any("1.1.1" in row and row.endswith("1/1") for row in page.rows)
    item = f"/lists/item?period={MONTH}&scheme=community-2011@1&criterion=1.1.1"
    assert item in page.links
    answer = web.visitor("department").get(item)
    assert f"/organizations/{OWN}" in answer.links
    assert f"/organizations/{SIBLING}" not in answer.links
    assert "未得满分的组织" in answer.heading


def test_lists_behind_the_figures(web: Web) -> None:
    """Uninspected, late and reused records are listed and exported within the scope."""
    closed(web)
    tell(
        web,
        meeting(OWN, "late", date(2026, 9, 3)),
        meeting(OWN, "x", date(2026, 10, 3), FILE),
        meeting(FOREIGN, "y", date(2026, 10, 4), FILE),
        meeting(SIBLING, "z", date(2026, 9, 5), "e" * 64),
        meeting(SIBLING, "w", date(2026, 10, 5), "e" * 64),
    )
    department = web.visitor("department")
    (first, *_) = department.get("/lists/uninspected").rows[1:]
    assert first.startswith("和平社区")
    late = department.get(f"/lists/late?period={MONTH}")
    assert f"/organizations/{OWN}/records/late" in late.links
    assert "红星社区 2026-10-03；西山社区 2026-10-04" in department.get("/lists/reused").text
    assert "和平社区 2026-09-05" in department.get("/lists/reused?of=months").text
    township = web.visitor("township")
    assert "没有符合条件的内容" in township.get("/lists/reused").text
    text = township.get("/lists/uninspected?format=csv").answer.content.decode("utf-8-sig")
    assert [row[1] for row in list(csv.reader(io.StringIO(text)))[2:]] == [SIBLING, OWN]
    assert len(rows_of(department.get("/lists/late?format=xlsx").answer.content)) == 2 + 2
    assert "没有符合条件的内容" in department.get("/lists/gaps").text
    assert department.get("/lists/nothing").status == 404
    unknown = department.get(f"/lists/item?period={MONTH}&scheme=none@x&criterion=9")
    assert "没有符合条件的内容" in unknown.text


def test_lists_of_a_month_need_a_closed_one(web: Web) -> None:
    """Before the first close the lists say that there is nothing to show."""
    page = web.visitor("department").get("/lists/gaps")
    assert page.status == 404
    assert "还没有截止的月份" in page.text


def test_an_auditor_sees_seal_draws_and_changes(web: Web) -> None:
    """An auditor sees the newest seal, verified draws, adjustments and granted roles."""
    assert "还没有封存过" in web.visitor("auditor").get("/").text
    closed(web)
    adjusted = ScoreAdjusted(
        kind="monthly", scope=ROOT, period=MONTH, old=None, new="66.00", reason="申诉成立"
    )
    tell(web, (OWN, adjusted))
    web.inside.state.figures.clear()
    visitor = web.visitor("auditor")
    page = visitor.get("/")
    assert "66.00" in page.text
    assert "申诉成立" in page.text
    assert "授予角色" in page.text
    while "复核中" in page.text:
        page = visitor.get("/")
    assert "✓ 一致" in page.text
    assert 'action="/audit"' in page.text


def test_an_administrator_sees_the_jobs(web: Web) -> None:
    """An administrator sees the current month's dates and the link to administration."""
    assert "没有进行中的月份" in web.visitor("administrator").get("/").text
    page = web.drawn().visitor("administrator").get("/")
    assert "2026年9月" in page.text
    assert "/admin" in page.links
    assert not any(link.startswith("/cycles") for link in page.links)
    web.at("2026-10-12 09:00")
    assert "已过截止日" in web.visitor("administrator").get("/").text
