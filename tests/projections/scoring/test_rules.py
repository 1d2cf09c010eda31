from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from events.documents.schemes import DeductionRule, MeasureRule, Scheme
from events.periods import Period, parse_period
from projections.scoring.catalogue import Catalogue
from projections.scoring.credit import ONE
from projections.scoring.findings import Findings
from projections.scoring.rules import (
    CriterionResult,
    applies,
    condition_credit,
    credit_found,
    deduction_credit,
    finding_credit,
    measure_credit,
    measure_threshold,
    points_taken,
    score_of,
    status_of,
)

WORD = {"zh": "字", "en": "word"}
HELD = {"kind": "activity", "activity": "party_lesson", "per": "month"}


def criterion(code: str, rule: dict[str, Any], points: str | None = "1", **more: Any) -> Any:
    """One criterion as a document."""
    return {"code": code, "text": WORD, "rule": rule, "points": points} | more


def scheme(*criteria: Any, **more: Any) -> Scheme:
    """A scheme in force from January 2026 with one item for each criterion."""
    document = {
        "scheme": "one",
        "version": 1,
        "title": WORD,
        "categories": ["community"],
        "effective_from": "2026-01",
        "sections": [
            {
                "code": "1",
                "title": WORD,
                "items": [
                    {"code": f"i{place}", "title": WORD, "criteria": [one]}
                    for place, one in enumerate(criteria)
                ],
            }
        ],
    }
    return Scheme.model_validate(document | more)


def deduction(*causes: dict[str, Any]) -> dict[str, Any]:
    """A deduction rule as a document."""
    return {"kind": "deduction", "causes": [{"text": WORD} | cause for cause in causes]}


DEDUCTION = deduction(
    {"code": "c1", "take": "0.5"},
    {"code": "c2", "between": ["1", "2"]},
    {"code": "c3", "all": True},
)


@pytest.mark.parametrize(
    ("state", "credit"), [("met", "1"), ("partial", "0.5"), ("unmet", "0"), (None, "0")]
)
def test_a_condition_gives_the_credit_of_its_state(state: str | None, credit: str) -> None:
    """Met is 1, partial 0.5, unmet and never reported 0."""
    assert condition_credit(state) == Fraction(credit)


def test_a_criterion_applies_where_the_measure_reaches_or_is_missing() -> None:
    """Silence must not pay: a measure never reported leaves the criterion asked for."""
    assert applies(Fraction(7), "7")
    assert not applies(Fraction(7), "6.999999")
    assert applies(Fraction(7), None)


@pytest.mark.parametrize(
    ("more", "values", "credit", "missing"),
    [
        ({"at_least": "10"}, {"m": "10"}, "1", ()),
        ({"at_least": "10"}, {"m": "9.999"}, "0", ()),
        ({"at_least": "10"}, {}, "0", ("m",)),
        ({"at_least": "30", "proportional": True}, {"m": "10"}, "1/3", ()),
        ({"at_least": "30", "proportional": True}, {"m": "31"}, "1", ()),
        ({"at_least": "30", "proportional": True}, {"m": "0"}, "0", ()),
        ({"at_least": "0", "proportional": True}, {"m": "0"}, "1", ()),
        ({"at_least": "0"}, {}, "0", ("m",)),
        ({"ratio_at_least": "0.9", "of": "n"}, {"m": "9", "n": "10"}, "1", ()),
        ({"ratio_at_least": "0.9", "of": "n"}, {"m": "8", "n": "9"}, "0", ()),
        (
            {"ratio_at_least": "0.9", "of": "n", "proportional": True},
            {"m": "8", "n": "9"},
            "80/81",
            (),
        ),
        ({"ratio_at_least": "0.9", "of": "n"}, {"m": "9"}, "0", ("n",)),
        ({"ratio_at_least": "0.9", "of": "n"}, {"n": "9"}, "0", ("m",)),
        ({"ratio_at_least": "0.9", "of": "n"}, {"n": "0"}, None, ()),
    ],
)
def test_a_measure_is_held_against_its_threshold(
    more: dict[str, Any], values: dict[str, str], credit: str | None, missing: tuple[str, ...]
) -> None:
    """Reached is 1, proportional a share, missing 0, and a ratio of nothing does not apply."""
    rule = MeasureRule(measure="m", **more)
    expected = None if credit is None else Fraction(credit)
    assert measure_credit(rule, values) == (expected, missing)


def test_a_threshold_without_a_number_is_zero() -> None:
    """A rule that a check would refuse still has a defined figure."""
    tiers = MeasureRule.model_validate(
        {"measure": "m", "by_measure": "n", "tiers": [{"below": "5", "at_least": "1"}]}
    )
    assert measure_threshold(tiers, {"m": "1", "n": "5"}) == 0
    assert measure_threshold(MeasureRule(measure="m", of="n"), {"m": "1", "n": "5"}) == 0


@pytest.mark.parametrize(
    ("causes", "points", "credit"),
    [
        ([], "4", "1"),
        ([{"cause": "c1", "count": 2}], "4", "3/4"),
        ([{"cause": "c1"}, {"cause": "c2", "points": "1.5", "count": 1}], "4", "1/2"),
        ([{"cause": "c2"}], "4", "1"),
        ([{"cause": "c3"}], "4", "0"),
        ([{"cause": "c1", "count": 100}], "4", "0"),
        ([{"cause": "unknown"}], "4", "1"),
    ],
)
def test_causes_take_their_points_until_nothing_is_left(
    causes: list[dict[str, Any]], points: str, credit: str
) -> None:
    """Fixed deductions, the inspector's own points, everything, and never below 0."""
    total = points_taken(DeductionRule.model_validate(DEDUCTION), causes, Fraction(points))
    assert deduction_credit(total, Fraction(points)) == Fraction(credit)


def test_a_finding_sets_a_credit_or_points() -> None:
    """Points are a share of the criterion's points, never above 1; neither sets nothing."""
    assert finding_credit({"credit": "0.25", "points": "9"}, Fraction(2)) == Fraction(1, 4)
    assert finding_credit({"points": "0.5"}, Fraction(2)) == Fraction(1, 4)
    assert finding_credit({"points": "3"}, Fraction(2)) == 1
    assert finding_credit({"causes": []}, Fraction(2)) is None


MONTH = parse_period("2026-08")


def look(
    code: str, found: Findings, *, then: Catalogue | None = None, known: bool = True
) -> tuple[Fraction, tuple[Period, ...]] | None:
    """What findings give a criterion of the quarter, with August judged by ``then``."""
    now = Catalogue(
        scheme(
            criterion("c", {"kind": "condition", "condition": "flag"}, "2"),
            criterion("j", {"kind": "judgement"}, "2"),
            criterion("d", DEDUCTION, "4"),
            criterion("a", HELD, "2"),
        )
    )

    def governing(period: Period) -> Catalogue | None:
        return (then or now) if period != MONTH or known else None

    return credit_found(now, now.by_code[code], parse_period("2026-Q3"), found, governing)


def test_a_state_found_is_read_by_the_version_that_it_was_found_by() -> None:
    """Points become a credit by the points of the month checked, of the same rule alone."""
    found = Findings(states={"c": [(MONTH, {"points": "1"})], "j": [(MONTH, {"credit": "1"})]})
    assert look("c", found) == (Fraction(1, 2), (MONTH,))
    assert look("j", found) == (ONE, (MONTH,))
    assert look("c", Findings()) is None
    assert look("c", found, known=False) is None
    heavier = Catalogue(scheme(criterion("c", {"kind": "condition", "condition": "flag"}, "4")))
    assert look("c", found, then=heavier) == (Fraction(1, 4), (MONTH,))
    assert look("j", found, then=heavier) is None
    judged = Catalogue(scheme(criterion("c", {"kind": "judgement"}, "4")))
    assert look("c", found, then=judged) is None


def test_causes_of_several_months_add_up_and_an_own_credit_stands_alone() -> None:
    """Deductions of the months and of the own check add up, unless the check sets a credit."""
    quarter = parse_period("2026-Q3")
    months = {"d": {MONTH: [{"cause": "c1"}], parse_period("2026-09"): [{"cause": "c1"}]}}
    both = Findings(own={"d": {"causes": [{"cause": "c1", "count": 2}]}}, causes=months)
    assert look("d", both) == (Fraction(1, 2), (*months["d"], quarter))
    assert look("d", Findings(causes=months), known=False) == (Fraction(7, 8), tuple(months["d"]))
    other = Catalogue(scheme(criterion("d", HELD)))
    assert look("d", Findings(causes=months), then=other) == (ONE, tuple(months["d"]))
    set_by_hand = Findings(own={"d": {"credit": "0.1"}}, causes=months)
    assert look("d", set_by_hand) == (Fraction(1, 10), (quarter,))
    assert look("d", Findings(own={"d": {"causes": None}})) == (ONE, (quarter,))
    assert look("d", Findings()) is None


def test_other_rules_take_the_own_finding_alone() -> None:
    """On an activity rule only the period's own check sets a credit."""
    assert look("a", Findings(own={"a": {"points": "1"}})) == (
        Fraction(1, 2),
        (parse_period("2026-Q3"),),
    )
    assert look("a", Findings(own={"a": {}}, states={"a": [(MONTH, {"credit": "1"})]})) is None


def test_a_status_follows_from_the_credit() -> None:
    """1 is met, 0 missed, anything between partial."""
    assert [status_of(Fraction(n, 2)) for n in range(3)] == ["missed", "partial", "met"]


def test_a_score_weighs_only_what_was_judged() -> None:
    """Pending, unjudged and not applicable stand in neither sum; nothing judged is no score."""

    def result(status: str, credit: str | None) -> CriterionResult:
        return CriterionResult(
            "1", Fraction(1), status, None if credit is None else Fraction(credit)
        )

    results = [
        result("met", "1"),
        result("missed", "0"),
        result("partial", "1/3"),
        result("partial", "1/2"),
        result("unjudged", None),
    ]
    assert score_of([2, 1, 3, 4, 9], results) == 50
    assert score_of([9], results[4:]) is None
