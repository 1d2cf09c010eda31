"""Why a figure is what it is, down to the events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.event import PendingEvent
from events.periods import parse_period
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected
from projections.compliance.evaluation import ComplianceQuestion
from projections.compliance.explanation import (
    CheckedResult,
    CriterionExplanation,
    Explanation,
    explain,
)
from projections.documents.in_force import district as district_facts
from tests.support.small_district import CLERK, SmallDistrict, adjusted, meeting, posted, sheet


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community under the test scheme with one meeting, corrected once."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.now = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
    first = meeting("a-1", "2026-01-20", note="如期召开")
    with small.store.append() as log:
        log.append([PendingEvent(stream_of("a"), "record/a-1", first, CLERK)])
    small.tell(
        stream_of("a"),
        ActivityCorrected(
            record_id="a-1", changes={"attendance": {"present": 5, "expected": 6}}, reason="漏填"
        ),
    )
    small.now = datetime(2026, 2, 10, 4, 0, tzinfo=UTC)
    yield small
    small.dispose()


def why(
    district: SmallDistrict, criterion: str | None = None, language: Any = "zh", **more: Any
) -> Explanation:
    """The explanation of January, asked on 10 February."""
    question = ComplianceQuestion(parse_period("2026-01"), "monthly", date(2026, 2, 10), **more)
    entry = district.entry("a")
    with district.read() as reader:
        return explain(reader, entry, district_facts(reader), question, language, criterion)


def only(explanation: Explanation, code: str) -> CriterionExplanation:
    """The criterion of a code."""
    (criterion,) = (row for row in explanation.criteria if row.code == code)
    return criterion


def test_the_sums_make_the_score(district: SmallDistrict) -> None:
    """The score is 100 times the earned points over the judged points."""
    explanation = why(district)
    assert (explanation.sums.earned, explanation.sums.judged) == ("2", "4")
    assert explanation.score == "50.00"
    assert explanation.sums.counts == {
        "met": 1, "partial": 0, "missed": 3, "pending": 2, "unjudged": 0, "not_applicable": 0,
    }  # fmt: skip
    assert explanation.posted == []


def test_a_criterion_leads_to_its_events(district: SmallDistrict) -> None:
    """One criterion has its rule in words, its window, and the events of its records."""
    explanation = only(why(district, "m"), "m")
    assert explanation.rule == "支部委员会会议每月1次，须有会议记录"
    (window,) = explanation.windows
    assert window.records == ["a-1"]
    assert (window.required, window.counted, window.deadline) == (1, "1", "2026-02-05")
    first, second = explanation.events["a-1"]
    assert (first.type, first.actor) == ("ActivityRecorded", "os:clerk")
    assert first.data["note"] == "如期召开"
    assert second.data["reason"] == "漏填"
    assert first.version < second.version


def test_the_whole_names_no_events(district: SmallDistrict) -> None:
    """Without a criterion all are explained, and no events are read."""
    explanation = why(district, language="en")
    assert [row.code for row in explanation.criteria] == list("mqyfho")
    assert all(row.events == {} for row in explanation.criteria)
    assert only(explanation, "m").text == "Criterion m"
    assert only(explanation, "m").item == "Meetings"


def test_what_was_posted_and_what_a_check_found(district: SmallDistrict) -> None:
    """The posted figure has what it commits to, and a finding is apart from the derived result."""
    district.tell(stream_of("a"), sheet("2026-01", "s-1"), posted("2026-01", "25.00"))
    explanation = why(district)
    (figure,) = explanation.posted
    assert (figure["score"], figure["derived"], figure["scheme_version"]) == ("25.00", "90.00", 1)
    assert explanation.score == "50.00"
    assert explanation.checked == "25.00"
    checked = only(explanation, "m").checked
    assert checked == CheckedResult("partial", "0.5", "1", "from the check of 2026-01")
    assert only(explanation, "f").checked is None


def test_an_adjusted_figure_says_by_whom_and_why(district: SmallDistrict) -> None:
    """The posted figure keeps its value; the newest adjustment counts, known from its instant."""
    district.tell(stream_of("a"), posted("2026-01", "25.00"))
    changed = [adjusted("2026-01", "25.00", "30.00"), adjusted("2026-01", "30.00", "35.00")]
    known_at = district.now
    district.tell(stream_of("a"), *changed)
    (figure,) = why(district).posted
    assert (figure["score"], figure["current"]) == ("25.00", "35.00")
    assert [(row["old"], row["new"], row["reason"]) for row in figure["adjustments"]] == [
        ("25.00", "30.00", "申诉成立"), ("30.00", "35.00", "申诉成立"),
    ]  # fmt: skip
    assert {row["actor"] for row in figure["adjustments"]} == {"os:clerk"}
    (then,) = why(district, known_at=known_at).posted
    assert (then["current"], then["adjustments"]) == ("25.00", [])


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """Before the meeting was recorded nothing counted."""
    explanation = why(district, "m", known_at=datetime(2026, 1, 25, 4, 0, tzinfo=UTC))
    assert only(explanation, "m").status == "pending"
    assert only(explanation, "m").events == {}


def test_no_scheme_and_no_such_criterion(district: SmallDistrict) -> None:
    """Without a scheme in force, or without the criterion, no criterion is explained."""
    assert why(district, "nothing").criteria == []
    district.register("b", category="village")
    entry = district.entry("b")
    question = ComplianceQuestion(parse_period("2026-01"), "monthly", date(2026, 2, 10))
    with district.read() as reader:
        explanation = explain(reader, entry, district_facts(reader), question, "zh")
    assert (explanation.scheme, explanation.score, explanation.criteria) == (None, None, [])
