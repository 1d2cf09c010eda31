"""One handler decides for every interface: repeats, unknown names, and what is new."""

from datetime import date
from typing import Any

import pytest

from events.documents.vocabulary import CATEGORIES
from events.event import Event, Metadata
from events.refusals.errors import Kind, Refused
from events.streams import people, records
from events.streams.organizations import Organization
from events.streams.people import InspectorRegistered, Person, RecuseInspector, RegisterInspector
from events.streams.records import (
    ActivityRecorded,
    Record,
    RecordActivity,
    RecordCommand,
    RecordContext,
    ReportCondition,
    RetractActivity,
)
from tests.support.given import recorded
from tracker.commands.person_handler import handle_person, stream_of_person
from tracker.commands.record_handler import handle_record
from tracker.commands.repeats import Earlier, pending_events

TODAY = date(2026, 9, 30)
LIFE = Organization("A1", registered_on=date(2026, 1, 10))
CONTEXT = RecordContext(
    TODAY, frozenset({"party_lesson"}), frozenset({"national_flag"}), frozenset()
)
RECORD = RecordActivity.model_validate(
    {
        "organization": "A1",
        "record_id": "a-1",
        "activity": "party_lesson",
        "occurred_on": "2026-09-12",
        "note": "first",
    }
)
FLAG = ReportCondition.model_validate(
    {"organization": "A1", "condition": "national_flag", "state": "met", "on": "2026-09-01"}
)
RETRACT = RetractActivity(organization="A1", record_id="a-1", reason="never held")
REGISTER = RegisterInspector(id="p1", organization="A1", team="north", categories=("community",))
RECUSE = RecuseInspector(inspector="p1", organization="A1", reason="a relative works there")
WHO = Metadata("u-1", "web")


def in_the_log(event: Event) -> Earlier:
    """The event as recorded under the identity of the command, its texts in clear."""
    return Earlier(recorded(event), {})


def in_the_file(event: Event, recorded_on: date | None = None) -> Earlier:
    """The event as an earlier line of the same file leads to it."""
    return Earlier(
        pending_events("organization-A1", "record/a-1", [event], WHO, recorded_on)[0], {}
    )


def refused_record(
    command: RecordCommand,
    earlier: Earlier | None = None,
    life: Organization | None = LIFE,
    context: RecordContext = CONTEXT,
) -> Refused:
    """Why a command about a record is refused."""
    with pytest.raises(Refused) as caught:
        handle_record(command, life, earlier, Record(), context)
    return caught.value


def person(command: RegisterInspector | RecuseInspector, state: Person, **more: Any) -> list[Event]:
    """What follows from a command about a person whose organization is registered."""
    options: dict[str, Any] = {"organization_known": True, "categories": CATEGORIES, "today": TODAY}
    return handle_person(command, state, more.pop("earlier", None), **options | more)


def test_a_new_record_is_decided_by_its_stream() -> None:
    """Without an earlier event the stream's decision counts, its refusals too."""
    (event,) = handle_record(RECORD, LIFE, None, Record(), CONTEXT)
    assert isinstance(event, ActivityRecorded)
    assert refused_record(RETRACT).code == "unknown_record"


@pytest.mark.parametrize("earlier", [in_the_log, in_the_file])
def test_a_repeat_changes_nothing_whatever_holds_today(earlier: Any) -> None:
    """The same content is no event, even where its word or date would be refused by now."""
    context = RecordContext(date(2026, 1, 1), frozenset(), frozenset(), frozenset())
    event = records.event_from_command(RECORD)
    assert handle_record(RECORD, LIFE, earlier(event), Record(), context) == []


@pytest.mark.parametrize("earlier", [in_the_log, in_the_file])
@pytest.mark.parametrize(
    ("command", "event", "field"),
    [
        (
            RECORD,
            records.event_from_command(RECORD.model_copy(update={"place": "Hall"})),
            "record_id",
        ),
        (FLAG, records.event_from_command(FLAG.model_copy(update={"state": "unmet"})), "id"),
        (RETRACT, records.event_from_command(FLAG), "id"),
    ],
)
def test_other_content_under_an_identity_is_refused(
    command: RecordCommand, event: Event, field: str, earlier: Any
) -> None:
    """The field that holds the identity is named; in the log and in the file alike."""
    refused = refused_record(command, earlier(event))
    assert (refused.code, refused.kind, refused.field) == (
        "identity_conflict",
        Kind.CONFLICT,
        field,
    )


def test_another_recording_date_is_other_content() -> None:
    """A historical line repeats only a line of the same recording date."""
    event = records.event_from_command(RECORD)
    on = date(2026, 9, 13)
    context = RecordContext(TODAY, CONTEXT.activities, frozenset(), frozenset(), recorded_on=on)
    assert handle_record(RECORD, LIFE, in_the_file(event, on), Record(), context) == []
    assert refused_record(RECORD, in_the_file(event), context=context).code == "identity_conflict"
    assert refused_record(RECORD, in_the_log(event), context=context).code == "identity_conflict"


def test_an_identity_made_of_the_content_is_not_compared_with_the_log() -> None:
    """What is recorded under a digest of the line is that line, as it was written then."""
    other = records.event_from_command(FLAG.model_copy(update={"state": "unmet"}))
    assert handle_record(FLAG, LIFE, in_the_log(other), Record(), CONTEXT, derived=True) == []


def test_an_unknown_organization_is_refused_before_anything_else() -> None:
    """Records and people name the organization in the same words."""
    refused = refused_record(RECORD, in_the_log(records.event_from_command(FLAG)), life=None)
    with pytest.raises(Refused) as caught:
        person(REGISTER, Person(), organization_known=False)
    for found in (refused, caught.value):
        assert (found.code, found.kind, found.field) == (
            "unknown_organization",
            Kind.NOT_FOUND,
            "organization",
        )
        assert found.params["code"] == "A1"


def test_people_are_registered_and_recused_once() -> None:
    """A repeat changes nothing; other content under the identity is refused."""
    (event,) = person(REGISTER, Person())
    assert isinstance(event, InspectorRegistered)
    assert person(REGISTER, Person(), earlier=in_the_log(event)) == []
    assert person(RECUSE, Person("p1")) == [people.event_from_command(RECUSE)]
    with pytest.raises(Refused) as caught:
        person(RECUSE, Person("p1"), earlier=in_the_log(event))
    assert (caught.value.code, caught.value.field) == ("identity_conflict", "id")
    assert {stream_of_person(REGISTER), stream_of_person(RECUSE)} == {"person-p1"}


def test_an_inspector_serves_known_categories() -> None:
    """A category that no scheme can have is refused at its field."""
    with pytest.raises(Refused) as caught:
        person(REGISTER.model_copy(update={"categories": ("community", "zoo")}), Person())
    assert (caught.value.code, caught.value.params["code"]) == ("unknown_category", "zoo")


def test_a_historical_line_about_a_person_is_not_recorded_in_the_future() -> None:
    """Its recording date is not after today; the past is welcome."""
    with pytest.raises(Refused) as caught:
        person(REGISTER, Person(), recorded_on=date(2026, 10, 1))
    assert (caught.value.code, caught.value.field) == ("future_date", "recorded_on")
    assert person(REGISTER, Person(), recorded_on=date(2026, 2, 1))


def test_the_events_of_a_command_have_identities_of_their_own() -> None:
    """The first has the identity itself, those after it a number."""
    events = [records.event_from_command(FLAG)] * 3
    pending = pending_events("organization-A1", "line/k", events, WHO, date(2026, 9, 2))
    assert [event.event_id for event in pending] == ["line/k", "line/k#2", "line/k#3"]
    assert {event.recorded_on for event in pending} == {"2026-09-02"}
