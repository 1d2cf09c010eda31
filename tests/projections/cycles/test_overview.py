from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.periods import parse_month
from events.streams.cycles import CycleClosing, cycle_stream
from events.streams.findings import InspectionAssigned, InspectionMissed
from events.streams.organizations import OrganizationMoved, OrganizationRecoded, stream_of
from events.streams.rectifications import RectificationOrdered
from projections.cycles.draw import detection_chance, draw_snapshot, last_inspections
from projections.cycles.overview import (
    assignments,
    cycle_document,
    days_left,
    exclusions,
    head_document,
    months,
    orders_of,
    roots_in,
    team_progress,
)
from projections.cycles.reading import read_cycle_head
from projections.organizations.directory import entries_of
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from scheduler.explaining import explained
from tests.support.districts import SEPTEMBER, District
from tests.support.small_district import SmallDistrict, assigned, cycle, sheet


@pytest.fixture
def drawn(database_url: str) -> Iterator[District]:
    """Eight communities, September drawn."""
    found = District(database_url, size=8)
    found.at("2026-10-01 09:00")
    found.open()
    found.at("2026-10-06 09:00")
    found.draw()
    yield found
    found.dispose()


def own(*codes: str) -> Scope:
    """Single organizations as a scope."""
    return Scope(streams=frozenset(stream_of(code) for code in codes))


def test_the_head_is_the_cycle_without_its_long_lists(drawn: District) -> None:
    """State, dates and draw as the whole cycle tells them, without frame and sample."""
    with drawn.read() as reader:
        head = read_cycle_head(reader, "r", SEPTEMBER)
        document = head_document(reader, "r", SEPTEMBER)
        whole = cycle_document(reader, "r", SEPTEMBER)
        none = head_document(reader, "r", "2026-10")
    assert (head.state, head.frame, head.sample, head.exclusions) == ("drawn", {}, (), ())
    for key in whole.keys() - {"sample", "exclusions", "assignments"}:
        assert document[key] == whole[key], key
    assert document["closed"] is None
    assert document["reason"] is None
    assert (document["reminds_on"], document["assigned"]) == ("2026-10-08", True)
    assert (none["state"], none["opened_on"], none["reminds_on"]) == (None, None, None)


def test_the_head_tells_how_it_closed(drawn: District) -> None:
    """The counts and the seal of the close; the reason of one that waited for nobody."""
    drawn.close(reason="汛期")
    with drawn.read() as reader:
        found = head_document(reader, "r", SEPTEMBER)
    assert found["closed"]["posted"] == 8
    assert found["closed"]["not_held"] == len(drawn.drawn().sample)
    assert (found["uninspected"], found["reason"], found["state"]) == (True, "汛期", "closed")


def test_a_cycle_that_is_closing_says_so(drawn: District) -> None:
    """Between the two events of a close it is drawn, and closing."""
    closing = CycleClosing(scope="r", period=SEPTEMBER, closing_on=date(2026, 10, 10))
    drawn.tell(cycle_stream("r", SEPTEMBER), closing)
    with drawn.read() as reader:
        found = head_document(reader, "r", SEPTEMBER)
    assert (found["state"], found["closing"], found["closed"]) == ("drawn", True, None)


def test_months_count_the_inspections_of_a_scope(drawn: District) -> None:
    """Newest month first; one's own inspections by their state."""
    sample = [one["organization"] for one in drawn.drawn().sample]
    with drawn.read() as reader:
        (found,) = months(reader, EVERYTHING)
        (mine,) = months(reader, own(sample[0]))
        (nobody,) = months(reader, Scope())
    assert found == {
        "scope": "r", "period": SEPTEMBER, "state": "drawn",
        "open": len(sample), "scored": 0, "missed": 0, "not_held": 0,
    }  # fmt: skip
    assert (mine["open"], nobody["open"]) == (1, 0)


def test_assignments_by_state_and_team(drawn: District) -> None:
    """Those of the scope by code, a page of them, of one state, of one team."""
    sample = sorted(one["organization"] for one in drawn.drawn().sample)

    def codes(
        scope: Scope = EVERYTHING, limit: int = 50, offset: int = 0, **more: Any
    ) -> list[str]:
        with drawn.read() as reader:
            found = assignments(reader, scope, "r", SEPTEMBER, limit, offset, **more)
        return [one["organization"] for one in found]

    assert codes() == sample
    assert codes(own(sample[1])) == [sample[1]]
    assert codes(limit=1, offset=1) == sample[1:2]
    assert (codes(state="open"), codes(state="scored")) == (sample, [])
    with drawn.read() as reader:
        (team,) = team_progress(reader, EVERYTHING, "r", SEPTEMBER)
        (first, *_) = assignments(reader, EVERYTHING, "r", SEPTEMBER, 1)
    assert codes(team=team["team"]) == sample
    assert codes(team="another") == []
    assert (team["inspections"], team["open"], team["scored"]) == (len(sample), len(sample), 0)
    assert len(first["inspectors"]) == 2


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """The root r with a, b, c, told event by event; another root q with x."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("r", None, "county")
    found.register("q", None, "county")
    for code in "abc":
        found.register(code, "r")
    found.register("x", "q")
    yield found
    found.dispose()


def test_an_inspector_in_no_team_now(small: SmallDistrict) -> None:
    """Inspections of people who are not registered are counted under no team; missed ones too."""
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
        (found,) = team_progress(reader, EVERYTHING, "r", "2026-03")
        last = last_inspections(reader, [stream_of(code) for code in "ab"], parse_month("2026-04"))
        before = last_inspections(reader, [stream_of("a")], parse_month("2026-03"))
    assert found == {
        "team": "", "open": 1, "scored": 1, "missed": 1, "not_held": 0, "inspections": 3,
    }  # fmt: skip
    assert last == {stream_of("a"): "2026-03", stream_of("b"): None}
    assert before == {stream_of("a"): None}


def test_exclusions_within_a_scope(small: SmallDistrict) -> None:
    """Who was left out and why, for those alone who may see them."""
    small.tell_many(cycle("2026-03"))
    with small.read() as reader:
        found = exclusions(reader, EVERYTHING, "r", "2026-03")
        assert exclusions(reader, own("b"), "r", "2026-03") == []
    assert found == [{"organization": "a", "name": "组织a", "stage": "draw", "reason": "closed"}]


def test_roots_above_a_scope(small: SmallDistrict) -> None:
    """Everybody's roots for the whole, one's own root for a part, none for nothing."""
    with small.read() as reader:
        assert roots_in(reader, EVERYTHING) == [("q", "组织q"), ("r", "组织r")]
        assert roots_in(reader, own("b")) == [("r", "组织r")]
        assert roots_in(reader, Scope((ScopePart(stream_of("q")),))) == [("q", "组织q")]
        village = Scope((ScopePart(None, frozenset({"village"})), ScopePart(stream_of("q"))))
        assert len(roots_in(reader, village)) == 2
        assert roots_in(reader, Scope()) == []
    small.tell(stream_of("b"), OrganizationMoved(on=date(2026, 2, 1), parent="q"))
    with small.read() as reader:
        assert roots_in(reader, own("b")) == [("q", "组织q")]


def test_orders_of_a_month(small: SmallDistrict) -> None:
    """How many, at how many organizations, and when the first and the last are due."""
    for code, number, due in (("a", 1, 20), ("a", 2, 25), ("b", 1, 22)):
        small.tell(
            stream_of(code),
            RectificationOrdered(
                rectification_id=f"{code}-{number}", period="2026-03", criterion="m",
                problem="缺", due=date(2026, 4, due),
            ),
        )  # fmt: skip
    with small.read() as reader:
        assert orders_of(reader, EVERYTHING, "2026-03") == {
            "orders": 3, "organizations": 2, "first": "2026-04-20", "last": "2026-04-25",
        }  # fmt: skip
        assert orders_of(reader, own("b"), "2026-03")["orders"] == 1
        assert orders_of(reader, EVERYTHING, "2026-04")["first"] is None


@pytest.mark.parametrize(
    ("population", "size", "bad", "chance"),
    [
        (500, 10, 2, "18.4"), (500, 20, 5, "64.8"), (500, 100, 5, "99.6"),
        (10_000, 30, 10, "95.7"), (3, 3, 5, "100.0"), (20, 0, 5, "0.0"), (0, 0, 5, None),
    ],
)  # fmt: skip
def test_the_chance_to_meet_one_of_the_bad(
    population: int, size: int, bad: int, chance: str | None
) -> None:
    """It is hypergeometric, exact, and rounded down."""
    assert detection_chance(population, size, bad) == chance


def test_days_left() -> None:
    """Until the last day, that day included; negative once it has passed."""
    day = date(2026, 10, 8)
    assert [days_left(one, day) for one in ("2026-10-10", "2026-10-08", "2026-10-07", None)] == [
        2, 0, -1, None,
    ]  # fmt: skip


def test_the_picture_is_the_draw(drawn: District) -> None:
    """Each organization of the frame with stratum, key and rule; nobody else."""
    cycle_now = drawn.drawn()
    with drawn.read() as reader:
        found = draw_snapshot(reader, "r", SEPTEMBER)
    told = {one["organization"]: one for one in cycle_now.sample}
    by_key = [one["key"] for one in cycle_now.sample if one["why"] == "by key"]
    for code in drawn.codes:
        one = found.of(stream_of(code))
        assert one is not None
        assert (one["stratum"], one["N"], one["code"]) == ("community", 8, code)
        assert one["key"] == (told[code]["key"] if code in told else None)
        assert one["why"] == (told[code]["why"] if code in told else None)
        assert one["highest"] == max(by_key, default=None)
    assert found.of(stream_of("d")) is None


def test_why_each_was_drawn_or_not(drawn: District) -> None:
    """The rule that decided, with the key worked out anew; the frame's code, not a later one."""
    cycle_now = drawn.drawn()
    told = {one["organization"]: one for one in cycle_now.sample}
    drawn.tell(stream_of("c01"), OrganizationRecoded(on=date(2026, 10, 7), code="z01"))
    assert cycle_now.seed is not None
    with drawn.read() as reader:
        entries = entries_of(reader, [stream_of(code) for code in (*drawn.codes, "d")])
        rows = explained(
            reader, draw_snapshot(reader, "r", SEPTEMBER), cycle_now.seed, "r",
            parse_month(SEPTEMBER), [entries[stream_of(code)] for code in (*drawn.codes, "d")],
        )  # fmt: skip
    rules = {"longest without inspection": "longest", "by key": "key"}
    for code, row in zip((*drawn.codes, "d"), rows, strict=True):
        if code == "d":
            assert (row["rule"], row["drawn"], row["key"]) == ("outside", False, None)
        elif code in told:
            assert (row["rule"], row["key"]) == (rules[told[code]["why"]], told[code]["key"])
        else:
            assert (row["rule"], row["drawn"]) == ("key_too_high", False)
            assert row["key"] > (row["highest"] or "")
    assert rows[0]["organization"] == "z01"
