"""The inspection sheet: filled in on site, stored in the browser, submitted once and signed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Body
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import Field, ValidationError

from events.documents.policies import DistrictPolicy
from events.refusals.errors import Refused
from events.streams.additions import AdditionFound
from events.streams.findings import Disallowance, RectificationAsked, SubmitFindings
from events.streams.findings import Finding as FindingGiven
from events.values import FrozenModel, Identity
from projections.cycles.reading import read_cycle_head
from projections.cycles.sheets import newest_findings, sheets_of
from projections.organizations.directory import find
from tracker.http.answers import problem_response
from tracker.http.application import STATIC
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.inspections.assignments import require_assignment
from tracker.inspections.sheets import read_sheet_basis
from tracker.inspections.signatures import (
    ProposalRef,
    SheetDraft,
    SheetFaults,
    hand_in_sheet,
    propose_sheet,
    read_proposals,
    return_proposal,
    sign_proposal,
)
from tracker.web.inspections.addition_words import describe_additions
from tracker.web.inspections.finding_words import finding_words
from tracker.web.inspections.sheet_rows import build_sheet_view
from tracker.web.inspections.sheet_view import SheetView
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page, redirect
from tracker.wording.faults import field_sentence
from tracker.wording.refusals import STATUS, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from projections.cycles.sheets import SheetCopy
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext
    from tracker.inspections.signatures import Proposal

router = APIRouter(include_in_schema=False, route_class=JsonRoute)
Document = Annotated[dict[str, Any], Body()]
NAMED = {
    "findings": "criterion",
    "disallow": "record_id",
    "rectify": "criterion",
    "additions": "addition",
}
"""The field that identifies an entry in each part of a sheet."""


class SentSheet(FrozenModel):
    """A sheet as a browser sends it: its content, its inspector, and what the inspector saw."""

    how: Literal["sign", "propose"]
    person: Identity
    sheet_id: Identity
    known: tuple[Identity, ...] = Field(max_length=500)
    seen: dict[str, str | None] = Field(default_factory=dict, max_length=2000)
    findings: tuple[FindingGiven, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)
    additions: tuple[AdditionFound, ...] = Field(default=(), max_length=500)


def require_inspector(context: RequestContext) -> str:
    """Return the user's inspector id; raise ``Refused`` for an account without one."""
    if context.account is None or context.account.person is None:
        raise Refused("no_inspector")
    return context.account.person


@router.get("/organizations/{code}/sheet/{period}")
def show_sheet(context: Context, code: str, period: str) -> Response:
    """Show the sheet to fill in, and the proposals that wait for a signature."""
    answer = _sheet_page(context, code, period)
    assert context.account is not None
    # The service worker caches the page; the header names the account that may see the copy.
    answer.headers["x-account"] = context.account.account
    return answer


def _sheet_page(
    context: RequestContext,
    code: str,
    period: str,
    status: int = 200,
    *,
    faulty: str = "",
    faults: Sequence[str] = (),
    remark: str = "",
) -> Response:
    person = require_inspector(context)
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = context.today(reader)
        scope, inspection = require_assignment(reader, entry, period, person)
        cycle = read_cycle_head(reader, scope, period)
        on = read_sheet_basis(reader, entry, cycle, today)
        sheet = build_sheet_view(context, reader, on)
        handed_in = sheets_of(reader, entry.stream, period)
        waiting = read_proposals(reader, entry.stream, period)
        days = DistrictPolicy.model_validate(cycle.policy).rectification.due_days
        values = {
            "entry": entry,
            "asked": period,
            "person": person,
            "inspection": inspection,
            "colleagues": [one for one in inspection.inspectors if one != person],
            "names": read_people_names(reader, list(inspection.inspectors), context.language),
            "takes": cycle.state == "drawn" and today <= cycle.closes_on,
            "closes_on": cycle.closes_on,
            "days_left": (cycle.closes_on - today).days,
            "assessment": on.assessment,
            "sheet": sheet,
            "handed_in": handed_in,
            "current": _current_findings(context, sheet, handed_in),
            "proposals": [
                (proposal, describe_sheet(context, sheet, _sheet_document(proposal)))
                for proposal in waiting
            ],
            "added": orjson.dumps(handed_in[-1].additions if handed_in else []).decode(),
            "own": _own_proposal(waiting, person),
        }
    return page(
        context,
        "inspections/sheet.html",
        status,
        sheet_id=f"w-{uuid.uuid4().hex}",
        due=max(today, today + timedelta(days=days)).isoformat(),
        faulty=faulty,
        faults=faults,
        remark=remark,
        **values,
    )


def _current_findings(
    context: RequestContext, sheet: SheetView, handed_in: Sequence[SheetCopy]
) -> dict[str, dict[str, Any]]:
    """Return the current finding of each judged criterion, from the sheets submitted so far."""
    rows = sheet.rows
    return {
        code: {
            "said": finding_words(context, finding, rows[code]),
            "reason": finding.get("reason"),
            "inspectors": by.inspectors,
            "at": by.recorded_at,
        }
        for code, (finding, by) in newest_findings(handed_in).items()
        if code in rows
    }


def _sheet_document(proposal: Proposal) -> dict[str, Any]:
    return proposal.draft.sheet.model_dump(mode="json", exclude_none=True)


def _own_proposal(waiting: Sequence[Proposal], person: str) -> str:
    """Return the person's newest proposal as JSON for the form; empty if none waits."""
    own = [one for one in waiting if one.person == person]
    if not own:
        return ""
    proposal = _sheet_document(own[-1])
    return orjson.dumps(
        {name: proposal[name] for name in ("sheet_id", *NAMED)} | {"seen": dict(own[-1].draft.seen)}
    ).decode()


def describe_sheet(
    context: RequestContext, view: SheetView, said: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a sheet in words: the changed findings, how many were confirmed, the additions."""
    rows = view.rows
    findings = [
        {
            "finding": finding,
            "row": rows[finding["criterion"]],
            "said": finding_words(context, finding, rows[finding["criterion"]]),
            "changed": rows[finding["criterion"]].changed(finding),
            "raised": rows[finding["criterion"]].raised(finding),
        }
        for finding in said["findings"]
        if finding["criterion"] in rows
    ]
    return {
        "changed": [one for one in findings if one["changed"] or one["finding"].get("reason")],
        "confirmed": sum(not one["changed"] for one in findings),
        "raised": sum(one["raised"] for one in findings),
        "disallow": said["disallow"],
        "rectify": said["rectify"],
        "additions": describe_additions(context, view, said["additions"]),
    }


@router.post("/organizations/{code}/sheet/{period}")
def submit_sheet(context: Context, code: str, period: str, document: Document) -> Response:
    """Submit a sheet with the user's signature, or propose it to the colleagues; idempotent.

    A browser may send a stored sheet after another user signed in: the ``person`` of the sheet
    must be the user, otherwise it is refused.
    """
    person = require_inspector(context)
    try:
        sent = SentSheet.model_validate(document)
    except ValidationError as error:
        faults = [_form_fault(context, document, one) for one in error.errors()]
        return _faulty_sheet(context, 422, faults)
    if sent.person != person:
        raise Refused("other_person")
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
    given = _draft_of(sent, entry, period, person)
    try:
        if sent.how == "propose":
            propose_sheet(context.app.store, given, person)
            return JSONResponse({"state": "proposed", "sheet_id": sent.sheet_id})
        hand_in_sheet(context.app.store, given, person, context.metadata())
    except SheetFaults as refused:
        return _faulty_sheet(context, STATUS[refused.kind], _describe_faults(context, refused))
    address = f"/organizations/{quote(entry.code)}/sheets/{quote(period)}?done=submitted"
    return JSONResponse({"state": "submitted", "sheet_id": sent.sheet_id, "address": address})


def _draft_of(sent: SentSheet, entry: OrganizationEntry, period: str, person: str) -> SheetDraft:
    sheet = SubmitFindings(
        period=period,
        organization=entry.code,
        inspectors=(person,),
        sheet_id=sent.sheet_id,
        findings=sent.findings,
        disallow=sent.disallow,
        rectify=sent.rectify,
        additions=sent.additions,
    )
    return SheetDraft(sheet, sent.known, sent.seen)


def _form_fault(context: RequestContext, document: Mapping[str, Any], fault: Any) -> dict[str, Any]:
    """Return a validation error with the criterion or record it is about."""
    part, *rest = [str(one) for one in fault["loc"]] or [""]
    name = ""
    if part in NAMED and rest and rest[0].isdecimal():
        entry = document[part][int(rest[0])]
        name = str(entry.get(NAMED[part], "")) if isinstance(entry, dict) else ""
        if part == "additions" and name:
            name = f"{entry.get('item', '')}/{name}"
    return {
        "field": part,
        "name": name,
        "part": ".".join(rest[1:]),
        "message": field_sentence(fault, context.language),
    }


def _describe_faults(context: RequestContext, refused: SheetFaults) -> list[dict[str, Any]]:
    """Return every fault of a sheet in the user's language, with the names of people."""
    with context.read() as reader:
        asked = [person for fault in refused.faults for person in fault.params.get("people", ())]
        names = read_people_names(reader, asked, context.language)
    return [
        {
            "field": fault.params["field"],
            "name": fault.params["name"],
            "code": fault.code,
            "message": say(_with_names(fault, names), context.language),
        }
        | ({"sheet": fault.params["sheet"]} if "sheet" in fault.params else {})
        for fault in refused.faults
    ]


def _with_names(refusal: Refused, names: Mapping[str, str]) -> Refused:
    if "people" not in refusal.params:
        return refusal
    people = "、".join(names.get(person, person) for person in refusal.params["people"])
    return refusal.replace(people=people)


def _faulty_sheet(context: RequestContext, status: int, faults: list[dict[str, Any]]) -> Response:
    said = context.t(
        f"检查表有 {len(faults)} 处需要修改，已在相应位置标出",
        f"{len(faults)} places of the sheet need changes; they are marked below",
    )
    return problem_response(status, "sheet_faults", said, context.reference, faults)


@router.post("/organizations/{code}/sheet/{period}/sign")
def sign_sheet(context: Context, code: str, period: str) -> Response:
    """Sign a colleague's proposal, identified by the digest that was shown, or return it."""
    person = require_inspector(context)
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
    reference = ProposalRef(entry.code, period, context.value("sheet_id"), context.value("digest"))
    root = f"/organizations/{quote(entry.code)}"
    try:
        if context.value("how") == "return":
            return_proposal(context.app.store, reference, context.value("remark"), person)
            return redirect(f"{root}/sheet/{quote(period)}?done=returned")
        complete = sign_proposal(context.app.store, reference, person, context.metadata())
    except SheetFaults as refused:
        faults = [one["message"] for one in _describe_faults(context, refused)]
        return _sheet_page(
            context, code, period, STATUS[refused.kind], faulty=reference.sheet_id, faults=faults
        )
    except Refused as refused:
        if refused.code == "not_assigned_to_you":
            raise
        if refused.code == "no_proposal" and _is_handed_in(context, entry, reference):
            return redirect(f"{root}/sheets/{quote(period)}?done=signed")
        return _sheet_page(
            context,
            code,
            period,
            STATUS[refused.kind],
            faulty=reference.sheet_id,
            faults=[say(refused, context.language)],
            remark=context.value("remark"),
        )
    if not complete:
        return redirect(f"{root}/sheet/{quote(period)}?done=signed")
    return redirect(f"{root}/sheets/{quote(period)}?done=signed")


def _is_handed_in(
    context: RequestContext, entry: OrganizationEntry, reference: ProposalRef
) -> bool:
    """Return whether the sheet is already submitted, for example by a first click."""
    with context.read() as reader:
        sheets = sheets_of(reader, entry.stream, reference.period)
    return any(copy.sheet_id == reference.sheet_id for copy in sheets)


@router.get("/sw.js")
def serve_service_worker() -> Response:
    """Serve the service worker, which caches opened sheets for use without a connection."""
    headers = {"service-worker-allowed": "/", "cache-control": "no-cache"}
    return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers=headers)
