"""Two inspectors sign one sheet by pages, and the paper says what was found and replaced."""

from __future__ import annotations

from tests.support.districts import SEPTEMBER
from tests.support.sheet_world import SheetWorld, found, words

LOWERED = found("m", credit="0.5")
RAISED = found("f", credit="1")


# two signatures
def test_two_sign(world_on: SheetWorld) -> None:
    """What one proposes the other reads on the sheet and signs; both names stand on the paper."""
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
    """It goes back with a remark, is filled in again for its maker, and waits after a new try."""
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
    """A colleague who read an earlier content is shown the new one, and keeps their remark."""
    first, second = world.pair()
    first.send(how="propose", findings=[RAISED])
    text = second.sign("return", "旗已旧", 409, digest="other").text
    assert "同事在您打开之后改过这份检查表" in text
    assert "旗已旧" in text
    assert world.sheets() == []


def test_a_proposal_that_went_bad_is_told(world: SheetWorld) -> None:
    """Where a sheet cannot be taken any more the colleague sees what is wrong with it."""
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
    """Whoever was not assigned finds neither the proposal nor its button."""
    first, _ = world.pair()
    first.send(how="propose", findings=[RAISED])
    outside = sorted({f"p-{number}" for number in range(1, 5)} - set(world.people()))
    stranger = world.enter(outside[0])
    stranger.press(404, sheet_id="s-1", how="sign")
    first.press(403, sheet_id="s-1", how="sign")
    first.press(409, sheet_id="s-9", how="sign")


# the paper
def test_paper_says_what_replaced_what(world: SheetWorld) -> None:
    """All sheets of the inspection stand on one page, each with what it replaced."""
    first, second = world.pair()
    first.send(findings=[LOWERED, {"criterion": "h", "credit": "0"}])
    second.send(sheet_id="s-2", known=["s-1"], findings=[found("m", credit="0")])
    said = words(world.enter(None, "branch", "c01").get(f"/organizations/c01/sheets/{SEPTEMBER}"))
    for part in (
        "过程化考核检查表",
        "第 2 份检查表",
        "替代了前面检查表对这些标准的结论：m",
        "以下结论已被后面的检查表替代：m",
        "推算得分",
        "截止后公布",
    ):
        assert part in said, part


def test_paper_after_the_close(world: SheetWorld) -> None:
    """The figure that was posted stands on it; a month without a sheet says so."""
    inspector = world.enter(world.people()[0])
    inspector.send(findings=[LOWERED])
    world.at("2026-10-11 00:30", inspector)
    world.district.close()
    said = inspector.papers()
    assert f"核查得分{world.district.posted()['c01']['inspected']}" in said
    assert "截止后公布" not in said
    department = world.enter(None, "department")
    said = department.papers("c02")
    assert "还没有提交检查表" in said
    assert "这个月没有抽查该组织" in words(department.get("/organizations/d/sheets/2026-09"))
    assert department.get("/organizations/c01/sheets/never", 422)


def test_paper_is_for_who_may_see_the_file(world: SheetWorld) -> None:
    """A branch reads its own, and no other's."""
    branch = world.enter(None, "branch", "c01")
    assert branch.papers()
    branch.get(f"/organizations/c02/sheets/{SEPTEMBER}", 404)
