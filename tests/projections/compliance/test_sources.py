from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.periods import parse_period
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ConditionReported, MeasureReported
from projections.compliance.evaluation import ComplianceQuestion
from projections.compliance.explanation import explain, record_events
from projections.documents.in_force import district as facts_of
from projections.documents.rule_words import Language
from tests.support.small_district import SmallDistrict, adjusted, assigned, posted, sheet

A = stream_of("a")
TODAY = date(2026, 4, 20)
FLAG = "national_flag"


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A community that held its meeting of March and reported its flag and households."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("r", category="county")
    found.register("a", "r")
    found.now = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    found.record("a", "m-3", "2026-03-10", title="三月支委会")
    found.tell(
        A,
        ConditionReported(condition=FLAG, state="met", on=date(2026, 3, 1)),
        MeasureReported(measure="households", value="200", on=date(2026, 3, 1)),
    )
    yield found
    found.dispose()


def told(
    district: SmallDistrict,
    criterion: str | None = None,
    period: str = "2026-03",
    known_at: datetime | None = None,
    language: Language = "zh",
    code: str = "a",
) -> dict[str, Any]:
    """The explanation of a period on the twentieth of April."""
    question = ComplianceQuestion(parse_period(period), "monthly", TODAY, known_at)
    with district.read() as reader:
        return explain(
            reader, district.entry(code), facts_of(reader), question, language, criterion
        )


def only(found: dict[str, Any]) -> dict[str, Any]:
    """The one criterion that was asked for."""
    (one,) = found["criteria"]
    return dict(one)


def test_a_score_and_its_sums(district: SmallDistrict) -> None:
    """The score is a hundred times what was earned over what was judged, criterion by criterion."""
    found = told(district)
    assert (found["scheme"], found["version"], found["score"]) == ("community-test", 1, "80.00")
    assert (found["sums"]["earned"], found["sums"]["judged"]) == ("4", "5")
    assert found["sums"]["counts"] == {
        "met": 3, "partial": 0, "missed": 2, "pending": 1, "unjudged": 0, "not_applicable": 0,
    }  # fmt: skip
    assert [one["code"] for one in found["criteria"]] == ["m", "q", "y", "f", "h", "o"]
    assert (found["checked"], found["posted"], found["states_points"]) == ("80.00", [], True)
    assert all(one["events"] == {} and "reports" not in one for one in found["criteria"])


def test_an_activity_down_to_its_events(district: SmallDistrict) -> None:
    """A criterion of activities leads to its window, the records in it and their events."""
    district.tell(
        A, ActivityCorrected(record_id="m-3", changes={"place": "活动室"}, reason="补地点")
    )
    one = only(told(district, "m"))
    assert one["rule"] == "支部委员会会议每月1次，须有会议记录"
    assert one["windows"] == [
        {"window": "2026-03", "first": "2026-03-01", "last": "2026-03-31", "by": None,
         "deadline": "2026-04-05", "required": 1, "counted": "1", "records": ["m-3"]}
    ]  # fmt: skip
    assert [(event["type"], event["data"].get("reason")) for event in one["events"]["m-3"]] == [
        ("ActivityRecorded", None),
        ("ActivityCorrected", "补地点"),
    ]
    assert one["events"]["m-3"][0]["data"]["title"] == "三月支委会"
    assert one["events"]["m-3"][0]["actor"] == "os:clerk"
    assert (one["reports"], one["findings"]) == ([], [])


def test_a_disallowed_record(district: SmallDistrict) -> None:
    """A record that a sheet disallowed tells of the sheet and its reason, and of nothing else."""
    district.record("a", "m-1", "2026-03-12")
    district.tell(A, assigned("2026-02"), sheet("2026-02", "s-0", "m-1", "m-3"))
    with district.read() as reader:
        found = record_events(reader, A, ["m-3"])
    assert [one["data"] for one in found["m-3"]][1] == {
        "period": "2026-02", "sheet_id": "s-0", "reason": "不实",
    }  # fmt: skip
    assert only(told(district, "m"))["status"] == "missed"


def test_words_in_either_language(district: SmallDistrict) -> None:
    """The criterion, its item and its rule come in the language that was asked for."""
    one = only(told(district, "m", language="en"))
    assert (one["text"], one["item"]) == ("Criterion m", "Meetings")
    assert one["rule"].startswith("Branch committee meeting")


def test_a_state_with_its_reports(district: SmallDistrict) -> None:
    """A condition leads to what was reported of it up to the end of the period, newest first."""
    district.tell(
        A,
        ConditionReported(condition=FLAG, state="unmet", on=date(2026, 1, 10)),
        ConditionReported(condition=FLAG, state="partial", on=date(2026, 4, 2)),
    )
    one = only(told(district, "f"))
    assert [(row["on"], row["value"], row["name"]) for row in one["reports"]] == [
        ("2026-03-01", "met", FLAG),
        ("2026-01-10", "unmet", FLAG),
    ]
    assert one["reports"][0]["actor"] == "os:clerk"


def test_a_number_with_what_it_applies_to(district: SmallDistrict) -> None:
    """A measure leads to every number that it looks at, those that it applies by too."""
    district.tell(A, MeasureReported(measure="members", value="2", on=date(2026, 3, 2)))
    one = only(told(district, "h"))
    assert one["status"] == "not_applicable"
    assert one["credit"] is None
    assert [(row["name"], row["value"]) for row in one["reports"]] == [
        ("members", "2"), ("households", "200"),
    ]  # fmt: skip


def test_a_finding_beside_what_was_derived(district: SmallDistrict) -> None:
    """What a check found stands beside, with the sheet, the inspectors and the reason."""
    district.tell(A, assigned("2026-03"), sheet("2026-03", "s-1"))
    found = told(district, "m")
    one = only(found)
    assert one["credit"] == "1"
    assert one["checked"]["credit"] == "0.5"
    assert one["checked"]["status"] == "partial"
    assert found["checked"] == "60.00"
    assert found["checked_sums"]["earned"] == "3"
    (finding,) = one["findings"]
    assert (finding["sheet_id"], finding["period"]) == ("s-1", "2026-03")
    assert finding["inspectors"] == ["p-1", "p-2"]
    assert finding["finding"] == {"criterion": "m", "credit": "0.5", "reason": "缺签到"}
    assert only(told(district, "q"))["findings"] == []
    assert only(told(district, "m", "2026-02"))["findings"] == []


def test_the_posted_figure_beside_the_one_derived_now(district: SmallDistrict) -> None:
    """Where a figure was posted, it says whether it is the breakdown that would be derived now."""
    now = told(district)
    district.tell(
        A,
        posted("2026-03", "80.00", digest=now["digest"], inspected_digest=now["checked_digest"]),
        adjusted("2026-03", "80.00", "81.00"),
    )
    (one,) = told(district)["posted"]
    assert (one["kind"], one["score"], one["scheme_version"]) == ("monthly", "80.00", 1)
    assert (one["same"], one["inspected_same"]) == (True, True)
    district.tell(A, ConditionReported(condition=FLAG, state="unmet", on=date(2026, 3, 2)))
    later = told(district)
    assert later["score"] == "60.00"
    assert (later["posted"][0]["same"], later["posted"][0]["inspected_same"]) == (False, False)


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """As known then, later events, reports and postings are left out at every step."""
    then = datetime(2026, 3, 25, tzinfo=UTC)
    district.now = datetime(2026, 4, 12, 2, 0, tzinfo=UTC)
    district.tell(
        A,
        ActivityCorrected(record_id="m-3", changes={"place": "活动室"}, reason="补地点"),
        ConditionReported(condition=FLAG, state="unmet", on=date(2026, 3, 2)),
        assigned("2026-03"),
        sheet("2026-03", "s-1"),
        posted("2026-03", "80.00"),
    )
    one = only(told(district, "m", known_at=then))
    assert (len(one["events"]["m-3"]), one["findings"], one["status"]) == (1, [], "pending")
    assert only(told(district, "f", known_at=then))["reports"][0]["value"] == "met"
    assert told(district, known_at=then)["posted"] == []
    assert len(told(district)["posted"]) == 1


def test_nothing_to_explain(district: SmallDistrict) -> None:
    """Without a scheme there is no score and no criterion; an unknown criterion gives none."""
    found = told(district, code="r")
    assert (found["scheme"], found["score"], found["criteria"]) == (None, None, [])
    assert (found["sums"]["earned"], found["sums"]["judged"]) == ("0", "0")
    assert told(district, "9.9")["criteria"] == []
