from typing import Any

import pytest

from tests.support.scheme_parts import (
    FUNDS,
    LESSON,
    checked,
    criterion,
    deduction,
    item,
    only,
    tiers,
)


def of_rule(rule: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """Sentences and severities found in a rule worth 2 points, all at its criterion's code."""
    result = checked(item("i", criterion("c", rule, **more), points="2"), points="2")
    assert {problem.place for problem in result.problems} <= {"c"}
    return [(problem.problem, problem.severity) for problem in result.problems]


RULES: list[tuple[dict[str, Any], str, str]] = [
    (LESSON | {"by": "06-30"}, "only with per: year", "error"),
    (LESSON | {"per": "year", "by": "02-29"}, "02-29 is not a day", "error"),
    (LESSON | {"per": "year", "by": "13-01"}, "13-01 is not a day", "error"),
    (LESSON | {"count": "32"}, "can never be met", "error"),
    (LESSON | {"count": "30"}, "sometimes 28 days", "warning"),
    (LESSON | {"per": "quarter", "count": "93"}, "at most 92 days", "error"),
    (LESSON | {"per": "half", "count": "185"}, "at most 184 days", "error"),
    (LESSON | {"per": "year", "count": "366"}, "sometimes 365 days", "warning"),
    (LESSON | {"per": "year", "by": "01-31", "count": "32"}, "at most 31 days", "error"),
    (LESSON | {"per": "year", "by": "03-01", "count": "61"}, "sometimes 60 days", "warning"),
    (LESSON | {"evidence": ["photo", "photo"]}, "photo is named twice", "warning"),
    (LESSON | {"attendance_at_least": "0"}, "any recorded attendance", "warning"),
    (LESSON | {"deduct_per_miss": "2.01"}, "deducts 2.01 of 2 points", "error"),
    (FUNDS, "it has none", "error"),
    (FUNDS | {"at_least": "1", "ratio_at_least": "1", "of": "members"}, "at_least and", "error"),
    (FUNDS | {"tiers": [{"at_least": "1"}]}, "tiers needs by_measure", "error"),
    (FUNDS | {"at_least": "1", "by_measure": "members"}, "only with tiers", "error"),
    (FUNDS | {"ratio_at_least": "1"}, "ratio_at_least needs of", "error"),
    (FUNDS | {"at_least": "1", "of": "members"}, "only with ratio_at_least", "error"),
    (FUNDS | {"ratio_at_least": "1", "of": "work_funds"}, "compared with itself", "warning"),
    (FUNDS | {"at_least": "0"}, "the threshold is 0", "warning"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "said", "severity"), RULES)
def test_faults_of_a_rule(rule: dict[str, Any], said: str, severity: str) -> None:
    """A rule that contradicts itself, or can never be met, is named at its criterion."""
    problems = of_rule(rule)
    assert [severity] == [one[1] for one in problems]
    assert said in problems[0][0]


@pytest.mark.parametrize(
    "rule",
    [
        LESSON | {"count": "28"},
        LESSON | {"count": "366", "same_day": "true"},
        LESSON | {"per": "year", "by": "12-31", "count": "365"},
        LESSON | {"deduct_per_miss": "2"},
        LESSON | {"in_full": "false", "attendance_at_least": "1"},
        FUNDS | {"ratio_at_least": "50", "of": "members", "proportional": "true"},
    ],
)
def test_rules_at_their_limits_are_no_faults(rule: dict[str, Any]) -> None:
    """A rule exactly at its limit is without fault."""
    assert of_rule(rule) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (tiers(("1", "1"), ("2", "2")), "the last tier has below: 2"),
        (tiers((None, "1"), (None, "2")), "tier 1 has no below"),
        (tiers(("3", "1"), ("2", "2"), (None, "3")), "out of order"),
        (tiers(("2", "1"), ("2", "2"), (None, "3")), "overlap"),
        (tiers(("0", "1"), (None, "2")), "no value is below 0"),
        (tiers(("2", "2"), (None, "1")), "asks for less"),
    ],
)
def test_tiers_that_leave_gaps_or_overlap(rule: dict[str, Any], said: str) -> None:
    """Tiers out of order, overlapping or leaving a gap are named."""
    problems = of_rule(rule)
    assert len(problems) == 1
    assert said in problems[0][0]


def test_the_tiers_of_the_source_are_no_fault() -> None:
    """The tiers of the work funds, which meet at 2000 and 3000, are without fault."""
    assert of_rule(tiers(("2000", "40000"), ("3000", "50000"), (None, "60000"))) == []


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        ([{}], "cause c0 needs exactly one of take, between, all: true; it has none"),
        ([{"take": "1", "all": "true"}], "it has take and all"),
        ([{"take": "3"}], "deducts 3 of 2 points"),
        ([{"between": ["1", "2.5"]}], "deducts 2.5 of 2 points"),
        ([{"between": ["2", "1"]}], "from high to low"),
        ([{"between": ["0", "0"]}], "deducts nothing"),
        ([{"take": "1"}, {"code": "c0", "all": "true"}], "cause c0 is named twice"),
    ],
)
def test_causes_that_contradict_themselves(causes: list[dict[str, Any]], said: str) -> None:
    """A cause that takes more than there is, nothing, or in two ways is named with its code."""
    problems = of_rule(deduction(*causes))
    assert len(problems) == 1
    assert said in problems[0][0]


def test_causes_at_their_limits_are_no_faults() -> None:
    """Causes that take all there is, each in its way, are without fault."""
    assert of_rule(deduction({"take": "2"}, {"between": ["0", "2"]}, {"all": "true"})) == []


def test_a_deduction_is_measured_by_the_split() -> None:
    """A criterion without stated points can lose its split share and no more."""
    rule = deduction({"take": "1"})
    pair = (criterion("a", rule), criterion("b"), criterion("c"))
    assert checked(item("i", *pair, points="3"), points="3").problems == ()
    only(checked(item("i", *pair, points="2"), points="2"), "a", "deducts 1 of 2/3 points")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (deduction({"take": "1"}), "a deduction deducts points"),
        (LESSON | {"deduct_per_miss": "1"}, "deduct_per_miss deducts points"),
    ],
)
def test_nothing_is_taken_where_no_points_are_stated(rule: dict[str, Any], said: str) -> None:
    """A rule that deducts points is refused without points, also on an optional criterion."""
    only(checked(item("i", criterion("c", rule))), "c", said)
    optional = criterion("c", rule, optional=True)
    only(checked(item("i", criterion("d"), optional, points="2"), points="2"), "c", said)
    stated = optional | {"points": "1"}
    assert checked(item("i", criterion("d"), stated, points="2"), points="2").problems == ()


def test_applies_to_everybody_is_a_warning() -> None:
    """A criterion that applies from 0 on applies to everybody, which is a warning."""
    problems = of_rule(LESSON, applies={"measure": "members", "at_least": "0"})
    assert problems == [("applies.at_least is 0: the criterion applies to everybody", "warning")]


def test_a_rule_without_a_kind_is_named() -> None:
    """A rule that names no kind is one error at its criterion."""
    only(checked(item("i", criterion("c", {"per": "month"}))), "c", "rule.kind is missing")
