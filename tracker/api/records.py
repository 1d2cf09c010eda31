"""Records of one organization: list, show with history, record, correct, retract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import Field

from events.log.damage import refuse_damage
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
    answer_with_etag,
    changed_meanwhile,
    etag_matches,
    not_modified,
)
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.lists import FILES, Column, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.parameters import Since, Until, find_organization
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import AppendAnswer, Page, RecordAppendAnswer
from tracker.api.shapes.records import ListedRecord, RecordDocument
from tracker.commands.records import record_line
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.http.uploads import require_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.streams.records import RecordCommand
    from projections.organizations.directory import OrganizationEntry
    from projections.records.current import RecordLine
    from projections.records.trail import RecordTrail
    from tracker.commands.records import RecordResult
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["records"], route_class=JsonRoute)
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


class ActivityInput(FrozenModel):
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


class CorrectionInput(FrozenModel):
    """Whole fields that replace those of a record; null clears a field."""

    changes: RecordChanges
    reason: Reason


class RetractionInput(FrozenModel):
    """Why a record is retracted."""

    reason: Reason


class ConditionInput(FrozenModel):
    """The state of a condition from a day on."""

    condition: Word = Field(description="A word of the vocabulary.")
    state: Literal["met", "partial", "unmet"]
    on: Day


class MeasureInput(FrozenModel):
    """The value of a measure from a day on."""

    measure: Word = Field(description="A word of the vocabulary.")
    value: Measured
    on: Day


@router.get(PLACE, response_model=Page[ListedRecord], responses=FILES | READING)
def list_records(
    context: Context,
    code: str,
    paging: PageParameters,
    since: Annotated[Since, Query(alias="from")] = None,
    until: Annotated[Until, Query(alias="to")] = None,
    activity: Annotated[
        str | None, Query(max_length=64, description="Records of this activity.")
    ] = None,
    state: Annotated[
        Literal["standing", "corrected", "disallowed", "retracted"] | None,
        Query(description="Records in this state now."),
    ] = None,
    late: Annotated[
        bool | None, Query(description="Recorded after the grace period of the month, or in time.")
    ] = None,
) -> Response:
    """List the records of an organization, newest first, each with whether it was late."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        after = paging.key(str, str)
        matching = [
            row
            for row in read_records(reader, entry)
            if (since is None or row.occurred_on >= since.isoformat())
            and (until is None or row.occurred_on <= until.isoformat())
            and activity in {None, row.activity}
            and state in {None, row.state}
            and late in {None, row.late}
            and (after is None or [row.occurred_on, row.record_id] < after)
        ]
        rows = _record_rows(reader, entry, matching[: paging.wanted])
        return list_answer(context, reader, paging, LISTING, rows)


def _record_rows(
    reader: Reader, entry: OrganizationEntry, ledger_rows: Sequence[RecordLine]
) -> list[dict[str, Any]]:
    """Return records of the ledger as answers, with their current texts and files."""
    refuse_damage(reader, entry.stream)
    record_trails = read_trails(reader, entry.stream, [row.record_id for row in ledger_rows])
    rows = []
    for row in ledger_rows:
        fields = _current_fields(record_trails[row.record_id])
        head = {
            "record_id": row.record_id,
            "state": row.state,
            "late": row.late,
            "known_on": row.known_on,
        }
        kinds = [evidence["kind"] for evidence in fields["evidence"]]
        rows.append(head | fields | {"evidence_kinds": list(dict.fromkeys(kinds))})
    return rows


def _current_fields(record_trail: RecordTrail) -> dict[str, Any]:
    """Return every field of a record after all corrections; None where it is empty."""
    fields: dict[str, Any] = {name: record_trail.fields.get(name) for name in FIELDS}
    fields["evidence"] = [
        {"kind": evidence["kind"], "file": evidence.get("file")}
        for evidence in fields["evidence"] or ()
    ]
    return fields


@router.get(PLACE + "/{record_id:path}", response_model=RecordDocument, responses=READING)
def show_record(
    context: Context, code: str, record_id: str, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one record with its history: what each event changed, by whom and why."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        refuse_damage(reader, entry.stream)
        record_trail = read_trail(reader, entry.stream, record_id)
    if record_trail is None:
        raise Refused("unknown_record", field="record_id", record_id=record_id)
    etag = _record_etag(record_trail)
    if etag_matches(if_none_match, etag):
        return not_modified(etag)
    document = {
        "organization": entry.code,
        "record_id": record_id,
        "state": record_trail.state,
        "known_on": record_trail.known_on,
        **_current_fields(record_trail),
        "history": [
            {
                "kind": step.kind,
                "version": step.version,
                "hash": step.hash,
                "actor": step.actor,
                "channel": step.channel,
                "recorded_at": step.recorded_at,
                "recorded_on": step.recorded_on,
                "reason": step.reason,
                "changed": list(step.changed),
                "before": step.before,
                "after": step.after,
            }
            for step in record_trail.steps
        ],
    }
    return answer_with_etag(document, etag)


def _record_etag(record_trail: RecordTrail) -> str:
    """The ETag of a record: versions of its newest own event and of the newest one about it."""
    return f'"{record_trail.version}-{record_trail.steps[-1].version}"'


def _seen_version(if_match: str | None) -> int | None:
    """Return the version of the record's newest own event that an ETag names.

    None without an ETag or for ``*``; 0, which is never current, for another text. A text of 16
    digits or more is no version: it would not fit the database's integer.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    own = if_match.strip().removeprefix("W/").strip('"').partition("-")[0]
    return int(own) if own.isdecimal() and len(own) < 16 else 0


@router.post(PLACE, status_code=201, response_model=RecordAppendAnswer, responses=WRITING)
def record_activity(
    context: Context, code: str, body: ActivityInput, key: IdempotencyKey = None
) -> Response:
    """Record an activity that took place."""
    record_id = choose_identity(key, body.record_id)
    command = RecordActivity.model_construct(
        **{name: value for name, value in body if name != "record_id"},
        organization=code,
        record_id=record_id,
    )
    _check_files(context, body.evidence)
    return _append_answer(code, record_id, _record(context, command, None, None))


@router.post(
    PLACE + "/{record_id:path}/corrections",
    status_code=201,
    response_model=RecordAppendAnswer,
    responses=WRITING | refusals(412),
)
def correct(
    context: Context,
    code: str,
    record_id: str,
    body: CorrectionInput,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Replace whole fields of a record, for a reason; the earlier values stay readable."""
    command = CorrectActivity.model_construct(
        organization=code, record_id=record_id, changes=body.changes, reason=body.reason
    )
    _check_files(context, body.changes.evidence or ())
    return _append_answer(
        code, record_id, _record(context, command, choose_identity(key), if_match)
    )


@router.post(
    PLACE + "/{record_id:path}/retraction",
    status_code=201,
    response_model=RecordAppendAnswer,
    responses=WRITING | refusals(412),
)
def retract(
    context: Context,
    code: str,
    record_id: str,
    body: RetractionInput,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Retract a record permanently, for a reason; it stays readable."""
    command = RetractActivity.model_construct(
        organization=code, record_id=record_id, reason=body.reason
    )
    return _append_answer(
        code, record_id, _record(context, command, choose_identity(key), if_match)
    )


@router.post(
    "/organizations/{code}/conditions",
    status_code=201,
    response_model=AppendAnswer,
    responses=WRITING,
)
def report_condition(
    context: Context, code: str, body: ConditionInput, key: IdempotencyKey = None
) -> Response:
    """Report the state of a condition from a day on."""
    command = ReportCondition.model_construct(organization=code, **dict(body))
    return _append_answer(code, None, _record(context, command, choose_identity(key), None))


@router.post(
    "/organizations/{code}/measures",
    status_code=201,
    response_model=AppendAnswer,
    responses=WRITING,
)
def report_measure(
    context: Context,
    code: str,
    body: Annotated[MeasureInput, Body()],
    key: IdempotencyKey = None,
) -> Response:
    """Report the value of a measure from a day on."""
    command = ReportMeasure.model_construct(organization=code, **dict(body))
    return _append_answer(code, None, _record(context, command, choose_identity(key), None))


def _check_files(context: RequestContext, named: Sequence[Evidence]) -> None:
    with context.read() as reader:
        require_files(context, reader, named)


def _record(
    context: RequestContext, command: RecordCommand, identity: str | None, if_match: str | None
) -> RecordResult:
    seen = _seen_version(if_match)
    try:
        return record_line(
            context.app.store, command, context.metadata(), identity=identity, seen=seen
        )
    except Refused as refused:
        if refused.code == "record_changed":
            # In HTTP a failed If-Match is 412, for every resource the same code.
            raise changed_meanwhile() from None
        raise


def _append_answer(code: str, record_id: str | None, result: RecordResult) -> Response:
    document: dict[str, Any] = {"organization": code, "version": result.version}
    location = None
    if record_id is not None:
        document["record_id"] = record_id
        location = f"/api/v1/organizations/{quote(code)}/records/{quote(record_id)}"
    return created_answer(document, changed=result.changed, location=location)
