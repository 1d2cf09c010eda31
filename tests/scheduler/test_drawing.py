import hmac
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.documents.policies import DistrictPolicy, stored_policy
from events.refusals.errors import Kind, Refused
from events.streams.cycles import Cycle, cycle_stream
from events.streams.organizations import stream_of
from scheduler.drawing import draw_sample, draw_strata, finish_assigning, hand_out
from scheduler.sampling import seed_of
from tests.support.districts import BY_CLOCK, CLERK, SEPTEMBER, District, inspector, sure_bytes

ALL = {"sampling": {"default": {"fraction": 1}}}


@pytest.fixture
def one(sqlite_url: str) -> Iterator[District]:
    """A district where everybody is drawn, on SQLite."""
    found = District(sqlite_url, policy=ALL)
    yield found
    found.dispose()


def test_seed_and_keys_are_those_of_section_8(district: District) -> None:
    """Seed, keys and choice follow from the value by SHA-256 and HMAC, computed by hand."""
    cycle = district.drawn()
    seed = sha256(("0" * 64 + "|31415").encode()).hexdigest()
    keys = {
        code: hmac.new(seed.encode(), f"2026-09|{code}".encode(), "sha256").hexdigest()
        for code in district.codes
    }
    first = min(keys, key=lambda code: keys[code])
    assert (cycle.seed, cycle.randomness, cycle.drawn_by_system) == (seed, "31415", False)
    (drawn,) = cycle.sample
    assert (drawn["organization"], drawn["key"]) == (first, keys[first])
    assert cycle.sample_digest == sha256(f"{first}\n".encode()).hexdigest()
    assert cycle.strata == ({"stratum": "community", "N": 5, "n": 1},)


def test_without_a_value_the_system_draws(district: District) -> None:
    """On the day ``draws`` at 00:30 thirty-two bytes of the system stand for the value."""
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 00:29")
    assert district.tick() == []
    district.at("2026-10-06 00:30")
    assert district.tick() == [(SEPTEMBER, "draw")]
    cycle = district.cycle()
    assert (cycle.randomness, cycle.drawn_by_system) == (sure_bytes(32).hex(), True)
    assert cycle.assigned


def test_the_assignments_stand_with_the_organizations(one: District) -> None:
    """Everybody drawn has two people of the team in its own stream, and nobody else is named."""
    cycle = one.drawn()
    assert len(cycle.sample) == len(one.codes)
    assert [row["key"] for row in cycle.sample] == sorted(row["key"] for row in cycle.sample)
    for row in cycle.sample:
        (assigned,) = one.of(row["organization"], "InspectionAssigned")
        assert assigned["inspectors"] == row["inspectors"]
        assert len(set(row["inspectors"])) == 2
    assert one.types()[-1] == "InspectionsAssigned"
    assert one.events(cycle_stream("r", SEPTEMBER))[-1].data["assigned"] == len(one.codes)


def test_drawing_twice_is_drawing_once(district: District) -> None:
    """A second value changes nothing: the first one stands."""
    cycle = district.drawn()
    assert not district.draw(value="another")
    assert district.cycle() == cycle
    with district.store.append() as log:
        assert not draw_sample(log, "r", SEPTEMBER, district.by, "another")


def test_a_draw_needs_a_cycle_and_its_day(one: District) -> None:
    """Without a cycle, and before the calendar's day ``draws``, nothing is drawn by hand."""
    one.at("2026-10-01 00:30")
    with pytest.raises(Refused, match="tracker spot-check open 2026-09") as caught:
        one.draw()
    assert (caught.value.code, caught.value.kind) == ("cycle_not_open", Kind.CONFLICT)
    one.open()
    one.at("2026-10-05 23:59")
    with pytest.raises(Refused, match="its records are still in time"):
        one.draw()
    assert one.cycle().state == "open"


def test_a_cycle_that_opened_late_is_drawn_at_once_by_hand(one: District) -> None:
    """By design the calendar's day counts, by hand, and not the day after a late opening."""
    one.at("2026-10-20 09:00")
    one.open()
    assert one.tick() == []
    assert one.draw()


def test_who_closed_meanwhile_is_left_out(one: District) -> None:
    """An organization that closed after the opening is excluded by an event with the reason."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-06 12:00")
    change = {"kind": "organization_change", "on": "2026-10-05", "closed": True, "reason": "撤销"}
    one.take(change | {"code": "c03"})
    one.draw()
    (found,) = [event for event in one.events(cycle_stream("r", SEPTEMBER))
                if event.type == "OrganizationExcluded"]  # fmt: skip
    assert (found.data["organization"], found.data["stage"], found.data["reason"]) == (
        "c03", "draw", "closed")  # fmt: skip
    assert "c03" not in {row["organization"] for row in one.cycle().sample}
    assert one.cycle().strata == ({"stratum": "community", "N": 4, "n": 4},)


def test_the_visit_cap_counts_scored_visits_of_the_year(sqlite_url: str) -> None:
    """Whoever was inspected as often as the policy allows is left out, until the next year."""
    policy = ALL | {"burden": {"visits_per_year": 1}}
    district = District(sqlite_url, policy=policy, first_month="2026-11", size=2)
    reasons = []
    for opens, draws, month in (
        ("2026-12-01 00:30", "2026-12-06 00:30", "2026-11"),
        ("2027-01-01 00:30", "2027-01-06 00:30", "2026-12"),
        ("2027-02-01 00:30", "2027-02-06 00:30", "2027-01"),
    ):
        district.at(opens)
        district.tick()
        district.at(draws)
        district.tick()
        reasons.append(
            {one["organization"]: one["reason"] for one in district.cycle(month).exclusions}
        )
        if month == "2026-11":
            district.submit("c01", month)
    assert reasons == [{}, {"c01": "visit_cap_reached"}, {}]
    district.dispose()


def test_recusal_and_kinship_keep_people_away(sqlite_url: str) -> None:
    """Nobody inspects the own organization, nor what they recused from, nor anything under it."""
    district = District(sqlite_url, policy=ALL, people=0, size=3)
    district.take(
        *(inspector(f"p-{number}") for number in range(3)),
        inspector("p-own", "c01"),
        *({"kind": "recusal", "inspector": f"p-{number}", "organization": "c02", "reason": "亲属"}
          for number in range(2)),
    )  # fmt: skip
    cycle = district.drawn()
    people = {row["organization"]: set(row["inspectors"]) for row in cycle.sample}
    assert "p-own" not in people["c01"]
    assert people["c02"] == {"p-2", "p-own"}
    district.dispose()


def test_too_few_inspectors_is_an_exception_by_name(sqlite_url: str) -> None:
    """Where a team is too small the organization is drawn, and named as left without people."""
    district = District(sqlite_url, policy=ALL, people=1, size=2)
    cycle = district.drawn()
    assert [one["reason"] for one in cycle.exclusions] == ["team_too_small"] * 2
    assert {one["stage"] for one in cycle.exclusions} == {"assignment"}
    assert len(cycle.sample) == 2
    assert district.states() == {}
    assert district.events(cycle_stream("r", SEPTEMBER))[-1].data["exceptions"] == 2
    district.dispose()


def test_a_hand_out_that_stopped_is_taken_up_again(one: District) -> None:
    """After a stop in the middle of the fan-out the rest is handed out, and nothing twice."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-06 00:30")
    with one.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, one.by, None)
    cycle = one.cycle()
    with one.store.append() as log:
        assert hand_out(log, cycle, list(cycle.sample[:2]), one.by) == 2
    assert one.tick() == [(SEPTEMBER, "assign")]
    assert len(one.states()) == len(one.codes)
    assert all(len(one.of(code, "InspectionAssigned")) == 1 for code in one.codes)
    with one.store.append() as log:
        assert hand_out(log, cycle, list(cycle.sample), one.by) == 0
        assert not finish_assigning(log, "r", SEPTEMBER, one.by)
    assert not one.runner.assign("r", SEPTEMBER, BY_CLOCK)


def test_a_hand_out_by_hand_that_stopped_is_taken_up_at_once(one: District) -> None:
    """A cycle that opened late, drawn by hand, does not wait for its own day to be handed out."""
    one.at("2026-10-20 09:00")
    one.open()
    with one.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, one.by, "31415")
    assert one.tick() == [(SEPTEMBER, "assign")]
    assert set(one.states()) == set(one.codes)


def test_an_old_code_stands_in_the_frame(one: District) -> None:
    """An organization that changed its code after the opening is drawn under the committed one."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-06 12:00")
    change = {"kind": "organization_change", "on": "2026-10-05", "new_code": "z9", "reason": "改码"}
    one.take(change | {"code": "c03"})
    one.draw()
    assert "c03" in {row["organization"] for row in one.cycle().sample}
    assert one.events(stream_of("c03"))[-1].type == "InspectionAssigned"


def test_people_of_parents_and_children_stay_away(one: District) -> None:
    """People of a child, and of the parent, stay away from an organization."""
    one.take(
        {"kind": "organization", "code": "k", "name": "子", "category": "department",
         "parent": "c01", "registered_on": "2026-01-01"},
        inspector("p-child", "k"), inspector("p-root", "r"),
    )  # fmt: skip
    cycle = one.drawn()
    people = {row["organization"]: set(row["inspectors"]) for row in cycle.sample}
    assert people["c01"].isdisjoint({"p-child", "p-root"})
    assert all("p-root" not in found for found in people.values())
    assert any("p-child" in found for found in people.values())


def test_inspections_of_who_left_are_not_asked(sqlite_url: str) -> None:
    """Who was inspected and then closed is in no later frame, and the draw goes on without."""
    district = District(sqlite_url, policy=ALL, size=2)
    district.drawn()
    district.submit("c01")
    change = {"kind": "organization_change", "on": "2026-10-06", "closed": True, "reason": "撤销"}
    district.take(change | {"code": "c01"})
    for local in ("2026-11-01 00:30", "2026-11-06 00:30"):
        district.at(local)
        district.tick()
    cycle = district.cycle("2026-10")
    assert [row["organization"] for row in cycle.sample] == ["c02"]
    assert cycle.counted_cycles == (cycle_stream("r", SEPTEMBER),)
    district.dispose()


def test_everybody_is_reached_within_twelve_months(sqlite_url: str) -> None:
    """When every cycle is inspected, twelve of them reach every organization."""
    district = District(sqlite_url, size=30, first_month="2026-09")
    reached: set[str] = set()
    for number in range(12):
        year, month = 2026 + (9 + number) // 12, (9 + number) % 12 + 1
        period = f"{2026 + (8 + number) // 12}-{(8 + number) % 12 + 1:02}"
        for day in (1, 6):
            district.at(f"{year}-{month:02}-{day:02} 00:30")
            district.tick()
        for row in district.cycle(period).sample:
            district.submit(row["organization"], period)
            reached.add(row["organization"])
    assert reached == set(district.codes)
    district.dispose()


CODES = st.sets(st.text("abc0123", min_size=1, max_size=4), max_size=30)


@settings(deadline=None, max_examples=80)
@given(st.data(), CODES, st.text(max_size=8))
def test_the_draw_is_a_function_of_seed_frame_and_plan(
    data: st.DataObject, codes: set[str], value: str
) -> None:
    """The order in which codes come changes nothing, and who is left out is never drawn."""
    seed = seed_of("0" * 64, value)
    excluded = set(data.draw(st.lists(st.sampled_from(sorted(codes))))) if codes else set()
    months = {code: "2026-08" for code in codes if code < "b"}
    cycle = Cycle(period=SEPTEMBER, policy=stored_policy(DistrictPolicy()))
    shuffled = data.draw(st.permutations(sorted(codes)))
    draws: list[dict[str, Any]] = [
        draw_strata(replace(cycle, frame={"community": tuple(order)}), seed, excluded, months)
        for order in (sorted(codes), shuffled)
    ]
    assert draws[0] == draws[1]
    drawn = draws[0]["community"]
    assert excluded.isdisjoint(drawn.codes)
    assert len(drawn.codes) == drawn.size <= drawn.population == len(codes - excluded)


def test_closed_without_a_draw_stays_undrawn(one: District) -> None:
    """A cycle that closed uninspected is not drawn any more; asking again changes nothing."""
    one.at("2026-10-01 00:30")
    one.open()
    one.at("2026-10-06 12:00")
    assert one.close(reason="防汛")
    assert not one.runner.draw("r", SEPTEMBER, CLERK, "31415", by_hand=True)
    assert one.cycle().seed is None
