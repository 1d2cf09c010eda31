"""The form that records an activity: known values are filled in, and no input is lost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import month_of, parse_date, parse_period
from events.refusals.errors import Refused
from events.streams.records import RecordActivity
from projections.compliance.criteria_served import activities_of, scheme_of
from projections.documents.in_force import book, vocabulary
from projections.organizations.directory import find
from projections.records.current import in_time_until, records_between, reports_now
from projections.records.trail import read_trail, yuan
from tracker.commands.records import record_line
from tracker.http.context import Context
from tracker.http.uploads import require_files
from tracker.web.page.attachments import Attachment, parse_evidence_fields, read_attachments
from tracker.web.page.forms import FilledForm, drop_empty, read_form
from tracker.web.page.rendering import is_page_visit, page, query, redirect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.vocabulary import Vocabulary
    from events.log.reader import Reader
    from projections.compliance.criteria_served import ServedCriterion
    from projections.organizations.directory import OrganizationEntry
    from projections.records.current import CurrentRecord
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
LOOK_BACK_DAYS = 400
"""Days in which earlier records of an activity are searched for defaults: over a year."""
USUAL = ("minutes", "sign_in_sheet", "photo")
"""Kinds of evidence that every form offers with files, after those that a criterion requires."""
NOT_EVERYBODY = frozenset({"branch_committee_meeting", "group_meeting", "visit"})
"""Activities at which not all members are expected."""
FILLED_IN = ("expected", "place", "due")
"""Fields with defaults from the last record of the activity, until somebody changes them."""


@dataclass(frozen=True, slots=True)
class RecordForm:
    """What the form shows in addition to the input.

    The first ``asked`` of the activities are required by the scheme. ``late_after`` is the last
    day to record in time (ISO date); ``same_day`` are other records of the activity on its day.
    """

    entry: OrganizationEntry
    activities: list[tuple[str, str]]
    asked: int
    served: tuple[ServedCriterion, ...]
    wanted: tuple[str, ...]
    evidence: tuple[str, ...]
    more_evidence: tuple[str, ...]
    files: list[Attachment]
    money: bool
    same_day: list[CurrentRecord]
    late_after: str
    late: bool


def _build_record_form(
    context: RequestContext, reader: Reader, entry: OrganizationEntry, filled: FilledForm
) -> RecordForm:
    today = context.today(reader)
    day = _parse_day(filled["occurred_on"]) or today
    asked = _find_served_criteria(reader, entry, day)
    words = vocabulary(reader)
    served = asked.get(filled["activity"], ())
    pieces = parse_evidence_fields((), filled["file"] or ())
    own = (entry.stream, "")
    files = read_attachments(context, reader, pieces, own, filled["occurred_on"] or "")
    wanted = _collect_evidence_kinds(served)
    offered = choose_evidence_kinds(words, wanted, files, filled)
    late_after = in_time_until(book(reader), entry, day.isoformat())
    return RecordForm(
        entry=entry,
        activities=_list_activities(context, words, tuple(asked)),
        asked=len(asked),
        served=served,
        wanted=wanted,
        evidence=offered,
        more_evidence=tuple(kind for kind in words.evidence if kind not in offered),
        files=files,
        money=any(criterion.in_full for criterion in served)
        or bool(filled["due"] or filled["paid"]),
        same_day=_find_same_day(reader, entry, filled),
        late_after=late_after,
        late=late_after < today.isoformat(),
    )


def _find_same_day(
    reader: Reader, entry: OrganizationEntry, filled: FilledForm
) -> list[CurrentRecord]:
    """Return the other records of the activity and day of a form: perhaps the same meeting."""
    day = _parse_day(filled["occurred_on"])
    if not filled["activity"] or day is None:
        return []
    return [
        row
        for row in records_between(reader, entry.stream, day.isoformat(), day.isoformat())
        if row.activity == filled["activity"] and row.state == "standing"
        if row.record_id != filled["record_id"]
    ]


def choose_evidence_kinds(
    words: Vocabulary, wanted: Sequence[str], files: Sequence[Attachment], filled: FilledForm
) -> tuple[str, ...]:
    """Return the kinds of evidence offered with files: required, usual, and already present."""
    usual = [one for one in USUAL if one in words.evidence]
    there = [one.kind for one in files]
    return tuple(dict.fromkeys([*wanted, *usual, *there, *(filled["evidence"] or ())]))


def find_wanted_evidence(
    reader: Reader, entry: OrganizationEntry, filled: FilledForm
) -> tuple[str, ...]:
    """Return the kinds of evidence that the criteria require for the activity and day of a form."""
    day = _parse_day(filled["occurred_on"])
    asked = _find_served_criteria(reader, entry, day) if day is not None else {}
    return _collect_evidence_kinds(asked.get(filled["activity"], ()))


def _find_served_criteria(
    reader: Reader, entry: OrganizationEntry, day: date
) -> dict[str, tuple[ServedCriterion, ...]]:
    """Return the criteria of the scheme in force on a day, by the activity that serves them."""
    month = month_of(day)
    scheme = scheme_of(book(reader), entry.category_on(month.last_day.isoformat()), month)
    return activities_of(scheme) if scheme is not None else {}


def _collect_evidence_kinds(served: Sequence[ServedCriterion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for one in served for kind in one.evidence))


def _list_activities(
    context: RequestContext, words: Vocabulary, asked: Sequence[str]
) -> list[tuple[str, str]]:
    """Return all activities with their names: those of the scheme first, the others by name."""
    names = {name: text.in_language(context.language) for name, text in words.activities.items()}
    others = sorted(set(names) - set(asked), key=lambda name: names[name])
    return [(name, names.get(name, name)) for name in (*asked, *others)]


def _parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except Refused:
        return None


def _read_defaults(
    reader: Reader, entry: OrganizationEntry, activity: str, today: date
) -> dict[str, str]:
    """Return defaults for ``FILLED_IN`` from the last records of an activity.

    Without a record, the number of members is expected, unless not all attend the activity.
    """
    if not activity:
        return {}
    first = (today - timedelta(days=LOOK_BACK_DAYS)).isoformat()
    before = [
        row
        for row in records_between(reader, entry.stream, first, today.isoformat())
        if row.activity == activity and row.state == "standing"
    ]
    defaults: dict[str, str] = {}
    if before:
        last = read_trail(reader, entry.stream, before[-1].record_id)
        defaults["place"] = (last.fields.get("place") if last is not None else None) or ""
    expected = [people for row in before if (people := row.fields.get("expected")) is not None]
    due = [fen for row in before if (fen := row.fields.get("due")) is not None]
    defaults |= {"expected": str(expected[-1])} if expected else {}
    defaults |= {"due": yuan(due[-1])} if due else {}
    if not expected and activity not in NOT_EVERYBODY:
        _, measures = reports_now(reader, entry.stream, today.isoformat())
        defaults["expected"] = measures.get("members", "").partition(".")[0]
    return {name: value for name, value in defaults.items() if value}


def _begin_form(
    context: RequestContext, reader: Reader, entry: OrganizationEntry, request: Request
) -> FilledForm:
    """Return a form with defaults; the day is empty if today is not in the requested window."""
    today = context.today(reader)
    asked = request.query_params
    activity, window = asked.get("activity", ""), asked.get("window", "")
    values: dict[str, Any] = {
        "activity": activity,
        "begun": activity,
        "occurred_on": asked.get("on", today.isoformat()),
        "record_id": f"w-{uuid.uuid4().hex}",
    }
    if window:
        try:
            period = parse_period(window)
        except Refused:
            window = ""
        else:
            values |= {"first": period.first_day.isoformat(), "last": period.last_day.isoformat()}
            if not period.first_day <= today <= period.last_day:
                values["occurred_on"] = ""
    values |= _mark_filled_in(_read_defaults(reader, entry, activity, today))
    return FilledForm(values)


def _mark_filled_in(values: dict[str, str]) -> dict[str, str]:
    """Return defaults with copies named ``was_NAME``, so that a changed value is recognized."""
    return values | {f"was_{name}": value for name, value in values.items()}


@router.get("/organizations/{code}/record")
def show(context: Context, code: str, request: Request) -> Response:
    """Show the form with its defaults."""
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        filled = _begin_form(context, reader, entry, request)
        known = _build_record_form(context, reader, entry, filled)
    return page(context, "records/form.html", filled=filled, known=known)


@router.get("/organizations/{code}/record/parts")
def show_parts(context: Context, code: str, request: Request) -> Response:
    """Show the part of the form that depends on activity and day, with the input kept.

    A browser that opens it as a page, such as after signing in, is sent to the whole form.
    """
    asked = request.query_params
    if is_page_visit(request):
        begun = {"activity": asked.get("activity"), "on": asked.get("occurred_on")}
        return redirect(f"/organizations/{quote(code)}/record" + query(begun))
    values: dict[str, Any] = {name: asked.get(name, "") for name in asked}
    values |= {"evidence": asked.getlist("evidence"), "file": asked.getlist("file")}
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        fresh = _read_defaults(reader, entry, values.get("activity", ""), context.today(reader))
        for name in FILLED_IN:
            if values.get(name, "") in {"", values.get(f"was_{name}", "")}:
                values |= {name: fresh.get(name, ""), f"was_{name}": fresh.get(name, "")}
        filled = FilledForm(values)
        known = _build_record_form(context, reader, entry, filled)
    return page(context, "records/form_parts.html", filled=filled, known=known)


@router.post("/organizations/{code}/record")
def submit(context: Context, code: str) -> Response:
    """Record the activity; the same form sent twice records once."""
    filled = FilledForm(
        context.typed() | {"evidence": context.values("evidence"), "file": context.values("file")}
    )
    command = read_form(context, RecordActivity, make_command_fields(context, code, filled), filled)
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        known = _build_record_form(context, reader, entry, filled)
        if command is not None:
            try:
                require_files(context, reader, command.evidence)
            except Refused as refused:
                filled.refuse(refused, context.language)
    warned = command is not None and bool(known.same_day) and not filled["anyway"]
    status = 422
    if command is not None and filled.ok and not warned:
        try:
            record_line(context.app.store, command, context.metadata())
        except Refused as refused:
            status = 409 if refused.code == "identity_conflict" else 422
            filled.refuse(refused, context.language)
        else:
            return redirect(
                f"/organizations/{quote(code)}/records/{quote(command.record_id)}?done=recorded"
            )
    return page(context, "records/form.html", status, filled=filled, known=known)


def make_command_fields(context: RequestContext, code: str, filled: FilledForm) -> dict[str, Any]:
    """Return the input as the fields of the command."""
    fields: dict[str, Any] = {"organization": code, "record_id": context.value("record_id")}
    return drop_empty(fields | read_record_fields(context, filled))


def read_record_fields(context: RequestContext, filled: FilledForm) -> dict[str, Any]:
    """Return the fields of a record as typed, None or empty without input.

    The number expected alone is no attendance, and a default amount due alone is no payment. An
    amount paid without the amount due sets a fault at ``due``.
    """
    names = ("activity", "occurred_on", "title", "place", "note")
    fields: dict[str, Any] = {name: context.value(name) for name in names}
    attendance = {one: context.value(one) for one in ("present", "expected")}
    fields["attendance"] = drop_empty(attendance) if attendance["present"] else None
    money = drop_empty({one: context.value(one) for one in ("due", "paid")})
    if "paid" in money and "due" not in money:
        filled.errors["due"] = context.t("请填写应缴金额", "say what was due")
    taken_over = money == {"due": context.value("was_due")}
    fields["money"] = None if taken_over else money or None
    fields["evidence"] = parse_evidence_fields(filled["evidence"], filled["file"])
    return fields
