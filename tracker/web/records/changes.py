"""Correcting and retracting a record, with reasons; two people at once do not overwrite each other.

A form knows the version of the record that was seen when it was opened. What somebody else changed
since is shown, and what they changed alone is taken over, before anything is recorded.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.refusals.errors import Refused
from events.streams.records import FIELDS, CorrectActivity, RetractActivity
from projections.documents.in_force import vocabulary
from projections.records.trail import Fields, RecordChange, RecordTrail
from tracker.accounts.credentials import names_of
from tracker.commands.records import record
from tracker.http.context import Context
from tracker.http.uploads import require
from tracker.web.page.attachments import attached, evidence_given, file_fields
from tracker.web.page.forms import PARTS, FilledForm, present, read_form
from tracker.web.page.rendering import page, redirect
from tracker.web.records.form import offered, record_fields, wanted_of
from tracker.web.records.record import address_of, found_record
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
TEXTS = ("activity", "occurred_on", "title", "place", "note")
FORM_FIELDS = {"id", "record_id", "organization"}
"""Fields that nobody types: what is wrong with them is said above the form."""


def typed_of(fields: Fields) -> dict[str, Any]:
    """A record's fields as the fields of a form."""
    found: dict[str, Any] = {name: fields.get(name) or "" for name in TEXTS}
    for name, parts in PARTS.items():
        found |= {part: str((fields.get(name) or {}).get(part, "")) for part in parts}
    found["evidence"], found["file"] = file_fields(fields.get("evidence") or ())
    return found


def changes_of(typed: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """The whole fields that a form would leave otherwise than they stand; None empties one.

    Attendance and money are compared as they would be recorded; so is evidence, in any order.
    """
    shown = record_of(typed_of(fields))
    return {
        name: typed[name] or None
        for name in FIELDS
        if _plain(typed.get(name)) != _plain(shown.get(name))
    }


def record_of(form: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form as those of a record, before they are checked."""
    found = {name: form[name] for name in TEXTS}
    for name, parts in PARTS.items():
        found[name] = present({part: form[part] for part in parts})
    found["evidence"] = evidence_given(form["evidence"], form["file"])
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((one["kind"], one.get("file", "")) for one in value)
    return value or None


def _form(
    context: RequestContext, code: str, found: RecordTrail, filled: FilledForm, status: int = 200
) -> Response:
    """The form of a correction; ``others`` are the steps that somebody else took meanwhile."""
    seen = int(filled["seen"])
    others = [one for one in found.steps if one.version > seen and one.changed]
    with context.read() as reader:
        entry, _ = found_record(reader, code, found.record_id)
        words = vocabulary(reader)
        names = names_of(reader, [one.actor for one in others])
        files = attached(context, reader, evidence_given((), filled["file"] or ()))
        wanted = wanted_of(reader, entry, filled)
    kinds = offered(words, wanted, files, filled)
    named = {name: context.t(text.zh, text.en) for name, text in words.activities.items()}
    return page(
        context,
        "records/correct.html",
        status,
        entry=entry,
        trail=found,
        filled=filled,
        others=others,
        names=names,
        newest=found.version,
        files=files,
        kinds=kinds,
        wanted=wanted,
        more=tuple(kind for kind in words.evidence if kind not in kinds),
        activities=sorted(named.items(), key=lambda one: one[1]),
    )


@router.get("/organizations/{code}/correct/{record_id:path}")
def show_correction(context: Context, code: str, record_id: str) -> Response:
    """The form, filled in with the record as it stands."""
    with context.read() as reader:
        _, found = found_record(reader, code, record_id)
    if found.state == "retracted":
        return redirect(address_of(code, record_id))
    marks = {"form_id": f"w-{uuid.uuid4().hex}", "seen": found.version}
    return _form(context, code, found, FilledForm(typed_of(found.fields) | marks))


@router.post("/organizations/{code}/correct/{record_id:path}")
def correct(context: Context, code: str, record_id: str) -> Response:
    """Record what was changed, against the record that was seen; the same form twice is one."""
    with context.read() as reader:
        _, found = found_record(reader, code, record_id)
    form = context.typed() | {
        "evidence": context.values("evidence"),
        "file": context.values("file"),
    }
    filled = FilledForm(form)
    seen = _seen(context, found)
    filled = FilledForm(form | {"seen": seen})
    changes = changes_of(record_fields(context, filled), found.at(seen))
    if not changes:
        filled.errors[""] = context.t("没有任何改动", "nothing was changed")
    for name in ("activity", "occurred_on"):
        if not context.value(name):
            filled.errors[name] = context.t("请填写", "is missing")
    if not filled.ok:
        return _form(context, code, found, filled, 422)
    asked = {"organization": code, "record_id": record_id, "changes": changes}
    command = read_form(
        context, CorrectActivity, asked | present({"reason": context.value("reason")}), filled
    )
    if command is None:
        return _form(context, code, found, filled, 422)
    try:
        with context.read() as reader:
            require(context, reader, command.changes.evidence or ())
        record(
            context.tools.store,
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
            return _form(context, code, found, filled, 422)
        return _merged(context, code, record_id, filled)
    return redirect(address_of(code, record_id) + "?done=corrected")


def _seen(context: RequestContext, found: RecordTrail) -> int:
    """The version that the form says was seen, else the newest one."""
    told = context.value("seen")
    return int(told) if told.isdecimal() and len(told) < 19 else found.version


def _merged(context: RequestContext, code: str, record_id: str, filled: FilledForm) -> Response:
    """The form again after somebody else was quicker: their changes beside one's own.

    Fields that one did not touch now show what the other left; those that one did stay as typed.
    """
    with context.read() as reader:
        _, found = found_record(reader, code, record_id)
    before, now = typed_of(found.at(int(filled["seen"]))), typed_of(found.fields)
    typed = dict(filled.values)
    for name, one in now.items():
        if _same(typed.get(name), before[name]):
            typed[name] = one
    if found.state == "retracted":
        raise Refused("record_retracted")
    merged = FilledForm(typed, filled.errors)
    return _form(context, code, found, merged, 409)


def _same(typed: Any, shown: Any) -> bool:
    return sorted(typed) == sorted(shown) if isinstance(shown, list) else (typed or "") == shown


@router.post("/organizations/{code}/retract/{record_id:path}")
def retract(context: Context, code: str, record_id: str) -> Response:
    """Ask once more, then take the record back for ever; asked again it is done already."""
    with context.read() as reader:
        entry, found = found_record(reader, code, record_id)
    if found.state == "retracted":
        return redirect(address_of(code, record_id) + "?done=retracted")
    seen = _seen(context, found)
    filled = FilledForm(context.typed() | {"seen": seen})
    asked = {"organization": code, "record_id": record_id}
    command = read_form(
        context, RetractActivity, asked | present({"reason": context.value("reason")}), filled
    )
    others: list[RecordChange] = [one for one in found.steps if one.version > seen and one.changed]
    status = 200 if command is not None else 422
    if command is not None and context.value("sure"):
        try:
            record(
                context.tools.store,
                command,
                context.metadata(),
                identity=context.value("form_id") or None,
                seen=seen,
            )
        except Refused as refused:
            filled.errors[""] = say(refused, context.language)
            status = 409
        else:
            return redirect(address_of(code, record_id) + "?done=retracted")
    with context.read() as reader:
        names = names_of(reader, [one.actor for one in others])
    return page(
        context,
        "records/retract.html",
        status,
        entry=entry,
        trail=found,
        filled=filled,
        others=others,
        names=names,
        newest=found.version,
        form_id=context.value("form_id") or f"w-{uuid.uuid4().hex}",
    )
