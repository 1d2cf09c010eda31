"""The inspector's home and the sheet: what it shows, and how it answers what is sent."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from events.streams.organizations import stream_of
from events.streams.records import ActivityRecorded
from tests.support.districts import SEPTEMBER
from tests.support.sheet_world import Inspector, SheetWorld, found, words
from tests.support.web_district import PNG

LOWERED = found("m", credit="0.5")
RAISED = found("f", credit="1")


def places(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Which part and name each fault of an answer is at."""
    return [(one["field"], one["name"]) for one in answer["errors"]]


# home
def test_home_counts_down(world_on: SheetWorld) -> None:
    """An inspector's home says what is to be done by which day, with whom, and opens it."""
    first, second = world_on.people()
    inspector = world_on.enter(first)
    text = inspector.get("/")
    said = words(text)
    assert "还有 4 天" in said
    assert "截止 10月10日" in said
    assert f"同组 {second}" in said
    assert f'href="/organizations/c01/sheet/{SEPTEMBER}"' in text
    world_on.at("2026-10-10 09:00", inspector)
    assert "今天截止" in words(inspector.get("/"))
    world_on.enter(second)
    assert f"同组 名{second}" in words(inspector.get("/"))


def test_home_moves_what_is_done_and_over(world: SheetWorld) -> None:
    """What was inspected can still be added to; after the close it can be read alone."""
    inspector = world.enter(world.people()[0])
    inspector.send(findings=[LOWERED])
    assert "已检查，截止前还可补充" in inspector.get("/")
    world.at("2026-10-11 00:30", inspector)
    world.district.close()
    text = inspector.get("/")
    assert "已截止" in text
    assert "目前没有待检查的组织" in text
    assert f'href="/organizations/c01/sheets/{SEPTEMBER}"' in text
    assert f'href="/organizations/c01/sheet/{SEPTEMBER}"' not in text


def test_home_of_an_account_without_a_person(world: SheetWorld) -> None:
    """Whoever is no inspector of the log is told whom to ask, on the home and at a sheet."""
    nobody = world.enter(None)
    assert "没有关联检查人员编号" in nobody.get("/")
    nobody.open(status=404)


def test_home_shows_signatures(world: SheetWorld) -> None:
    """What waits for me, for a colleague, and what came back stand on the homes."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED])
    assert "等同事签字" in first.get("/")
    assert "等我签字" in second.get("/")
    second.sign("return", "旗已旧")
    assert "同事退回，要改" in first.get("/")


# the sheet
def test_sheet_shows_what_can_be_judged(world_on: SheetWorld) -> None:
    """Every criterion that can be judged with rule, derived credit and records; no other."""
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
    """A criterion that is not due is listed as one that is not judged this month."""
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
    """Records that came late, lack evidence or were disallowed say so."""
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
    """Files can be opened from the sheet, and one that was used before says where."""
    uploaded = world.enter(None, "branch", "c01").upload()
    for code in ("c02", "c01"):
        world.district.tell(
            stream_of(code),
            ActivityRecorded(
                record_id=f"photo-{code}",
                activity="branch_committee_meeting",
                occurred_on=date(2026, 9, 20),
                title="带照片的会议",
                evidence=({"kind": "photo", "file": uploaded},),
            ),
        )
    inspector = world.enter(world.people()[0])
    text = inspector.open()
    assert f'<img src="/evidence/{uploaded}"' in text
    assert "带照片的会议" in text
    assert "此文件曾用过" in text
    assert "没有佐证材料" not in words(text)
    assert inspector.client.get(f"/evidence/{uploaded}").content == PNG


def test_sheet_is_for_its_inspectors(world: SheetWorld) -> None:
    """Somebody who was not assigned, or inspected it in another month, gets no sheet."""
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    world.enter(outside[0]).open(status=404)
    inspector = world.enter(world.people()[0])
    inspector.get("/organizations/c01/sheet/2026-08", 404)
    inspector.get("/organizations/none/sheet/2026-09", 404)
    for role, over in (("branch", "c01"), ("department", "r")):
        world.enter(None, role, over).open(status=403)


# handing it in
def test_handing_in(world_on: SheetWorld) -> None:
    """A sheet is taken once, however often it is sent, and leads to the paper."""
    inspector = world_on.enter(world_on.people()[0])
    sheet: dict[str, Any] = {
        "findings": [
            LOWERED,
            found("d", causes=[{"cause": "c1", "count": 2}, {"cause": "c2", "points": "0.5"}]),
        ],
        "disallow": [{"record_id": "a-1", "reason": "照片不实"}],
        "rectify": [{"criterion": "m", "problem": "补齐记录", "due": "2026-10-21"}],
    }
    done = inspector.send(**sheet)
    assert done == {
        "state": "submitted",
        "sheet_id": "s-1",
        "address": f"/organizations/c01/sheets/{SEPTEMBER}?done=submitted",
    }
    assert inspector.send(**sheet) == done
    assert len(world_on.sheets()) == 1
    (event,) = world_on.sheets()
    assert event["inspectors"] == [inspector.person]
    assert len(world_on.district.of("c01", "RectificationOrdered")) == 1
    said = inspector.papers()
    for part in ("一半", "一 × 2", "照片不实", "补齐记录", f"签字：名{inspector.person}"):
        assert part in said, part


def test_other_content_under_the_same_sheet(world: SheetWorld) -> None:
    """What bears the id of a sheet that stands and says something else is a conflict."""
    inspector = world.enter(world.people()[0])
    inspector.send(findings=[LOWERED])
    answer = inspector.send(409, findings=[found("m", credit="0")])
    assert answer["type"].endswith("identity_conflict")
    assert len(world.sheets()) == 1


def test_faults_stand_at_their_criteria(world: SheetWorld) -> None:
    """Every fault is told with its criterion or record, in the language of who asks."""
    inspector = world.enter(world.people()[0])
    answer = inspector.send(
        422,
        findings=[{"criterion": "m", "credit": "0"}, RAISED, found("d", points="9")],
        disallow=[{"record_id": "none", "reason": "r"}],
        rectify=[{"criterion": "m", "problem": "p", "due": "2026-10-01"}],
    )
    assert places(answer) == [
        ("findings", "m"),
        ("findings", "f"),
        ("findings", "d"),
        ("disallow", "none"),
        ("rectify", "m"),
    ]
    messages = [one["message"] for one in answer["errors"]]
    assert messages[0] == "m 与推算不同，请写明理由"
    assert "须全体检查人员签字" in messages[1]
    assert "满分只有 2 分" in messages[2]
    assert "5 处" in answer["title"]
    assert world.sheets() == []


@pytest.mark.parametrize(
    ("sheet", "place"),
    [
        ({"findings": [{"criterion": "m", "credit": "2"}]}, ("findings", "m")),
        ({"findings": [found("m", credit="0") | {"reason": "长" * 501}]}, ("findings", "m")),
        ({"findings": ["m"]}, ("findings", "")),
        ({"disallow": [{"record_id": "a-1", "reason": ""}]}, ("disallow", "a-1")),
        ({"rectify": [{"criterion": "m", "problem": "p", "due": "soon"}]}, ("rectify", "m")),
        ({"sheet_id": ""}, ("sheet_id", "")),
        ({"how": "burn"}, ("how", "")),
        ({"person": None}, ("person", "")),
        ({"known": "s-1"}, ("known", "")),
        ({"inspectors": ["p-1", "p-2"]}, ("inspectors", "")),
    ],
)
def test_bad_shapes_stand_at_their_places(
    world: SheetWorld, sheet: dict[str, Any], place: tuple[str, str]
) -> None:
    """What is no sheet is refused where it is wrong; who signs is never read from it."""
    inspector = world.enter(world.people()[0])
    answer = inspector.send(422, **sheet)
    assert places(answer) == [place]
    assert answer["errors"][0]["message"]
    assert world.sheets() == []


def test_what_is_no_json_is_refused(world: SheetWorld) -> None:
    """A broken body is no fault of the server's, and a form from elsewhere is refused."""
    inspector = world.enter(world.people()[0])
    path = f"/organizations/c01/sheet/{SEPTEMBER}"
    headers = {"content-type": "application/json", "accept": "application/json"}
    named = headers | {"x-csrf-token": inspector.csrf}
    assert inspector.client.post(path, content=b"{", headers=named).status_code == 422
    assert inspector.client.post(path, content=b"[]", headers=named).status_code == 422
    forged = inspector.client.post(path, content=b"{}", headers=headers)
    assert forged.status_code == 403
    assert forged.json()["type"].endswith("forged_form")


def test_a_stranger_hands_nothing_in(world: SheetWorld) -> None:
    """Whoever was not assigned is refused as for an organization that is not there."""
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    world.enter(outside[0]).send(404, findings=[LOWERED])
    world.enter(None, "department").send(403, findings=[LOWERED])
    assert world.sheets() == []


def test_nobody_sends_a_colleagues_sheet(world: SheetWorld) -> None:
    """What somebody else filled in is neither handed in nor proposed in one's own name."""
    first, second = world.pair()
    for how in ("sign", "propose"):
        answer = second.send(403, how=how, person=first.person, findings=[LOWERED])
        assert answer["type"].endswith(":other_person")
        assert answer["title"] == "这份检查表是别人填写的，须由填写人本人登录后提交"
    assert world.sheets() == []
    assert "等您签字" not in first.open() + second.open()
    assert first.send(findings=[LOWERED])["state"] == "submitted"
    assert [one["inspectors"] for one in world.sheets()] == [[first.person]]


def test_a_sheet_says_whose_copy_a_browser_keeps(world: SheetWorld) -> None:
    """The page and the header beside it name the account, by which copies are told apart."""
    first, second = world.pair()
    path = f"/organizations/c01/sheet/{SEPTEMBER}"
    named = []
    for one in (first, second):
        answer = one.client.get(path)
        assert f'data-account="{answer.headers["x-account"]}"' in answer.text
        assert one.sheet()["person"] == one.person
        named.append(answer.headers["x-account"])
    assert len(set(named)) == len(named)
    assert 'data-account=""' in TestClient(world.guards).get("/login").text


def test_after_the_last_day(world: SheetWorld) -> None:
    """Nothing is taken any more, the page says so, and has no fields."""
    inspector = world.enter(world.people()[0])
    world.at("2026-10-11 00:10", inspector)
    answer = inspector.send(409, findings=[LOWERED])
    assert answer["title"] == "2026-09 的检查已于 2026-10-10 截止，不再收检查表"
    text = inspector.open()
    assert "现在不收检查表" in text
    assert 'data-do="confirm"' not in text
    assert inspector.sheet()["takes"] == ""
    world.district.at("2026-10-11 00:30")
    world.district.close()
    assert "未完成" in words(inspector.open())
    assert inspector.send(409, findings=[LOWERED])["title"] == "2026-09 目前不收检查表"


def test_a_colleagues_later_sheet_is_told(world: SheetWorld) -> None:
    """A sheet made without knowing a colleague's is a conflict at what both judged."""
    first, second = world.pair()
    second.send(sheet_id="s-2", findings=[LOWERED, found("j", credit="1")])
    answer = first.send(409, findings=[found("m", credit="0"), found("h", credit="0")])
    assert places(answer) == [("findings", "m")]
    assert f"名{second.person}" in answer["errors"][0]["message"]
    assert answer["errors"][0]["sheet"] == "s-2"
    sheet = first.sheet()
    assert (sheet["known"], set(sheet["stands"].split())) == ("s-2", {"m", "j"})
    assert "已提交的结论：一半" in words(first.open())
    first.send(findings=[found("m", credit="0")], known=["s-2"])
    assert len(world.sheets()) == 2


def test_a_derived_credit_that_moved_is_told(world: SheetWorld) -> None:
    """Who confirmed what is derived as something else by now is told both."""
    inspector = world.enter(world.people()[0])
    confirmed = {"criterion": "m", "credit": "0"}
    answer = inspector.send(409, findings=[confirmed], seen={"m": "0"})
    assert answer["errors"][0]["message"].startswith("m 的推算已变为 1（您看到的是 0）")


# without a connection
def test_service_worker_is_served_from_the_root(world: SheetWorld) -> None:
    """It may keep every page of the site, is asked for anew, and needs nobody signed in."""
    inspector: Inspector = world.enter(world.people()[0])
    inspector.client.cookies.clear()
    answer = inspector.client.get("/sw.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == "/"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_sheet_in_english(world: SheetWorld) -> None:
    """Page and faults speak the language that was chosen."""
    inspector = world.enter(world.people()[0])
    inspector.client.cookies.set("tracker_language", "en")
    assert "inspection sheet" in inspector.open()
    answer = inspector.send(422, findings=[{"criterion": "m", "credit": "0"}])
    assert answer["errors"][0]["message"] == "m differs from the derived credit without a reason"
