"""The submitted sheets of an inspection as a paper."""

from __future__ import annotations

from tests.support.districts import SEPTEMBER
from tests.support.sheet_world import SheetWorld, found, words

LOWERED = found("m", credit="0.5")


# two signatures


def test_paper_says_what_replaced_what(world: SheetWorld) -> None:
    """One page has all sheets of the inspection, each with the findings it replaced."""
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
    """The paper has the posted score; a month without a sheet says so."""
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
    """A branch reads its own paper and no other."""
    branch = world.enter(None, "branch", "c01")
    assert branch.papers()
    branch.get(f"/organizations/c02/sheets/{SEPTEMBER}", 404)
