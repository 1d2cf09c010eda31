from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from events.periods import parse_month
from events.streams.cycles import CycleClosing, cycle_stream
from events.streams.findings import InspectionAssigned, InspectionMissed
from events.streams.organizations import OrganizationRecoded, stream_of
from events.streams.rectifications import RectificationOrdered
from projections.cycles.draw import draw_snapshot, last_inspections
from projections.cycles.overview import (
    CycleHead,
    CycleMonth,
    ExcludedOrganization,
    OrderCounts,
    TeamProgress,
    assignments,
    cycle_document,
    cycles_by_month,
    days_left,
    exclusions,
    head_document,
    orders_of,
    team_progress,
    unassigned_reason,
)
from projections.cycles.reading import read_cycle_head
from projections.organizations.directory import entries_of
from projections.organizations.scope import EVERYTHING, Scope
from scheduler.explaining import explain_draw
from tests.support.districts import SEPTEMBER, District
from tests.support.small_district import SmallDistrict, assigned, cycle, sheet


@pytest.fixture
def drawn(database_url: str) -> Iterator[District]:
    """Eight communities, September drawn."""
    district = District(database_url, size=8)
    district.at("2026-10-01 09:00")
    district.open()
    district.at("2026-10-06 09:00")
    district.draw()
    yield district
    district.dispose()


def own(*codes: str) -> Scope:
    """Single organizations as a scope."""
    return Scope(streams=frozenset(stream_of(code) for code in codes))


def test_the_head_is_the_cycle_without_its_long_lists(drawn: District) -> None:
    """The head has state, dates and draw of the whole cycle, without frame and sample."""
    with drawn.read() as reader:
        head = read_cycle_head(reader, "r", SEPTEMBER)
        document = head_document(reader, "r", SEPTEMBER)
        whole = cycle_document(reader, "r", SEPTEMBER)
        none = head_document(reader, "r", "2026-10")
    assert (head.state, head.frame, head.sample, head.exclusions) == ("drawn", {}, (), ())
    for field in fields(CycleHead):
        assert getattr(document, field.name) == getattr(whole, field.name), field.name
    assert document.closed is None
    assert document.reason is None
    assert (document.reminds_on, document.assigned) == ("2026-10-08", True)
    assert (none.state, none.opened_on, none.reminds_on) == (None, None, None)


def test_the_head_tells_how_it_closed(drawn: District) -> None:
    """The head has the counts of the close, and the reason of a close without inspections."""
    drawn.close(reason="汛期")
    with drawn.read() as reader:
        head = head_document(reader, "r", SEPTEMBER)
    assert head.closed is not None
    assert head.closed.posted == 8
    assert head.closed.not_held == len(drawn.drawn().sample)
    assert (head.uninspected, head.reason, head.state) == (True, "汛期", "closed")


def test_a_cycle_that_is_closing_says_so(drawn: District) -> None:
    """Between the two events of a close the cycle is drawn, and closing."""
    closing = CycleClosing(scope="r", period=SEPTEMBER, closing_on=date(2026, 10, 10))
    drawn.tell(cycle_stream("r", SEPTEMBER), closing)
    with drawn.read() as reader:
        head = head_document(reader, "r", SEPTEMBER)
    assert (head.state, head.closing, head.closed) == ("drawn", True, None)


def test_months_count_the_inspections_of_a_scope(drawn: District) -> None:
    """Each month counts by state the inspections of the scope alone."""
    sample = [row["organization"] for row in drawn.drawn().sample]
    with drawn.read() as reader:
        (everybody,) = cycles_by_month(reader, EVERYTHING)
        (mine,) = cycles_by_month(reader, own(sample[0]))
        (nobody,) = cycles_by_month(reader, Scope())
    assert everybody == CycleMonth(
        "r", SEPTEMBER, "drawn", open=len(sample), scored=0, missed=0, not_held=0
    )
    assert (mine.open, nobody.open) == (1, 0)


def test_assignments_by_state_and_team(drawn: District) -> None:
    """Assignments are those of the scope, page, state and team, ordered by code."""
    sample = sorted(row["organization"] for row in drawn.drawn().sample)

    def codes(
        scope: Scope = EVERYTHING, limit: int = 50, offset: int = 0, **more: Any
    ) -> list[str]:
        with drawn.read() as reader:
            rows = assignments(reader, scope, "r", SEPTEMBER, limit, offset, **more)
        return [row.organization for row in rows]

    assert codes() == sample
    assert codes(own(sample[1])) == [sample[1]]
    assert codes(limit=1, offset=1) == sample[1:2]
    assert (codes(state="open"), codes(state="scored")) == (sample, [])
    with drawn.read() as reader:
        (team,) = team_progress(reader, EVERYTHING, "r", SEPTEMBER)
        (first, *_) = assignments(reader, EVERYTHING, "r", SEPTEMBER, 1)
    assert codes(team=team.team) == sample
    assert codes(team="another") == []
    assert (team.inspections, team.open, team.scored) == (len(sample), len(sample), 0)
    assert len(first.inspectors) == 2


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """The root r with a, b, c, recorded event by event; another root q with x."""
    district = SmallDistrict(database_url)
    district.publish()
    district.register("r", None, "county")
    district.register("q", None, "county")
    for code in "abc":
        district.register(code, "r")
    district.register("x", "q")
    yield district
    district.dispose()


def test_an_inspector_in_no_team_now(small: SmallDistrict) -> None:
    """Inspections of people who are not registered are counted under the team ``""``."""
    for code in "ab":
        small.tell(stream_of(code), assigned("2026-03"))
    small.tell(
        stream_of("c"),
        InspectionAssigned(scope="r", period="2026-03", inspectors=("p-9",), why="by key"),
    )
    small.tell(stream_of("a"), sheet("2026-03", "s-1"))
    small.tell(
        stream_of("b"),
        InspectionMissed(scope="r", period="2026-03", inspectors=("p-1", "p-2")),
    )
    with small.read() as reader:
        (team,) = team_progress(reader, EVERYTHING, "r", "2026-03")
        last = last_inspections(reader, [stream_of(code) for code in "ab"], parse_month("2026-04"))
        before = last_inspections(reader, [stream_of("a")], parse_month("2026-03"))
    assert team == TeamProgress("", open=1, scored=1, missed=1, not_held=0, inspections=3)
    assert last == {stream_of("a"): "2026-03", stream_of("b"): None}
    assert before == {stream_of("a"): None}


def test_exclusions_within_a_scope(small: SmallDistrict) -> None:
    """Exclusions are those of the scope alone, with name and reason."""
    small.tell_many(cycle("2026-03"))
    with small.read() as reader:
        rows = exclusions(reader, EVERYTHING, "r", "2026-03")
        assert exclusions(reader, own("b"), "r", "2026-03") == []
    assert rows == [ExcludedOrganization("a", "组织a", "draw", "closed")]


def test_why_nobody_was_assigned(sqlite_url: str) -> None:
    """Only an exclusion from the assignment in that month is a reason, not one from the draw."""
    everybody = {"sampling": {"default": {"fraction": 1}}}
    district = District(sqlite_url, size=2, people=1, policy=everybody)
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 12:00")
    closing = {"kind": "organization_change", "code": "c02", "on": "2026-10-05", "closed": True}
    district.take(closing | {"reason": "撤销"})
    district.draw()
    with district.read() as reader:
        assert unassigned_reason(reader, stream_of("c01"), SEPTEMBER) == "team_too_small"
        assert unassigned_reason(reader, stream_of("c02"), SEPTEMBER) is None
        assert unassigned_reason(reader, stream_of("c01"), "2026-10") is None
    district.dispose()


def test_orders_of_a_month(small: SmallDistrict) -> None:
    """Orders are counted, with their organizations and the first and last due date."""
    for code, number, due in (("a", 1, 20), ("a", 2, 25), ("b", 1, 22)):
        small.tell(
            stream_of(code),
            RectificationOrdered(
                rectification_id=f"{code}-{number}", period="2026-03", criterion="m",
                problem="缺", due=date(2026, 4, due),
            ),
        )  # fmt: skip
    with small.read() as reader:
        assert orders_of(reader, EVERYTHING, "2026-03") == OrderCounts(
            orders=3, organizations=2, first="2026-04-20", last="2026-04-25"
        )
        assert orders_of(reader, own("b"), "2026-03").orders == 1
        assert orders_of(reader, EVERYTHING, "2026-04").first is None


def test_days_left() -> None:
    """The last day itself has 0 days left; past days count below 0."""
    day = date(2026, 10, 8)
    assert [days_left(one, day) for one in ("2026-10-10", "2026-10-08", "2026-10-07", None)] == [
        2, 0, -1, None,
    ]  # fmt: skip


def test_why_each_was_drawn_or_not(drawn: District) -> None:
    """Each row names the rule that decided and the key, computed from the code in the frame."""
    cycle_now = drawn.drawn()
    sample = {row["organization"]: row for row in cycle_now.sample}
    drawn.tell(stream_of("c01"), OrganizationRecoded(on=date(2026, 10, 7), code="z01"))
    assert cycle_now.seed is not None
    with drawn.read() as reader:
        entries = entries_of(reader, [stream_of(code) for code in (*drawn.codes, "d")])
        rows = explain_draw(
            reader, draw_snapshot(reader, "r", SEPTEMBER), cycle_now.seed, "r",
            parse_month(SEPTEMBER), [entries[stream_of(code)] for code in (*drawn.codes, "d")],
        )  # fmt: skip
    rules = {"longest without inspection": "longest", "by key": "key"}
    for code, row in zip((*drawn.codes, "d"), rows, strict=True):
        if code == "d":
            assert (row.rule, row.drawn, row.key) == ("outside", False, None)
        elif code in sample:
            assert (row.rule, row.key) == (rules[sample[code]["why"]], sample[code]["key"])
        else:
            assert (row.rule, row.drawn) == ("key_too_high", False)
            assert (row.key or "") > (row.highest or "")
    assert rows[0].organization == "z01"
