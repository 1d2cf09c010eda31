from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import parse_month
from projections.documents.in_force import district as facts_of
from projections.organizations.scope import EVERYTHING
from projections.oversight.call_list import CallGroup, call_list
from projections.oversight.heat_map import HeatMapQuery, heat_map
from projections.rectifications.ledger import OVERDUE, RectificationOrder
from tests.support.small_district import SmallDistrict

MARCH = parse_month("2026-03")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a and b under the street s, c under the root, which is one itself."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "community")
    small.register("s", "r", "street")
    for code, parent in (("a", "s"), ("b", "s"), ("c", "r")):
        small.register(code, parent)
    yield small
    small.dispose()


def order(code: str) -> RectificationOrder:
    """An overdue order of an organization."""
    return RectificationOrder(
        f"organization-{code}", code, f"组织{code}", "community", "x-1", "2026-02", "m",
        "2026-03-10", "", 1, "没有会议记录", None, OVERDUE,
    )  # fmt: skip


def calls(small: SmallDistrict, day: date, *orders: RectificationOrder) -> list[CallGroup]:
    """The list of a day in March."""
    with small.read() as reader:
        heat = heat_map(reader, EVERYTHING, facts_of(reader), day, HeatMapQuery(MARCH))
        return call_list(reader, heat, orders)


def test_lists_who_owes_what_by_the_organization_above(district: SmallDistrict) -> None:
    """Each organization is a line under the one above; who owes nothing is left out."""
    for code in ("a", "r"):
        district.record(code, "a-1", "2026-03-05")
        district.record(code, "a-2", "2026-03-05", activity="member_assembly")
    groups = calls(district, date(2026, 3, 20))
    assert [(group.name, [line.organization for line in group.lines]) for group in groups] == [
        ("组织r", ["c"]),
        ("组织s", ["b"]),
    ]
    ((line,), _) = (group.lines for group in groups)
    assert [duty.activity for duty in line.duties] == [
        "branch_committee_meeting",
        "member_assembly",
    ]
    assert (line.late, line.due_on) == (0, "2026-04-05")


def test_a_root_is_called_too(district: SmallDistrict) -> None:
    """What is past its last day is counted; an organization without one above comes first."""
    groups = calls(district, date(2026, 4, 6))
    assert [group.name for group in groups] == ["", "组织r", "组织s"]
    assert groups[0].lines[0].late == 2


def test_overdue_orders_are_reasons_to_call(district: SmallDistrict) -> None:
    """An order counts for an organization of the heat map, with its day."""
    for code in ("a", "b", "c", "r"):
        district.record(code, "a-1", "2026-03-05")
        district.record(code, "a-2", "2026-03-05", activity="member_assembly")
    assert calls(district, date(2026, 3, 20)) == []
    (group,) = calls(district, date(2026, 3, 20), order("b"), order("elsewhere"))
    (line,) = group.lines
    assert (line.organization, line.late, line.due_on) == ("b", 1, "2026-03-10")
