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
from scheduler.drawing import draw_sample, draw_strata, finish_assigning, hand_out_assignments
from scheduler.sampling import seed_of
from tests.support.districts import BY_CLOCK, CLERK, SEPTEMBER, District, inspector, sure_bytes

ALL = {"sampling": {"default": {"fraction": 1}}}


@pytest.fixture
def sqlite_district(sqlite_url: str) -> Iterator[District]:
    """A district where everybody is drawn, on SQLite."""
    district = District(sqlite_url, policy=ALL)
    yield district
    district.dispose()


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
    """On the day ``draws`` at 00:30 thirty-two random bytes of the system are the value."""
    district.at("2026-10-01 00:30")
    district.open()
    district.at("2026-10-06 00:29")
    assert district.tick() == []
    district.at("2026-10-06 00:30")
    assert district.tick() == [(SEPTEMBER, "draw")]
    cycle = district.cycle()
    assert (cycle.randomness, cycle.drawn_by_system) == (sure_bytes(32).hex(), True)
    assert cycle.assigned


def test_the_organizations_have_their_assignments(sqlite_district: District) -> None:
    """Every drawn organization has two people of the team in its stream, no other has any."""
    cycle = sqlite_district.drawn()
    assert len(cycle.sample) == len(sqlite_district.codes)
    assert [row["key"] for row in cycle.sample] == sorted(row["key"] for row in cycle.sample)
    for row in cycle.sample:
        (assigned,) = sqlite_district.of(row["organization"], "InspectionAssigned")
        assert assigned["inspectors"] == row["inspectors"]
        assert len(set(row["inspectors"])) == 2
    assert sqlite_district.types()[-1] == "InspectionsAssigned"
    assert sqlite_district.events(cycle_stream("r", SEPTEMBER))[-1].data["assigned"] == len(
        sqlite_district.codes
    )


def test_people_of_the_root_inspect_for_it(sqlite_url: str) -> None:
    """Inspectors of the root inspect organizations right under it, but not the root."""
    district = District(sqlite_url, policy=ALL, people=0)
    district.take(inspector("p-1", "r"), inspector("p-2", "r"))
    cycle = district.drawn()
    assert [row["inspectors"] for row in cycle.sample] == [["p-1", "p-2"]] * 5
    assert cycle.exclusions == ()
    district.dispose()


def test_drawing_twice_is_drawing_once(district: District) -> None:
    """A second draw from the same value, or from none, changes nothing; another is refused."""
    cycle = district.drawn()
    assert not district.draw()
    assert not district.draw(value=None)
    with pytest.raises(Refused, match="was drawn from the value 31415") as caught:
        district.draw(value="another")
    assert (caught.value.code, caught.value.kind) == ("drawn_otherwise", Kind.CONFLICT)
    with district.store.append() as log, pytest.raises(Refused, match="the value another was not"):
        draw_sample(log, "r", SEPTEMBER, district.by, "another")
    with district.store.append() as log:
        assert not draw_sample(log, "r", SEPTEMBER, district.by, None)
    assert district.cycle() == cycle


def test_a_draw_needs_a_cycle_and_its_day(sqlite_district: District) -> None:
    """Without a cycle, and before the calendar's day ``draws``, nothing is drawn by hand."""
    sqlite_district.at("2026-10-01 00:30")
    with pytest.raises(Refused, match="tracker spot-check open 2026-09") as caught:
        sqlite_district.draw()
    assert (caught.value.code, caught.value.kind) == ("cycle_not_open", Kind.CONFLICT)
    sqlite_district.open()
    sqlite_district.at("2026-10-05 23:59")
    with pytest.raises(Refused, match="its records are still in time"):
        sqlite_district.draw()
    assert sqlite_district.cycle().state == "open"


def test_a_cycle_that_opened_late_is_drawn_at_once_by_hand(sqlite_district: District) -> None:
    """By hand the calendar's day counts, not the shifted day after a late opening."""
    sqlite_district.at("2026-10-20 09:00")
    sqlite_district.open()
    assert sqlite_district.tick() == []
    assert sqlite_district.draw()


def test_who_closed_meanwhile_is_left_out(sqlite_district: District) -> None:
    """An organization that closed after the opening is excluded by an event with the reason."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 12:00")
    change = {"kind": "organization_change", "on": "2026-10-05", "closed": True, "reason": "撤销"}
    sqlite_district.take(change | {"code": "c03"})
    sqlite_district.draw()
    (excluded,) = [event for event in sqlite_district.events(cycle_stream("r", SEPTEMBER))
                if event.type == "OrganizationExcluded"]  # fmt: skip
    assert (excluded.data["organization"], excluded.data["stage"], excluded.data["reason"]) == (
        "c03", "draw", "closed")  # fmt: skip
    assert "c03" not in {row["organization"] for row in sqlite_district.cycle().sample}
    assert sqlite_district.cycle().strata == ({"stratum": "community", "N": 4, "n": 4},)


def test_the_visit_cap_counts_scored_visits_of_the_year(sqlite_url: str) -> None:
    """An organization inspected as often as the policy allows is excluded until the next year."""
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
    """Nobody inspects their own organization, nor one they recused from or its descendants."""
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


def test_only_people_of_the_purpose_and_term_are_assigned(sqlite_url: str) -> None:
    """Who inspects for other purposes, or whose last day is before the draw's, is left out."""
    district = District(sqlite_url, policy=ALL, people=0, size=2)
    district.take(
        inspector("p-last") | {"until": "2026-10-06"},
        inspector("p-month") | {"purposes": ["half_year", "monthly"], "leader": True},
        inspector("p-past") | {"until": "2026-10-05"},
        inspector("p-year") | {"purposes": ["annual"]},
    )
    cycle = district.drawn()
    assert [row["inspectors"] for row in cycle.sample] == [["p-last", "p-month"]] * 2
    district.dispose()


def test_too_few_inspectors_is_an_exception_by_name(sqlite_url: str) -> None:
    """If a team is too small the organization is drawn, and recorded as without inspectors."""
    district = District(sqlite_url, policy=ALL, people=1, size=2)
    cycle = district.drawn()
    assert [one["reason"] for one in cycle.exclusions] == ["team_too_small"] * 2
    assert {one["stage"] for one in cycle.exclusions} == {"assignment"}
    assert len(cycle.sample) == 2
    assert district.states() == {}
    assert district.events(cycle_stream("r", SEPTEMBER))[-1].data["exceptions"] == 2
    district.dispose()


def test_a_hand_out_that_stopped_is_taken_up_again(sqlite_district: District) -> None:
    """After a stop during the fan-out the rest is handed out, and nothing twice."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 00:30")
    with sqlite_district.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, sqlite_district.by, None)
    cycle = sqlite_district.cycle()
    with sqlite_district.store.append() as log:
        assert hand_out_assignments(log, cycle, list(cycle.sample[:2]), sqlite_district.by) == 2
    assert sqlite_district.tick() == [(SEPTEMBER, "assign")]
    assert len(sqlite_district.states()) == len(sqlite_district.codes)
    assert all(
        len(sqlite_district.of(code, "InspectionAssigned")) == 1 for code in sqlite_district.codes
    )
    with sqlite_district.store.append() as log:
        assert hand_out_assignments(log, cycle, list(cycle.sample), sqlite_district.by) == 0
        assert not finish_assigning(log, "r", SEPTEMBER, sqlite_district.by)
    assert not sqlite_district.runner.assign("r", SEPTEMBER, BY_CLOCK)


def test_a_hand_out_by_hand_that_stopped_is_taken_up_at_once(sqlite_district: District) -> None:
    """A cycle that opened late, drawn by hand, does not wait for its own day to be handed out."""
    sqlite_district.at("2026-10-20 09:00")
    sqlite_district.open()
    with sqlite_district.store.append() as log:
        draw_sample(log, "r", SEPTEMBER, sqlite_district.by, "31415")
    assert sqlite_district.tick() == [(SEPTEMBER, "assign")]
    assert set(sqlite_district.states()) == set(sqlite_district.codes)


def test_an_old_code_stands_in_the_frame(sqlite_district: District) -> None:
    """An organization that changed its code after the opening is drawn under the committed one."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 12:00")
    change = {"kind": "organization_change", "on": "2026-10-05", "new_code": "z9", "reason": "改码"}
    sqlite_district.take(change | {"code": "c03"})
    sqlite_district.draw()
    assert "c03" in {row["organization"] for row in sqlite_district.cycle().sample}
    assert sqlite_district.events(stream_of("c03"))[-1].type == "InspectionAssigned"


def test_people_of_parents_and_children_stay_away(sqlite_district: District) -> None:
    """People of an organization's children and of a parent that is not the root stay away."""
    sqlite_district.take(
        {"kind": "organization", "code": "k", "name": "子", "category": "community",
         "parent": "c01", "registered_on": "2026-01-01"},
        inspector("p-child", "k"), inspector("p-parent", "c01"),
    )  # fmt: skip
    cycle = sqlite_district.drawn()
    people = {row["organization"]: set(row["inspectors"]) for row in cycle.sample}
    assert people["c01"].isdisjoint({"p-child", "p-parent"})
    assert people["k"].isdisjoint({"p-child", "p-parent"})
    assert any("p-child" in inspecting for inspecting in people.values())


def test_inspections_of_who_left_are_not_asked(sqlite_url: str) -> None:
    """An organization inspected and then closed is in no later frame, and the draw goes on."""
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
    """The order of the codes changes nothing, and an excluded organization is never drawn."""
    seed = seed_of("0" * 64, value)
    excluded = set(data.draw(st.lists(st.sampled_from(sorted(codes))))) if codes else set()
    months = {code: "2026-08" for code in codes if code < "b"}
    cycle = Cycle(period=SEPTEMBER, policy=stored_policy(DistrictPolicy()))
    shuffled = data.draw(st.permutations(sorted(codes)))
    draws: list[dict[str, Any]] = [
        draw_strata(replace(cycle, frame={"community": tuple(order)}), seed, excluded, months, ())
        for order in (sorted(codes), shuffled)
    ]
    assert draws[0] == draws[1]
    drawn = draws[0]["community"]
    assert excluded.isdisjoint(drawn.codes)
    assert len(drawn.codes) == drawn.size <= drawn.population == len(codes - excluded)


def test_closed_without_a_draw_stays_undrawn(sqlite_district: District) -> None:
    """A cycle that closed uninspected is not drawn any more, and says so."""
    sqlite_district.at("2026-10-01 00:30")
    sqlite_district.open()
    sqlite_district.at("2026-10-06 12:00")
    assert sqlite_district.close(reason="防汛")
    with pytest.raises(Refused, match="cannot be drawn: it is closed"):
        sqlite_district.runner.draw("r", SEPTEMBER, CLERK, "31415", by_hand=True)
    assert sqlite_district.cycle().seed is None
