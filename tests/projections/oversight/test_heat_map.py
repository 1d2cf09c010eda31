from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import parse_month
from events.streams.organizations import OrganizationClosed, OrganizationRecategorized, stream_of
from events.streams.records import ActivityRetracted, ConditionReported, MeasureReported
from projections.documents.in_force import district as facts_of
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.oversight.heat_map import (
    HeatMap,
    HeatMapQuery,
    HeatProgress,
    entries_asked,
    heat_map,
    owed,
    progress,
)
from tests.support.small_district import SmallDistrict

MARCH = parse_month("2026-03")
DAY = date(2026, 3, 20)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a and b under the street s, c under the root, a village without a scheme."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    small.register("s", "r", "street")
    for code, parent in (("a", "s"), ("b", "s"), ("c", "r")):
        small.register(code, parent)
    small.register("v", "r", "village")
    yield small
    small.dispose()


def asked_of(
    district: SmallDistrict, asked: HeatMapQuery, day: date = DAY, scope: Scope = EVERYTHING
) -> HeatMap:
    """The heat map on a day."""
    with district.read() as reader:
        return heat_map(reader, scope, facts_of(reader), day, asked)


def states(heat: HeatMap) -> dict[str, list[str | None]]:
    """The states of every organization's cells, by code."""
    return {
        row.organization: [None if cell is None else cell.state for cell in row.cells]
        for group in heat.groups
        for row in group.rows
    }


def test_shows_every_duty_of_the_month_for_every_organization(district: SmallDistrict) -> None:
    """What was recorded is done, what was not is due, and a quarter's last month asks for both."""
    district.record("a", "a-1", "2026-03-05")
    district.record("b", "b-1", "2026-03-05", activity="member_assembly")
    heat = asked_of(district, HeatMapQuery(MARCH))
    (group,) = heat.groups
    assert (group.category, heat.period, heat.more) == ("community", "2026-03", False)
    assert [(duty.activity, duty.window) for duty in group.duties] == [
        ("branch_committee_meeting", "2026-03"),
        ("member_assembly", "2026-Q1"),
    ]
    assert states(heat) == {"a": ["done", "due"], "b": ["due", "done"], "c": ["due", "due"]}
    assert [(row.done, row.asked) for row in group.rows] == [(1, 2), (1, 2), (0, 2)]


def test_what_is_past_its_grace_is_late(district: SmallDistrict) -> None:
    """After the last day in time what was never recorded is late."""
    assert states(asked_of(district, HeatMapQuery(MARCH), date(2026, 4, 6)))["c"] == [
        "late",
        "late",
    ]
    assert states(asked_of(district, HeatMapQuery(MARCH), date(2026, 4, 5)))["c"] == ["due", "due"]


def test_a_running_window_is_shown_when_every_duty_is_asked_for(district: SmallDistrict) -> None:
    """In February the quarter and the year go on: columns when asked for, outside the sums."""
    february = parse_month("2026-02")
    day = date(2026, 2, 10)
    assert states(asked_of(district, HeatMapQuery(february), day))["a"] == ["due"]
    heat = asked_of(district, HeatMapQuery(february, every=True), day)
    assert [duty.window for duty in heat.groups[0].duties] == [
        "2026-02", "2026-Q1", "2026",
    ]  # fmt: skip
    assert states(heat)["a"] == ["due", "running", "running"]
    assert heat.groups[0].rows[0].asked == 1


def test_a_yearly_duty_whose_day_has_passed_is_always_shown(district: SmallDistrict) -> None:
    """What was due by the end of June is owed in July, though its window is the year."""
    july = parse_month("2026-07")
    heat = asked_of(district, HeatMapQuery(july), date(2026, 7, 20))
    assert [duty.window for duty in heat.groups[0].duties] == ["2026-07", "2026"]
    assert states(heat)["a"] == ["due", "late"]
    assert [(duty.organization, duty.activity) for duty in owed(heat)][:3] == [
        ("a", "party_lesson"), ("b", "party_lesson"), ("c", "party_lesson"),
    ]  # fmt: skip


def test_two_criteria_of_one_duty_show_the_worse(database_url: str) -> None:
    """One meeting serves a criterion that asks for one, and not the one that asks for two."""
    small = SmallDistrict(database_url)
    rule = {"kind": "activity", "activity": "branch_committee_meeting", "per": "month"}
    criteria = [
        {"code": code, "points": "3", "rule": rule | {"count": count},
         "text": {"zh": code, "en": code}}
        for code, count in (("one", 1), ("two", 2), ("three", 1))
    ]  # fmt: skip
    item = {"code": "1.1", "title": {"zh": "项", "en": "Item"}, "points": "9", "criteria": criteria}
    small.publish(
        {
            "scheme": "double", "version": 1, "title": {"zh": "两", "en": "Two"},
            "categories": ["community"], "effective_from": "2026-01", "points": "9",
            "sections": [{"code": "1", "title": {"zh": "节", "en": "S"}, "items": [item]}],
        }
    )  # fmt: skip
    small.register("r", None, "county")
    small.register("a", "r")
    small.record("a", "a-1", "2026-03-05")
    (cell,) = asked_of(small, HeatMapQuery(MARCH)).groups[0].rows[0].cells
    assert cell is not None
    assert (cell.state, cell.counted, cell.required) == ("due", "1", 2)
    small.dispose()


def test_counts_what_was_reported(district: SmallDistrict) -> None:
    """Conditions and measures that criteria need are counted once each."""
    row = asked_of(district, HeatMapQuery(MARCH)).groups[0].rows[0]
    assert (row.reported, row.to_report) == (0, 3)
    on = date(2026, 3, 1)
    district.tell(
        stream_of("a"),
        ConditionReported(condition="national_flag", state="unmet", on=on),
        MeasureReported(measure="households", value="90", on=on),
    )
    row = asked_of(district, HeatMapQuery(MARCH)).groups[0].rows[0]
    assert (row.reported, row.to_report) == (2, 3)
    district.tell(stream_of("a"), MeasureReported(measure="members", value="2", on=on))
    row = asked_of(district, HeatMapQuery(MARCH)).groups[0].rows[0]
    assert (row.reported, row.to_report, row.derived, row.pending) == (1, 1, "0.00", 3)


def test_a_retracted_record_is_owed_again(district: SmallDistrict) -> None:
    """The map is assessed for each page."""
    district.record("a", "a-1", "2026-03-05")
    district.tell(stream_of("a"), ActivityRetracted(record_id="a-1", reason="误报"))
    assert states(asked_of(district, HeatMapQuery(MARCH)))["a"] == ["due", "due"]


def test_a_duty_that_is_not_asked_of_one_is_an_empty_cell(district: SmallDistrict) -> None:
    """Who was registered late in a quarter is not asked for its assembly."""
    district.register("d", "r", on="2026-03-01")
    assert states(asked_of(district, HeatMapQuery(MARCH)))["d"] == ["due", None]


def test_pages_and_filters(district: SmallDistrict) -> None:
    """A page holds so many by code; a scope, a place in the tree and a category narrow it."""
    heat = asked_of(district, HeatMapQuery(MARCH, limit=2))
    assert (list(states(heat)), heat.more) == (["a", "b"], True)
    assert list(states(asked_of(district, HeatMapQuery(MARCH, offset=2, limit=2)))) == ["c"]
    assert list(states(asked_of(district, HeatMapQuery(MARCH, under=stream_of("s"))))) == ["a", "b"]
    assert list(states(asked_of(district, HeatMapQuery(MARCH, category="community")))) == [
        "a",
        "b",
        "c",
    ]
    for nobody in ("village", "county"):
        assert asked_of(district, HeatMapQuery(MARCH, category=nobody)).groups == []
    scope = Scope((ScopePart(stream_of("s")),), frozenset({stream_of("c")}))
    assert list(states(asked_of(district, HeatMapQuery(MARCH), scope=scope))) == ["a", "b", "c"]
    assert list(states(asked_of(district, HeatMapQuery(MARCH), scope=Scope()))) == []


def test_who_did_not_live_in_the_month_is_left_out(district: SmallDistrict) -> None:
    """Closed before or registered after: no row; before the scheme began: no row for anybody."""
    district.tell(stream_of("a"), OrganizationClosed(on=date(2026, 2, 10)))
    district.register("d", "r", on="2026-04-01")
    with district.read() as reader:
        codes = [entry.code for entry in entries_asked(reader, EVERYTHING, HeatMapQuery(MARCH))]
    assert codes == ["b", "c"]
    assert asked_of(district, HeatMapQuery(parse_month("2025-12"))).groups == []


def test_an_organization_whose_category_changed_since_is_left_out(district: SmallDistrict) -> None:
    """A category that had no scheme then gives no row, though it has one now."""
    district.tell(
        stream_of("v"), OrganizationRecategorized(on=date(2026, 4, 1), category="community")
    )
    assert "v" not in states(asked_of(district, HeatMapQuery(MARCH)))


def test_who_owes_most_comes_first_among_equals(district: SmallDistrict) -> None:
    """Late first, then by the last day in time, then by how much is missing, then by code."""
    district.record("a", "a-1", "2026-03-05", evidence=())
    duties = owed(asked_of(district, HeatMapQuery(MARCH)))
    meetings = [duty for duty in duties if duty.activity == "branch_committee_meeting"]
    assert [(duty.organization, duty.missing) for duty in meetings] == [
        ("b", "1"), ("c", "1"), ("a", "0.5"),
    ]  # fmt: skip
    assert {duty.due_on for duty in duties} == {"2026-04-05"}


def test_progress_sums_the_page(district: SmallDistrict) -> None:
    """How many organizations owe nothing, how many duties are done of those asked for."""
    district.record("a", "a-1", "2026-03-05")
    district.record("a", "a-2", "2026-03-06", activity="member_assembly")
    assert progress(asked_of(district, HeatMapQuery(MARCH))) == HeatProgress(
        organizations=3, finished=1, done=2, asked=6, reported=0, to_report=9
    )
