import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.refusals.errors import CorruptError
from scheduler.assignment import (
    AssignmentException,
    AssignmentPlan,
    AssignmentTarget,
    Inspector,
    InspectorAssignment,
    LeftOutReason,
    TieKeys,
    assign_inspectors,
    tie_key,
)

SEED = hashlib.sha256(b"a root|a value").hexdigest()
PERIOD = "2026-09"


def lot_by_hand(code: str, person: str) -> str:
    """Return the tie key of docs/semantics.md, section 8.5, from the standard library alone."""
    message = f"{PERIOD}|{code}|{person}".encode()
    return hmac.new(SEED.encode(), message, hashlib.sha256).hexdigest()


def village(code: str, key: str = "", **more: frozenset[str]) -> AssignmentTarget:
    """A village of the township ``town``."""
    return AssignmentTarget(code, "village", key or code, "town", **more)


def villages(number: int) -> list[AssignmentTarget]:
    """Return so many villages."""
    return [village(f"v-{index:02}") for index in range(number)]


def inspector(
    person: str, team: str = "a", organization: str = "county", category: str = "village"
) -> Inspector:
    """A person of the county who serves one category."""
    return Inspector(person, organization, team, frozenset({category}))


def people(number: int, team: str = "a") -> list[Inspector]:
    """Return so many people of one team."""
    return [inspector(f"{team}-{index:02}", team) for index in range(number)]


def sent(
    targets: list[AssignmentTarget],
    inspectors: list[Inspector],
    each: int = 2,
    recusals: set[tuple[str, str]] | None = None,
) -> AssignmentPlan:
    """Return an assignment of September."""
    return assign_inspectors(
        targets,
        inspectors,
        period=PERIOD,
        seed=SEED,
        per_organization=each,
        recusals=recusals or set(),
    )


def load_of(result: AssignmentPlan) -> Counter[str]:
    """Return how many organizations each person got."""
    return Counter(person for one in result.assignments for person in one.persons)


def test_ties_by_hand() -> None:
    """Among people of equal load those with the lowest tie keys are chosen."""
    team = people(9)
    result = sent([village("v-1")], team, 3)
    lowest = sorted((one.person for one in team), key=lambda name: lot_by_hand("v-1", name))[:3]
    assert result.assignments == [InspectorAssignment("v-1", tuple(sorted(lowest)))]
    assert result.exceptions == []


def test_golden_tie_key() -> None:
    """The tie key equals the one computed by another program."""
    assert tie_key("0" * 64, "2026-09", "421102-003-007", "p-017") == (
        "52c9dcf94574a818a3d9544cee51e3ab1ef09fcd9fd2d681bd311c5c0eecc26d"
    )


@given(st.text(max_size=8), st.lists(st.text(max_size=8), unique=True, max_size=6))
def test_lots_are_tie_keys(code: str, persons: list[str]) -> None:
    """The fast tie keys order people as the HMAC-SHA256 tie keys do."""
    expected = sorted(persons, key=lambda person: tie_key(SEED, PERIOD, code, person))
    assert TieKeys(SEED, PERIOD).first(len(persons), persons, code) == expected
    assert [tie_key(SEED, PERIOD, code, person) for person in persons] == [
        lot_by_hand(code, person) for person in persons
    ]


def test_a_seed_has_64_characters() -> None:
    """A seed of another length is a bug, not a short key."""
    with pytest.raises(AssertionError, match="64 characters"):
        TieKeys("abc", PERIOD)


def test_key_order() -> None:
    """Organizations are assigned in the order of their keys, whatever order they are given in."""
    targets = [village("v-1", "bb"), village("v-2", "cc"), village("v-3", "aa")]
    result = sent(targets, people(4))
    assert [one.code for one in result.assignments] == ["v-3", "v-1", "v-2"]
    assert result == sent(targets[::-1], people(4))


@given(st.integers(0, 30), st.integers(2, 9), st.integers(1, 2))
def test_balance(number: int, size: int, each: int) -> None:
    """In one team without recusals and relations, loads differ by at most one."""
    result = sent(villages(number), people(size), each)
    load = load_of(result)
    loads = [load[one.person] for one in people(size)]
    assert sum(loads) == number * each
    assert max(loads) - min(loads) <= 1


def test_the_less_loaded_team_goes() -> None:
    """The team whose least loaded people have the least load is chosen, equal teams by name."""
    result = sent(villages(6), people(2, "a") + people(4, "b"))
    teams = [{person[0] for person in one.persons} for one in result.assignments]
    assert teams == [{"a"}, {"b"}, {"b"}, {"a"}, {"b"}, {"b"}]
    assert set(load_of(result).values()) == {2}


def test_one_team_goes() -> None:
    """The people of an organization are of one team, even if another team could fill the places."""
    mixed = [inspector("p-1", "a"), inspector("p-2", "b"), inspector("p-3", "b")]
    result = sent([village("v-1")], mixed)
    assert result.assignments == [InspectorAssignment("v-1", ("p-2", "p-3"))]


def test_only_people_of_the_category() -> None:
    """Only people of a team who serve the category are chosen."""
    team = [*people(2), inspector("a-99", category="school")]
    result = sent(villages(5), team)
    assert set(load_of(result)) == {"a-00", "a-01"}


def test_load_counts_over_categories() -> None:
    """A person who serves two categories has one load."""
    both = Inspector("p-1", "county", "a", frozenset({"village", "school"}))
    single = inspector("p-2")
    targets = [AssignmentTarget("s-1", "school", "aa"), village("v-1", "bb")]
    result = sent(targets, [single, both], 1)
    assert result.assignments == [
        InspectorAssignment("s-1", ("p-1",)),
        InspectorAssignment("v-1", ("p-2",)),
    ]


@pytest.mark.parametrize("organization", ["v-1", "town", "v-1-a"])
def test_relations(organization: str) -> None:
    """Nobody inspects their own organization, its parent or one of its children."""
    target = village("v-1", children=frozenset({"v-1-a", "v-1-b"}))
    near = inspector("p-1", organization=organization)
    result = sent([target], [near, inspector("p-2"), inspector("p-3")])
    assert result.assignments == [InspectorAssignment("v-1", ("p-2", "p-3"))]
    assert sent([target], [near, inspector("p-2")]).exceptions == [
        AssignmentException("v-1", LeftOutReason.TOO_FEW_LEFT)
    ]


def test_no_other_relation() -> None:
    """Grandparents, siblings and those without a parent may be inspected."""
    grand = inspector("p-1", organization="county")
    sibling = inspector("p-2", organization="v-2")
    target = village("v-1", ancestors=frozenset({"town", "county"}))
    assert sent([target], [grand, sibling]).exceptions == []
    assert sent([AssignmentTarget("x", "village", "k")], [grand, sibling]).exceptions == []


@pytest.mark.parametrize("organization", ["v-1", "town", "county"])
def test_recusal(organization: str) -> None:
    """A recusal from an organization covers it and everything under it."""
    target = village("v-1", ancestors=frozenset({"county"}))
    result = sent([target], people(3), recusals={("a-01", organization)})
    assert result.assignments == [InspectorAssignment("v-1", ("a-00", "a-02"))]


def test_recusal_from_below() -> None:
    """A recusal from a child or from another organization excludes nobody."""
    target = village("v-1", children=frozenset({"v-1-a"}))
    recusals = {("a-00", "v-1-a"), ("a-01", "v-2"), ("unknown", "v-1")}
    assert sent([target], people(2), recusals=recusals).exceptions == []


def test_recusal_comes_before_balance() -> None:
    """A recused person is not chosen even if all the others have a greater load."""
    recusals = {("a-00", "town")}
    result = sent(villages(6), people(3), recusals=recusals)
    assert load_of(result) == {"a-01": 6, "a-02": 6}


def test_exceptions_are_named() -> None:
    """Where too few people are left, the organization is an exception with its reason."""
    targets = [
        village("v-1"),
        village("v-2"),
        AssignmentTarget("s-1", "school", "x"),
        AssignmentTarget("d", "dep", "y"),
    ]
    staff = [*people(2), inspector("p-9", "b", category="school")]
    result = sent(targets, staff, recusals={("a-00", "v-2")})
    assert result.assignments == [InspectorAssignment("v-1", ("a-00", "a-01"))]
    assert result.exceptions == [
        AssignmentException("v-2", LeftOutReason.TOO_FEW_LEFT),
        AssignmentException("s-1", LeftOutReason.TEAM_TOO_SMALL),
        AssignmentException("d", LeftOutReason.NO_TEAM),
    ]
    assert [str(one.reason) for one in result.exceptions] == [
        "too_few_left",
        "team_too_small",
        "no_team",
    ]


def test_a_person_twice() -> None:
    """A person who appears twice among the inspectors is a bug."""
    with pytest.raises(CorruptError, match="p-1 appears twice"):
        sent([], [inspector("p-1", "a"), inspector("p-1", "b")])


def test_an_inspection_needs_an_inspector() -> None:
    """Assigning no inspector to an organization is a bug of the caller."""
    with pytest.raises(AssertionError, match="at least one inspector"):
        sent(villages(1), people(1), 0)


ORGANIZATIONS = ["county", "town", *(f"v-{index:02}" for index in range(6))]


@st.composite
def districts(draw: st.DrawFn) -> tuple[list[Inspector], set[tuple[str, str]], int]:
    """Generate any staff, recusals and number of people for each organization."""
    number = draw(st.integers(0, 10))
    staff = [
        Inspector(
            f"p-{index}",
            draw(st.sampled_from(ORGANIZATIONS)),
            draw(st.sampled_from("abc")),
            draw(st.frozensets(st.sampled_from(["village", "school"]))),
        )
        for index in range(number)
    ]
    pairs = st.tuples(
        st.sampled_from([f"p-{index}" for index in range(10)]), st.sampled_from(ORGANIZATIONS)
    )
    return staff, draw(st.sets(pairs, max_size=6)), draw(st.integers(1, 3))


@given(districts(), st.data())
def test_laws_of_an_assignment(
    district: tuple[list[Inspector], set[tuple[str, str]], int], data: st.DataObject
) -> None:
    """Every organization has its people, of one team and none barred, or is an exception."""
    staff, recusals, each = district
    targets = villages(6)
    result = sent(targets, staff, each, recusals)
    assert result == sent(targets, data.draw(st.permutations(staff)), each, recusals)
    named = [one.code for one in result.assignments] + [one.code for one in result.exceptions]
    assert sorted(named) == [one.code for one in targets]
    by_name = {one.person: one for one in staff}

    def may_go(person: Inspector, code: str) -> bool:
        return (
            "village" in person.categories
            and person.organization not in {code, "town"}
            and not recusals & {(person.person, code), (person.person, "town")}
        )

    for code, persons in result.assignments:
        assert len(set(persons)) == each
        assert len({by_name[person].team for person in persons}) == 1
        assert all(may_go(by_name[person], code) for person in persons)
    for code, _ in result.exceptions:
        left = Counter(one.team for one in staff if may_go(one, code))
        assert max(left.values(), default=0) < each
