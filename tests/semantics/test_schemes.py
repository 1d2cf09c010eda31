"""Section 2 of docs/semantics.md: the scheme in force, conditions, measures, `applies`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.asking import (
    FLAG,
    HELD,
    JUDGED,
    Stream,
    ask,
    criterion,
    first,
    scheme,
    standing,
)

FUNDS: dict[str, Any] = {
    "kind": "measure",
    "measure": "work_funds",
    "by_measure": "households",
    "tiers": [
        {"below": "2000", "at_least": "40000"},
        {"below": "3000", "at_least": "50000"},
        {"at_least": "60000"},
    ],
}
RATIO = {"kind": "measure", "measure": "members", "of": "households", "ratio_at_least": "0.2"}
MEMBERS = {"kind": "measure", "measure": "members", "at_least": "10"}
SEVEN = {"measure": "members", "at_least": "7"}


def reporting(**values: str) -> Stream:
    """A stream with measures in force from January 2026."""
    stream = Stream().registered()
    for name, value in values.items():
        stream.measure(name, value, "2026-01-05")
    return stream


@pytest.mark.parametrize(
    ("households", "funds", "status"),
    [
        ("1999", "40000", "met"),
        ("1999.99", "39999.99", "missed"),
        ("2000", "40000", "missed"),
        ("2000", "49999.99", "missed"),
        ("2000", "50000", "met"),
        ("2999.99", "50000", "met"),
        ("3000", "50000", "missed"),
        ("3000", "60000", "met"),
        ("9999", "60000", "met"),
    ],
)
def test_fund_tiers_meet_with_the_higher_standard(households: str, funds: str, status: str) -> None:
    """`below` is exclusive: at exactly 2000 and 3000 households the higher standard applies."""
    assert first(reporting(households=households, work_funds=funds), FUNDS)[0] == status


@pytest.mark.parametrize(
    ("funds", "credit"), [("50000", "1"), ("80000", "1"), ("25000", "0.5"), ("0", "0")]
)
def test_a_proportional_tier_gives_its_share(funds: str, credit: str) -> None:
    """With `proportional` the credit is value over threshold, and 1 at the most."""
    stream = reporting(households="2450", work_funds=funds)
    assert first(stream, FUNDS | {"proportional": True})[1] == credit


@pytest.mark.parametrize(
    ("reported", "lacking"),
    [
        ({}, ("households", "work_funds")),
        ({"households": "1"}, ("work_funds",)),
        ({"work_funds": "99999"}, ("households",)),
    ],
)
def test_a_measure_never_reported_gives_nothing(
    reported: dict[str, str], lacking: tuple[str, ...]
) -> None:
    """A rule whose measure was never reported has credit 0, and the answer names the measure."""
    assessment = ask(reporting(**reported), scheme(criterion(FUNDS)))
    assert (standing(assessment), assessment.missing_measures) == ([("missed", "0")], lacking)


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (RATIO, {"members": "20", "households": "100"}, ("met", "1")),
        (RATIO, {"members": "19.99", "households": "100"}, ("missed", "0")),
        (RATIO, {"members": "5", "households": "0"}, ("not_applicable", None)),
        (RATIO, {"households": "0"}, ("not_applicable", None)),
        (RATIO, {"members": "20"}, ("missed", "0")),
        (
            RATIO | {"proportional": True},
            {"members": "5", "households": "100"},
            ("partial", "0.25"),
        ),
        (RATIO | {"ratio_at_least": "0"}, {"members": "0", "households": "9"}, ("met", "1")),
        (MEMBERS, {"members": "10"}, ("met", "1")),
        (MEMBERS, {"members": "9.999999"}, ("missed", "0")),
        (MEMBERS | {"proportional": True}, {"members": "4"}, ("partial", "0.4")),
        (MEMBERS | {"proportional": True}, {"members": "30"}, ("met", "1")),
        (MEMBERS | {"at_least": "0"}, {"members": "0"}, ("met", "1")),
        (MEMBERS | {"at_least": "0", "proportional": True}, {"members": "0"}, ("met", "1")),
    ],
)
def test_a_measure_is_held_against_its_threshold(
    rule: dict[str, Any], values: dict[str, str], expected: tuple[str, str | None]
) -> None:
    """A threshold includes its number, one of 0 is reached, and a ratio to 0 is not applicable."""
    assert first(reporting(**values), rule) == expected


@pytest.mark.parametrize(
    ("state", "credit"), [("met", "1"), ("partial", "0.5"), ("unmet", "0"), (None, "0")]
)
def test_a_condition_has_the_credit_of_its_state(state: str | None, credit: str) -> None:
    """Met is 1, partial 0.5, unmet 0, and never reported 0."""
    stream = Stream().registered()
    if state is not None:
        stream.condition("national_flag", state, "2026-01-05")
    assert first(stream, FLAG)[1] == credit


def test_the_state_in_force_is_the_newest_by_its_date_then_by_recording() -> None:
    """A report of an earlier date that comes later changes nothing; one of the same date does."""
    stream = Stream().registered().condition("national_flag", "partial", "2026-09-30")
    stream.condition("national_flag", "met", "2026-09-01", "2026-10-02")
    stream.condition("national_flag", "met", "2026-10-01", "2026-10-02")
    stream.measure("members", "12", "2026-09-30").measure("members", "3", "2026-09-30")
    assert first(stream, FLAG) == ("partial", "0.5")
    assert first(stream, MEMBERS) == ("missed", "0")
    stream.condition("national_flag", "unmet", "2026-09-30", "2026-10-03")
    assert first(stream, FLAG) == ("missed", "0")
    assert first(stream, FLAG, "2026-10") == ("met", "1")


@pytest.mark.parametrize(
    ("members", "status"), [("6", "not_applicable"), ("7", "met"), (None, "met")]
)
@pytest.mark.parametrize("rule", [FLAG, HELD])
def test_a_criterion_applies_from_its_threshold_on(
    rule: dict[str, Any], members: str | None, status: str
) -> None:
    """Below it a criterion is left out of both sums; silence does not pay, and is named."""
    stream = reporting() if members is None else reporting(members=members)
    stream.condition("national_flag", "met", "2026-01-05").held("a", "2026-09-09")
    assessment = ask(stream, scheme(criterion(rule, applies=SEVEN), criterion(JUDGED)))
    assert assessment.criteria[0].status == status
    assert assessment.score_text == ("100.00" if status == "met" else None)
    assert assessment.missing_measures == (("members",) if members is None else ())


def test_a_measure_rule_that_does_not_apply_stands_in_neither_sum() -> None:
    """What a criterion needs is not asked for where it does not apply."""
    assessment = ask(reporting(members="6"), scheme(criterion(FUNDS, applies=SEVEN)))
    assert (standing(assessment), assessment.missing_measures) == ([("not_applicable", None)], ())


def test_an_activity_applies_by_the_last_day_of_each_window() -> None:
    """February is not asked for, January (silent) and March (seven members) are."""
    stream = Stream().registered().measure("members", "6", "2026-02-28")
    stream.held("a", "2026-03-09").measure("members", "7", "2026-03-31")
    document = scheme(criterion(HELD, applies=SEVEN))
    months = [ask(stream, document, period=f"2026-0{month}") for month in (1, 2, 3)]
    assert [one.criteria[0].status for one in months] == ["missed", "not_applicable", "met"]
    assert standing(ask(stream, document, period="2026-Q1")) == [("partial", "0.5")]


def test_the_scheme_in_force_is_the_latest_for_category_and_purpose() -> None:
    """The latest `effective_from` not after the month, and of one scheme the highest version."""
    documents = [
        scheme(criterion(FLAG), effective_from="2026-02"),
        scheme(criterion(FLAG), version=2, effective_from="2026-04"),
        scheme(criterion(FLAG), scheme="two", effective_from="2026-06", closed_from="2026-08"),
        scheme(criterion(FLAG), scheme="village", categories=["village"]),
        scheme(criterion(FLAG), scheme="year", purpose="annual"),
    ]
    versions = [
        (chosen.scheme, chosen.version)
        for chosen in (
            ask(Stream().registered(), *documents, period=period)
            for period in ("2026-01", "2026-02", "2026-04", "2026-06", "2026-08", "2026-H1")
        )
    ]
    assert versions == [(None, None), ("one", 1), ("one", 2), ("two", 1), ("one", 2), ("two", 1)]
    assert ask(Stream().registered(), *documents, period="2026", purpose="annual").scheme == "year"


def test_of_one_scheme_the_highest_version_counts() -> None:
    """Version 2 from March takes the place of version 1 from May; another scheme of June wins."""
    documents = [
        scheme(criterion(FLAG), effective_from="2026-05"),
        scheme(criterion(FLAG), version=2, effective_from="2026-03"),
        scheme(criterion(FLAG), scheme="two", effective_from="2026-07"),
        scheme(criterion(FLAG), version=3, effective_from="2026-06", categories=["village"]),
    ]
    chosen = [
        ask(Stream().registered(), *documents, period=period)
        for period in ("2026-02", "2026-04", "2026-06", "2026-07")
    ]
    assert [(one.scheme, one.version) for one in chosen] == [
        (None, None),
        ("one", 2),
        ("one", 2),
        ("two", 1),
    ]


def test_a_version_after_the_closing_opens_the_scheme_again() -> None:
    """Closed from March, version 2 from May governs in June; version 3 of January does not."""
    documents = [
        scheme(criterion(FLAG), effective_from="2026-01", closed_from="2026-03"),
        scheme(criterion(FLAG), version=2, effective_from="2026-05"),
        scheme(criterion(FLAG), version=3, effective_from="2026-02"),
    ]
    chosen = [
        ask(Stream().registered(), *documents, period=period).version
        for period in ("2026-01", "2026-02", "2026-03", "2026-04", "2026-06")
    ]
    assert chosen == [1, 3, None, None, 2]
