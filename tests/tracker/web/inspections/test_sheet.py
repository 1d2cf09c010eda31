"""The inspector's home and the sheet: what it shows, and how it answers what is sent."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.districts import SEPTEMBER
from tests.support.sheet_world import Inspector, SheetWorld, found, words

LOWERED = found("m", credit="0.5")
RAISED = found("f", credit="1")


def places(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the part and the name of each fault of an answer."""
    return [(one["field"], one["name"]) for one in answer["errors"]]


# home
def test_home_counts_down(world_on: SheetWorld) -> None:
    """An inspector's home lists each inspection with its last day, colleague and sheet."""
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


def test_home_reminds(world: SheetWorld) -> None:
    """From the day of the reminder the home says how many own sheets are open, and until when."""
    person = world.people()[0]
    own = [code for code in ("c01", "c02") if person in world.people(code)]
    inspector = world.enter(person)
    assert "提醒" not in words(inspector.get("/"))
    world.at("2026-10-08 09:00", inspector)
    world.district.tick()
    said = words(inspector.get("/"))
    assert f"10月8日提醒：2026年9月还有 {len(own)} 份检查表没有交，10月10日截止" in said
    for code in own:
        inspector.send(code=code, findings=[], sheet_id=f"s-{code}")
    assert "提醒：" not in words(inspector.get("/"))


def test_home_moves_what_is_done_and_over(world: SheetWorld) -> None:
    """An inspected organization can get another sheet until the close; then it is read-only."""
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
    """An inspector's account without an inspector says whom to ask, on home and sheet."""
    nobody = world.enter(None)
    assert "没有关联检查人员编号" in nobody.get("/")
    nobody.open(status=404)


def test_home_shows_signatures(world: SheetWorld) -> None:
    """The homes list sheets to sign, sheets waiting for a colleague and returned sheets."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED])
    assert "等同事签字" in first.get("/")
    assert "等我签字" in second.get("/")
    second.sign("return", "旗已旧")
    assert "同事退回，要改" in first.get("/")


# the sheet


def test_sheet_is_for_its_inspectors(world: SheetWorld) -> None:
    """An inspector not assigned in the month gets no sheet."""
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    world.enter(outside[0]).open(status=404)
    inspector = world.enter(world.people()[0])
    inspector.get("/organizations/c01/sheet/2026-08", 404)
    inspector.get("/organizations/none/sheet/2026-09", 404)
    for role, over in (("branch", "c01"), ("department", "r")):
        world.enter(None, role, over).open(status=403)


# handing it in
def test_handing_in(world_on: SheetWorld) -> None:
    """A sheet sent several times is recorded once, and the answer leads to the paper."""
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
    """Other content under the id of a submitted sheet is a conflict."""
    inspector = world.enter(world.people()[0])
    inspector.send(findings=[LOWERED])
    answer = inspector.send(409, findings=[found("m", credit="0")])
    assert answer["type"].endswith("identity_conflict")
    assert len(world.sheets()) == 1


def test_faults_stand_at_their_criteria(world: SheetWorld) -> None:
    """Each fault names its criterion or record, in the user's language."""
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
    """A malformed sheet is rejected at its field; the signer never comes from the sheet."""
    inspector = world.enter(world.people()[0])
    answer = inspector.send(422, **sheet)
    assert places(answer) == [place]
    assert answer["errors"][0]["message"]
    assert world.sheets() == []


def test_what_is_no_json_is_refused(world: SheetWorld) -> None:
    """Invalid JSON and forms of other sites are rejected without a server error."""
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
    """An inspector who is not assigned gets the answer for an unknown organization."""
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    world.enter(outside[0]).send(404, findings=[LOWERED])
    world.enter(None, "department").send(403, findings=[LOWERED])
    assert world.sheets() == []


def test_nobody_sends_a_colleagues_sheet(world: SheetWorld) -> None:
    """A sheet filled in by another inspector can be neither submitted nor proposed."""
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
    """The page and its header name the account whose copy a browser stores."""
    first, second = world.pair()
    path = f"/organizations/c01/sheet/{SEPTEMBER}"
    named = []
    for browser in (first, second):
        answer = browser.client.get(path)
        assert f'data-account="{answer.headers["x-account"]}"' in answer.text
        assert browser.sheet()["person"] == browser.person
        named.append(answer.headers["x-account"])
    assert len(set(named)) == len(named)
    assert 'data-account=""' in TestClient(world.guards).get("/login").text


def test_after_the_last_day(world: SheetWorld) -> None:
    """After the last day the page has no fields and a sheet is refused."""
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
    """A confirmation of an outdated credit is refused with the old and the new credit."""
    inspector = world.enter(world.people()[0])
    confirmed = {"criterion": "m", "credit": "0"}
    answer = inspector.send(409, findings=[confirmed], seen={"m": "0"})
    assert answer["errors"][0]["message"].startswith("m 的推算已变为 1（您看到的是 0）")


# without a connection
def test_service_worker_is_served_from_the_root(world: SheetWorld) -> None:
    """The service worker covers the whole site, is revalidated, and needs no session."""
    inspector: Inspector = world.enter(world.people()[0])
    inspector.client.cookies.clear()
    answer = inspector.client.get("/sw.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == "/"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_sheet_in_english(world: SheetWorld) -> None:
    """The sheet and its faults appear in the chosen language."""
    inspector = world.enter(world.people()[0])
    inspector.client.cookies.set("tracker_language", "en")
    assert "inspection sheet" in inspector.open()
    answer = inspector.send(422, findings=[{"criterion": "m", "credit": "0"}])
    assert answer["errors"][0]["message"] == "m differs from the derived credit; give a reason"
