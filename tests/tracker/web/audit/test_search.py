"""The log on a page: events in words, within reach, each with its proof."""

from __future__ import annotations

import pytest

from events.event import EVENT_TYPES
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, STREET, Web
from tests.support.web_district import rows_of
from tracker.http import audit_query, exports
from tracker.web.page.event_fields import FIELD_NAMES, EventFormatter
from tracker.web.page.event_words import EVENT_NAMES
from tracker.web.page.rendering import PageWords


def record(web: Web) -> None:
    """Record a meeting of ``OWN`` by its page."""
    typed = {
        "record_id": "w-1",
        "activity": "branch_committee_meeting",
        "occurred_on": "2026-09-12",
        "title": "月度会议",
        "present": "7",
        "expected": "9",
    }
    assert web.visitor("branch").post(f"/organizations/{OWN}/record", **typed).status == 303


def test_recent_events_in_words(web: Web) -> None:
    """Without a filter an auditor sees the events of the last seven days in words."""
    record(web)
    page = web.visitor("auditor").get("/audit")
    assert page.heading == "审计日志"
    row = next(row for row in page.rows if "月度会议" in row)
    assert "记录活动" in row
    assert "红星社区" in row
    assert "支部委员会会议" in row
    assert "应到 9" in row
    assert "测试branch" in row
    assert "网页" in row
    assert f"/organizations/{OWN}/records/" in page.text
    assert 'value="2026-09-14"' in page.text


def test_filters_and_faults(web: Web) -> None:
    """Filters narrow the list, and an invalid filter is reported at its field."""
    record(web)
    auditor = web.visitor("auditor")
    page = auditor.get(f"/audit?organization={OWN}&type=ActivityRecorded&actor=测试branch")
    assert len(page.rows) == 2
    page = auditor.get("/audit?organization=none&actor=x")
    assert page.status == 422
    assert "organization" in page.faults
    assert 'value="x"' in page.text
    page = auditor.get("/audit?from=2026-9-1")
    assert list(page.faults) == ["", "from"] or "from" in page.faults
    assert auditor.get("/audit?after=nonsense").status == 422
    assert "没有符合条件的事件" in auditor.get("/audit?actor=nobody").text


def test_days_that_crossed_are_told(web: Web) -> None:
    """A last day before the first is reported at its field."""
    page = web.visitor("auditor").get("/audit?from=2026-09-10&to=2026-09-01")
    assert (page.status, page.faults["to"]) == (422, "早于开始日期，请调换")
    assert "早于" not in web.visitor("auditor").get("/audit?from=2026-09-01&to=2026-09-01").text


def test_pages(web: Web) -> None:
    """The list continues in pages of fifty, and an export has every matching event."""
    auditor = web.visitor("auditor")
    for number in range(60):
        web.admit(f"more{number}", "branch", OWN)
    first = auditor.get("/audit?all=1")
    assert len(first.rows) == 51
    (following,) = [link for link in first.links if "after=" in link]
    second = auditor.get("/audit" + following)
    assert second.rows[1] != first.rows[1]
    text = auditor.get("/audit?type=AccountOpened&format=csv").text
    assert len(text.splitlines()) == 2 + 60 + 7
    assert "开立账号" in text


def test_a_file_says_what_it_leaves_out(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CSV has every event; the page says before, and a workbook inside, that it has fewer."""
    auditor = web.visitor("auditor")
    monkeypatch.setattr(audit_query, "WALKED", 3)
    monkeypatch.setattr(exports, "MOST_ROWS", 4)
    for number in range(60):
        web.admit(f"more{number}", "branch", OWN)
    text = auditor.get("/audit?type=AccountOpened&format=csv").text
    assert len(text.splitlines()) == 2 + 60 + 7
    assert text.splitlines()[0].endswith("（北京时间）")
    assert "Excel 最多" in auditor.get("/audit?all=1").text
    lines = rows_of(auditor.get("/audit?type=AccountOpened&format=xlsx").answer.content)
    assert len(lines) == 2 + 4 + 1
    assert "只含前 4 行" in str(lines[0][0])
    assert "只含前 4 行" in str(lines[-1][0])


def test_a_part_sees_its_part(web: Web) -> None:
    """A street's department sees no event of other streets, in lists or by address."""
    web.drawn()
    web.admit("part", "department", STREET)
    part = web.visitor("part")
    page = part.get("/audit?all=1")
    assert "红星社区" in page.text
    assert "西山社区" not in page.text
    assert "抽取样本" not in "".join(page.rows)
    assert "只列出您职责范围内组织的事件" in page.text
    assert "/audit/verify" not in page.links
    assert part.get(f"/audit/organization-{FOREIGN}/1").status == 404
    assert part.get(f"/audit/cycle-{ROOT}-{MONTH}/1").status == 404
    assert part.get("/audit/verify").status == 403
    assert "西山社区" not in part.get("/audit?all=1&format=csv").text
    assert web.visitor("branch").get("/audit").status == 403


def test_every_type_has_its_words() -> None:
    """Every type of event and its plain fields have a name in both languages."""
    shipped = {name for name, kind in EVENT_TYPES.items() if kind.__module__.startswith("events.")}
    assert shipped <= EVENT_NAMES.keys()
    for zh, en in (*EVENT_NAMES.values(), *FIELD_NAMES.values()):
        assert zh
        assert en


def test_values_in_words() -> None:
    """Values are written for people: money in yuan, words, yes and no, erased texts."""
    teller = EventFormatter(PageWords("zh", None), "zh")
    assert teller.value("money", {"due": 12000, "paid": 5}) == "应缴 120.00；实缴 0.05"
    assert teller.value("enabled", value=True) == "是"
    assert teller.value("enabled", value=False) == "否"
    assert teller.value("note", "sha256:" + "0" * 64) == "（文字已删除，承诺仍在）"
    assert teller.value("digest", "a" * 64) == "aaaaaaaaaaaa…"
    assert teller.value("category", "community") == "社区"
    assert teller.value("role", "auditor") == "监督审计"
    assert teller.value("state", "met") == "达标"
    assert teller.value("kind", "monthly") == "月度"
    assert teller.value("evidence", [{"kind": "minutes", "file": "0"}, 2]) == "minutes（有文件）、2"
    assert teller.value("findings", []) == "—"
    assert len(teller.value("note", "x" * 900)) == 401
    assert teller.brief({"note": "x" * 900}).endswith("…")
