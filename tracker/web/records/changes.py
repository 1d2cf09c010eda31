"""Correcting and retracting a record, with reasons; concurrent changes are not overwritten.

A form contains the version of the record that its reader saw. When somebody else has changed the
record since, the form shows their changes, and takes over those to fields that the reader has not
touched, before anything is recorded.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.records import FIELDS, CorrectActivity, RetractActivity, record_subject
from projections.documents.in_force import vocabulary
from projections.records.trail import Fields, RecordChange, RecordTrail
from tracker.commands.records import record_line
from tracker.http.context import Context
from tracker.http.uploads import require_files
from tracker.web.page.attachments import (
    make_evidence_fields,
    parse_evidence_fields,
    read_attachments,
)
from tracker.web.page.forms import PARTS, FilledForm, drop_empty, read_form
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page, redirect
from tracker.web.records.form import choose_evidence_kinds, find_wanted_evidence, read_record_fields
from tracker.web.records.record import find_record, make_record_address
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
TEXTS = ("activity", "occurred_on", "title", "place", "note")
FORM_FIELDS = {"id", "record_id", "organization"}
"""Fields without an input: their faults are shown above the form."""


def fill_correction_form(fields: Fields) -> dict[str, Any]:
    """Return the fields of a record as the inputs of a form."""
    values: dict[str, Any] = {name: fields.get(name) or "" for name in TEXTS}
    for name, parts in PARTS.items():
        values |= {part: str((fields.get(name) or {}).get(part, "")) for part in parts}
    values["evidence"], values["file"] = make_evidence_fields(fields.get("evidence") or ())
    return values


def find_changes(typed: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the fields of a record that a form changes; None clears a field.

    Attendance and money are compared as they would be recorded, evidence in any order.
    """
    shown = parse_correction_form(fill_correction_form(fields))
    return {
        name: typed[name] or None
        for name in FIELDS
        if _normalize(typed.get(name)) != _normalize(shown.get(name))
    }


def parse_correction_form(form: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of a form as the fields of a record, not yet validated."""
    fields = {name: form[name] for name in TEXTS}
    for name, parts in PARTS.items():
        fields[name] = drop_empty({part: form[part] for part in parts})
    fields["evidence"] = parse_evidence_fields(form["evidence"], form["file"])
    return fields


def _normalize(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((one["kind"], one.get("file", "")) for one in value)
    return value or None


def _show_form(
    context: RequestContext, code: str, trail: RecordTrail, filled: FilledForm, status: int = 200
) -> Response:
    """Show the form of a correction with the changes that others have made since it was opened."""
    seen = int(filled["seen"])
    others = [one for one in trail.steps if one.version > seen and one.changed]
    with context.read() as reader:
        entry, _ = find_record(reader, code, trail.record_id)
        words = vocabulary(reader)
        names = read_people_names(reader, [one.actor for one in others], context.language)
        own = (entry.stream, record_subject(trail.record_id))
        pieces = parse_evidence_fields((), filled["file"] or ())
        files = read_attachments(context, reader, pieces, own, filled["occurred_on"] or "")
        wanted = find_wanted_evidence(reader, entry, filled)
    kinds = choose_evidence_kinds(words, wanted, files, filled)
    named = {name: text.in_language(context.language) for name, text in words.activities.items()}
    return page(
        context,
        "records/correct.html",
        status,
        entry=entry,
        trail=trail,
        filled=filled,
        others=others,
        names=names,
        newest=trail.version,
        files=files,
        kinds=kinds,
        wanted=wanted,
        more=tuple(kind for kind in words.evidence if kind not in kinds),
        activities=sorted(named.items(), key=lambda item: item[1]),
    )


@router.get("/organizations/{code}/correct/{record_id:path}")
def show_correction(context: Context, code: str, record_id: str) -> Response:
    """Show the form with the present fields of the record."""
    with context.read() as reader:
        _, trail = find_record(reader, code, record_id)
    if trail.state == "retracted":
        return redirect(make_record_address(code, record_id))
    marks = {"form_id": f"w-{uuid.uuid4().hex}", "seen": trail.version}
    return _show_form(context, code, trail, FilledForm(fill_correction_form(trail.fields) | marks))


@router.post("/organizations/{code}/correct/{record_id:path}")
def correct(context: Context, code: str, record_id: str) -> Response:
    """Record the changes to the record that was seen; the same form sent twice corrects once."""
    with context.read() as reader:
        _, trail = find_record(reader, code, record_id)
    form = context.typed() | {
        "evidence": context.values("evidence"),
        "file": context.values("file"),
    }
    filled = FilledForm(form)
    seen = _read_seen_version(context, trail)
    filled = FilledForm(form | {"seen": seen})
    changes = find_changes(read_record_fields(context, filled), trail.at(seen))
    if not changes:
        filled.errors[""] = context.t("没有任何改动", "nothing was changed")
    for name in ("activity", "occurred_on"):
        if not context.value(name):
            filled.errors[name] = context.t("请填写", "is missing")
    if not filled.ok:
        return _show_form(context, code, trail, filled, 422)
    asked = {"organization": code, "record_id": record_id, "changes": changes}
    command = read_form(
        context, CorrectActivity, asked | drop_empty({"reason": context.value("reason")}), filled
    )
    if command is None:
        return _show_form(context, code, trail, filled, 422)
    try:
        with context.read() as reader:
            require_files(context, reader, command.changes.evidence or ())
        record_line(
            context.app.store,
            command,
            context.metadata(),
            identity=context.value("form_id") or None,
            seen=seen,
        )
    except Refused as refused:
        if refused.field in FORM_FIELDS:
            filled.errors[""] = say(refused, context.language)
        else:
            filled.refuse(refused, context.language)
        if refused.code != "record_changed":
            return _show_form(context, code, trail, filled, 422)
        return _show_conflict(context, code, record_id, filled)
    return redirect(make_record_address(code, record_id) + "?done=corrected")


def _read_seen_version(context: RequestContext, trail: RecordTrail) -> int:
    """Return the version that the reader of the form saw, else the newest one."""
    seen = context.value("seen")
    return int(seen) if seen.isdecimal() and len(seen) < 19 else trail.version


def _show_conflict(
    context: RequestContext, code: str, record_id: str, filled: FilledForm
) -> Response:
    """Show the form again (409) after a concurrent change, with the changes of both.

    Untouched fields show the other person's values, the others the input. Raises ``Refused`` if
    the record was retracted.
    """
    with context.read() as reader:
        _, trail = find_record(reader, code, record_id)
    before, now = (
        fill_correction_form(trail.at(int(filled["seen"]))),
        fill_correction_form(trail.fields),
    )
    typed = dict(filled.values)
    for name, value in now.items():
        if _is_untouched(typed.get(name), before[name]):
            typed[name] = value
    if trail.state == "retracted":
        raise Refused("record_retracted")
    merged = FilledForm(typed, filled.errors)
    return _show_form(context, code, trail, merged, 409)


def _is_untouched(typed: Any, shown: Any) -> bool:
    return sorted(typed) == sorted(shown) if isinstance(shown, list) else (typed or "") == shown


@router.post("/organizations/{code}/retract/{record_id:path}")
def retract(context: Context, code: str, record_id: str) -> Response:
    """Ask for confirmation, then retract the record for ever; a second request changes nothing."""
    with context.read() as reader:
        entry, trail = find_record(reader, code, record_id)
    if trail.state == "retracted":
        return redirect(make_record_address(code, record_id) + "?done=retracted")
    seen = _read_seen_version(context, trail)
    filled = FilledForm(context.typed() | {"seen": seen})
    asked = {"organization": code, "record_id": record_id}
    command = read_form(
        context, RetractActivity, asked | drop_empty({"reason": context.value("reason")}), filled
    )
    others: list[RecordChange] = [one for one in trail.steps if one.version > seen and one.changed]
    status = 200 if command is not None else 422
    if command is not None and context.value("sure"):
        try:
            record_line(
                context.app.store,
                command,
                context.metadata(),
                identity=context.value("form_id") or None,
                seen=seen,
            )
        except Refused as refused:
            filled.errors[""] = say(refused, context.language)
            status = 409
        else:
            return redirect(make_record_address(code, record_id) + "?done=retracted")
    with context.read() as reader:
        names = read_people_names(reader, [one.actor for one in others], context.language)
    return page(
        context,
        "records/retract.html",
        status,
        entry=entry,
        trail=trail,
        filled=filled,
        others=others,
        names=names,
        newest=trail.version,
        form_id=context.value("form_id") or f"w-{uuid.uuid4().hex}",
    )
