"""The criteria of a sheet with their records and evidence."""

from __future__ import annotations

import json
from datetime import date

from events.streams.organizations import stream_of
from events.streams.records import ActivityRecorded
from tests.support.sheet_world import SheetWorld, words
from tests.support.web_district import PNG


def test_sheet_shows_what_can_be_judged(world_on: SheetWorld) -> None:
    """A sheet shows each criterion that can be judged with rule, credit and records."""
    inspector = world_on.enter(world_on.people()[0])
    text = inspector.open()
    said = words(text)
    assert "支部委员会会议每月1次，须有会议记录" in said
    assert "推算 2 分 / 2" in said
    assert "/organizations/c01/records/a-1" in text
    assert "从未填报" in said
    assert "数据“居民户数”从未填报" in said
    assert 'data-code="q"' in text
    assert inspector.criterion("m")["data-confirm"] == '{"credit": "1"}'
    assert "data-confirm" not in inspector.criterion("j")
    causes = json.loads(inspector.criterion("d")["data-causes"])
    assert [(one["code"], one["take"], one["low"], one["high"]) for one in causes] == [
        ("c1", "0.5", None, None),
        ("c2", None, "0.5", "1.5"),
        ("c3", None, None, None),
    ]
    assert inspector.sheet()["takes"] == "1"
    assert inspector.sheet()["due"] == "2026-10-21"


def test_sheet_leaves_out_what_is_pending(world: SheetWorld) -> None:
    """A criterion that is not due is listed as not judged this month."""
    district = world.district
    district.at("2026-11-01 00:30")
    district.open("2026-10")
    district.at("2026-11-06 12:00")
    district.draw("2026-10")
    inspector = world.enter(district.inspectors("c01", "2026-10")[0])
    text = inspector.get("/organizations/c01/sheet/2026-10")
    assert 'data-code="q"' not in text
    assert "这个月不评的标准 1" in words(text)


def test_sheet_shows_why_a_record_is_not_worth_more(world: SheetWorld) -> None:
    """Late, incomplete and disallowed records are labelled as such."""
    district = world.district
    district.at("2026-10-07 10:00")
    district.meet("c01", "2026-09-20", record_id="a-2", evidence=[])
    inspector = world.enter(world.people()[0])
    said = words(inspector.open())
    assert "迟报" in said
    assert "缺 会议记录" in said
    inspector.send(disallow=[{"record_id": "a-2", "reason": "不实"}])
    assert "不予采信" in words(inspector.open())


def test_sheet_shows_evidence_beside_its_record(world: SheetWorld) -> None:
    """Files open from the sheet, and a reused file names the record that used it before."""
    uploaded = world.enter(None, "branch", "c01").upload()
    inspector = world.enter(world.people()[0])
    for code, record_id in (("c01", "same-month"), ("c01", "photo"), ("c02", "photo")):
        if code == "c02":
            assert "此文件曾用过" not in inspector.open()
        world.district.tell(
            stream_of(code),
            ActivityRecorded(
                record_id=record_id,
                activity="branch_committee_meeting",
                occurred_on=date(2026, 9, 20),
                title="带照片的会议",
                evidence=({"kind": "photo", "file": uploaded},),
            ),
        )
    text = inspector.open()
    assert f'<img src="/evidence/{uploaded}"' in text
    assert "带照片的会议" in text
    assert "此文件曾用过" in text
    assert "没有佐证材料" not in words(text)
    assert inspector.client.get(f"/evidence/{uploaded}").content == PNG
