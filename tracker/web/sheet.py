"""The inspection sheet: judged in a village hall, kept in the browser, sent once, signed by two."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Body, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from events.errors import Kind, Refused
from projections.directory import Entry, find
from projections.documents import policy
from projections.sheet_book import sheets_of
from tracker import credentials
from tracker.http.application import STATIC
from tracker.http.here import Asked, Here
from tracker.inspecting import assignment, sheet
from tracker.sheets import parse_sheet, submit_sheet
from tracker.signing import drop as drop_proposal
from tracker.signing import hand_back, propose, sign
from tracker.web.rendering import page, redirect

router = APIRouter(include_in_schema=False)
Document = Annotated[dict[str, Any], Body()]


def person_of(here: Here) -> str:
    """The inspector that who asks is; ``Refused`` for an account that is none."""
    if here.account is None or here.account.person is None:
        raise Refused(
            "no_inspector",
            "your account is not linked to an inspector; ask an administrator",
            kind=Kind.FORBIDDEN,
        )
    return here.account.person


@router.get("/organizations/{code}/sheet/{period}")
def show(here: Asked, code: str, period: str) -> Response:
    """The sheet to fill in."""
    person = person_of(here)
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = here.today(reader)
        found = sheet(reader, entry, period, person, today, here.language)
        days = policy(reader).policy.rectification.due_days
    return page(
        here,
        "sheet.html",
        sheet=found,
        person=person,
        entry=entry,
        sheet_id=f"w-{uuid.uuid4().hex}",
        due=(today + timedelta(days=days)).isoformat(),
        total=sum(len(i["criteria"]) for s in found["sections"] for i in s["items"]),
    )


@router.post("/organizations/{code}/sheet/{period}")
def take(here: Asked, code: str, period: str, document: Document) -> Response:
    """Take a sheet in: signed by who sends it, or proposed to the colleagues."""
    person = person_of(here)
    how = document.pop("how", "sign")
    entry = _entry(here, code, period, person)
    document |= {"period": period, "organization": entry.code, "inspectors": [person]}
    name = str(document.get("sheet_id", ""))
    if how == "propose":
        parse_sheet(orjson.dumps(document), name)
        propose(here.tools.store, entry, period, document, person)
        return JSONResponse({"state": "proposed", "sheet_id": name})
    changed = submit_sheet(
        here.tools.store, parse_sheet(orjson.dumps(document), name), name, here.metadata()
    )
    drop_proposal(here.tools.store, entry, period, name)
    return JSONResponse({"state": "submitted", "sheet_id": name, "changed": changed})


def _entry(here: Here, code: str, period: str, person: str) -> Entry:
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        assignment(reader, entry, period, person)
    return entry


@router.post("/organizations/{code}/sheet/{period}/sign")
def take_signature(here: Asked, code: str, period: str) -> Response:
    """Sign a colleague's proposal, or hand it back with a remark."""
    person = person_of(here)
    entry = _entry(here, code, period, person)
    name = here.value("sheet_id")
    if here.value("how") == "return":
        hand_back(here.tools.store, entry, period, name, here.value("remark"), person)
        return redirect("/?done=returned")
    sign(here.tools.store, entry, period, name, person, here.metadata())
    return redirect(f"/organizations/{quote(code)}/sheets/{quote(period)}?done=signed")


@router.get("/organizations/{code}/sheets/{period}")
def read(here: Asked, code: str, period: str) -> Response:
    """Every sheet that was handed in for an inspection, and what replaced what."""
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        found = sheets_of(reader, entry.stream, period)
        names = credentials.names_of(reader, {one["actor"] for one in found})
    return page(here, "sheets.html", entry=entry, asked=period, sheets=found, names=names)


@router.get("/sw.js")
def service_worker(here: Asked, request: Request) -> Response:
    """The script that keeps opened sheets for when there is no connection."""
    headers = {"service-worker-allowed": "/", "cache-control": "no-cache"}
    return FileResponse(STATIC / "sw.js", media_type="text/javascript", headers=headers)
