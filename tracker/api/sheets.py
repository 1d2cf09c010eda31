"""What an inspector does: what was assigned to them, and the joint sheet that they hand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.log.store import identity_conflict
from events.periods import parse_month
from events.refusals.errors import Refused
from events.streams.findings import Disallowance, Finding, RectificationAsked, SubmitFindings
from events.values import FrozenModel, Identity, PersonId, Reason
from projections.cycles.assignments import assigned_to
from projections.organizations.directory import entries_of
from projections.scores.outcomes import inspections_of
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.lists import FILES, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import known
from tracker.api.protocol.problems import READING, WRITING
from tracker.api.shapes.cycles import AssignmentRow, SheetTaken
from tracker.api.shapes.figures import Page
from tracker.http.context import Context
from tracker.inspections.assignments import assignment, sheet
from tracker.inspections.sheets import take_sheet
from tracker.inspections.signatures import (
    ProposalRef,
    SheetDraft,
    hand_back,
    proposals,
    propose,
    sign,
)

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["cycles"])
LISTING = ListDefinition(
    "我的检查任务",
    "My inspections",
    (
        ("period", "月份", "month"),
        ("organization", "代码", "code"),
        ("name", "名称", "name"),
        ("category", "类别", "category"),
        ("inspectors", "检查人员", "inspectors"),
        ("state", "状态", "state"),
    ),
    lambda row: [row["period"], row["organization"]],
)


class SheetGiven(FrozenModel):
    """The file of ``tracker spot-check score`` without the organization, which the path names."""

    period: str = Field(description="The month that was inspected.")
    inspectors: tuple[PersonId, ...] = Field(min_length=1, max_length=20)
    sheet_id: Identity | None = None
    findings: tuple[Finding, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)


class ReturnGiven(FrozenModel):
    """What the colleague should look at again."""

    remark: Reason


@router.get("/assignments", response_model=Page[AssignmentRow], responses=FILES | READING)
def list_assignments(
    context: Context,
    paging: Paged,
    state: Annotated[
        Literal["open", "scored", "missed", "not_held"] | None,
        Query(description="How far the inspection is."),
    ] = None,
) -> Response:
    """The inspections that were ever assigned to who asks, newest month first."""
    after = paging.key(str, str)
    with context.read() as reader:
        rows = [
            row
            for row in _assigned(context, reader)
            if state in {None, row["state"]}
            if after is None or _behind(row, after)
        ]
        return listed(context, reader, paging, LISTING, rows[: paging.wanted])


def _behind(row: dict[str, Any], after: list[Any]) -> bool:
    period, code = after
    return bool(row["period"] < period or (row["period"] == period and row["organization"] > code))


def _assigned(context: RequestContext, reader: Reader) -> list[dict[str, Any]]:
    """What was assigned to the person of the account, within what they may inspect now."""
    assert context.account is not None
    person = context.account.person
    found = assigned_to(reader, person) if person is not None else []
    streams = sorted({stream for stream, _, _ in found})
    entries = entries_of(
        reader, sorted(context.scope(reader, "inspect").streams_among(reader, streams))
    )
    inspections = inspections_of(reader, sorted(entries))
    rows: list[dict[str, Any]] = [
        {
            "organization": entries[stream].code,
            "name": entries[stream].name,
            "category": entries[stream].category,
            "period": period,
            "scope": scope,
            "state": inspections[stream, scope, period].state,
            "inspectors": list(inspections[stream, scope, period].inspectors),
        }
        for stream, scope, period in found
        if stream in entries
    ]
    rows.sort(key=lambda row: row["organization"])
    return sorted(rows, key=lambda row: row["period"], reverse=True)


@router.get(
    "/organizations/{code}/sheets/{period}", response_model=dict[str, Any], responses=READING
)
def show_sheet(context: Context, code: str, period: str) -> Response:
    """What an inspector judges by: criteria with what was derived, their records and evidence."""
    month = str(parse_month(period))
    with context.read() as reader:
        entry = known(reader, code)
        person = person_of(context)
        today, language = context.today(reader), context.language
        return json_answer(sheet(reader, entry, month, person, today, language))


@router.post(
    "/organizations/{code}/sheets", status_code=201, response_model=SheetTaken, responses=WRITING
)
def hand_in(context: Context, code: str, given: SheetGiven, key: IdempotencyKey = None) -> Response:
    """Hand in the sheet of an inspection; who asks must be one of those who sign it.

    Signed by who asks alone it counts at once; where colleagues are to sign it too it is proposed
    to them, and counts when one of them has signed.
    """
    person = person_of(context)
    if person not in given.inspectors:
        raise Refused("not_signed", field="inspectors")
    month = str(parse_month(given.period))
    sheet_id = identity_of(key, given.sheet_id, "sheet_id")
    with context.read() as reader:
        entry = known(reader, code)
        assignment(reader, entry, month, person)
        stands = reader.has_event(entry.stream, f"sheet/{month}/{sheet_id}")
        waiting = [
            one for one in proposals(reader, entry.stream, month) if one.sheet_id == sheet_id
        ]
    signed = SubmitFindings.model_construct(
        period=month,
        organization=entry.code,
        inspectors=tuple(sorted(given.inspectors)),
        sheet_id=sheet_id,
        findings=given.findings,
        disallow=given.disallow,
        rectify=given.rectify,
    )
    answer = {"organization": code, "period": month, "sheet_id": sheet_id, "state": "submitted"}
    if stands or len(given.inspectors) == 1:
        changed = take_sheet(context.tools.store, signed, context.metadata())
        return appended(answer, changed=changed)
    given_by = SheetDraft(signed.model_copy(update={"inspectors": (person,)}))
    if waiting and waiting[0].remark is None and waiting[0].given.sheet != given_by.sheet:
        raise identity_conflict(f"sheet_id {sheet_id}")
    changed = propose(context.tools.store, given_by, person)
    return appended(answer | {"state": "proposed"}, changed=changed)


@router.post(
    "/organizations/{code}/sheets/{period}/{sheet_id:path}/signature",
    response_model=SheetTaken,
    responses=WRITING,
)
def sign_sheet(context: Context, code: str, period: str, sheet_id: str) -> Response:
    """Sign a sheet that a colleague proposed: it counts from now on, with both names."""
    month, person = str(parse_month(period)), person_of(context)
    with context.read() as reader:
        entry = known(reader, code)
        assignment(reader, entry, month, person)
    read = ProposalRef(entry.code, month, sheet_id)
    whole = sign(context.tools.store, read, person, context.metadata())
    state = "submitted" if whole else "proposed"
    return json_answer(
        {"organization": code, "period": month, "sheet_id": sheet_id, "state": state}
    )


@router.post(
    "/organizations/{code}/sheets/{period}/{sheet_id:path}/return",
    response_model=SheetTaken,
    responses=WRITING,
)
def return_sheet(
    context: Context, code: str, period: str, sheet_id: str, given: ReturnGiven
) -> Response:
    """Hand a sheet that a colleague proposed back, with a remark."""
    month, person = str(parse_month(period)), person_of(context)
    with context.read() as reader:
        entry = known(reader, code)
        assignment(reader, entry, month, person)
    hand_back(context.tools.store, ProposalRef(entry.code, month, sheet_id), given.remark, person)
    return json_answer(
        {"organization": code, "period": month, "sheet_id": sheet_id, "state": "returned"}
    )


def person_of(context: RequestContext) -> str:
    """The inspector that who asks is; ``Refused`` for an account that is none."""
    if context.account is None or context.account.person is None:
        raise Refused("no_inspector")
    return context.account.person
