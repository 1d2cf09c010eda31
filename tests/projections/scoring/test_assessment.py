from __future__ import annotations

import hashlib
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from events.documents.schemes import Scheme
from events.event import canonical
from events.periods import parse_month, parse_period
from projections.scoring import assessment
from projections.scoring.assessment import Assessment, CriterionResult, assess
from projections.scoring.history import History, RecordHistory, RecordVersion
from projections.scoring.scheme_book import SchemeBook
from tests.projections.scoring.test_history import CODE, Ledger
from tests.projections.scoring.test_rules import DEDUCTION, HELD, criterion, scheme

FLAG = {"kind": "condition", "condition": "national_flag"}
JUDGED = {"kind": "judgement"}
MEMBERS = {"kind": "measure", "measure": "members", "at_least": "10"}
QUARTERLY = HELD | {"per": "quarter"}
SEVEN = {"measure": "members", "at_least": "7"}


def ask(
    facts: Ledger | History,
    schemes: Scheme | SchemeBook | list[Scheme],
    period: str = "2026-09",
    asked_on: str = "2027-02-01",
    **more: Any,
) -> Assessment:
    """Assess an organization, long after everything unless a day is given."""
    history = facts if isinstance(facts, History) else facts.history()
    if isinstance(schemes, SchemeBook):
        book = schemes
    else:
        book = SchemeBook(schemes if isinstance(schemes, list) else [schemes], {})
    more.setdefault("first_month", parse_month("2026-01"))
    return assess(
        history, book, parse_period(period), asked_on=date.fromisoformat(asked_on), **more
    )


def standing(found: Assessment) -> list[tuple[str, str | None]]:
    """Status and exact credit of every criterion."""
    return [
        (one.status, None if one.credit is None else assessment.exact(one.credit))
        for one in found.criteria
    ]


def only(found: Assessment) -> CriterionResult:
    """The one criterion of a small scheme."""
    (one,) = found.criteria
    return one


def test_without_a_scheme_there_is_no_figure() -> None:
    """A category that no scheme names has no scheme, no score and no criteria."""
    found = ask(Ledger(category="village"), scheme(criterion("1", HELD)))
    assert found.to_json() == {
        "organization": CODE,
        "period": "2026-09",
        "purpose": "monthly",
        "scheme": None,
        "version": None,
        "score": None,
        "criteria": [],
    }
    assert found.digest() == hashlib.sha256(canonical(found.to_json())).hexdigest()


def test_a_period_outside_the_life_is_answered_with_nothing() -> None:
    """Before the registration and after the closing there is no score; on their days there is."""
    one = scheme(criterion("1", FLAG))
    ledger = Ledger(registered_on="2026-03-31").add(
        "OrganizationClosed", "2026-06-01", on="2026-06-01"
    )
    figures = [
        ask(ledger, one, period).scheme for period in ("2026-02", "2026-03", "2026-06", "2026-07")
    ]
    assert figures == [None, "one", "one", None]


def test_states_are_taken_on_the_closing_date() -> None:
    """What was reported as in force after the closing does not count."""
    ledger = Ledger().condition("national_flag", "met", "2026-06-01")
    ledger.condition("national_flag", "unmet", "2026-06-20", "2026-06-20")
    ledger.add("OrganizationClosed", "2026-06-21", on="2026-06-15")
    assert standing(ask(ledger, scheme(criterion("1", FLAG)), "2026-06")) == [("met", "1")]


def test_a_closing_after_the_period_leaves_its_figure_alone() -> None:
    """July waits for its quarter by what held on its last day."""
    ledger = Ledger().add("OrganizationClosed", "2026-08-01", on="2026-08-01")
    assert only(ask(ledger, scheme(criterion("1", QUARTERLY)), "2026-07")).status == "pending"
    found = only(ask(ledger, scheme(criterion("1", QUARTERLY)), "2026-Q3"))
    assert found.status == "not_applicable"


def test_a_window_is_asked_for_by_the_category_of_its_last_month() -> None:
    """An organization that becomes a community in August is asked for August and September."""
    ledger = Ledger(category="village")
    ledger.add("OrganizationRecategorized", "2026-08-20", on="2026-08-20", category="community")
    found = only(ask(ledger, scheme(criterion("1", HELD)), "2026-Q3"))
    assert [window.window for window in found.windows or ()] == ["2026-08", "2026-09"]
    ledger.add("OrganizationClosed", "2026-09-25", on="2026-09-25")
    found = only(ask(ledger, scheme(criterion("1", HELD)), "2026-Q3"))
    assert [window.window for window in found.windows or ()] == ["2026-08", "2026-09"]


def test_only_facts_recorded_by_the_day_asked_count() -> None:
    """A record, a report and a sheet of tomorrow say nothing today."""
    ledger = Ledger().held("a-1", "party_lesson", "2026-08-30", "2026-09-20")
    ledger.condition("national_flag", "met", "2026-08-01", "2026-09-20")
    ledger.sheet("2026-08", "2026-09-20", {"criterion": "3", "credit": "1"})
    one = scheme(criterion("1", HELD), criterion("2", FLAG), criterion("3", JUDGED))
    before = ask(ledger, one, "2026-08", "2026-09-19", own_check=True)
    assert standing(before) == [("missed", "0"), ("missed", "0"), ("unjudged", None)]
    after = ask(ledger, one, "2026-08", "2026-09-20", own_check=True)
    assert standing(after) == [("partial", "0.5"), ("met", "1"), ("met", "1")]


def test_a_measure_that_was_never_reported_is_named() -> None:
    """It gives 0 where a rule needs it, and leaves a criterion that depends on it asked for."""
    one = scheme(
        criterion("1", MEMBERS, applies=SEVEN),
        criterion("2", HELD, applies=SEVEN),
        criterion("3", FLAG, applies={"measure": "households", "at_least": "1"}),
        criterion("4", {"kind": "measure", "measure": "a", "ratio_at_least": "1", "of": "b"}),
    )
    found = ask(Ledger(), one)
    assert found.missing_measures == ("a", "b", "households", "members")
    assert [criterion.reason for criterion in found.criteria] == [
        "measure members was never reported",
        "measure members was never reported",
        "measure households was never reported",
        "measure a was never reported; measure b was never reported",
    ]
    assert standing(found) == [("missed", "0")] * 4


def test_a_criterion_that_does_not_apply_stands_in_neither_sum() -> None:
    """Below the threshold a criterion is not applicable, whatever its rule."""
    one = scheme(
        criterion("1", MEMBERS, applies=SEVEN),
        criterion("2", HELD, applies=SEVEN),
        criterion("3", FLAG, applies=SEVEN),
        criterion("4", FLAG),
        criterion("5", {"kind": "measure", "measure": "a", "ratio_at_least": "1", "of": "b"}),
    )
    ledger = Ledger().measure("members", "6", "2026-01-01").measure("b", "0", "2026-01-01")
    ledger.condition("national_flag", "partial", "2026-01-01")
    found = ask(ledger, one)
    assert [status for status, _ in standing(found)] == [
        "not_applicable",
        "not_applicable",
        "not_applicable",
        "partial",
        "not_applicable",
    ]
    assert (found.score_text, found.missing_measures) == ("50.00", ())


def test_an_activity_applies_window_by_window() -> None:
    """The measure on the last day of each window decides whether it is asked for."""
    one = scheme(criterion("1", HELD, applies=SEVEN))
    ledger = Ledger().measure("members", "9", "2026-07-10").measure("members", "6", "2026-08-31")
    ledger.held("a-1", "party_lesson", "2026-07-20").measure("members", "7", "2026-10-02")
    found = only(ask(ledger, one, "2026-Q3"))
    assert (found.status, [w.window for w in found.windows or ()]) == ("met", ["2026-07"])
    assert only(ask(ledger, one, "2026-08")).status == "not_applicable"
    found = only(ask(ledger, one, "2026-H2", "2026-08-01"))
    assert (found.status, [w.window for w in found.windows or ()]) == ("pending", ["2026-07"])


def test_applies_is_decided_by_the_version_of_each_window() -> None:
    """Where only the older version has a threshold, only its windows can fall away."""
    one = scheme(criterion("1", HELD, applies=SEVEN))
    two = scheme(criterion("1", HELD), version=2, effective_from="2026-09")
    ledger = Ledger().measure("members", "6", "2026-01-01")
    found = only(ask(ledger, [one, two], "2026-Q3"))
    assert [window.window for window in found.windows or ()] == ["2026-09"]


def test_a_window_is_not_asked_for_where_its_version_lacks_the_criterion() -> None:
    """A code that comes with the second version is asked for from then on."""
    one, two = scheme(criterion("0", HELD)), [criterion("1", HELD)]
    found = only(ask(Ledger(), [one, scheme(*two, version=2, effective_from="2026-09")], "2026-Q3"))
    assert [window.window for window in found.windows or ()] == ["2026-09"]


def test_a_window_of_another_scheme_is_not_asked_for() -> None:
    """A criterion is the same one only within one scheme."""
    other = scheme(criterion("1", HELD), scheme="two", effective_from="2026-09")
    found = only(ask(Ledger(), [scheme(criterion("1", HELD)), other], "2026-Q3"))
    assert [window.window for window in found.windows or ()] == ["2026-09"]


def test_the_pinned_version_governs_the_last_month() -> None:
    """A category without a pin has no scheme; a pin wins over what was published since."""
    one = scheme(criterion("1", FLAG))
    two = scheme(criterion("1", FLAG), criterion("2", FLAG), version=2)
    book = SchemeBook([one, two], {})
    assert ask(Ledger(), book).version == 2
    assert ask(Ledger(), book, pinned={"community": ("one", 1)}).version == 1
    assert ask(Ledger(), book, pinned={"village": ("one", 1)}).scheme is None


def test_the_derived_figure_is_without_the_own_check() -> None:
    """Own findings and disallowances count in the inspected figure alone."""
    ledger = Ledger().held("a-1", "party_lesson", "2026-09-01")
    ledger.condition("national_flag", "met", "2026-09-01")
    ledger.sheet("2026-09", "2026-10-08", {"criterion": "2", "credit": "0"}, disallow="a-1")
    one = scheme(criterion("1", HELD), criterion("2", FLAG))
    assert ask(ledger, one).score_text == "100.00"
    inspected = ask(ledger, one, own_check=True)
    assert inspected.score_text == "0.00"
    assert [criterion.reason for criterion in inspected.criteria] == [
        None,
        "from the check of 2026-09",
    ]
    assert ask(ledger, one, "2026-Q3").score_text == "0.00"


def test_a_disallowance_spares_what_was_posted_before_it() -> None:
    """Whatever the kind of the posting; a check of the same period counts when it is inspected."""
    one = scheme(criterion("1", HELD))
    ledger = Ledger().held("a-1", "party_lesson", "2026-09-01").posted("2026-09", "2026-10-11")
    ledger.sheet("2026-H2", "2026-10-12", disallow="a-1", kind="half_year")
    assert ask(ledger, one).score_text == "100.00"
    assert ask(ledger, one, "2026-Q3").score_text == "0.00"
    assert ask(ledger, one, "2026-H2").criteria[0].credit == Fraction(1, 6)
    assert ask(ledger, one, "2026-H2", own_check=True).criteria[0].credit == 0
    ledger.posted("2026-Q3", "2026-10-13")
    assert ask(ledger, one, "2026-Q3").score_text == "0.00"
    other = Ledger().held("a-1", "party_lesson", "2026-09-01")
    other.posted("2026-09", "2026-10-11", "annual").sheet("2026-08", "2026-10-12", disallow="a-1")
    assert ask(other, one).score_text == "100.00"


def test_an_organization_not_yet_recorded_has_no_figure() -> None:
    """A registration that came after the day asked says nothing on that day."""
    ledger = Ledger(registered_on="2026-09-20")
    one = scheme(criterion("1", FLAG))
    assert ask(ledger, one, asked_on="2026-09-19").scheme is None
    assert ask(ledger, one, asked_on="2026-09-20").scheme == "one"


def test_a_state_found_stands_until_the_next_finding_or_the_end_of_the_year() -> None:
    """A self-report in between does not count; the next year begins without it."""
    ledger = Ledger().condition("national_flag", "met", "2026-01-01")
    ledger.sheet("2026-03", "2026-04-08", {"criterion": "1", "credit": "0"})
    ledger.condition("national_flag", "met", "2026-05-01")
    ledger.sheet("2026-06", "2026-07-08", {"criterion": "1", "points": "0.5"})
    one = scheme(criterion("1", FLAG), criterion("2", JUDGED))
    found = [
        ask(ledger, one, period).criteria[0].credit
        for period in ("2026-02", "2026-03", "2026-04", "2026-06", "2026-07", "2026", "2027-01")
    ]
    assert found == [1, 1, 0, 0, Fraction(1, 2), Fraction(1, 2), 1]
    assert ask(ledger, one, "2026-05").criteria[0].reason == "from the check of 2026-03"


def test_findings_do_not_reach_what_is_pending_or_does_not_apply() -> None:
    """Nor a code that the scheme does not have; windows stay as they were derived."""
    one = scheme(
        criterion("1", QUARTERLY), criterion("2", FLAG, applies=SEVEN), criterion("3", HELD)
    )
    ledger = Ledger().measure("members", "1", "2026-01-01")
    found = [{"criterion": code, "credit": "1"} for code in "1234"]
    ledger.sheet("2026-08", "2026-09-08", *found)
    checked = ask(ledger, one, "2026-08", own_check=True)
    assert [status for status, _ in standing(checked)] == ["pending", "not_applicable", "met"]
    assert [window.counted for window in checked.criteria[2].windows or ()] == [0]


def test_deductions_of_the_months_add_up_in_longer_periods() -> None:
    """Causes found in July and August both count in the quarter, also in its derived figure."""
    ledger = Ledger()
    for month, day in (("2026-07", "2026-08-08"), ("2026-08", "2026-09-08")):
        ledger.sheet(month, day, {"criterion": "1", "causes": [{"cause": "c1", "count": 2}]})
    one = scheme(criterion("1", DEDUCTION, "4"))
    assert ask(ledger, one, "2026-07").score_text == "100.00"
    assert ask(ledger, one, "2026-07", own_check=True).score_text == "75.00"
    quarter = ask(ledger, one, "2026-Q3")
    assert (quarter.score_text, only(quarter).reason) == (
        "50.00",
        "from the check of 2026-07, 2026-08",
    )
    ledger.sheet("2026-08", "2026-09-09", {"criterion": "1", "causes": []})
    assert ask(ledger, one, "2026-Q3").score_text == "75.00"


def test_an_optional_criterion_has_a_status_and_no_weight() -> None:
    """It is shown, and is in neither sum."""
    one = scheme(criterion("1", FLAG, optional=True), criterion("2", DEDUCTION))
    found = ask(Ledger(), one)
    assert standing(found) == [("missed", "0"), ("met", "1")]
    assert found.criteria[0].points == 0
    assert found.score_text == "100.00"
    assert ask(Ledger(), scheme(criterion("1", FLAG, optional=True))).score is None


def test_means_begin_with_the_first_month_of_the_district() -> None:
    """A derived figure before it can be asked for and enters no mean."""
    one, first = scheme(criterion("1", FLAG)), parse_month("2026-06")
    assert not ask(Ledger(), one, "2026-05", first_month=first).enters_means
    assert ask(Ledger(), one, "2026-06", first_month=first).enters_means
    assert ask(Ledger(), one, "2026", first_month=first).enters_means


def test_the_answer_has_the_shape_of_the_contract() -> None:
    """Exact decimals and fractions as text, windows at activity rules alone, null where open."""
    one = scheme(
        criterion("1", HELD | {"count": 3}, "2"),
        criterion("2", QUARTERLY),
        criterion("3", JUDGED),
        criterion("4", {"kind": "measure", "measure": "m", "at_least": "3", "proportional": True}),
    )
    ledger = Ledger().held("会-1", "party_lesson", "2026-08-03", "2026-10-01")
    ledger.held("a-2", "party_lesson", "2026-08-04").measure("m", "1", "2026-08-01")
    found = ask(ledger, one, "2026-08")
    assert found.to_json() == {
        "organization": CODE,
        "period": "2026-08",
        "purpose": "monthly",
        "scheme": "one",
        "version": 1,
        "score": "44.44",
        "criteria": [
            {
                "code": "1",
                "points": "2",
                "status": "partial",
                "credit": "0.5",
                "reason": None,
                "windows": [
                    {
                        "window": "2026-08",
                        "required": 3,
                        "counted": "1.5",
                        "records": ["a-2", "会-1"],
                    }
                ],
            },
            {
                "code": "2",
                "points": "1",
                "status": "pending",
                "credit": None,
                "reason": None,
                "windows": [
                    {"window": "2026-Q3", "required": 1, "counted": "1", "records": ["会-1"]}
                ],
            },
            {"code": "3", "points": "1", "status": "unjudged", "credit": None, "reason": None},
            {"code": "4", "points": "1", "status": "partial", "credit": "1/3", "reason": None},
        ],
    }
    assert found.digest() == hashlib.sha256(canonical(found.to_json())).hexdigest()
    assert found.digest() == ask(ledger, one, "2026-08").digest()


def test_plans_kept_for_speed_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full cache of plans is cleared, and the figures stay the same."""
    monkeypatch.setattr(assessment, "MOST_PLANS", 1)
    book = SchemeBook([scheme(criterion("1", FLAG), criterion("2", HELD))], {})
    ledger = Ledger().condition("national_flag", "met", "2026-01-01")
    for _ in range(2):
        for period in ("2026-08", "2026-08", "2026-09"):
            assert ask(ledger, book, period).score_text == "50.00"
    assert len(book.plans) == 1


def test_facts_in_rows_and_facts_folded_give_the_same_figure() -> None:
    """A history put together by hand is as good as a fold."""
    entry = RecordVersion(
        "2026-09-01", 2, {"activity": "party_lesson", "occurred_on": "2026-09-01"}
    )
    history = History(CODE, "2025-01-01", None, [("2025-01-01", "community")])
    history.records["a-1"] = RecordHistory("a-1", [entry])
    one = scheme(criterion("1", HELD))
    folded = ask(Ledger().held("a-1", "party_lesson", "2026-09-01"), one)
    assert ask(history, one).to_json() == folded.to_json()
    assert folded.states_points
