"""An inspector's assignments and inspection sheets: show, submit, sign, return."""

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
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.lists import FILES, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.parameters import find_organization
from tracker.api.protocol.problems import READING, WRITING
from tracker.api.shapes.cycles import AssignmentRow, SheetAnswer
from tracker.api.shapes.figures import Page
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.inspections.assignments import require_assignment, sheet_document
from tracker.inspections.sheets import record_sheet
from tracker.inspections.signatures import (
    ProposalRef,
    SheetDraft,
    propose_sheet,
    read_proposals,
    return_proposal,
    sign_proposal,
)

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["cycles"], route_class=JsonRoute)
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


class SheetInput(FrozenModel):
    """An inspection sheet: the file of ``tracker spot-check score`` without the organization."""

    period: str = Field(description="The month that was inspected.")
    inspectors: tuple[PersonId, ...] = Field(min_length=1, max_length=20)
    sheet_id: Identity | None = None
    findings: tuple[Finding, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)


class SheetReturnInput(FrozenModel):
    """What the colleague should reconsider."""

    remark: Reason


@router.get("/assignments", response_model=Page[AssignmentRow], responses=FILES | READING)
def list_assignments(
    context: Context,
    paging: PageParameters,
    state: Annotated[
        Literal["open", "scored", "missed", "not_held"] | None,
        Query(description="Inspections in this state."),
    ] = None,
) -> Response:
    """List the inspections ever assigned to the current user, newest month first."""
    after = paging.key(str, str)
    with context.read() as reader:
        rows = [
            row
            for row in _read_assignments(context, reader)
            if state in {None, row["state"]}
            if after is None or _is_after(row, after)
        ]
        return list_answer(context, reader, paging, LISTING, rows[: paging.wanted])


def _is_after(row: dict[str, Any], cursor: list[Any]) -> bool:
    """Whether a row is listed after the cursor: an earlier month, or a later code of the same."""
    period, code = cursor
    return bool(row["period"] < period or (row["period"] == period and row["organization"] > code))


def _read_assignments(context: RequestContext, reader: Reader) -> list[dict[str, Any]]:
    """Return what was assigned to the account's person, within what they may inspect now."""
    assert context.account is not None
    person = context.account.person
    assigned = assigned_to(reader, person) if person is not None else []
    streams = sorted({stream for stream, _, _ in assigned})
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
        for stream, scope, period in assigned
        if stream in entries
    ]
    rows.sort(key=lambda row: row["organization"])
    return sorted(rows, key=lambda row: row["period"], reverse=True)


@router.get(
    "/organizations/{code}/sheets/{period}", response_model=dict[str, Any], responses=READING
)
def show_sheet(context: Context, code: str, period: str) -> Response:
    """Return the sheet to fill in: criteria with derived results, their records and evidence."""
    month = str(parse_month(period))
    with context.read() as reader:
        entry = find_organization(reader, code)
        person = require_inspector(context)
        today, language = context.today(reader), context.language
        return json_answer(sheet_document(reader, entry, month, person, today, language))


@router.post(
    "/organizations/{code}/sheets", status_code=201, response_model=SheetAnswer, responses=WRITING
)
def hand_in(context: Context, code: str, body: SheetInput, key: IdempotencyKey = None) -> Response:
    """Submit the sheet of an inspection; the current user must be one of its signers.

    A sheet with one signer counts at once. A sheet with several is proposed to the colleagues, and
    counts when one of them has signed.
    """
    person = require_inspector(context)
    if person not in body.inspectors:
        raise Refused("not_signed", field="inspectors")
    month = str(parse_month(body.period))
    sheet_id = choose_identity(key, body.sheet_id, "sheet_id")
    with context.read() as reader:
        entry = find_organization(reader, code)
        require_assignment(reader, entry, month, person)
        recorded = reader.has_event(entry.stream, f"sheet/{month}/{sheet_id}")
        waiting = [
            proposal
            for proposal in read_proposals(reader, entry.stream, month)
            if proposal.sheet_id == sheet_id
        ]
    command = SubmitFindings.model_construct(
        period=month,
        organization=entry.code,
        inspectors=tuple(sorted(body.inspectors)),
        sheet_id=sheet_id,
        findings=body.findings,
        disallow=body.disallow,
        rectify=body.rectify,
    )
    answer = {"organization": code, "period": month, "sheet_id": sheet_id, "state": "submitted"}
    if recorded or len(body.inspectors) == 1:
        changed = record_sheet(context.app.store, command, context.metadata())
        return created_answer(answer, changed=changed)
    draft = SheetDraft(command.model_copy(update={"inspectors": (person,)}))
    if waiting and waiting[0].remark is None and waiting[0].draft.sheet != draft.sheet:
        raise identity_conflict(f"sheet_id {sheet_id}")
    changed = propose_sheet(context.app.store, draft, person)
    return created_answer(answer | {"state": "proposed"}, changed=changed)


@router.post(
    "/organizations/{code}/sheets/{period}/{sheet_id:path}/signature",
    response_model=SheetAnswer,
    responses=WRITING,
)
def sign_sheet(context: Context, code: str, period: str, sheet_id: str) -> Response:
    """Sign a sheet that a colleague proposed: it counts from now on, under both names."""
    month, person = str(parse_month(period)), require_inspector(context)
    with context.read() as reader:
        entry = find_organization(reader, code)
        require_assignment(reader, entry, month, person)
    proposal = ProposalRef(entry.code, month, sheet_id)
    complete = sign_proposal(context.app.store, proposal, person, context.metadata())
    state = "submitted" if complete else "proposed"
    return json_answer(
        {"organization": code, "period": month, "sheet_id": sheet_id, "state": state}
    )


@router.post(
    "/organizations/{code}/sheets/{period}/{sheet_id:path}/return",
    response_model=SheetAnswer,
    responses=WRITING,
)
def return_sheet(
    context: Context, code: str, period: str, sheet_id: str, body: SheetReturnInput
) -> Response:
    """Return a proposed sheet to the colleague who proposed it, with a remark."""
    month, person = str(parse_month(period)), require_inspector(context)
    with context.read() as reader:
        entry = find_organization(reader, code)
        require_assignment(reader, entry, month, person)
    return_proposal(
        context.app.store, ProposalRef(entry.code, month, sheet_id), body.remark, person
    )
    return json_answer(
        {"organization": code, "period": month, "sheet_id": sheet_id, "state": "returned"}
    )


def require_inspector(context: RequestContext) -> str:
    """Return the current user as an inspector; ``Refused`` for an account that is none."""
    if context.account is None or context.account.person is None:
        raise Refused("no_inspector")
    return context.account.person
