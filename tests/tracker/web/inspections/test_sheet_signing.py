"""Two inspectors sign one sheet by pages, and the paper says what was found and replaced."""

from __future__ import annotations

from tests.support.districts import SEPTEMBER
from tests.support.sheet_world import SheetWorld, found, words

LOWERED = found("m", credit="0.5")
RAISED = found("f", credit="1")


# two signatures
def test_two_sign(world_on: SheetWorld) -> None:
    """A colleague reads a proposal on the sheet and signs it; the paper names both."""
    first, second = world_on.pair()
    answer = first.send(how="propose", findings=[RAISED, {"criterion": "m", "credit": "1"}])
    assert answer == {"state": "proposed", "sheet_id": "s-1"}
    said = words(second.open())
    assert "等您签字的检查表" in said
    assert "标准f 不得分" not in said
    assert "↑ 上调" in said
    assert "按推算确认 1 项" in said
    assert "我同意，签字" not in first.open()
    done = second.sign()
    assert done.headers["location"] == f"/organizations/c01/sheets/{SEPTEMBER}?done=signed"
    (event,) = world_on.sheets()
    assert event["inspectors"] == world_on.people()
    said = second.papers()
    assert f"签字：名{first.person}、名{second.person}" in said
    assert "↑" in said


def test_signing_twice_is_once(world: SheetWorld) -> None:
    """A second click on the button leads to the same paper."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED])
    done = second.sign()
    again = second.press(303, sheet_id="s-1", digest="x", how="sign")
    assert again.headers["location"] == done.headers["location"]
    assert len(world.sheets()) == 1


def test_handing_back(world: SheetWorld) -> None:
    """A returned proposal is filled in again for its maker and can be sent again."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED], seen={"f": "0"})
    kept = second.sign("return", "", 422).text
    assert "remark" in kept or "写明" in kept
    second.sign("return", "旗已旧，请改")
    said = words(first.open())
    assert f"名{second.person} 退回：旗已旧，请改" in said
    own = first.own()
    assert (own["sheet_id"], own["seen"]) == ("s-1", {"f": "0"})
    assert own["findings"] == [RAISED | {"causes": []}]
    assert second.own() is None
    first.send(how="propose", findings=[found("f", credit="0.5")])
    assert "等您签字的检查表" in words(second.open())


def test_what_changed_meanwhile_is_not_signed(world: SheetWorld) -> None:
    """A colleague who read an older version sees the new one and keeps the remark."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED])
    text = second.sign("return", "旗已旧", 409, digest="other").text
    assert "同事在您打开之后改过这份检查表" in text
    assert "旗已旧" in text
    assert world.sheets() == []


def test_a_proposal_that_went_bad_is_told(world: SheetWorld) -> None:
    """A colleague sees why a proposal can no longer be submitted."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED, {"criterion": "m", "credit": "1"}], seen={"m": "1"})
    world.at("2026-10-07 10:00", second)
    world.district.take(
        {"kind": "retraction", "organization": "c01", "record_id": "a-1", "reason": "误报"}
    )
    text = words(second.sign(status=409).text)
    assert "m 的推算已变为 0（您看到的是 1）" in text
    assert world.sheets() == []


def test_strangers_neither_sign_nor_read(world: SheetWorld) -> None:
    """An inspector who is not assigned sees neither the proposal nor its button."""
    first, _ = world.pair()
    first.send(how="propose", findings=[RAISED])
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    stranger = world.enter(outside[0])
    stranger.press(404, sheet_id="s-1", how="sign")
    first.press(403, sheet_id="s-1", how="sign")
    first.press(409, sheet_id="s-9", how="sign")


# the paper
