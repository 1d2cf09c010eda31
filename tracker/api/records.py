"""Records of one organization: listed, one with its history, recorded, corrected, retracted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import Field

from events.refusals.errors import Refused
from events.streams.records import (
    FIELDS,
    CorrectActivity,
    RecordActivity,
    RecordChanges,
    ReportCondition,
    ReportMeasure,
    RetractActivity,
)
from events.values import (
    Amounts,
    Attendance,
    Day,
    Evidence,
    FrozenModel,
    Identity,
    Measured,
    Note,
    Reason,
    Title,
    Word,
)
from projections.records.current import list_records as read_records
from projections.records.trail import read_trail, read_trails
from tracker.api.protocol.answers import (
    IfMatch,
    IfNoneMatch,
    changed_meanwhile,
    marked,
    matches,
    unchanged,
)
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.lists import FILES, Column, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import Since, Until, known
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import AppendAnswer, AppendedRecord, Page
from tracker.api.shapes.records import ListedRecord, RecordDocument
from tracker.commands.records import record
from tracker.http.context import Context
from tracker.http.uploads import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.streams.records import RecordCommand
    from projections.organizations.directory import OrganizationEntry
    from projections.records.current import RecordLine
    from projections.records.trail import RecordTrail
    from tracker.commands.records import RecordResult
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["records"])
PLACE = "/organizations/{code}/records"
COLUMNS: tuple[Column, ...] = (
    ("occurred_on", "日期", "occurred on"),
    ("activity", "活动", "activity"),
    ("title", "主题", "title"),
    ("place", "地点", "place"),
    ("attendance.present", "到会", "present"),
    ("attendance.expected", "应到", "expected"),
    ("money.due", "应缴", "due"),
    ("money.paid", "实缴", "paid"),
    ("evidence_kinds", "佐证材料", "evidence"),
    ("state", "状态", "state"),
    ("late", "迟报", "late"),
    ("known_on", "计为记录日", "counts as recorded on"),
    ("record_id", "记录编号", "record id"),
)
LISTING = ListDefinition(
    "活动记录", "Records", COLUMNS, lambda row: [row["occurred_on"], row["record_id"]]
)


class ActivityGiven(FrozenModel):
    """An activity to record; without ``record_id`` the Idempotency-Key is its identity."""

    record_id: Identity | None = None
    activity: Word = Field(description="A word of the vocabulary.")
    occurred_on: Day
    title: Title | None = None
    place: Title | None = None
    attendance: Attendance | None = None
    money: Amounts | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)
    note: Note | None = None


class CorrectionGiven(FrozenModel):
    """Whole fields that replace those of a record; null empties one."""

    changes: RecordChanges
    reason: Reason


class RetractionGiven(FrozenModel):
    """Why a record is taken back for ever."""

    reason: Reason


class ConditionGiven(FrozenModel):
    """The state of a condition from a day on."""

    condition: Word = Field(description="A word of the vocabulary.")
    state: Literal["met", "partial", "unmet"]
    on: Day


class MeasureGiven(FrozenModel):
    """The value of a measure from a day on."""

    measure: Word = Field(description="A word of the vocabulary.")
    value: Measured
    on: Day


@router.get(PLACE, response_model=Page[ListedRecord], responses=FILES | READING)
def list_records(
    context: Context,
    code: str,
    paging: Paged,
    since: Annotated[Since, Query(alias="from")] = None,
    until: Annotated[Until, Query(alias="to")] = None,
    activity: Annotated[str | None, Query(max_length=64, description="Of this activity.")] = None,
    state: Annotated[
        Literal["standing", "corrected", "disallowed", "retracted"] | None,
        Query(description="As it stands now."),
    ] = None,
    late: Annotated[bool | None, Query(description="Recorded after the grace or not.")] = None,
) -> Response:
    """The records of an organization, newest first, each with whether it came late."""
    with context.read() as reader:
        entry = known(reader, code)
        after = paging.key(str, str)
        found = [
            record
            for record in read_records(reader, entry)
            if (since is None or record.occurred_on >= since.isoformat())
            and (until is None or record.occurred_on <= until.isoformat())
            and activity in {None, record.activity}
            and state in {None, record.state}
            and late in {None, record.late}
            and (after is None or [record.occurred_on, record.record_id] < after)
        ]
        rows = _rows(reader, entry, found[: paging.wanted])
        return listed(context, reader, paging, LISTING, rows)


def _rows(
    reader: Reader, entry: OrganizationEntry, found: Sequence[RecordLine]
) -> list[dict[str, Any]]:
    """Records with their texts, files and heads."""
    told = read_trails(reader, entry.stream, [line.record_id for line in found])
    rows = []
    for line in found:
        fields = _fields(told[line.record_id])
        head = {
            "record_id": line.record_id,
            "state": line.state,
            "late": line.late,
            "known_on": line.known_on,
        }
        kinds = [kind["kind"] for kind in fields["evidence"]]
        rows.append(head | fields | {"evidence_kinds": list(dict.fromkeys(kinds))})
    return rows


def _fields(told: RecordTrail) -> dict[str, Any]:
    """Every field of a record as it stands; None where it is empty."""
    fields: dict[str, Any] = {name: told.fields.get(name) for name in FIELDS}
    fields["evidence"] = [
        {"kind": one["kind"], "file": one.get("file")} for one in fields["evidence"] or ()
    ]
    return fields


@router.get(PLACE + "/{record_id:path}", response_model=RecordDocument, responses=READING)
def show_record(
    context: Context, code: str, record_id: str, if_none_match: IfNoneMatch = None
) -> Response:
    """One record as it stands, with every event of it: before, after, who and why."""
    with context.read() as reader:
        entry = known(reader, code)
        found = read_trail(reader, entry.stream, record_id)
    if found is None:
        raise _unknown(record_id)
    etag = _etag(found)
    if matches(if_none_match, etag):
        return unchanged(etag)
    document = {
        "organization": entry.code,
        "record_id": record_id,
        "state": found.state,
        "known_on": found.known_on,
        **_fields(found),
        "history": [
            {
                "kind": one.kind,
                "version": one.version,
                "hash": one.hash,
                "actor": one.actor,
                "channel": one.channel,
                "recorded_at": one.recorded_at,
                "recorded_on": one.recorded_on,
                "reason": one.reason,
                "changed": list(one.changed),
                "before": one.before,
                "after": one.after,
            }
            for one in found.steps
        ],
    }
    return marked(document, etag)


def _etag(found: RecordTrail) -> str:
    """The mark of a record: its newest own event and the newest one about it."""
    return f'"{found.version}-{found.steps[-1].version}"'


def _seen(given: str | None) -> int | None:
    """The version of the record's newest own event that a mark tells; None without a mark."""
    if given is None or given.strip() == "*":
        return None
    own = given.strip().removeprefix("W/").strip('"').partition("-")[0]
    return int(own) if own.isdecimal() and len(own) < 16 else 0


def _unknown(record_id: str) -> Refused:
    return Refused("unknown_record", field="record_id", record_id=record_id)


@router.post(PLACE, status_code=201, response_model=AppendedRecord, responses=WRITING)
def record_activity(
    context: Context, code: str, given: ActivityGiven, key: IdempotencyKey = None
) -> Response:
    """Record an activity that took place."""
    record_id = identity_of(key, given.record_id)
    command = RecordActivity.model_construct(
        **{name: one for name, one in given if name != "record_id"},
        organization=code,
        record_id=record_id,
    )
    _require_files(context, given.evidence)
    return _done(context, code, record_id, _record(context, command, None, None))


@router.post(
    PLACE + "/{record_id:path}/corrections",
    status_code=201,
    response_model=AppendedRecord,
    responses=WRITING | refusals(412),
)
def correct(
    context: Context,
    code: str,
    record_id: str,
    given: CorrectionGiven,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Replace whole fields of a record, for a reason; what stood before stays readable."""
    command = CorrectActivity.model_construct(
        organization=code, record_id=record_id, changes=given.changes, reason=given.reason
    )
    _require_files(context, given.changes.evidence or ())
    return _done(context, code, record_id, _record(context, command, identity_of(key), if_match))


@router.post(
    PLACE + "/{record_id:path}/retraction",
    status_code=201,
    response_model=AppendedRecord,
    responses=WRITING | refusals(412),
)
def retract(
    context: Context,
    code: str,
    record_id: str,
    given: RetractionGiven,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Take a record back for ever, for a reason; it stays readable."""
    command = RetractActivity.model_construct(
        organization=code, record_id=record_id, reason=given.reason
    )
    return _done(context, code, record_id, _record(context, command, identity_of(key), if_match))


@router.post(
    "/organizations/{code}/conditions",
    status_code=201,
    response_model=AppendAnswer,
    responses=WRITING,
)
def report_condition(
    context: Context, code: str, given: ConditionGiven, key: IdempotencyKey = None
) -> Response:
    """Report the state of a condition from a day on."""
    command = ReportCondition.model_construct(organization=code, **dict(given))
    return _done(context, code, None, _record(context, command, identity_of(key), None))


@router.post(
    "/organizations/{code}/measures",
    status_code=201,
    response_model=AppendAnswer,
    responses=WRITING,
)
def report_measure(
    context: Context,
    code: str,
    given: Annotated[MeasureGiven, Body()],
    key: IdempotencyKey = None,
) -> Response:
    """Report the value of a measure from a day on."""
    command = ReportMeasure.model_construct(organization=code, **dict(given))
    return _done(context, code, None, _record(context, command, identity_of(key), None))


def _require_files(context: RequestContext, named: Sequence[Evidence]) -> None:
    with context.read() as reader:
        require(context, reader, named)


def _record(
    context: RequestContext, command: RecordCommand, identity: str | None, if_match: str | None
) -> RecordResult:
    seen = _seen(if_match)
    try:
        return record(
            context.tools.store, command, context.metadata(), identity=identity, seen=seen
        )
    except Refused as refused:
        if refused.code == "record_changed":
            raise changed_meanwhile() from None
        raise


def _done(
    context: RequestContext, code: str, record_id: str | None, done: RecordResult
) -> Response:
    document: dict[str, Any] = {"organization": code, "version": done.version}
    location = None
    if record_id is not None:
        document["record_id"] = record_id
        location = f"/api/v1/organizations/{quote(code)}/records/{quote(record_id)}"
    return appended(document, changed=done.changed, location=location)
