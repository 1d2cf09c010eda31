"""Section 5 of docs/semantics.md: findings, disallowances, and how long they count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.asking import (
    FLAG,
    HELD,
    JUDGED,
    WORD,
    Stream,
    ask,
    criterion,
    first,
    scheme,
    standing,
)

QUARTERLY = HELD | {"per": "quarter"}
CAUSES: dict[str, Any] = {
    "kind": "deduction",
    "causes": [
        {"code": "c1", "text": WORD, "take": "0.5"},
        {"code": "c2", "text": WORD, "between": ["0.1", "2"]},
        {"code": "c3", "text": WORD, "all": True},
    ],
}


def make_finding(**what: Any) -> dict[str, Any]:
    """A finding on the first criterion."""
    return {"criterion": "1.1", "reason": "as seen"} | what


def flagged() -> Stream:
    """A stream that has reported its flag as flown."""
    return Stream().registered().condition("national_flag", "met", "2026-01-05")


@pytest.mark.parametrize(
    ("finding", "credit"),
    [({"credit": "0.3"}, "0.3"), ({"points": "1"}, "0.25"), ({"points": "0"}, "0")],
)
@pytest.mark.parametrize("rule", [FLAG, HELD, JUDGED, CAUSES, {**HELD, "per": "month", "count": 2}])
def test_a_finding_sets_the_credit_of_its_period(
    rule: dict[str, Any], finding: dict[str, str], credit: str
) -> None:
    """As a credit or as points of the criterion's four, in the inspected figure alone."""
    stream = flagged().held("a", "2026-09-10")
    derived = first(stream, rule)
    stream.checked("2026-09", "2026-10-08", make_finding(**finding))
    assert first(stream, rule, own_check=True)[1] == credit
    assert first(stream, rule) == derived


@pytest.mark.parametrize(
    ("causes", "credit"),
    [
        ([{"cause": "c1"}], "0.875"),
        ([{"cause": "c1", "count": 3}], "0.625"),
        ([{"cause": "c2", "points": "1.5"}], "0.625"),
        ([{"cause": "c2", "points": "0.1", "count": 2}], "0.95"),
        ([{"cause": "c1", "count": 2}, {"cause": "c2", "points": "1.5"}], "0.375"),
        ([{"cause": "c1", "count": 9}], "0"),
        ([{"cause": "c3"}], "0"),
    ],
)
def test_causes_take_their_points_until_there_are_none(
    causes: list[dict[str, Any]], credit: str
) -> None:
    """`max(0, 1 − Σ taken / points)`, each cause times its count, of four points."""
    stream = Stream().registered().checked("2026-09", "2026-10-08", make_finding(causes=causes))
    assert first(stream, CAUSES, own_check=True)[1] == credit


def test_nothing_found_leaves_full_points() -> None:
    """A deduction starts from full points."""
    assert first(Stream().registered(), CAUSES) == ("met", "1")


def test_causes_of_the_months_add_up_in_longer_periods() -> None:
    """Those found in the months of P all count in P, and those of other months do not."""
    stream = Stream().registered()
    for month, day in (
        ("2026-06", "2026-07-08"),
        ("2026-07", "2026-08-08"),
        ("2026-08", "2026-09-08"),
    ):
        stream.checked(month, day, make_finding(causes=[{"cause": "c1"}]))
    longer = [
        first(stream, CAUSES, period)[1] for period in ("2026-09", "2026-Q3", "2026-H2", "2026")
    ]
    assert longer == ["1", "0.75", "0.75", "0.625"]
    stream.checked("2026-08", "2026-09-09", make_finding(credit="1"))
    assert first(stream, CAUSES, "2026-Q3")[1] == "0.875"


def test_other_findings_of_several_months_do_not_add_up() -> None:
    """A finding on an activity or a measure stays in its own period."""
    stream = Stream().registered().checked("2026-08", "2026-09-08", make_finding(credit="1"))
    measure = {"kind": "measure", "measure": "members", "at_least": "10"}
    for rule in (HELD, measure):
        assert first(stream, rule, "2026-08", own_check=True)[1] == "1"
        assert first(stream, rule, "2026-09", own_check=True)[1] == "0"
        assert first(stream, rule, "2026-Q3", own_check=True)[1] == "0"


def test_a_state_found_is_in_force_until_the_next_finding_or_the_end_of_the_year() -> None:
    """From the last day of the period checked; a self-report in between counts as claimed."""
    stream = flagged().checked("2026-03", "2026-04-08", make_finding(credit="0"))
    stream.condition("national_flag", "met", "2026-05-01")
    stream.checked("2026-06", "2026-07-08", make_finding(points="1"))
    months = [first(stream, FLAG, f"2026-{month:02}")[1] for month in range(1, 13)]
    assert months == ["1", "1", "1", "0", "0", "0", "0.25", "0.25", "0.25", "0.25", "0.25", "0.25"]
    assert first(stream, FLAG, "2026-06", own_check=True)[1] == "0.25"
    assert first(stream, FLAG, "2026")[1] == "0.25"
    assert first(stream, FLAG, "2027-01")[1] == "1"


def test_a_judgement_stands_until_the_next_or_the_end_of_the_year() -> None:
    """Before it the criterion is unjudged and in neither sum, and so it is in the next year."""
    stream = flagged().checked("2026-03", "2026-04-08", make_finding(credit="0.5"))
    document = scheme(criterion(JUDGED, "9"), criterion(FLAG, "1"))
    scores = [
        ask(stream, document, period=period).score_text
        for period in ("2026-02", "2026-03", "2026-04", "2026-12", "2027-01")
    ]
    assert scores == ["100.00", "100.00", "55.00", "55.00", "100.00"]
    assert ask(stream, document, period="2026-03", own_check=True).score_text == "55.00"


def test_the_answer_says_from_which_check_a_state_comes() -> None:
    """The reason names the period checked."""
    stream = flagged().checked("2026-03", "2026-04-08", make_finding(credit="0"))
    reason = ask(stream, scheme(criterion(FLAG)), period="2026-05").criteria[0].reason
    assert reason is not None
    assert "2026-03" in reason


def test_a_state_found_stands_for_the_same_condition_alone() -> None:
    """A version that asks for another condition under the code takes over no finding."""
    board = {"kind": "condition", "condition": "notice_board"}
    second = scheme(criterion(board), version=2, effective_from="2026-06")
    stream = flagged().checked("2026-03", "2026-04-08", make_finding(credit="0.5"))
    answers = [
        standing(ask(stream, scheme(criterion(FLAG)), second, period=period))[0][1]
        for period in ("2026-05", "2026-06")
    ]
    assert answers == ["0.5", "0"]


def test_what_was_found_in_the_month_of_the_closing_counts_in_longer_periods() -> None:
    """The last check of a life is not lost from its quarter."""
    stream = flagged().changed("2026-09-20", closed=True)
    stream.checked("2026-09", "2026-10-08", make_finding(credit="0"))
    assert first(stream, FLAG, "2026-Q3") == ("missed", "0")


def test_findings_in_points_are_measured_by_the_version_of_their_month() -> None:
    """One point of four in March stays a quarter when the criterion has eight in June."""
    second = scheme(criterion(FLAG, "8"), version=2, effective_from="2026-06")
    stream = flagged().checked("2026-03", "2026-04-08", make_finding(points="1"))
    answer = ask(stream, scheme(criterion(FLAG, "4")), second, period="2026-06")
    assert standing(answer) == [("partial", "0.25")]


def test_findings_reach_nothing_that_is_pending_or_does_not_apply() -> None:
    """Nor a criterion that the scheme does not have."""
    seven = {"measure": "members", "at_least": "7"}
    stream = Stream().registered().measure("members", "6", "2026-01-05")
    codes = ("1.1", "2.1", "3.1", "9.9")
    stream.checked(
        "2026-08", "2026-09-08", *(make_finding(criterion=code, credit="1") for code in codes)
    )
    document = scheme(criterion(QUARTERLY), criterion(FLAG, applies=seven), criterion(HELD))
    answer = ask(stream, document, period="2026-08", own_check=True)
    assert standing(answer) == [("pending", None), ("not_applicable", None), ("met", "1")]


def test_a_later_sheet_replaces_the_earlier_criterion_by_criterion() -> None:
    """What the later sheet does not name stays as the earlier one found it."""
    stream = flagged().checked(
        "2026-09",
        "2026-10-07",
        make_finding(credit="0"),
        make_finding(criterion="2.1", credit="0.5"),
    )
    stream.checked("2026-09", "2026-10-08", make_finding(credit="0.25"))
    document = scheme(criterion(FLAG), criterion(JUDGED))
    answer = ask(stream, document, own_check=True)
    assert standing(answer) == [("partial", "0.25"), ("partial", "0.5")]
    early = ask(stream, document, own_check=True, on="2026-10-07")
    assert standing(early) == [("missed", "0"), ("partial", "0.5")]


def test_a_disallowed_record_counts_in_no_period_not_yet_posted() -> None:
    """It counts nowhere from then on, but in what had been posted before the sheet."""
    stream = Stream().registered().held("a", "2026-08-10").posted("2026-08", "2026-09-11")
    stream.held("b", "2026-09-10").held("c", "2026-09-11")
    stream.checked("2026-09", "2026-10-08", disallow=["a", "b"]).posted("2026-09", "2026-10-11")
    assert first(stream, HELD, "2026-08") == ("met", "1")
    assert first(stream, HELD, "2026-Q3") == ("partial", "1/3")
    assert first(stream, HELD | {"count": 2}) == ("met", "1")
    assert first(stream, HELD | {"count": 2}, own_check=True) == ("partial", "0.5")


def test_a_disallowed_record_counts_in_neither_state() -> None:
    """That it was in time does not save it, nor does a correction that comes later."""
    stream = Stream().registered().held("a", "2026-09-10")
    stream.checked("2026-10", "2026-11-08", disallow=["a"])
    stream.corrected("a", "2026-11-09", evidence=["minutes"])
    assert first(stream, HELD) == ("missed", "0")
    assert first(stream, HELD, on="2026-11-07") == ("met", "1")


def test_a_half_year_check_goes_by_its_own_scheme() -> None:
    """Its findings count in the figure of its purpose and in no monthly one."""
    monthly = scheme(criterion(JUDGED))
    half = scheme(criterion(JUDGED), scheme="half", purpose="half_year")
    stream = Stream().registered()
    stream.checked("2026-H1", "2026-08-10", make_finding(credit="0.8"), purpose="half_year")
    answers = [
        standing(ask(stream, monthly, half, period="2026-H1", purpose=purpose, own_check=True))
        for purpose in ("half_year", "monthly")
    ]
    assert answers == [[("partial", "0.8")], [("unjudged", None)]]


def test_the_newest_finding_is_that_of_the_latest_period() -> None:
    """A sheet on August that is handed in after the one on September changes August alone."""
    stream = flagged().checked("2026-09", "2026-10-08", make_finding(credit="0.75"))
    stream.checked("2026-08", "2026-10-09", make_finding(credit="0.25"))
    assert first(stream, FLAG, "2026-08", own_check=True)[1] == "0.25"
    assert first(stream, FLAG)[1] == "0.25"
    assert first(stream, FLAG, "2026-10")[1] == "0.75"


def test_an_own_finding_sets_the_credit_of_its_period_above_others() -> None:
    """In a half-year, its check outranks a later sheet on its last month."""
    stream = flagged().checked("2026-H1", "2026-08-10", make_finding(credit="0.75"))
    stream.checked("2026-06", "2026-08-11", make_finding(credit="0.25"))
    assert first(stream, FLAG, "2026-H1", own_check=True)[1] == "0.75"
    assert first(stream, FLAG, "2026-H1")[1] == "0.25"


def test_the_disallowed_records_of_a_later_sheet_take_the_place_of_the_earlier_ones() -> None:
    """The first sheet disallows a, the second for the month b alone: a counts again."""
    stream = Stream().registered().held("a", "2026-09-10").held("b", "2026-09-11")
    stream.checked("2026-08", "2026-09-08", disallow=["b"])
    stream.checked("2026-09", "2026-10-07", disallow=["a"])
    twice = HELD | {"count": 2}
    assert first(stream, twice, own_check=True) == ("missed", "0")
    stream.checked("2026-08", "2026-10-08")
    stream.checked("2026-09", "2026-10-08", disallow=["b"])
    assert first(stream, twice, own_check=True) == ("partial", "0.5")
    assert first(stream, twice, own_check=True, on="2026-10-07") == ("missed", "0")
    stream.checked("2026-09", "2026-10-09")
    assert first(stream, twice, own_check=True) == ("met", "1")
    stream.posted("2026-09", "2026-10-11").checked("2026-10", "2026-11-08", disallow=["a"])
    stream.checked("2026-10", "2026-11-09")
    assert first(stream, twice, "2026-Q3") == ("partial", "1/3")


def test_a_finding_ends_with_a_version_that_has_another_rule() -> None:
    """Found in March; another rule from May, the flag again from August: the self-report counts."""
    other = {"kind": "condition", "condition": "notice_board"}
    documents = [
        scheme(criterion(FLAG), effective_from="2026-01"),
        scheme(criterion(other), version=2, effective_from="2026-05"),
        scheme(criterion(FLAG), version=3, effective_from="2026-08"),
    ]
    stream = Stream().registered().condition("national_flag", "met", "2026-01-05")
    stream.checked("2026-03", "2026-04-08", make_finding(credit="0.5"))
    given = {
        month: standing(ask(stream, *documents, period=f"2026-{month}"))[0][1]
        for month in ("04", "06", "09")
    }
    assert given == {"04": "0.5", "06": "0", "09": "1"}
    kept = [documents[0], scheme(criterion(FLAG, "2"), version=2, effective_from="2026-05")]
    assert standing(ask(stream, *kept))[0][1] == "0.5"
