"""Section 4 of docs/semantics.md: which windows are asked for, judged, and what they add up to."""

from __future__ import annotations

from typing import Any

import pytest

from events.periods import parse_month
from tests.semantics.asking import HELD, Stream, ask, criterion, first, scheme, standing

MAY = parse_month("2026-05")
TWICE = HELD | {"count": 2}
QUARTERLY = HELD | {"per": "quarter"}


def windows(stream: Stream, document: dict[str, Any], period: str, **more: Any) -> list[str]:
    """The windows that the first criterion shows."""
    return [
        window.window
        for window in ask(stream, document, period=period, **more).criteria[0].windows or ()
    ]


@pytest.mark.parametrize(
    ("per", "period", "expected"),
    [
        ("month", "2026-Q3", ["2026-07", "2026-08", "2026-09"]),
        ("quarter", "2026-09", ["2026-Q3"]),
        ("quarter", "2026-H1", ["2026-Q1", "2026-Q2"]),
        ("half", "2026-Q2", ["2026-H1"]),
        ("year", "2026-12", ["2026"]),
        ("year", "2026-H2", ["2026"]),
        ("year", "2026", ["2026"]),
    ],
)
def test_a_window_belongs_to_the_period_of_its_last_day(
    per: str, period: str, expected: list[str]
) -> None:
    """Windows partition the calendar year, whatever the period asked for."""
    assert (
        windows(Stream().registered(), scheme(criterion(HELD | {"per": per})), period) == expected
    )


@pytest.mark.parametrize(("same_day", "credit"), [(False, "0.5"), (True, "1")])
def test_of_several_on_one_day_only_the_best_counts(same_day: bool, credit: str) -> None:
    """Unless the rule says `same_day`."""
    stream = Stream().registered().held("a", "2026-09-10").held("b", "2026-09-10")
    assert first(stream, TWICE | {"same_day": same_day})[1] == credit


def test_of_one_day_the_best_is_taken() -> None:
    """On a day with a complete and an incomplete record, the complete one counts."""
    stream = Stream().registered().held("a", "2026-09-10")
    stream.held("b", "2026-09-10", evidence=["minutes"])
    assessment = ask(stream, scheme(criterion(HELD | {"evidence": ["minutes"]})))
    (window,) = assessment.criteria[0].windows or ()
    assert (str(window.counted), window.records) == ("1", ("b",))


def test_the_best_are_counted_and_no_more_than_asked_for() -> None:
    """Of three records the two best make the credit; a month in excess lends nothing to another."""
    stream = Stream().registered().held("a", "2026-09-10", "2026-10-06").held("b", "2026-09-11")
    stream.held("c", "2026-09-12", "2026-10-06")
    assert first(stream, TWICE) == ("partial", "0.75")
    stream = Stream().registered()
    for day in range(10, 16):
        stream.held(f"a-{day}", f"2026-09-{day}")
    assert first(stream, TWICE, "2026-Q3") == ("partial", "1/3")


@pytest.mark.parametrize(
    ("held", "month", "quarter"), [(0, "0.75", "0.25"), (1, "0.875", "0.375"), (2, "1", "0.5")]
)
def test_every_miss_takes_its_points(held: int, month: str, quarter: str) -> None:
    """`1 − deduct_per_miss × Σ (n − counted) / points`: half a point of four for each."""
    stream = Stream().registered()
    for place in range(held):
        stream.held(f"a-{place}", f"2026-09-{place + 10}")
    rule = TWICE | {"deduct_per_miss": "0.5"}
    assert first(stream, rule)[1] == month
    assert first(stream, rule, "2026-Q3")[1] == quarter


def test_misses_take_no_more_than_there_is() -> None:
    """扣完为止: the credit never falls below 0."""
    rule = HELD | {"deduct_per_miss": "3"}
    stream = Stream().registered().held("a", "2026-08-10")
    assert first(stream, rule) == ("partial", "0.25")
    assert first(stream, rule, "2026-Q3") == ("missed", "0")


@pytest.mark.parametrize(
    ("born", "per", "period", "status"),
    [
        ("2026-04-16", "month", "2026-04", "missed"),  # 15 of 30 days
        ("2026-04-17", "month", "2026-04", "not_applicable"),
        ("2026-05-16", "month", "2026-05", "missed"),  # 16 of 31 days
        ("2026-05-17", "month", "2026-05", "not_applicable"),
        ("2026-02-15", "quarter", "2026-Q1", "missed"),  # 45 of 90 days
        ("2026-02-16", "quarter", "2026-Q1", "not_applicable"),
        ("2026-07-02", "year", "2026", "missed"),  # 183 of 365 days
        ("2026-07-03", "year", "2026", "not_applicable"),
    ],
)
def test_a_window_is_asked_for_from_half_of_its_days_on(
    born: str, per: str, period: str, status: str
) -> None:
    """The life since the registration must cover at least half of the window."""
    assert first(Stream().registered(born), HELD | {"per": per}, period)[0] == status


@pytest.mark.parametrize(
    ("closed", "month", "quarter"),
    [
        ("2026-09-15", "missed", "missed"),  # 15 of 30 days, 77 of 92
        ("2026-09-14", "not_applicable", "missed"),
        ("2026-08-15", None, "missed"),  # 46 of 92 days
        ("2026-08-14", None, "not_applicable"),
    ],
)
def test_a_closing_takes_away_the_windows_that_it_cuts_short(
    closed: str, month: str | None, quarter: str
) -> None:
    """The closing date is the last day of the life."""
    stream = Stream().registered().changed(closed, closed=True)
    assessment = ask(stream, scheme(criterion(HELD)), period="2026-09")
    assert [one.status for one in assessment.criteria] == ([] if month is None else [month])
    assert first(stream, QUARTERLY, "2026-Q3")[0] == quarter


def test_a_period_outside_the_life_has_no_score_and_no_criteria() -> None:
    """Before the registration and after the closing there is nothing to say."""
    stream = Stream().registered("2026-03-31").changed("2026-06-01", closed=True)
    document = scheme(criterion(HELD))
    outside = [ask(stream, document, period=period) for period in ("2026-02", "2026-07", "2025")]
    assert [(one.scheme, one.score, one.criteria) for one in outside] == [(None, None, ())] * 3
    inside = [ask(stream, document, period=period) for period in ("2026-03", "2026-06", "2026")]
    assert [len(one.criteria) for one in inside] == [1, 1, 1]


def test_in_the_period_of_the_closing_states_are_taken_on_its_date() -> None:
    """A report from the closing date counts in the period and in every longer one."""
    flag = {"kind": "condition", "condition": "national_flag"}
    stream = Stream().registered().condition("national_flag", "met", "2026-09-10")
    stream.changed("2026-09-10", closed=True)
    assert [first(stream, flag, period)[0] for period in ("2026-09", "2026-H2", "2026")] == [
        "met"
    ] * 3


def test_a_window_is_judged_when_it_and_the_grace_have_ended() -> None:
    """September is open through 5 October and judged from the 6th on; open months drop out."""
    stream = Stream().registered().held("a", "2026-08-10").held("b", "2026-09-10")
    assert first(stream, HELD, on="2026-10-05") == ("pending", None)
    assert first(stream, HELD, on="2026-10-06") == ("met", "1")
    assert first(stream, HELD, "2026-Q3", on="2026-10-05") == ("partial", "0.5")
    assert first(stream, HELD, "2026-Q3", on="2026-10-06") == ("partial", "2/3")
    document = scheme(criterion(HELD))
    assert windows(stream, document, "2026-Q3", on="2026-10-05") == ["2026-07", "2026-08"]


def test_a_pending_criterion_shows_its_open_window() -> None:
    """Of several that are open, the earliest asked for, with what counts in it so far."""
    stream = Stream().registered().held("a", "2026-08-10")
    assessment = ask(stream, scheme(criterion(QUARTERLY)), period="2026-08")
    (window,) = assessment.criteria[0].windows or ()
    assert assessment.criteria[0].status == "pending"
    assert (window.window, window.required, str(window.counted)) == ("2026-Q3", 1, "1")
    assert windows(stream, scheme(criterion(HELD)), "2026-H2", on="2026-07-20") == ["2026-07"]


def test_no_window_before_the_first_month_of_the_scheme_is_asked_for() -> None:
    """A quarter that began before it is not asked for, nor waited for."""
    document = scheme(criterion(QUARTERLY), criterion(HELD), effective_from="2026-05")
    stream = Stream().registered()
    assessments = [
        ask(stream, document, period=period) for period in ("2026-05", "2026-Q2", "2026-Q3")
    ]
    assert [one.criteria[0].status for one in assessments] == ["not_applicable"] * 2 + ["missed"]
    shown = [[window.window for window in one.criteria[1].windows or ()] for one in assessments]
    assert shown[1] == ["2026-05", "2026-06"]
    assert ask(stream, document, period="2026-04").scheme is None


def test_a_quarter_is_waited_for_by_what_holds_on_the_last_day_of_the_period() -> None:
    """July is pending though the closing of August made the quarter too short to ask for."""
    stream = Stream().registered().changed("2026-08-02", closed=True)
    statuses = [first(stream, QUARTERLY, period)[0] for period in ("2026-07", "2026-08", "2026-Q3")]
    assert statuses == ["pending", "not_applicable", "not_applicable"]


def test_a_quarter_is_waited_for_by_the_measure_of_the_period() -> None:
    """With six members in July and seven from August on, July is not asked and August waits."""
    document = scheme(criterion(QUARTERLY, applies={"measure": "members", "at_least": "7"}))
    stream = Stream().registered().measure("members", "6", "2026-07-31")
    stream.measure("members", "7", "2026-08-01")
    statuses = [
        ask(stream, document, period=period).criteria[0].status
        for period in ("2026-07", "2026-08", "2026-09")
    ]
    assert statuses == ["not_applicable", "pending", "missed"]


def test_a_window_is_judged_by_the_version_of_its_last_month() -> None:
    """Counts go by each window's version, points and criteria by that of the last month."""
    second = scheme(criterion(TWICE, "3"), criterion(HELD), version=2, effective_from="2026-08")
    stream = Stream().registered().held("a", "2026-07-10").held("b", "2026-08-10")
    assessment = ask(stream, scheme(criterion(HELD)), second, period="2026-Q3")
    assert assessment.version == 2
    assert standing(assessment) == [("partial", "0.4"), ("partial", "0.5")]
    assert [one.required for one in assessment.criteria[0].windows or ()] == [1, 2, 2]
    assert [one.window for one in assessment.criteria[1].windows or ()] == ["2026-08", "2026-09"]
    assert ask(stream, scheme(criterion(HELD)), second, period="2026-07").version == 1


def test_a_quarter_goes_by_the_policy_of_its_last_month() -> None:
    """Grace and late credit are those of the version that judges the window."""
    second = scheme(
        criterion(QUARTERLY), version=2, effective_from="2026-09", policy={"late_credit": "0.9"}
    )
    stream = Stream().registered().held("a", "2026-07-10", "2026-10-06")
    assert standing(ask(stream, scheme(criterion(QUARTERLY)), second)) == [("partial", "0.9")]


def test_where_versions_differ_in_length_each_has_its_own_windows() -> None:
    """Monthly until August, quarterly from September on: two months and the quarter are asked."""
    second = scheme(criterion(QUARTERLY), version=2, effective_from="2026-09")
    stream = Stream().registered().held("a", "2026-07-10")
    assessment = ask(stream, scheme(criterion(HELD)), second, period="2026-Q3")
    assert [one.window for one in assessment.criteria[0].windows or ()] == [
        "2026-07",
        "2026-08",
        "2026-Q3",
    ]
    assert standing(assessment) == [("partial", "2/3")]


def test_a_month_that_no_scheme_governs_is_not_asked_for() -> None:
    """A community that was a village in July and August is asked for September alone."""
    stream = Stream().registered(category="village").changed("2026-09-30", category="community")
    assert windows(stream, scheme(criterion(HELD)), "2026-Q3") == ["2026-09"]
    assert ask(stream, scheme(criterion(HELD)), period="2026-08").scheme is None


def test_the_pinned_version_governs_what_a_cycle_posts() -> None:
    """A version that was published after the cycle opened changes nothing in its figure."""
    second = scheme(criterion(TWICE), version=2, effective_from="2026-09")
    stream = Stream().registered().held("a", "2026-09-10")
    documents = scheme(criterion(HELD)), second
    assert ask(stream, *documents).score_text == "50.00"
    pinned = ask(stream, *documents, pinned={"community": ("one", 1)})
    assert (pinned.version, pinned.score_text) == (1, "100.00")


def test_what_was_reported_after_the_closing_date_does_not_count() -> None:
    """States are taken on the closing date, which may become known later."""
    flag = {"kind": "condition", "condition": "national_flag"}
    stream = Stream().registered().condition("national_flag", "met", "2026-09-01")
    stream.condition("national_flag", "unmet", "2026-09-20")
    stream.changed("2026-09-16", "2026-09-21", closed=True)
    assert first(stream, flag, on="2026-09-20") == ("missed", "0")
    assert first(stream, flag, on="2026-09-21") == ("met", "1")


def test_a_window_of_another_scheme_is_not_asked_for() -> None:
    """Where another scheme governed July and August, its criterion of that code is another one."""
    before = scheme(criterion(HELD), scheme="two", effective_from="2026-01")
    between = scheme(criterion(HELD), effective_from="2026-07")
    after = scheme(criterion(HELD), scheme="two", version=2, effective_from="2026-09")
    stream = Stream().registered().held("a", "2026-08-10")
    assessment = ask(stream, before, between, after, period="2026-H2")
    shown = [one.window for one in assessment.criteria[0].windows or ()]
    assert shown == ["2026-09", "2026-10", "2026-11", "2026-12"]


def first_of(stream: Stream, on: str) -> str | None:
    """The status of one criterion in September, or None where there is no answer."""
    assessment = ask(stream, scheme(criterion(HELD)), on=on)
    return assessment.criteria[0].status if assessment.criteria else None


def test_an_organization_is_unknown_before_its_registration_was_recorded() -> None:
    """Only events whose recording date is not after the day asked count, the first one too."""
    stream = Stream().registered("2026-09-01", "2026-10-20")
    assert first_of(stream, "2026-10-19") is None
    assert first_of(stream, "2026-10-20") == "missed"


def test_only_where_no_window_belongs_is_a_longer_one_waited_for() -> None:
    """January's window was there and not asked for, so the half-year waits for no other."""
    seven = {"measure": "members", "at_least": "7"}
    yearly = criterion(HELD | {"per": "year"}, applies=seven)
    second = scheme(yearly, version=2, effective_from="2026-02")
    stream = Stream().registered().measure("members", "6", "2026-01-01")
    stream.measure("members", "7", "2026-02-01")
    documents = scheme(criterion(HELD, applies=seven)), second
    assessments = [
        ask(stream, *documents, period=period) for period in ("2026-H1", "2026-Q2", "2026")
    ]
    statuses = [one.criteria[0].status for one in assessments]
    assert statuses == ["not_applicable", "pending", "missed"]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026-Q2", ["2026-Q2"]),
        ("2026-06", ["2026-Q2"]),
        ("2026-H1", []),
        ("2026-H2", ["2026-Q3", "2026-Q4"]),
        ("2026", ["2026-Q3", "2026-Q4"]),
    ],
)
def test_half_years_and_years_ask_for_nothing_before_the_first_month(
    period: str, expected: list[str]
) -> None:
    """The district begins in May: its first half and year do not ask for what began before."""
    quarterly = scheme(criterion(HELD | {"per": "quarter"}))
    answer = ask(Stream().registered(), quarterly, period=period, first_month=MAY)
    assert [window.window for window in answer.criteria[0].windows or ()] == expected


def test_a_window_begins_in_a_month_in_which_the_scheme_names_the_category() -> None:
    """A scheme of villages names communities from May on: their first quarter is the third."""
    quarterly = criterion(HELD | {"per": "quarter"})
    documents = (
        scheme(quarterly, categories=["village"], effective_from="2026-01"),
        scheme(quarterly, version=2, categories=["village", "community"], effective_from="2026-05"),
    )
    shown = {
        (category, period): ask(Stream().registered(category=category), *documents, period=period)
        for category in ("village", "community")
        for period in ("2026-Q2", "2026-Q3")
    }
    assert {key: answer.criteria[0].status for key, answer in shown.items()} == {
        ("village", "2026-Q2"): "missed",
        ("village", "2026-Q3"): "missed",
        ("community", "2026-Q2"): "not_applicable",
        ("community", "2026-Q3"): "missed",
    }
