"""Recording an activity in under a minute: what is known is filled in, what is typed is kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.errors import Refused
from events.periods import month_of, parse_date
from events.records import RecordActivity
from projections.directory import find
from projections.documents import book, vocabulary
from projections.record_book import records_between, reports_now
from projections.served import activities_of, scheme_of
from tracker import evidence
from tracker.http.here import Asked
from tracker.recording import record
from tracker.web.forms import Filled, present, read_form
from tracker.web.rendering import page, redirect

if TYPE_CHECKING:
    from events.reading import Reader
    from projections.directory import Entry
    from projections.served import Served
    from tracker.http.here import Here

router = APIRouter(include_in_schema=False)
LOOK_BACK_DAYS = 400
FEW = 3
"""Kinds of evidence that are offered first where no criterion asks for any."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the form knows before anything is typed."""

    entry: Entry
    activities: list[tuple[str, str]]
    served: tuple[Served, ...]
    evidence: tuple[str, ...]
    more_evidence: tuple[str, ...]
    money: bool
    same_day: list[dict[str, Any]]


def _known(here: Here, reader: Reader, code: str, filled: Filled) -> Known:
    entry = find(reader, code)
    assert entry is not None
    day = _day(filled["occurred_on"]) or here.today(reader)
    scheme = scheme_of(book(reader), entry.category, month_of(day))
    asked = activities_of(scheme) if scheme is not None else {}
    words = vocabulary(reader)
    language = here.language
    names = {
        name: text.zh if language == "zh" else text.en for name, text in words.activities.items()
    }
    others = sorted(set(names) - set(asked), key=lambda name: names[name])
    activity = filled["activity"]
    served = asked.get(activity, ())
    wanted = tuple(dict.fromkeys(kind for one in served for kind in one.evidence))
    first = wanted or tuple(words.evidence)[:FEW]
    same_day: list[dict[str, Any]] = []
    if activity and filled["occurred_on"]:
        same_day = [
            one
            for one in records_between(reader, entry.stream, day.isoformat(), day.isoformat())
            if one["activity"] == activity and one["state"] == "standing"
        ]
    return Known(
        entry,
        [(name, names[name]) for name in asked] + [(name, names[name]) for name in others],
        served,
        first,
        tuple(kind for kind in words.evidence if kind not in first),
        any(one.in_full for one in served) or "due" in filled.values,
        same_day,
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except Refused:
        return None


def _begun(here: Here, reader: Reader, entry: Entry, request: Request) -> Filled:
    """A form with what is known already: the activity, today, who is expected, the last place."""
    today = here.today(reader)
    activity = request.query_params.get("activity", "")
    values: dict[str, Any] = {
        "activity": activity,
        "occurred_on": request.query_params.get("on", today.isoformat()),
        "record_id": f"w-{uuid.uuid4().hex}",
    }
    _, measures = reports_now(reader, entry.stream, today.isoformat())
    first = (today - timedelta(days=LOOK_BACK_DAYS)).isoformat()
    before = [
        one
        for one in records_between(reader, entry.stream, first, today.isoformat())
        if one["activity"] == activity and one["state"] == "standing"
    ]
    if before and before[-1].get("expected") is not None:
        values["expected"] = before[-1]["expected"]
    elif "members" in measures:
        values["expected"] = measures["members"].partition(".")[0]
    return Filled(values)


@router.get("/organizations/{code}/record")
def show(here: Asked, code: str, request: Request) -> Response:
    """The form, with everything filled in that is known."""
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        filled = _begun(here, reader, entry, request)
        known = _known(here, reader, code, filled)
    return page(here, "record.html", filled=filled, known=known, warned=False)


@router.post("/organizations/{code}/record")
def take(here: Asked, code: str) -> Response:
    """Record it: the same form twice records once."""
    filled = Filled(
        here.typed() | {"evidence": here.values("evidence"), "file": here.values("file")}
    )
    command = read_form(here, RecordActivity, _given(here, code, filled), filled)
    warned = False
    if command is not None:
        with here.read() as reader:
            warned = bool(_known(here, reader, code, filled).same_day) and not filled["anyway"]
            files = [one.file for one in command.evidence if one.file is not None]
            try:
                evidence.require(reader, files)
            except Refused as refused:
                filled.refuse(refused, here.language)
    if command is not None and filled.ok and not warned:
        try:
            record(here.tools.store, command, here.metadata())
        except Refused as refused:
            filled.refuse(refused, here.language)
        else:
            return redirect(
                f"/organizations/{quote(code)}/records/{quote(command.record_id)}?done=recorded"
            )
    with here.read() as reader:
        known = _known(here, reader, code, filled)
    return page(here, "record.html", 422, filled=filled, known=known, warned=warned)


def _given(here: Here, code: str, filled: Filled) -> dict[str, Any]:
    """What the fields say, in the form of the command."""
    names = ("record_id", "activity", "occurred_on", "title", "place", "note")
    given: dict[str, Any] = {"organization": code} | {name: here.value(name) for name in names}
    attendance = present({"present": here.value("present"), "expected": here.value("expected")})
    if here.value("present"):
        given["attendance"] = attendance
    given["money"] = present({"due": here.value("due"), "paid": here.value("paid")})
    given["evidence"] = evidence_given(filled["evidence"], filled["file"])
    return present(given)


def evidence_given(kinds: list[str], files: list[str]) -> list[dict[str, str]]:
    """Kinds that were ticked, files as ``KIND:SHA-256``; a kind with a file is not named twice."""
    found = []
    for one in files:
        kind, _, file = one.rpartition(":")
        found.append({"kind": kind, "file": file})
    with_file = {one["kind"] for one in found}
    return found + [{"kind": kind} for kind in kinds if kind not in with_file]
