"""The inspection sheet: judged in a village hall, kept in the browser, sent once, signed by two."""

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
from events.streams.findings import Disallowance, RectificationAsked, SubmitFindings
from events.streams.findings import Finding as FindingGiven
from events.values import FrozenModel, Identity
from projections.cycles.reading import read_cycle_head
from projections.cycles.sheets import sheets_of, standing
from projections.organizations.directory import find
from tracker.http.answers import problem
from tracker.http.application import STATIC
from tracker.http.context import Context
from tracker.inspections.assignments import assignment
from tracker.inspections.sheets import basis
from tracker.inspections.signatures import (
    ProposalRef,
    SheetDraft,
    SheetFaults,
    hand_back,
    hand_in,
    proposals,
    propose,
    sign,
)
from tracker.web.inspections.sheet_rows import SheetView, finding_words, sheet_of
from tracker.web.page.names import people_named
from tracker.web.page.rendering import page, redirect
from tracker.wording.faults import sentence
from tracker.wording.refusals import STATUS, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext
    from tracker.inspections.signatures import Proposal
    from tracker.web.inspections.sheet_rows import CriterionRow

router = APIRouter(include_in_schema=False)
Document = Annotated[dict[str, Any], Body()]
NAMED = {"findings": "criterion", "disallow": "record_id", "rectify": "criterion"}
"""What names an entry in each part of a sheet."""


class SentSheet(FrozenModel):
    """What a browser sends: the sheet, whose it is, and what its maker saw."""

    how: Literal["sign", "propose"]
    person: Identity
    sheet_id: Identity
    known: tuple[Identity, ...] = Field(max_length=500)
    seen: dict[str, str | None] = Field(default_factory=dict, max_length=2000)
    findings: tuple[FindingGiven, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)


def person_of(context: RequestContext) -> str:
    """The inspector that who asks is; ``Refused`` for an account that is none."""
    if context.account is None or context.account.person is None:
        raise Refused("no_inspector")
    return context.account.person


@router.get("/organizations/{code}/sheet/{period}")
def show(context: Context, code: str, period: str) -> Response:
    """The sheet to fill in, and what waits for a signature."""
    answer = _show(context, code, period)
    assert context.account is not None
    answer.headers["x-account"] = context.account.account  # whose copy a browser keeps
    return answer


def _show(
    context: RequestContext,
    code: str,
    period: str,
    status: int = 200,
    *,
    faulty: str = "",
    faults: Sequence[str] = (),
    remark: str = "",
) -> Response:
    person = person_of(context)
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = context.today(reader)
        scope, inspection = assignment(reader, entry, period, person)
        cycle = read_cycle_head(reader, scope, period)
        on = basis(reader, entry, cycle, today)
        sheet = sheet_of(context, reader, on)
        handed_in = sheets_of(reader, entry.stream, period)
        waiting = proposals(reader, entry.stream, period)
        days = DistrictPolicy.model_validate(cycle.policy).rectification.due_days
        values = {
            "entry": entry,
            "asked": period,
            "person": person,
            "inspection": inspection,
            "colleagues": [one for one in inspection.inspectors if one != person],
            "names": people_named(reader, list(inspection.inspectors)),
            "takes": cycle.state == "drawn" and today <= cycle.closes_on,
            "closes_on": cycle.closes_on,
            "days_left": (cycle.closes_on - today).days,
            "on": on.found,
            "sheet": sheet,
            "handed_in": handed_in,
            "stands": _stands(context, sheet, handed_in),
            "proposals": [(one, told(context, sheet.rows, _said(one))) for one in waiting],
            "own": _own(waiting, person),
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


def _stands(
    context: RequestContext, sheet: SheetView, handed_in: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What the sheets handed in so far found on each criterion that can be judged."""
    rows = sheet.rows
    return {
        code: {
            "said": finding_words(context, finding, rows[code]),
            "reason": finding.get("reason"),
            "inspectors": by["inspectors"],
            "at": by["recorded_at"],
        }
        for code, (finding, by) in standing(handed_in).items()
        if code in rows
    }


def _said(one: Proposal) -> dict[str, Any]:
    return one.given.sheet.model_dump(mode="json", exclude_none=True)


def _own(waiting: Sequence[Proposal], person: str) -> str:
    """The newest of a person's own proposals as a browser fills it in; empty where none waits."""
    own = [one for one in waiting if one.person == person]
    if not own:
        return ""
    kept = _said(own[-1])
    return orjson.dumps(
        {name: kept[name] for name in ("sheet_id", *NAMED)} | {"seen": dict(own[-1].given.seen)}
    ).decode()


def told(
    context: RequestContext, rows: Mapping[str, CriterionRow], said: Mapping[str, Any]
) -> dict[str, Any]:
    """A sheet in words: what differs from what was derived first, and how much was confirmed."""
    findings = [
        {
            "finding": one,
            "row": rows[one["criterion"]],
            "said": finding_words(context, one, rows[one["criterion"]]),
            "changed": rows[one["criterion"]].changed(one),
            "raised": rows[one["criterion"]].raised(one),
        }
        for one in said["findings"]
        if one["criterion"] in rows
    ]
    return {
        "changed": [one for one in findings if one["changed"] or one["finding"].get("reason")],
        "confirmed": sum(not one["changed"] for one in findings),
        "raised": sum(one["raised"] for one in findings),
        "disallow": said["disallow"],
        "rectify": said["rectify"],
    }


@router.post("/organizations/{code}/sheet/{period}")
def take(context: Context, code: str, period: str, document: Document) -> Response:
    """Take a sheet in: signed by who sends it, or proposed to the colleagues. Twice is once.

    A browser may send what it kept when somebody else has signed in: nobody signs that for them.
    """
    person = person_of(context)
    try:
        sent = SentSheet.model_validate(document)
    except ValidationError as error:
        faults = [_place(context, document, one) for one in error.errors()]
        return _faulty(context, 422, faults)
    if sent.person != person:
        raise Refused("other_person")
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
    given = _given(sent, entry, period, person)
    try:
        if sent.how == "propose":
            propose(context.tools.store, given, person)
            return JSONResponse({"state": "proposed", "sheet_id": sent.sheet_id})
        hand_in(context.tools.store, given, person, context.metadata())
    except SheetFaults as refused:
        return _faulty(context, STATUS[refused.kind], _told(context, refused))
    address = f"/organizations/{quote(entry.code)}/sheets/{quote(period)}?done=submitted"
    return JSONResponse({"state": "submitted", "sheet_id": sent.sheet_id, "address": address})


def _given(sent: SentSheet, entry: OrganizationEntry, period: str, person: str) -> SheetDraft:
    sheet = SubmitFindings(
        period=period,
        organization=entry.code,
        inspectors=(person,),
        sheet_id=sent.sheet_id,
        findings=sent.findings,
        disallow=sent.disallow,
        rectify=sent.rectify,
    )
    return SheetDraft(sheet, sent.known, sent.seen)


def _place(context: RequestContext, document: Mapping[str, Any], fault: Any) -> dict[str, Any]:
    """A fault of form at its criterion or record."""
    part, *rest = [str(one) for one in fault["loc"]] or [""]
    name = ""
    if part in NAMED and rest and rest[0].isdecimal():
        entry = document[part][int(rest[0])]
        name = str(entry.get(NAMED[part], "")) if isinstance(entry, dict) else ""
    return {
        "field": part,
        "name": name,
        "part": ".".join(rest[1:]),
        "message": sentence(fault, context.language),
    }


def _told(context: RequestContext, refused: SheetFaults) -> list[dict[str, Any]]:
    """Every fault of a sheet in the language of who asks, people by their names."""
    with context.read() as reader:
        asked = [one for fault in refused.found for one in fault.params.get("people", ())]
        names = people_named(reader, asked)
    return [
        {
            "field": one.params["field"],
            "name": one.params["name"],
            "code": one.code,
            "message": say(_named(one, names), context.language),
        }
        | ({"sheet": one.params["sheet"]} if "sheet" in one.params else {})
        for one in refused.found
    ]


def _named(one: Refused, names: Mapping[str, str]) -> Refused:
    if "people" not in one.params:
        return one
    people = "、".join(names.get(person, person) for person in one.params["people"])
    return one.replace(people=people)


def _faulty(context: RequestContext, status: int, faults: list[dict[str, Any]]) -> Response:
    said = context.t(
        f"检查表有 {len(faults)} 处需要修改，已在相应位置标出",
        f"{len(faults)} places of the sheet need a change, marked below",
    )
    return problem(status, "sheet_faults", said, context.reference, faults)


@router.post("/organizations/{code}/sheet/{period}/sign")
def take_signature(context: Context, code: str, period: str) -> Response:
    """Sign a colleague's proposal as it was read, or hand it back with a remark."""
    person = person_of(context)
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
    read = ProposalRef(entry.code, period, context.value("sheet_id"), context.value("digest"))
    root = f"/organizations/{quote(entry.code)}"
    try:
        if context.value("how") == "return":
            hand_back(context.tools.store, read, context.value("remark"), person)
            return redirect(f"{root}/sheet/{quote(period)}?done=returned")
        whole = sign(context.tools.store, read, person, context.metadata())
    except SheetFaults as refused:
        faults = [one["message"] for one in _told(context, refused)]
        return _show(
            context, code, period, STATUS[refused.kind], faulty=read.sheet_id, faults=faults
        )
    except Refused as refused:
        if refused.code == "not_assigned_to_you":
            raise
        if refused.code == "no_proposal" and _handed_in(context, entry, read):
            return redirect(f"{root}/sheets/{quote(period)}?done=signed")
        return _show(
            context,
            code,
            period,
            STATUS[refused.kind],
            faulty=read.sheet_id,
            faults=[say(refused, context.language)],
            remark=context.value("remark"),
        )
    if not whole:
        return redirect(f"{root}/sheet/{quote(period)}?done=signed")
    return redirect(f"{root}/sheets/{quote(period)}?done=signed")


def _handed_in(context: RequestContext, entry: OrganizationEntry, read: ProposalRef) -> bool:
    """Whether the sheet that somebody signs stands already, by their first click."""
    with context.read() as reader:
        sheets = sheets_of(reader, entry.stream, read.period)
    return any(one["sheet_id"] == read.sheet_id for one in sheets)


@router.get("/sw.js")
def service_worker() -> Response:
    """The script that keeps opened sheets for when there is no connection."""
    headers = {"service-worker-allowed": "/", "cache-control": "no-cache"}
    return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers=headers)
