from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from events.documents.schemes import ActivityRule, Criterion, SchemePolicy
from events.periods import Length, Period, parse_month, parse_period
from projections.scoring.credit import (
    ONE,
    ActivityPlan,
    Hits,
    Life,
    Window,
    WindowSelection,
    best_hits,
    count_credits,
    index_windows,
    state_at,
    window_results,
)
from projections.scoring.history import RecordHistory, RecordVersion
from projections.scoring.hits import find_hits
from tests.projections.scoring.test_rules import criterion

SEPTEMBER = parse_period("2026-09")
POLICY = SchemePolicy()


def rule(**more: Any) -> ActivityRule:
    """A monthly party lesson, with other fields where they are given."""
    return ActivityRule.model_validate({"activity": "party_lesson", "per": "month"} | more)


def held(on: str, known_on: str = "", version: int = 1, **more: Any) -> RecordVersion:
    """A party lesson on a day, recorded at once unless a date is given."""
    changes: Any = {"activity": "party_lesson", "occurred_on": on} | more
    return RecordVersion(known_on or on, version, changes)


def worth(
    *entries: RecordVersion,
    window: str = "2026-09",
    asked_on: str = "2026-12-31",
    policy: SchemePolicy = POLICY,
    **more: Any,
) -> Fraction:
    """The credit of one record in one window."""
    plan = Window(parse_period(window), rule(**more), policy)
    activity = ActivityPlan(0, (plan,), (), plan.scale, conditional=False, deduct=None)
    records = {"a-1": RecordHistory("a-1", list(entries))}
    hits = find_hits(records, index_windows([activity]), asked_on, lambda _: True)
    return Fraction(count_credits(plan, hits.get(plan)), plan.scale)


@pytest.mark.parametrize(
    ("more", "state", "complete"),
    [
        ({}, {}, True),
        ({"evidence": ["minutes", "photo"]}, {"evidence": ["photo", "minutes", "plan"]}, True),
        ({"evidence": ["minutes", "photo"]}, {"evidence": ["photo"]}, False),
        ({"evidence": ["minutes"]}, {"evidence": None}, False),
        ({"attendance_at_least": "0.8"}, {"present": 4, "expected": 5}, True),
        ({"attendance_at_least": "0.8"}, {"present": 79, "expected": 99}, False),
        ({"attendance_at_least": "0.8"}, {}, False),
        ({"attendance_at_least": "0"}, {"present": 0, "expected": 0}, False),
        ({"in_full": True}, {"due": 100, "paid": 100}, True),
        ({"in_full": True}, {"due": 100, "paid": 99}, False),
        ({"in_full": True}, {"due": 100, "paid": None}, False),
        ({"in_full": True}, {}, False),
        ({"in_full": True}, {"due": 0, "note": True}, True),
        ({"in_full": True}, {"due": 0, "paid": 0, "note": False}, False),
    ],
)
def test_a_record_is_complete_by_evidence_attendance_and_payment(
    more: dict[str, Any], state: dict[str, Any], complete: bool
) -> None:
    """Each demand of the rule must be met exactly; what is not there is not complete."""
    assert Window(SEPTEMBER, rule(**more), POLICY).complete(state) is complete


def test_a_merit_is_nothing_outside_the_window_or_for_another_activity() -> None:
    """Retracted, of another activity, before or after the window: 0."""
    window = Window(SEPTEMBER, rule(evidence=["minutes"]), POLICY)
    state = {"activity": "party_lesson", "occurred_on": "2026-09-30"}
    assert Fraction(window.merit(state), window.scale) == Fraction(1, 2)
    assert window.merit(state | {"evidence": ["minutes"]}) == window.full
    assert window.merit(state | {"retracted": True}) == 0
    assert window.merit(state | {"activity": "visit"}) == 0
    assert window.merit(state | {"occurred_on": "2026-10-01"}) == 0
    assert window.merit({"activity": "party_lesson"}) == 0


def test_a_state_is_the_fold_in_stream_order_of_what_was_known() -> None:
    """A correction known before its record still comes after it, and alone it is nothing."""
    earlier = RecordVersion("2026-09-03", 2, {"occurred_on": "2026-09-02"})
    entries = [held("2026-09-01", "2026-09-05"), earlier]
    assert state_at(entries, "2026-09-04") == {}
    assert state_at(entries, "2026-09-05")["occurred_on"] == "2026-09-02"


def test_what_is_recorded_after_the_grace_is_late() -> None:
    """The last day of grace is in time, the next is late, and before the recording is nothing."""
    assert worth(held("2026-09-12", "2026-10-05")) == 1
    assert worth(held("2026-09-12", "2026-10-06")) == Fraction(1, 2)
    assert worth(held("2026-09-12", "2026-10-06"), asked_on="2026-10-05") == 0
    assert worth(held("2026-09-12", "2026-10-06"), window="2026-Q3", per="quarter") == Fraction(
        1, 2
    )
    assert worth(held("2026-08-12", "2026-10-05"), window="2026-Q3", per="quarter") == 1


def test_what_is_added_after_the_grace_counts_as_late() -> None:
    """A record completed late is worth the better of its old merit and half of the new."""
    entries = [held("2026-09-12"), RecordVersion("2026-10-20", 2, {"evidence": ["minutes"]})]
    assert worth(*entries, evidence=["minutes"]) == Fraction(1, 2)
    generous = SchemePolicy(late_credit=Decimal("0.8"))
    assert worth(*entries, evidence=["minutes"], policy=generous) == Fraction(4, 5)
    strict = SchemePolicy(incomplete_credit=Decimal(0))
    assert worth(held("2026-09-12"), evidence=["minutes"], policy=strict) == 0


def test_what_is_taken_away_counts_at_once() -> None:
    """Evidence withdrawn, a date moved out, a retraction: the newest merit is the ceiling."""
    entry = held("2026-09-12", evidence=["minutes"])
    assert worth(
        entry, RecordVersion("2026-10-20", 2, {"evidence": []}), evidence=["minutes"]
    ) == Fraction(1, 2)
    assert worth(entry, RecordVersion("2026-10-20", 2, {"occurred_on": "2026-08-31"})) == 0
    assert worth(entry, RecordVersion("2026-10-20", 2, {"retracted": True})) == 0
    assert worth(entry, RecordVersion("2026-10-20", 2, {"activity": "visit"})) == 0


def test_a_date_moved_in_after_the_grace_is_late() -> None:
    """In the state of the deadline the record stood outside the window."""
    entries = [held("2026-08-12"), RecordVersion("2026-10-20", 2, {"occurred_on": "2026-09-01"})]
    assert worth(*entries) == Fraction(1, 2)


def test_a_disallowed_record_is_worth_nothing() -> None:
    """A disallowance takes the merit in both states, and without a record has no effect."""
    sheet = RecordVersion("2026-10-20", 2, {"disallowed": "2026-09"})
    assert worth(held("2026-09-12"), sheet) == 0
    assert worth(held("2026-09-12"), sheet, asked_on="2026-10-19") == 1
    assert worth(sheet) == 0
    assert worth(held("2026-09-12"), sheet, asked_on="2026-09-01") == 0


@pytest.mark.parametrize(
    ("entries", "credit"),
    [
        ([held("2026-03-31", "2026-04-05")], "1"),
        ([held("2026-03-31", "2026-04-06")], "0.5"),
        ([held("2026-04-01")], "0.5"),
        (
            [held("2026-04-01"), RecordVersion("2026-05-01", 2, {"occurred_on": "2026-03-01"})],
            "0.5",
        ),
        (
            [held("2026-03-01"), RecordVersion("2026-05-01", 2, {"occurred_on": "2026-04-01"})],
            "0.5",
        ),
        ([held("2026-03-01"), RecordVersion("2026-05-01", 2, {"note": True})], "1"),
    ],
)
def test_with_by_a_record_must_have_taken_place_and_be_recorded_in_time(
    entries: list[RecordVersion], credit: str
) -> None:
    """After the day, by the state of then or by the newest, it counts as late."""
    assert worth(*entries, window="2026", per="year", by="03-31") == Fraction(credit)


def test_by_the_29th_of_february_means_the_end_of_the_month() -> None:
    """In a common year the day is 28 February."""
    window = Window(parse_period("2026"), rule(per="year", by="02-29"), POLICY)
    assert (window.by, window.deadline) == ("2026-02-28", "2026-03-05")
    assert Window(parse_period("2028"), rule(per="year", by="02-29"), POLICY).by == "2028-02-29"


def test_of_several_records_on_one_day_only_the_best_counts() -> None:
    """Unless the rule says same_day, and then in a fixed order, up to the count."""
    hits = [(1, "2026-09-01", "b"), (4, "2026-09-01", "c"), (4, "2026-09-01", "a"),
            (2, "2026-09-03", "d"), (4, "2026-09-05", "e")]  # fmt: skip
    window = Window(SEPTEMBER, rule(count=3), POLICY)
    assert [hit[2] for hit in best_hits(window, hits)] == ["a", "e", "d"]
    assert count_credits(window, hits) == 10
    several = Window(SEPTEMBER, rule(count=3, same_day=True), POLICY)
    assert [hit[2] for hit in best_hits(several, hits)] == ["a", "c", "e"]
    assert [hit[2] for hit in best_hits(Window(SEPTEMBER, rule(), POLICY), hits)] == ["a"]
    assert count_credits(window, None) == 0


def test_window_results_name_what_counted() -> None:
    """A window shows its requirement, its exact count and the records that made it."""
    window, empty = (Window(SEPTEMBER, rule(count=2), POLICY) for _ in range(2))
    hits: Hits = {window: [(2, "2026-09-01", "b"), (4, "2026-09-02", "a")]}
    assert window_results((window, empty), hits) == (
        ("2026-09", 2, Fraction(3, 2), ("a", "b")),
        ("2026-09", 2, Fraction(0), ()),
    )


@pytest.mark.parametrize(
    ("gained", "deduct", "credit"),
    [
        (24, None, "1"),
        (9, None, "3/8"),
        (0, None, "0"),
        (24, "0.5", "1"),
        (20, "0.5", "1/2"),
        (16, "0.5", "0"),
        (0, "0.5", "0"),
    ],
)
def test_a_period_credit_is_a_share_or_what_misses_leave(
    gained: int, deduct: str | None, credit: str
) -> None:
    """Six windows of one record each, in quarters; the same question twice has one answer."""
    taken = None if deduct is None else Fraction(deduct)
    plan = ActivityPlan(0, (), (), 4, conditional=False, deduct=taken)
    for _ in range(2):
        assert plan.credit(gained, 6) == Fraction(credit)


def test_a_life_covers_a_window_from_half_of_its_days_on() -> None:
    """15 of 30 days are enough, 14 are not; before the life there is nothing."""
    first = date(2026, 9, 16)
    assert Life(first, None).covers_half(SEPTEMBER)
    assert not Life(date(2026, 9, 17), None).covers_half(SEPTEMBER)
    assert Life(date(2026, 1, 1), date(2026, 9, 15)).covers_half(SEPTEMBER)
    assert not Life(date(2026, 1, 1), date(2026, 9, 14)).covers_half(SEPTEMBER)
    assert not Life(date(2026, 12, 1), None).covers_half(SEPTEMBER)


def plan_of(
    period: str,
    asked_on: str,
    versions: dict[int, Any] | None = None,
    opening: str = "2026-01",
    **more: Any,
) -> ActivityPlan:
    """The plan of one criterion; ``versions`` are rules by the first month that they judge."""
    life = Life(date(2025, 1, 1), None)
    asked = WindowSelection(
        parse_period(period), life, lambda _: parse_month(opening), date.fromisoformat(asked_on)
    )
    now = Criterion.model_validate(criterion("1", rule(**more).model_dump()))

    def source(month: Period) -> tuple[Criterion, SchemePolicy] | None:
        chosen: Criterion | None = now
        for first, document in (versions or {}).items():
            if month.first % 12 + 1 >= first:
                chosen = document and Criterion.model_validate(criterion("1", document))
        return None if chosen is None else (chosen, POLICY)

    return asked.plan(3, now, POLICY, Fraction(2), source)


def texts(windows: tuple[Window, ...]) -> list[str]:
    """The windows as they are written."""
    return [window.text for window in windows]


def test_windows_are_judged_once_they_and_the_grace_have_ended() -> None:
    """On the last day of grace a window is open, on the next it is judged."""
    plan = plan_of("2026-Q3", "2026-09-05")
    assert (texts(plan.judged), texts(plan.waiting)) == (["2026-07"], [])
    plan = plan_of("2026-Q3", "2026-09-06")
    assert texts(plan.judged) == ["2026-07", "2026-08"]
    plan = plan_of("2026-Q3", "2026-08-05")
    assert (texts(plan.judged), texts(plan.waiting)) == ([], ["2026-07", "2026-08", "2026-09"])
    assert plan.judged + plan.waiting == plan.waiting
    assert {window.slot for window in plan.waiting} == {3}


def test_a_window_that_begins_before_the_scheme_is_not_asked_for() -> None:
    """A scheme that begins in August asks for no quarter and no July."""
    assert texts(plan_of("2026-Q3", "2027-01-01", opening="2026-08").judged) == [
        "2026-08",
        "2026-09",
    ]
    plan = plan_of("2026-08", "2027-01-01", opening="2026-08", per="quarter")
    assert (plan.judged, plan.waiting) == ((), ())


def test_where_no_window_belongs_the_one_around_is_waited_for() -> None:
    """In July the quarter is open, whenever July is asked about."""
    plan = plan_of("2026-07", "2027-01-01", per="quarter")
    assert (texts(plan.judged), texts(plan.waiting)) == ([], ["2026-Q3"])


def test_each_window_is_judged_by_the_version_of_its_last_month() -> None:
    """A rule that changes its per takes the windows of each length from its own months."""
    quarterly = rule(per="quarter", count=2).model_dump()
    plan = plan_of("2026-H2", "2027-02-01", {1: rule().model_dump(), 9: quarterly}, per="quarter")
    assert texts(plan.judged) == ["2026-07", "2026-08", "2026-Q3", "2026-Q4"]
    assert [window.count for window in plan.judged] == [1, 1, 2, 2]
    other = {"kind": "judgement"}
    plan = plan_of("2026-Q3", "2027-02-01", {1: None, 8: other, 9: rule().model_dump()})
    assert texts(plan.judged) == ["2026-09"]


def test_an_index_finds_a_window_by_activity_and_month() -> None:
    """A quarter is indexed under each of its months."""
    plan = plan_of("2026-Q3", "2027-01-01", per="quarter", deduct_per_miss="0.5")
    index = index_windows([plan])
    assert list(index["party_lesson"]) == ["2026-07", "2026-08", "2026-09"]
    assert plan.deduct == Fraction(1, 4)
    assert plan.credit(plan.scale, 1) is ONE
    assert plan.judged[0].period.length is Length.QUARTER


def test_records_of_other_activities_and_months_are_passed_over() -> None:
    """Only windows that are asked for gather records, several of them where there are several."""
    plan = plan_of("2026-09", "2026-12-01")
    records = {
        name: RecordHistory(name, [entry])
        for name, entry in {
            "a": held("2026-09-01"),
            "b": held("2026-09-02"),
            "c": held("2026-08-02"),
            "d": RecordVersion("2026-09-02", 1, {"activity": "visit", "occurred_on": "2026-09-02"}),
            "e": RecordVersion("2026-09-02", 1, {"retracted": True}),
        }.items()
    }
    hits = find_hits(records, index_windows([plan]), "2026-12-01", lambda _: True)
    assert [hit[2] for hit in hits[plan.judged[0]]] == ["a", "b"]
