"""Tests of the data of events in words."""

from typing import Any

import pytest

from events.event import COMMITMENT_PREFIX
from tracker.web.page.event_fields import LONGEST, EventFormatter, link_subject, name_channel
from tracker.web.page.rendering import PageWords

ZH = EventFormatter(PageWords("zh", None), "zh")
EN = EventFormatter(PageWords("en", None), "en")


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [("place", None, "—", "—"), ("causes", [], "—", "—"), ("enabled", True, "是", "yes"),
     ("kind", "monthly", "月度", "monthly"), ("category", "village", "村", "Village"),
     ("state", "met", "达标", "met"), ("role", "auditor", "监督审计", "Auditor"),
     ("note", f"{COMMITMENT_PREFIX}{'a' * 64}", "（文字已删除，承诺仍在）",
      "(the text was erased; its commitment stays)"),
     ("root", "a" * 64, "aaaaaaaaaaaa…", "aaaaaaaaaaaa…"),
     ("money", {"due": 1050, "paid": 1000}, "应缴 10.50；实缴 10.00", "due 10.50；paid 10.00"),
     ("inspectors", ["p-1", "p-2"], "p-1、p-2", "p-1、p-2"),
     ("evidence", [{"kind": "photo", "file": "f"}, {"kind": "minutes"}], "photo（有文件）、minutes",
      "photo (file)、minutes")],
)  # fmt: skip
def test_values_as_people_write_them(key: str, value: Any, zh: str, en: str) -> None:
    """Each kind of value is written in words of the language; money is in yuan."""
    assert (ZH.value(key, value), EN.value(key, value)) == (zh, en)


def test_long_values_are_cut() -> None:
    """A page shows the beginning of a long value; a brief line skips long and empty fields."""
    assert ZH.value("note", "长" * LONGEST) == "长" * LONGEST
    assert ZH.value("note", "长" * (LONGEST + 1)) == "长" * LONGEST + "…"
    data = {"title": "例会", "note": None, "digest": "x", "place": "会议室", "odd": 1}
    assert ZH.brief(data, frozenset({"place"})) == "主题 例会；odd 1"
    assert len(ZH.brief({"note": "长" * LONGEST})) == LONGEST // 2 + 1
    assert EN.lines({"title": "a", "odd": 1}) == [("title", "a"), ("odd", "1")]


@pytest.mark.parametrize(
    ("event_type", "data", "path"),
    [("ActivityRecorded", {"record_id": "m 1"}, "/records/m%201"),
     ("RectificationReplied", {"rectification_id": "s-1"}, "/rectifications/s-1"),
     ("ScorePosted", {"period": "2026-09"}, "/explain/2026-09"), ("OrganizationRenamed", {}, "")],
)  # fmt: skip
def test_an_event_links_to_its_subject(event_type: str, data: dict[str, Any], path: str) -> None:
    """Records, orders and scores have pages; other events link to the electronic file."""
    assert link_subject("c", event_type, data) == f"/organizations/c{path}"


def test_channels_have_names() -> None:
    """An unknown channel keeps its own name."""
    assert [name_channel("web", "zh"), name_channel("cli", "en"), name_channel("x", "zh")] == [
        "网页", "command line", "x"
    ]  # fmt: skip
