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
from projections.compliance.explanation import explain
from projections.documents.in_force import district as district_facts
from tests.support.small_district import CLERK, SmallDistrict, meeting, posted, sheet


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community under the test scheme with one meeting, corrected once."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("a")
    found.now = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
    first = meeting("a-1", "2026-01-20", note="如期召开")
    with found.store.append() as log:
        log.append([PendingEvent(stream_of("a"), "record/a-1", first, CLERK)])
    found.tell(
        stream_of("a"),
        ActivityCorrected(
            record_id="a-1", changes={"attendance": {"present": 5, "expected": 6}}, reason="漏填"
        ),
    )
    found.now = datetime(2026, 2, 10, 4, 0, tzinfo=UTC)
    yield found
    found.dispose()


def why(
    district: SmallDistrict, criterion: str | None = None, language: Any = "zh", **more: Any
) -> dict[str, Any]:
    """The explanation of January, asked on 10 February."""
    question = ComplianceQuestion(parse_period("2026-01"), "monthly", date(2026, 2, 10), **more)
    entry = district.entry("a")
    with district.read() as reader:
        return explain(reader, entry, district_facts(reader), question, language, criterion)


def one_of(found: dict[str, Any], code: str) -> dict[str, Any]:
    """One criterion."""
    (one,) = (one for one in found["criteria"] if one["code"] == code)
    return dict(one)


def test_the_sums_make_the_score(district: SmallDistrict) -> None:
    """100 times what was earned over what was judged is the score that is shown."""
    found = why(district)
    assert (found["sums"]["earned"], found["sums"]["judged"]) == ("2", "4")
    assert found["score"] == "50.00"
    assert found["sums"]["counts"] == {
        "met": 1, "partial": 0, "missed": 3, "pending": 2, "unjudged": 0, "not_applicable": 0,
    }  # fmt: skip
    assert found["posted"] == []


def test_a_criterion_leads_to_its_events(district: SmallDistrict) -> None:
    """Rule in words, window with its last day in time, record, events with who, when and what."""
    found = one_of(why(district, "m"), "m")
    assert found["rule"] == "支部委员会会议每月1次，须有会议记录"
    (window,) = found["windows"]
    assert window["records"] == ["a-1"]
    assert (window["required"], window["counted"], window["deadline"]) == (1, "1", "2026-02-05")
    first, second = found["events"]["a-1"]
    assert (first["type"], first["actor"]) == ("ActivityRecorded", "os:clerk")
    assert first["data"]["note"] == "如期召开"
    assert second["data"]["reason"] == "漏填"
    assert first["version"] < second["version"]


def test_the_whole_names_no_events(district: SmallDistrict) -> None:
    """Without a criterion every one is there, and none reads its events."""
    found = why(district, language="en")
    assert [one["code"] for one in found["criteria"]] == list("mqyfho")
    assert all(one["events"] == {} for one in found["criteria"])
    assert one_of(found, "m")["text"] == "Criterion m"
    assert one_of(found, "m")["item"] == "Meetings"


def test_what_was_posted_and_what_a_check_found(district: SmallDistrict) -> None:
    """The posted figure stands with what it commits to; a finding beside what was derived."""
    district.tell(stream_of("a"), sheet("2026-01", "s-1"), posted("2026-01", "25.00"))
    found = why(district)
    (one,) = found["posted"]
    assert (one["score"], one["derived"], one["scheme_version"]) == ("25.00", "90.00", 1)
    assert found["score"] == "50.00"
    assert found["checked"] == "25.00"
    checked = one_of(found, "m")["checked"]
    assert checked == {
        "status": "partial", "credit": "0.5", "reason": "from the check of 2026-01",
    }  # fmt: skip
    assert one_of(found, "f")["checked"] is None


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """Before the meeting was recorded nothing counted."""
    found = why(district, "m", known_at=datetime(2026, 1, 25, 4, 0, tzinfo=UTC))
    assert one_of(found, "m")["status"] == "pending"
    assert one_of(found, "m")["events"] == {}


def test_no_scheme_and_no_such_criterion(district: SmallDistrict) -> None:
    """Where nothing governs, or nothing bears the code, there is nothing to explain."""
    assert why(district, "nothing")["criteria"] == []
    district.register("b", category="village")
    entry = district.entry("b")
    question = ComplianceQuestion(parse_period("2026-01"), "monthly", date(2026, 2, 10))
    with district.read() as reader:
        found = explain(reader, entry, district_facts(reader), question, "zh")
    assert (found["scheme"], found["score"], found["criteria"]) == (None, None, [])
