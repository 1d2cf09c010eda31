import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.documents.policies import (
    DistrictPolicy,
    PolicyPublished,
    SamplingPlan,
    check_against_grace,
    plan_for,
    policy_from_document,
    stored_policy,
    validate_policy,
)
from events.documents.serialization import digest, load_document
from events.event import EVENT_TYPES

DEFAULTS = """
policy: district
spot_check: {opens: 1, draws: 6, closes: 10, everyone_within_months: 12, rest_months: 0, inspectors: 2, roll: none}
unchecked_month: none
sampling:
  default: {fraction: 0.2, at_least: 1}
half_year: {monthly_share: 0.6, self_check_due: 08-06, inspection: [08-08, 08-14]}
annual: {process: 0.4, half_year: 0.2, year_end: 0.4, poll: 0}
annual_sampling:
  - {stratum: township, within: county, fraction: 0.2, at_least: 1}
  - {stratum: village, within: township, fraction: 0.2, at_least: 1}
  - {stratum: department, within: county, count: 1}
  - {stratum: station, within: county, count: 1}
  - {stratum: school, within: county, count: 1}
rectification: {due_days: 15}
appeal_days: 15
publish_ranking: places
burden: {visits_per_year: 4}
categories: {}
bands: [{band: first, at_least: 96}, {band: second, at_least: 91}, {band: third, at_least: 80}]
"""  # noqa: E501  # the defaults stand as docs/semantics.md writes them


def policy(text: str) -> DistrictPolicy:
    """The policy of a text without errors."""
    policy, problems = validate_policy(load_document(text.encode(), "policy.yaml"))
    assert policy is not None
    assert [one for one in problems if one.severity == "error"] == []
    return policy


def test_the_defaults_are_those_of_the_semantics() -> None:
    """The defaults of docs/semantics.md, section 7, are the policy that nobody published."""
    policy, problems = validate_policy(load_document(DEFAULTS.encode(), "policy.yaml"))
    assert problems == ()
    assert policy == DistrictPolicy()
    assert validate_policy({}) == (DistrictPolicy(), ())


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("policy: county", "policy", "not county"),
        ("colour: red", "colour", "not a field"),
        ("spot_check: {opens: 7}", "spot_check.draws", "day 6 is before the opening on day 7"),
        ("spot_check: {draws: 11}", "spot_check.closes", "day 10 is before the draw on day 11"),
        ("spot_check: {closes: 29}", "spot_check.closes", "28"),
        ("spot_check: {opens: 0}", "spot_check.opens", "1"),
        ("spot_check: {inspectors: 0}", "spot_check.inspectors", "1"),
        ("spot_check: {rest_months: -1}", "spot_check.rest_months", "0"),
        ("spot_check: {roll: maybe}", "spot_check.roll", "not maybe"),
        ("spot_check: {everyone_within_months: 0}", "spot_check.everyone_within_months", "1"),
        ("unchecked_month: both", "unchecked_month", "not both"),
        ("sampling: {village: {count: 1}}", "sampling.default", "is missing"),
        ("sampling: {default: {at_least: 1}}", "sampling.default", "it has neither"),
        ("sampling: {default: {fraction: 1, count: 1}}", "sampling.default", "it has both"),
        ("sampling: {default: {fraction: 1.1}}", "sampling.default.fraction", "less than or equal"),
        ("sampling: {default: {fraction: -1}}", "sampling.default.fraction", "greater than or eq"),
        ("sampling: {default: {count: 2, at_least: 1}}", "sampling.default.at_least", "with count"),
        (
            "sampling: {default: {count: 1}, moon: {count: 1}}",
            "sampling.moon",
            "moon is not a category",
        ),
        ("half_year: {monthly_share: 1.5}", "half_year.monthly_share", "less than or equal"),
        ("half_year: {self_check_due: 02-29}", "half_year.self_check_due", "not a day"),
        ("half_year: {inspection: [08-14, 08-08]}", "half_year.inspection", "before the first"),
        ("half_year: {inspection: [08-08]}", "half_year.inspection.1", "is missing"),
        ("half_year: {inspection: [08-08, 08-32]}", "half_year.inspection.1", "not a day"),
        ("annual: {poll: 0.1}", "annual", "add up to 1.1, not to 1"),
        ("annual: {process: 0.3}", "annual", "add up to 0.9, not to 1"),
        ("annual: {process: -0.1}", "annual.process", "greater than or equal"),
        ("annual_sampling: [{stratum: moon, count: 1}]", "annual_sampling.0.stratum", "moon"),
        (
            "annual_sampling: [{stratum: school, within: moon, count: 1}]",
            "annual_sampling.0.within",
            "moon",
        ),
        (
            "annual_sampling: [{stratum: school, within: school, count: 1}]",
            "annual_sampling.0.within",
            "within itself",
        ),
        (
            "annual_sampling: [{stratum: school, count: 1}, {stratum: school, count: 1}]",
            "annual_sampling.1.stratum",
            "drawn twice",
        ),
        ("rectification: {due_days: 0}", "rectification.due_days", "1"),
        ("appeal_days: soon", "appeal_days", "not soon"),
        ("publish_ranking: all", "publish_ranking", "places, bands, hidden or {top: N}"),
        ("publish_ranking: {top: few}", "publish_ranking", "{top: N}"),
        ("publish_ranking: {top: 0}", "publish_ranking", "{top: N}"),
        ("publish_ranking: null", "publish_ranking", "{top: N}"),
        ("burden: {visits_per_year: -1}", "burden.visits_per_year", "0"),
        ("bands: [{band: none, at_least: 1}]", "bands.0", "remove it"),
        (
            "bands: [{band: a, at_least: 2}, {band: a, at_least: 1}]",
            "bands.1",
            "band a is named twice",
        ),
        (
            "bands: [{band: a, at_least: 1}, {band: b, at_least: 2}]",
            "bands.1",
            "b from 2 is not below a from 1",
        ),
        (
            "bands: [{band: a, at_least: 1}, {band: b, at_least: 1}]",
            "bands.1",
            "b from 1 is not below a from 1",
        ),
        ('spot_check: {randomness: "a\\eb"}', "spot_check.randomness", "control character"),
    ],
)
def test_a_fault_is_named_at_its_place(text: str, place: str, said: str) -> None:
    """A fault of a policy is one error, at its dotted place, in one sentence."""
    _, problems = validate_policy(load_document(text.encode(), "policy.yaml"))
    assert [(one.place, one.severity) for one in problems] == [(place, "error")]
    assert said in problems[0].problem


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("spot_check: {everyone_within_months: 3, rest_months: 3}", "spot_check.rest_months"),
        ("sampling: {default: {fraction: 0}}", "sampling.default"),
        ("half_year: {self_check_due: 08-09}", "half_year.self_check_due"),
    ],
)
def test_what_is_odd_is_a_warning(text: str, place: str) -> None:
    """What can be published and is hardly meant is a warning."""
    policy, problems = validate_policy(load_document(text.encode(), "policy.yaml"))
    assert policy is not None
    assert [(one.place, one.severity) for one in problems] == [(place, "warning")]


def test_all_faults_are_named_at_once() -> None:
    """Several faults of one policy are all named."""
    text = """
spot_check: {opens: 8, draws: 7, closes: 6}
annual: {poll: 1}
sampling: {moon: {}}
"""
    _, problems = validate_policy(load_document(text.encode(), "policy.yaml"))
    assert [one.place for one in problems] == [
        "spot_check.draws",
        "spot_check.closes",
        "sampling.default",
        "sampling.moon",
        "sampling.moon",
        "annual",
    ]


def test_faults_of_form_do_not_hide_the_others() -> None:
    """A value of a wrong form is named together with the sums and orders that are wrong."""
    text = "colour: red\nappeal_days: soon\nannual: {poll: 1}\nbands: [{band: none, at_least: 1}]"
    policy, problems = validate_policy(load_document(text.encode(), "policy.yaml"))
    assert policy is None
    assert {one.place for one in problems} == {"colour", "appeal_days", "annual", "bands.0"}


@pytest.mark.parametrize(
    ("grace", "draws", "late"), [(5, 6, False), (6, 6, True), (0, 1, False), (9, 6, True)]
)
def test_the_draw_comes_after_the_grace(grace: int, draws: int, late: bool) -> None:
    """A draw on a day on which records of the month are still in time is an error."""
    made = policy(f"spot_check: {{draws: {draws}}}")
    problem = check_against_grace(made, grace)
    assert (problem is not None) == late
    if problem is not None:
        assert (problem.place, problem.severity) == ("spot_check.draws", "error")
        assert f"draw on day {grace + 1} or later" in problem.problem


def test_a_plan_is_that_of_the_category_or_the_default() -> None:
    """A category's plan is its own, else the default, with the months of the spot check."""
    made = policy(
        "spot_check: {everyone_within_months: 6, rest_months: 2}\n"
        "sampling: {default: {fraction: 0.25, at_least: 3}, school: {count: 7}}"
    )
    assert plan_for(made, "school") == SamplingPlan(None, 0, 7, 6, 2)
    assert plan_for(made, "village") == SamplingPlan(Decimal("0.25"), 3, None, 6, 2)
    assert plan_for(DistrictPolicy(sampling={}), "village") == SamplingPlan(
        Decimal("0.2"), 1, None, 12, 0
    )


@pytest.mark.parametrize("nothing", ["none", "null", "~"])
def test_the_reach_can_be_turned_off(nothing: str) -> None:
    """No reach within some months can be stated, and is still none after storing."""
    made = policy(f"spot_check: {{everyone_within_months: {nothing}}}")
    assert plan_for(made, "village").everyone_within_months is None
    again = policy_from_document(stored_policy(made))
    assert again.spot_check.everyone_within_months is None


@pytest.mark.parametrize(
    "text",
    [
        DEFAULTS,
        "publish_ranking: {top: 10}",
        "spot_check: {everyone_within_months: none, randomness: Welfare lottery}",
        "bands: []",
        "annual_sampling: []",
    ],
)
def test_a_stored_policy_is_read_back_as_the_same(text: str) -> None:
    """What is stored is canonical, passes the check, and reading it gives the policy stored."""
    made = policy(text)
    document = stored_policy(made)
    assert policy_from_document(document) == made
    assert validate_policy(document) == (made, ())
    event = PolicyPublished(version=1, document=document, digest=digest(document))
    assert event.data()["document"] == document
    assert EVENT_TYPES["PolicyPublished"] is PolicyPublished


SCALARS = st.none() | st.booleans() | st.integers(-5, 40) | st.sampled_from(["", "x", "1", "02-30"])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["top", "count", "band"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a document."""
    places = [path] if path else []
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            places.extend(paths(value, (*path, key)))
    return places


@given(data=st.data())
@settings(max_examples=300)
def test_anything_in_a_policy_is_a_problem_and_never_a_crash(data: st.DataObject) -> None:
    """Whatever replaces a part of a policy, the check answers, and an unread one has errors."""
    document = copy.deepcopy(stored_policy(DistrictPolicy()))
    path = data.draw(st.sampled_from(paths(document)))
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = data.draw(ANYTHING)
    policy, problems = validate_policy(document)
    assert all(one.place and one.problem for one in problems)
    if policy is None:
        assert any(one.severity == "error" for one in problems)
    else:
        assert policy_from_document(stored_policy(policy)) == policy


OWN = {"hospital": {"zh": "医院", "en": "Hospital"}}


def test_a_policy_may_name_its_own_categories() -> None:
    """A category of the policy is known to its sampling, and is kept when it is stored."""
    plan = {"fraction": "0.5", "at_least": "1"}
    document = {
        "categories": OWN,
        "sampling": {"default": plan, "hospital": plan},
        "annual_sampling": [{"stratum": "hospital", "within": "prefecture", "count": "1"}],
    }
    made, problems = validate_policy(document)
    assert made is not None
    assert problems == ()
    assert policy_from_document(stored_policy(made)).categories == made.categories
    assert plan_for(made, "hospital").fraction == Decimal("0.5")


@pytest.mark.parametrize(
    ("categories", "place", "key"),
    [
        ({"village": {"zh": "自然村"}}, "categories.village", "category_built_in"),
        ({"default": {"zh": "其他"}}, "categories.default", "category_built_in"),
        ({"hamlet": {"zh": "村"}}, "categories.hamlet", "category_named_twice"),
        ({"a": {"zh": "甲"}, "b": {"zh": "甲"}}, "categories.b", "category_named_twice"),
    ],
    ids=str,
)
def test_a_category_of_a_policy_needs_another_name(
    categories: dict[str, Any], place: str, key: str
) -> None:
    """A built-in name, a reserved one and a Chinese name that another has are refused."""
    _, problems = validate_policy({"categories": categories})
    assert [(one.place, one.message.key) for one in problems] == [(place, key)]


def test_an_unknown_category_is_refused_with_the_known_ones() -> None:
    """The list of what is known holds the policy's own categories."""
    plan = {"fraction": "0.5"}
    document = {"categories": OWN, "sampling": {"default": plan, "hospice": plan}}
    _, (problem,) = validate_policy(document)
    assert problem.place == "sampling.hospice"
    assert problem.problem.endswith("social_organization, hospital")
