"""The log on a page: events in words, within reach, each with its proof."""

from __future__ import annotations

import time

from events.event import EVENT_TYPES
from tests.support.web_client import FOREIGN, MONTH, OWN, ROOT, STREET, Web
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
    """An auditor who asks nothing sees the last seven days, each event in words."""
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
    """Filters narrow the list; a filter that is none is told at its field, the others stay."""
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
    """Instead of an empty list, at the field of the last day."""
    page = web.visitor("auditor").get("/audit?from=2026-09-10&to=2026-09-01")
    assert (page.status, page.faults["to"]) == (422, "早于开始日期，请调换")
    assert "早于" not in web.visitor("auditor").get("/audit?from=2026-09-01&to=2026-09-01").text


def test_pages(web: Web) -> None:
    """Pages of fifty lead on, and a file holds all that the filter leaves."""
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


def test_a_part_sees_its_part(web: Web) -> None:
    """A department of a street sees nothing of elsewhere, neither in lists nor one by one."""
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


def test_one_event(web: Web) -> None:
    """An event's page shows it in words, before and after, and that its hash agrees."""
    record(web)
    auditor = web.visitor("auditor")
    page = auditor.get(f"/audit/organization-{OWN}/2")
    assert page.heading.startswith("记录活动")
    assert "✓ 一致" in page.text
    assert any(row.startswith("活动") and row.endswith("支部委员会会议") for row in page.rows)
    assert f"/audit/organization-{OWN}/1" in page.links
    assert auditor.get(f"/audit/organization-{OWN}/99").status == 404


def test_every_event_has_a_page(web: Web) -> None:
    """Every event of the log opens, in both languages, and agrees."""
    record(web)
    web.drawn()
    auditor = web.visitor("auditor")
    auditor.client.cookies.set("tracker_language", "en")
    with web.read() as reader:
        rows = reader.rows("SELECT stream, version FROM events ORDER BY position")
    for stream, version in rows:
        page = auditor.get(f"/audit/{stream}/{version}")
        assert page.status == 200, (stream, version)
        assert "Verified: the hash" in page.text


def test_verification(web: Web) -> None:
    """An auditor begins a check; its page shows when it was done."""
    auditor = web.visitor("auditor")
    page = auditor.get("/audit/verify")
    assert "还没有校验过" in page.text
    assert auditor.send(page.form("/audit/verify")).location == "/audit/verify"
    for _ in range(600):
        page = auditor.get("/audit/verify")
        if "正在校验" not in page.text:
            break
        time.sleep(0.05)
    assert "✓ 一致" in page.text
    assert "2026-09-20 09:00" in page.text


def test_every_type_has_its_words() -> None:
    """Every type of event and its plain fields have a name in both languages."""
    shipped = {name for name, kind in EVENT_TYPES.items() if kind.__module__.startswith("events.")}
    assert shipped <= EVENT_NAMES.keys()
    for zh, en in (*EVENT_NAMES.values(), *FIELD_NAMES.values()):
        assert zh
        assert en


def test_values_in_words() -> None:
    """Values are told as people write them: money in yuan, words, yes and no, erased texts."""
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
