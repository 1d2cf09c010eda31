"""Records are recorded, corrected and retracted; conditions and measures are reported."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from events.refusals.errors import Kind
from events.streams.imports import ImportFinished
from events.streams.organizations import Organization
from events.streams.records import (
    DECIDER,
    ActivityCorrected,
    ActivityRecorded,
    ActivityRetracted,
    ConditionReported,
    CorrectActivity,
    MeasureReported,
    Record,
    RecordActivity,
    RecordChanges,
    RecordCommand,
    RecordContext,
    ReportCondition,
    ReportMeasure,
    RetractActivity,
)
from tests.support.given import Given

BORN, CLOSED, TODAY = date(2026, 1, 10), date(2026, 9, 20), date(2026, 9, 30)
LIFE = Organization("A1", registered_on=BORN, closed_on=CLOSED)
CONTEXT = RecordContext(
    today=TODAY,
    activities=frozenset({"party_lesson", "assembly"}),
    conditions=frozenset({"national_flag"}),
    measures=frozenset({"members"}),
)
given = Given(DECIDER)
RECORD = {
    "organization": "A1",
    "record_id": "a-1",
    "activity": "party_lesson",
    "occurred_on": "2026-09-12",
}
RECORDED = ActivityRecorded(
    record_id="a-1", activity="party_lesson", occurred_on=date(2026, 9, 12), note="first"
)
RETRACT = RetractActivity(organization="A1", record_id="a-1", reason="never held")
RETRACTED = ActivityRetracted(record_id="a-1", reason="never held")


def within(**fields: Any) -> RecordContext:
    """A context with other fields."""
    return replace(CONTEXT, **fields)


def record(**fields: Any) -> RecordActivity:
    """The command to record, with other fields."""
    return RecordActivity.model_validate(RECORD | fields)


def correct(**changes: Any) -> CorrectActivity:
    """The command to correct."""
    return CorrectActivity(
        organization="A1", record_id="a-1", changes=RecordChanges(**changes), reason="typed wrongly"
    )


def test_a_bare_activity_is_recorded() -> None:
    """Fields that were not given are not in the event."""
    given().when(record(), LIFE, CONTEXT).then(
        ActivityRecorded(record_id="a-1", activity="party_lesson", occurred_on=date(2026, 9, 12))
    )


def test_a_full_activity_is_recorded() -> None:
    """Every field is in the event: money in fen, evidence with or without its file."""
    full = record(
        title="Lesson",
        place="Hall",
        attendance={"present": 2, "expected": 3},
        money={"due": "1.50"},
        evidence=[{"kind": "minutes"}, {"kind": "photo", "file": "0" * 64}],
        note="first",
    )
    given().when(full, LIFE, CONTEXT).then(
        ActivityRecorded(
            record_id="a-1",
            activity="party_lesson",
            occurred_on=date(2026, 9, 12),
            title="Lesson",
            place="Hall",
            attendance={"present": 2, "expected": 3},
            money={"due": 150},
            evidence=({"kind": "minutes"}, {"kind": "photo", "file": "0" * 64}),
            note="first",
        )
    )


def test_reports_are_recorded() -> None:
    """A condition with its state, a measure with its number, each from its date."""
    flag = {"organization": "A1", "condition": "national_flag", "state": "met", "on": "2026-09-01"}
    given().when(ReportCondition.model_validate(flag), LIFE, CONTEXT).then(
        ConditionReported(condition="national_flag", state="met", on=date(2026, 9, 1))
    )
    members = {"organization": "A1", "measure": "members", "value": 7, "on": "2026-09-01"}
    given().when(ReportMeasure.model_validate(members), LIFE, CONTEXT).then(
        MeasureReported(measure="members", value="7", on=date(2026, 9, 1))
    )


def test_whole_fields_are_replaced_or_emptied() -> None:
    """A correction names the fields that it empties, in order, and those that it replaces."""
    wanted = correct(activity="assembly", occurred_on=BORN, note=None, attendance=None)
    corrected = ActivityCorrected(
        record_id="a-1",
        changes={"activity": "assembly", "occurred_on": "2026-01-10"},
        cleared=("attendance", "note"),
        reason="typed wrongly",
    )
    given(RECORDED).when(wanted, LIFE, CONTEXT).then(corrected)
    state = given(RECORDED, corrected, ImportFinished(recorded=1, unchanged=0)).state
    assert state == Record({"activity": "assembly", "occurred_on": "2026-01-10"})
    assert (corrected.subject(), corrected.happened_on()) == ("record/a-1", "2026-01-10")


def test_a_correction_that_empties_nothing_says_so() -> None:
    """Nothing cleared is left out, an emptied list of evidence is a value."""
    corrected = ActivityCorrected(record_id="a-1", changes={"evidence": []}, reason="typed wrongly")
    given(RECORDED).when(correct(evidence=()), LIFE, CONTEXT).then(corrected)
    assert corrected.happened_on() is None
    state = given(corrected).state
    assert state.fields == {"evidence": []}


@pytest.mark.parametrize("changes", [{}, {"activity": None}, {"occurred_on": None, "note": "x"}])
def test_a_correction_names_a_field_and_keeps_what_must_be(changes: dict[str, Any]) -> None:
    """No field at all is refused, and so is emptying the activity or its date."""
    with pytest.raises(ValidationError, match=r"names no field|cannot be emptied"):
        RecordChanges.model_validate(changes)


def test_a_retraction_is_final() -> None:
    """A retracted record is neither corrected nor retracted again; its fields stay readable."""
    given(RECORDED).when(RETRACT, LIFE, CONTEXT).then(RETRACTED)
    assert RETRACTED.subject() == "record/a-1"
    for command in (RETRACT, correct(note="x")):
        refused = (
            given(RECORDED, RETRACTED).when(command, LIFE, CONTEXT).refused("record_retracted")
        )
        assert refused.kind is Kind.CONFLICT
    state = given(RECORDED, RETRACTED).state
    assert state.retracted
    assert state.fields is not None
    assert state.fields["note"] == "first"


@pytest.mark.parametrize("command", [RETRACT, correct(note="x")])
def test_what_was_never_recorded_is_not_changed(command: RecordCommand) -> None:
    """Neither a correction nor a retraction comes first."""
    assert given().when(command, LIFE, CONTEXT).refused("unknown_record").kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (record(activity="dance"), "activity"),
        (correct(activity="dance"), "changes.activity"),
        (
            ReportCondition(organization="A1", condition="x", state="met", on=BORN),
            "condition",
        ),
        (ReportMeasure(organization="A1", measure="x", value="1", on=BORN), "measure"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(command: RecordCommand, field: str) -> None:
    """The refusal names the field of the word."""
    given(RECORDED).when(command, LIFE, CONTEXT).refused("unknown_word", field=field)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 10, 1), "future_date"),
        (date(2026, 1, 9), "outside_life"),
        (date(2026, 9, 21), "outside_life"),
    ],
)
def test_dates_lie_in_the_life_and_not_ahead(day: date, code: str) -> None:
    """For a record, a report, and for the date that a correction leaves."""
    given().when(record(occurred_on=day), LIFE, CONTEXT).refused(code, field="occurred_on")
    given(RECORDED).when(correct(occurred_on=day), LIFE, CONTEXT).refused(
        code, field="changes.occurred_on"
    )
    flag = ReportCondition(organization="A1", condition="national_flag", state="met", on=day)
    given().when(flag, LIFE, CONTEXT).refused(code, field="on")
    living = Organization("A1", registered_on=BORN)
    given().when(record(occurred_on=TODAY), living, CONTEXT).then(
        ActivityRecorded(record_id="a-1", activity="party_lesson", occurred_on=TODAY)
    )


def test_both_ends_of_the_life_belong_to_it() -> None:
    """The day of registration and the closing day take records."""
    for day in (BORN, CLOSED):
        given().when(record(occurred_on=day), LIFE, CONTEXT).then(
            ActivityRecorded(record_id="a-1", activity="party_lesson", occurred_on=day)
        )


@pytest.mark.parametrize(
    ("recorded_on", "code"),
    [(date(2026, 9, 11), "recorded_before"), (date(2026, 10, 1), "future_date")],
)
def test_history_is_recorded_after_it_happened(recorded_on: date, code: str) -> None:
    """Not before the day itself and not in the future, for a retraction too."""
    for command in (record(), RETRACT):
        given(RECORDED).when(command, LIFE, within(recorded_on=recorded_on)).refused(
            code, field="recorded_on"
        )


def test_history_is_not_added_to_an_opened_month() -> None:
    """Neither where the record leaves nor where it goes; without a historical date it may."""
    around: dict[str, Any] = {"recorded_on": date(2026, 9, 12), "opened": frozenset({"2026-09"})}
    for command in (record(), RETRACT, correct(note="x"), correct(occurred_on=BORN)):
        refused = given(RECORDED).when(command, LIFE, within(**around)).refused("history_closed")
        assert refused.kind is Kind.CONFLICT
    given(RECORDED).when(RETRACT, LIFE, within(opened=frozenset({"2026-09"}))).then(RETRACTED)
    august = record(occurred_on=date(2026, 8, 31))
    given().when(august, LIFE, within(**around)).then(
        ActivityRecorded(record_id="a-1", activity="party_lesson", occurred_on=date(2026, 8, 31))
    )
