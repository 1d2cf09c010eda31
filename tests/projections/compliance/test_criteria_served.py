from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from events.documents.schemes import ActivityRule, SchemePolicy
from events.periods import Length, Period, parse_month
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted, MeasureReported
from projections.compliance.criteria_served import (
    WindowPlace,
    activities_of,
    lacking,
    places_of,
    scheme_of,
)
from projections.documents.in_force import book
from projections.documents.in_force import district as district_facts
from projections.scoring.credit import Window
from tests.support.small_district import SCHEME, SmallDistrict, sheet

A = stream_of("a")
TODAY = date(2026, 4, 3)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community under the test scheme in March."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    yield small
    small.dispose()


def places(district: SmallDistrict, record_id: str = "m-1") -> list[WindowPlace]:
    """The windows into which a record of ``a`` falls."""
    with district.read() as reader:
        return places_of(reader, A, district_facts(reader), record_id, TODAY)


def brief(windows: list[WindowPlace]) -> list[tuple[Any, ...]]:
    """Criterion, window, what is asked and counted, what the record is worth, what it lacks."""
    return [
        (place.criterion.code, place.window, place.required, place.counted, place.credit,
         place.counts, place.lacking)
        for place in windows
    ]  # fmt: skip


def test_the_activities_of_a_scheme(district: SmallDistrict) -> None:
    """In their order, each with the criteria that it serves and what these ask for."""
    with district.read() as reader:
        scheme = scheme_of(book(reader), "community", parse_month("2026-03"))
        assert scheme_of(book(reader), "village", parse_month("2026-03")) is None
        assert scheme_of(book(reader), "community", parse_month("2025-12")) is None
    assert scheme is not None
    served = activities_of(scheme)
    assert list(served) == [
        "branch_committee_meeting", "member_assembly", "party_lesson", "study_session",
    ]  # fmt: skip
    (meeting,) = served["branch_committee_meeting"]
    assert (meeting.criterion.code, meeting.item, meeting.evidence) == ("m", "1.1", ("minutes",))
    assert (meeting.attendance, meeting.in_full, meeting.optional) == (None, False, False)
    assert served["study_session"][0].optional


def test_a_record_stands_in_its_window(district: SmallDistrict) -> None:
    """With what it is worth, as the scoring judges it; only in windows that are its own period."""
    district.record("a", "m-1", "2026-03-02")
    assert brief(places(district)) == [("m", "2026-03", 1, Fraction(1), Fraction(1), True, ())]
    assert places(district)[0].deadline == "2026-04-05"
    district.record("a", "q-1", "2026-02-02", activity="member_assembly")
    assert brief(places(district, "q-1")) == [
        ("q", "2026-Q1", 1, Fraction(1), Fraction(1), True, ())
    ]
    district.record("a", "o-1", "2026-03-02", activity="study_session")
    assert [one.criterion.optional for one in places(district, "o-1")] == [True]


def test_what_a_record_lacks_is_named(district: SmallDistrict) -> None:
    """An incomplete record is worth less; one that others outdo counts nothing."""
    district.record("a", "m-1", "2026-03-02", evidence=())
    half = Fraction(1, 2)
    assert brief(places(district)) == [("m", "2026-03", 1, half, half, True, ("minutes",))]
    district.record("a", "m-2", "2026-03-03")
    assert brief(places(district)) == [("m", "2026-03", 1, Fraction(1), half, False, ("minutes",))]


def test_what_does_not_count_stands_nowhere_or_for_nothing(district: SmallDistrict) -> None:
    """Retracted: nowhere; disallowed: for nothing; unknown, or asked for by none: nowhere."""
    district.record("a", "m-1", "2026-03-02")
    district.record("a", "m-2", "2026-03-02")
    district.record("a", "m-3", "2026-03-02", activity="theme_day")
    district.tell(A, ActivityRetracted(record_id="m-1", reason="x"))
    district.tell(A, sheet("2026-03", "s-1", "m-2"))
    assert places(district) == []
    assert brief(places(district, "m-2")) == [("m", "2026-03", 1, 0, 0, False, ())]
    assert places(district, "m-3") == places(district, "m-9") == []


def test_a_corrected_record_stands_where_its_day_is_now(district: SmallDistrict) -> None:
    """The window of the day before is not its place any more."""
    district.record("a", "m-1", "2026-03-02")
    change = {"occurred_on": "2026-02-27"}
    district.tell(A, ActivityCorrected(record_id="m-1", changes=change, reason="x"))
    assert [one.window for one in places(district)] == ["2026-02"]


def test_no_scheme_no_place(district: SmallDistrict) -> None:
    """Also where the activity is one that other categories are asked for."""
    district.register("v", None, "village")
    district.record("v", "m-1", "2026-03-02")
    with district.read() as reader:
        facts = district_facts(reader)
        assert places_of(reader, stream_of("v"), facts, "m-1", TODAY) == []


def test_a_criterion_that_does_not_apply_is_no_place(district: SmallDistrict) -> None:
    """Where the measure is below what it asks for."""
    criteria = SCHEME["sections"][0]["items"][0]["criteria"]
    asked = [
        one | {"applies": {"measure": "members", "at_least": "7"}} if one["code"] == "m" else one
        for one in criteria
    ]
    item = SCHEME["sections"][0]["items"][0] | {"criteria": asked}
    sections = [SCHEME["sections"][0] | {"items": [item]}]
    district.publish(SCHEME | {"version": 2, "effective_from": "2026-03", "sections": sections})
    district.record("a", "m-1", "2026-03-02")
    assert len(places(district)) == 1
    report = MeasureReported(measure="members", value="5", on=date(2026, 3, 1))
    district.tell(A, report)
    assert places(district) == []


MARCH = Period(2026 * 12 + 2, 1)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ({}, ("minutes", "photo", "attendance", "money")),
        ({"evidence": ["photo"], "present": 8, "expected": 10, "due": 5, "paid": 5}, ("minutes",)),
        (
            {"evidence": ["photo", "minutes"], "present": 7, "expected": 10, "due": 5, "paid": 5},
            ("attendance",),
        ),
        (
            {"evidence": ["photo", "minutes"], "present": 8, "expected": 10, "due": 5, "paid": 4},
            ("money",),
        ),
        (
            {
                "evidence": ["photo", "minutes"],
                "present": 8,
                "expected": 10,
                "due": 0,
                "note": True,
            },
            (),
        ),
    ],
)
def test_lacking(state: dict[str, Any], wanted: tuple[str, ...]) -> None:
    """Each of evidence, attendance and payment is named by itself."""
    rule = ActivityRule(
        kind="activity",
        activity="dues_collection",
        per=Length.MONTH,
        evidence=("photo", "minutes"),
        attendance_at_least=Decimal("0.8"),
        in_full=True,
    )
    assert lacking(Window(MARCH, rule, SchemePolicy()), state) == wanted
