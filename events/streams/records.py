"""Records: activities recorded, corrected, retracted; conditions and measures reported.

They are in the organization's stream. The events of one record share the subject ``record/ID``, so
a decision about one record costs the same in the stream's tenth year as on its first day.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, assert_never

from pydantic import Field, model_validator

from events.decider import Decider
from events.event import Event
from events.periods import month_of
from events.refusals.errors import BadValue, Refused
from events.values import (
    Amounts,
    Attendance,
    Day,
    Evidence,
    FrozenModel,
    Identity,
    Measured,
    Note,
    OrganizationCode,
    Reason,
    Title,
    Word,
)

if TYPE_CHECKING:
    from events.event import RecordedEvent
    from events.streams.organizations import Organization

FIELDS = ("activity", "occurred_on", "title", "place", "attendance", "money", "evidence", "note")


def record_subject(record_id: str) -> str:
    """Return the subject of a record's later events, which is the event id of its first."""
    return f"record/{record_id}"


# facts
class ActivityRecorded(Event):
    """An activity took place on ``occurred_on`` and was recorded under ``record_id``."""

    TYPE: ClassVar[str] = "ActivityRecorded"
    TEXTS: ClassVar[tuple[str, ...]] = ("title", "place", "note")

    record_id: str
    activity: str
    occurred_on: date
    title: str | None = None
    place: str | None = None
    attendance: dict[str, int] | None = None
    money: dict[str, int] | None = None
    evidence: tuple[dict[str, str], ...] | None = None
    note: str | None = None


class ActivityCorrected(Event):
    """Fields of a record were replaced, or emptied if in ``cleared``, for a reason."""

    TYPE: ClassVar[str] = "ActivityCorrected"
    TEXTS: ClassVar[tuple[str, ...]] = (
        "reason",
        "changes.title",
        "changes.place",
        "changes.note",
    )

    record_id: str
    changes: dict[str, Any]
    cleared: tuple[str, ...] | None = None
    reason: str

    def subject(self) -> str:
        """Return the corrected record."""
        return record_subject(self.record_id)

    def happened_on(self) -> str | None:
        """Return the new date, if the correction changes the date."""
        return self.changes.get("occurred_on")


class ActivityRetracted(Event):
    """A record was withdrawn for ever, for a reason; it stays readable."""

    TYPE: ClassVar[str] = "ActivityRetracted"
    TEXTS: ClassVar[tuple[str, ...]] = ("reason",)

    record_id: str
    reason: str

    def subject(self) -> str:
        """Return the retracted record."""
        return record_subject(self.record_id)


class ConditionReported(Event):
    """The organization reports the state of a condition from a date on."""

    TYPE: ClassVar[str] = "ConditionReported"

    condition: str
    state: str
    on: date


class MeasureReported(Event):
    """The organization reports a number, valid from a date on; ``value`` is decimal text."""

    TYPE: ClassVar[str] = "MeasureReported"

    measure: str
    value: str
    on: date


# commands
class RecordActivity(FrozenModel):
    """Record an activity."""

    organization: OrganizationCode
    record_id: Identity
    activity: Word
    occurred_on: Day
    title: Title | None = None
    place: Title | None = None
    attendance: Attendance | None = None
    money: Amounts | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)
    note: Note | None = None


class RecordChanges(FrozenModel):
    """The fields that a correction replaces; a field that is null is emptied."""

    activity: Word | None = None
    occurred_on: Day | None = None
    title: Title | None = None
    place: Title | None = None
    attendance: Attendance | None = None
    money: Amounts | None = None
    evidence: tuple[Evidence, ...] | None = Field(default=None, max_length=50)
    note: Note | None = None

    @model_validator(mode="after")
    def _change_something(self) -> RecordChanges:
        if not self.model_fields_set:
            raise BadValue("value_no_change")
        if {"activity", "occurred_on"} & {
            name for name in self.model_fields_set if getattr(self, name) is None
        }:
            raise BadValue("value_emptied")
        return self


class CorrectActivity(FrozenModel):
    """Replace whole fields of a record."""

    organization: OrganizationCode
    record_id: Identity
    changes: RecordChanges
    reason: Reason


class RetractActivity(FrozenModel):
    """Withdraw a record for ever."""

    organization: OrganizationCode
    record_id: Identity
    reason: Reason


class ReportCondition(FrozenModel):
    """Report a condition's state."""

    organization: OrganizationCode
    condition: Word
    state: Literal["met", "partial", "unmet"]
    on: Day


class ReportMeasure(FrozenModel):
    """Report a measure's value."""

    organization: OrganizationCode
    measure: Word
    value: Measured
    on: Day


RecordCommand = RecordActivity | CorrectActivity | RetractActivity | ReportCondition | ReportMeasure


@dataclass(frozen=True, slots=True)
class RecordContext:
    """The context of a decision about a record, besides the record and its organization.

    It holds today's date, the words that are known, and for a historical line its recording date.
    ``opened`` are the months whose cycle has opened for the organization's scope.
    """

    today: date
    activities: AbstractSet[str]
    conditions: AbstractSet[str]
    measures: AbstractSet[str]
    recorded_on: date | None = None
    opened: frozenset[str] = frozenset()


# evolve
@dataclass(frozen=True, slots=True)
class Record:
    """The state of a record: its fields as event data, and whether it was withdrawn."""

    fields: dict[str, Any] | None = None
    retracted: bool = False


def evolve(state: Record, event: RecordedEvent) -> Record:
    """Return the record after one of its events."""
    match event.type:
        case ActivityRecorded.TYPE:
            return Record({key: event.data[key] for key in FIELDS if key in event.data})
        case ActivityCorrected.TYPE:
            emptied = event.data.get("cleared") or ()
            kept = {k: v for k, v in (state.fields or {}).items() if k not in emptied}
            return replace(state, fields=kept | event.data["changes"])
        case ActivityRetracted.TYPE:
            return replace(state, retracted=True)
        case _:
            return state


# decide
def decide(
    command: RecordCommand, record: Record, organization: Organization, context: RecordContext
) -> list[Event]:
    """Return the event of a command about one record, or raise ``Refused`` naming its field."""
    match command:
        case RecordActivity():
            _require_word(command.activity, context.activities, "activity")
            _require_date(command.occurred_on, "occurred_on", organization, context)
        case CorrectActivity(changes=changes):
            happened = _current_date(record, command.record_id)
            if changes.activity is not None:
                _require_word(changes.activity, context.activities, "changes.activity")
            left = changes.occurred_on or happened
            _require_date(left, "changes.occurred_on", organization, context)
            _refuse_opened_month(happened, "record_id", context)
        case RetractActivity():
            happened = _current_date(record, command.record_id)
            _require_recorded_after(happened, context)
            _refuse_opened_month(happened, "record_id", context)
        case ReportCondition():
            _require_word(command.condition, context.conditions, "condition")
            _require_date(command.on, "on", organization, context)
        case ReportMeasure():
            _require_word(command.measure, context.measures, "measure")
            _require_date(command.on, "on", organization, context)
        case _:
            assert_never(command)
    return [event_from_command(command)]


def event_from_command(command: RecordCommand) -> Event:
    """Return the event of a command, even if it may not be recorded now."""
    match command:
        case RecordActivity():
            # the command was validated: validating its values again would cost every import line
            return ActivityRecorded.model_construct(
                record_id=command.record_id,
                activity=command.activity,
                occurred_on=command.occurred_on,
                title=command.title,
                place=command.place,
                attendance=_plain(command.attendance) if command.attendance else None,
                money=_plain(command.money) if command.money else None,
                evidence=tuple([_plain(one) for one in command.evidence]) or None,
                note=command.note,
            )
        case CorrectActivity(record_id=record_id, changes=changes, reason=reason):
            replaced = changes.model_dump(mode="json", exclude_unset=True, exclude_none=True)
            emptied = [name for name in changes.model_fields_set if getattr(changes, name) is None]
            return ActivityCorrected(
                record_id=record_id,
                changes=replaced,
                cleared=tuple(sorted(emptied)) or None,
                reason=reason,
            )
        case RetractActivity():
            return ActivityRetracted(record_id=command.record_id, reason=command.reason)
        case ReportCondition():
            return ConditionReported(
                condition=command.condition, state=command.state, on=command.on
            )
        case ReportMeasure():
            return MeasureReported(measure=command.measure, value=command.value, on=command.on)
        case _:
            assert_never(command)


def _plain(value: Attendance | Amounts | Evidence) -> dict[str, Any]:
    """Return a small value as event data, at a fraction of the cost of ``model_dump``."""
    return {name: field for name, field in value.__dict__.items() if field is not None}


def _current_date(record: Record, record_id: str) -> date:
    if record.fields is None:
        raise Refused("unknown_record", field="record_id", record_id=record_id)
    if record.retracted:
        raise Refused("record_retracted", field="record_id")
    return date.fromisoformat(record.fields["occurred_on"])


def _require_word(word: str, words: AbstractSet[str], name: str) -> None:
    if word not in words:
        raise Refused("unknown_word", field=name, word=word)


def _require_date(day: date, name: str, organization: Organization, context: RecordContext) -> None:
    if day > context.today:
        raise Refused("future_date", field=name, day=day, today=context.today)
    if not organization.alive(day):
        raise Refused(
            "outside_life",
            field=name,
            day=day,
            code=organization.code,
            first=organization.registered_on,
            last=organization.closed_on or "now",
        )
    _require_recorded_after(day, context)
    _refuse_opened_month(day, name, context)


def _require_recorded_after(day: date, context: RecordContext) -> None:
    recorded_on = context.recorded_on
    if recorded_on is not None and recorded_on > context.today:
        raise Refused("future_date", field="recorded_on", day=recorded_on, today=context.today)
    if recorded_on is not None and recorded_on < day:
        raise Refused("recorded_before", field="recorded_on", recorded=recorded_on, day=day)


def _refuse_opened_month(day: date, name: str, context: RecordContext) -> None:
    if context.recorded_on is not None and str(month_of(day)) in context.opened:
        raise Refused("history_closed", field=name, month=month_of(day))


DECIDER = Decider(Record(), evolve, decide)
