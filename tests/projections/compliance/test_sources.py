from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from events.periods import parse_period
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ConditionReported, MeasureReported
from projections.compliance.evaluation import ComplianceQuestion
from projections.compliance.explanation import (
    CriterionSources,
    Explanation,
    WindowExplanation,
    explain,
    record_events,
)
from projections.documents.in_force import district as facts_of
from projections.documents.rule_words import Language
from tests.support.small_district import SCHEME, SmallDistrict, adjusted, assigned, posted, sheet

A = stream_of("a")
TODAY = date(2026, 4, 20)
FLAG = "national_flag"


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A community that held its meeting of March and reported its flag and households."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", category="county")
    small.register("a", "r")
    small.now = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    small.record("a", "m-3", "2026-03-10", title="三月支委会")
    small.tell(
        A,
        ConditionReported(condition=FLAG, state="met", on=date(2026, 3, 1)),
        MeasureReported(measure="households", value="200", on=date(2026, 3, 1)),
    )
    yield small
    small.dispose()


def explained(
    district: SmallDistrict,
    criterion: str | None = None,
    period: str = "2026-03",
    known_at: datetime | None = None,
    language: Language = "zh",
    code: str = "a",
) -> Explanation:
    """The explanation of a period on the twentieth of April."""
    question = ComplianceQuestion(parse_period(period), "monthly", TODAY, known_at)
    with district.read() as reader:
        return explain(
            reader, district.entry(code), facts_of(reader), question, language, criterion
        )


def only(explanation: Explanation) -> CriterionSources:
    """The one criterion that is explained."""
    (criterion,) = explanation.criteria
    assert isinstance(criterion, CriterionSources)
    return criterion


def test_a_score_and_its_sums(district: SmallDistrict) -> None:
    """The score is 100 times the earned points over the judged points."""
    explanation = explained(district)
    assert (explanation.scheme, explanation.version, explanation.score) == (
        "community-test",
        1,
        "80.00",
    )
    assert (explanation.sums.earned, explanation.sums.judged) == ("4", "5")
    assert explanation.sums.counts == {
        "met": 3, "partial": 0, "missed": 2, "pending": 1, "unjudged": 0, "not_applicable": 0,
    }  # fmt: skip
    assert [row.code for row in explanation.criteria] == ["m", "q", "y", "f", "h", "o"]
    assert (explanation.checked, explanation.posted, explanation.states_points) == (
        "80.00",
        [],
        True,
    )
    assert all(
        row.events == {} and not isinstance(row, CriterionSources) for row in explanation.criteria
    )


def test_an_activity_down_to_its_events(district: SmallDistrict) -> None:
    """A criterion of activities leads to its window, the records in it and their events."""
    district.tell(
        A, ActivityCorrected(record_id="m-3", changes={"place": "活动室"}, reason="补地点")
    )
    criterion = only(explained(district, "m"))
    assert criterion.rule == "支部委员会会议每月1次，须有会议记录"
    assert criterion.windows == [
        WindowExplanation(
            window="2026-03", first="2026-03-01", last="2026-03-31", by=None,
            deadline="2026-04-05", required=1, counted="1", records=["m-3"],
        )
    ]  # fmt: skip
    assert [(event.type, event.data.get("reason")) for event in criterion.events["m-3"]] == [
        ("ActivityRecorded", None),
        ("ActivityCorrected", "补地点"),
    ]
    assert criterion.events["m-3"][0].data["title"] == "三月支委会"
    assert criterion.events["m-3"][0].actor == "os:clerk"
    assert (criterion.reports, criterion.findings) == ([], [])


def test_a_disallowed_record(district: SmallDistrict) -> None:
    """A record that a sheet disallowed tells of the sheet and its reason, and of nothing else."""
    district.record("a", "m-1", "2026-03-12")
    district.tell(A, assigned("2026-02"), sheet("2026-02", "s-0", "m-1", "m-3"))
    with district.read() as reader:
        events = record_events(reader, A, ["m-3"])
    assert [event.data for event in events["m-3"]][1] == {
        "period": "2026-02", "sheet_id": "s-0", "reason": "不实",
    }  # fmt: skip
    assert only(explained(district, "m")).status == "missed"


def test_words_in_either_language(district: SmallDistrict) -> None:
    """The criterion, its item and its rule come in the language that was asked for."""
    criterion = only(explained(district, "m", language="en"))
    assert (criterion.text, criterion.item) == ("Criterion m", "Meetings")
    assert criterion.rule.startswith("Branch committee meeting")


def test_a_state_with_its_reports(district: SmallDistrict) -> None:
    """A condition leads to what was reported of it up to the end of the period, newest first."""
    district.tell(
        A,
        ConditionReported(condition=FLAG, state="unmet", on=date(2026, 1, 10)),
        ConditionReported(condition=FLAG, state="partial", on=date(2026, 4, 2)),
    )
    criterion = only(explained(district, "f"))
    assert [(row.on, row.value, row.name) for row in criterion.reports] == [
        ("2026-03-01", "met", FLAG),
        ("2026-01-10", "unmet", FLAG),
    ]
    assert criterion.reports[0].actor == "os:clerk"


def test_a_number_with_what_it_applies_to(district: SmallDistrict) -> None:
    """A measure leads to every number that it looks at, those that it applies by too."""
    district.tell(A, MeasureReported(measure="members", value="2", on=date(2026, 3, 2)))
    criterion = only(explained(district, "h"))
    assert criterion.status == "not_applicable"
    assert criterion.credit is None
    assert [(row.name, row.value) for row in criterion.reports] == [
        ("members", "2"), ("households", "200"),
    ]  # fmt: skip


def test_a_finding_beside_what_was_derived(district: SmallDistrict) -> None:
    """What a check found is separate, with the sheet, the inspectors and the reason."""
    district.tell(A, assigned("2026-03"), sheet("2026-03", "s-1"))
    explanation = explained(district, "m")
    criterion = only(explanation)
    assert criterion.credit == "1"
    assert criterion.checked is not None
    assert criterion.checked.credit == "0.5"
    assert criterion.checked.status == "partial"
    assert explanation.checked == "60.00"
    assert explanation.checked_sums.earned == "3"
    (finding,) = criterion.findings
    assert (finding.sheet_id, finding.period) == ("s-1", "2026-03")
    assert finding.inspectors == ["p-1", "p-2"]
    assert finding.finding == {"criterion": "m", "credit": "0.5", "reason": "缺签到"}
    assert only(explained(district, "q")).findings == []
    assert only(explained(district, "m", "2026-02")).findings == []


def test_the_posted_figure_beside_the_one_derived_now(district: SmallDistrict) -> None:
    """Where a figure was posted, it says whether it is the breakdown that would be derived now."""
    now = explained(district)
    district.tell(
        A,
        posted("2026-03", "80.00", digest=now.digest, inspected_digest=now.checked_digest),
        adjusted("2026-03", "80.00", "81.00"),
    )
    (figure,) = explained(district).posted
    assert (figure["kind"], figure["score"], figure["scheme_version"]) == ("monthly", "80.00", 1)
    assert (figure["same"], figure["inspected_same"]) == (True, True)
    district.tell(A, ConditionReported(condition=FLAG, state="unmet", on=date(2026, 3, 2)))
    later = explained(district)
    assert later.score == "60.00"
    assert (later.posted[0]["same"], later.posted[0]["inspected_same"]) == (False, False)


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
    criterion = only(explained(district, "m", known_at=then))
    assert (len(criterion.events["m-3"]), criterion.findings, criterion.status) == (
        1,
        [],
        "pending",
    )
    assert only(explained(district, "f", known_at=then)).reports[0].value == "met"
    assert explained(district, known_at=then).posted == []
    assert len(explained(district).posted) == 1


def test_nothing_to_explain(district: SmallDistrict) -> None:
    """Without a scheme there is no score and no criterion; an unknown criterion gives none."""
    explanation = explained(district, code="r")
    assert (explanation.scheme, explanation.score, explanation.criteria) == (None, None, [])
    assert (explanation.sums.earned, explanation.sums.judged) == ("0", "0")
    assert explained(district, "9.9").criteria == []


def test_a_deduction_in_words(district: SmallDistrict) -> None:
    """Causes found are named by their texts with what they took, and the points that are left."""
    causes = [
        {"code": "c1", "text": {"zh": "缺记录每处扣0.5分"}, "take": "0.5"},
        {"code": "c2", "text": {"zh": "不规范"}, "between": ["1", "2"]},
        {"code": "c3", "text": {"zh": "造假"}, "all": True},
    ]
    rule = {"kind": "deduction", "causes": causes}
    criterion = {"code": "d", "text": {"zh": "台账"}, "points": "7", "rule": rule}
    item = {"code": "1", "title": {"zh": "台账"}, "points": "7", "criteria": [criterion]}
    section = {"code": "1", "title": {"zh": "台账"}, "items": [item]}
    district.publish(SCHEME | {"version": 2, "points": "7", "sections": [section]})
    found = [{"cause": "c1", "count": 1}, {"cause": "c2", "points": "1.5", "count": 2}]
    for sheet_id, named in (("s-1", [{"cause": "c3"}, {"cause": "gone"}]), ("s-2", found)):
        finding = {"criterion": "d", "causes": named, "reason": "缺"}
        district.tell(A, sheet("2026-03", sheet_id).model_copy(update={"findings": (finding,)}))
    explained_one = only(explained(district, "d"))
    assert [
        [(cause.text, cause.count, cause.taken) for cause in row.causes]
        for row in explained_one.findings
    ] == [
        [("缺记录每处扣0.5分", 1, "0.5"), ("不规范", 2, "3")],
        [("造假", 1, None), ("gone", 1, None)],
    ]
    assert explained_one.earned == "7"
    assert explained_one.checked is not None
    assert (explained_one.checked.earned, explained_one.checked.credit) == ("3.5", "0.5")
