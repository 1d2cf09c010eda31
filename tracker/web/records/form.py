"""Recording an activity in under a minute: what is known is filled in, what is typed is kept."""

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
from tracker.commands.records import record
from tracker.http.context import Context
from tracker.http.uploads import require
from tracker.web.page.attachments import Attachment, attached, evidence_given
from tracker.web.page.forms import FilledForm, present, read_form
from tracker.web.page.rendering import page, redirect

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
USUAL = ("minutes", "sign_in_sheet", "photo")
"""Kinds of evidence that take files in every form, after those that a criterion asks for."""
NOT_EVERYBODY = frozenset({"branch_committee_meeting", "group_meeting", "visit"})
"""Activities at which not all members are expected."""
FILLED_IN = ("expected", "place", "due")
"""What is taken over from the last record of the activity, as long as nobody types over it."""


@dataclass(frozen=True, slots=True)
class RecordForm:
    """What the form knows besides what is typed."""

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


def _known(context: RequestContext, reader: Reader, code: str, filled: FilledForm) -> RecordForm:
    entry = find(reader, code)
    assert entry is not None
    today = context.today(reader)
    typed = _day(filled["occurred_on"])
    day = typed or today
    asked = _asked(reader, entry, day)
    words = vocabulary(reader)
    activities = _choices(context, words, tuple(asked))
    activity = filled["activity"]
    served = asked.get(activity, ())
    files = attached(context, reader, evidence_given((), filled["file"] or ()))
    wanted = _evidence_of(served)
    first = offered(words, wanted, files, filled)
    same_day: list[CurrentRecord] = []
    if activity and typed is not None:
        same_day = [
            record
            for record in records_between(reader, entry.stream, day.isoformat(), day.isoformat())
            if record.activity == activity and record.state == "standing"
            if record.record_id != filled["record_id"]
        ]
    late_after = in_time_until(book(reader), entry, day.isoformat())
    return RecordForm(
        entry,
        activities,
        len(asked),
        served,
        wanted,
        first,
        tuple(kind for kind in words.evidence if kind not in first),
        files,
        any(one.in_full for one in served) or bool(filled["due"] or filled["paid"]),
        same_day,
        late_after,
        late_after < today.isoformat(),
    )


def offered(
    words: Vocabulary, wanted: Sequence[str], files: Sequence[Attachment], filled: FilledForm
) -> tuple[str, ...]:
    """The kinds of evidence that take files: what is asked for, the usual, and what is there."""
    usual = [one for one in USUAL if one in words.evidence]
    there = [one.kind for one in files]
    return tuple(dict.fromkeys([*wanted, *usual, *there, *(filled["evidence"] or ())]))


def wanted_of(reader: Reader, entry: OrganizationEntry, filled: FilledForm) -> tuple[str, ...]:
    """The kinds of evidence that the criteria ask of the activity and day of a form."""
    day = _day(filled["occurred_on"])
    asked = _asked(reader, entry, day) if day is not None else {}
    return _evidence_of(asked.get(filled["activity"], ()))


def _asked(
    reader: Reader, entry: OrganizationEntry, day: date
) -> dict[str, tuple[ServedCriterion, ...]]:
    """What the scheme of a day asks of an organization, by activity."""
    month = month_of(day)
    scheme = scheme_of(book(reader), entry.category_on(month.last_day.isoformat()), month)
    return activities_of(scheme) if scheme is not None else {}


def _evidence_of(served: Sequence[ServedCriterion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for one in served for kind in one.evidence))


def _choices(
    context: RequestContext, words: Vocabulary, asked: Sequence[str]
) -> list[tuple[str, str]]:
    """All activities: first those that the scheme asks for, then the others by name."""
    names = {name: context.t(text.zh, text.en) for name, text in words.activities.items()}
    others = sorted(set(names) - set(asked), key=lambda name: names[name])
    return [(name, names.get(name, name)) for name in (*asked, *others)]


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except Refused:
        return None


def _taken_over(
    reader: Reader, entry: OrganizationEntry, activity: str, today: date
) -> dict[str, str]:
    """What the last records of an activity say of who is expected, where, and what is due."""
    if not activity:
        return {}
    first = (today - timedelta(days=LOOK_BACK_DAYS)).isoformat()
    before = [
        record
        for record in records_between(reader, entry.stream, first, today.isoformat())
        if record.activity == activity and record.state == "standing"
    ]
    found: dict[str, str] = {}
    if before:
        last = read_trail(reader, entry.stream, before[-1].record_id)
        found["place"] = (last.fields.get("place") if last is not None else None) or ""
    expected = [
        people for record in before if (people := record.fields.get("expected")) is not None
    ]
    due = [fen for record in before if (fen := record.fields.get("due")) is not None]
    found |= {"expected": str(expected[-1])} if expected else {}
    found |= {"due": yuan(due[-1])} if due else {}
    if not expected and activity not in NOT_EVERYBODY:
        _, measures = reports_now(reader, entry.stream, today.isoformat())
        found["expected"] = measures.get("members", "").partition(".")[0]
    return {name: one for name, one in found.items() if one}


def _begun(
    context: RequestContext, reader: Reader, entry: OrganizationEntry, request: Request
) -> FilledForm:
    """A form with what is known already; the day is left open where the window is another one."""
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
    values |= _kept(_taken_over(reader, entry, activity, today))
    return FilledForm(values)


def _kept(found: dict[str, str]) -> dict[str, str]:
    """Values with what they were when they were filled in, so that typing over them is seen."""
    return found | {f"was_{name}": one for name, one in found.items()}


@router.get("/organizations/{code}/record")
def show(context: Context, code: str, request: Request) -> Response:
    """The form, with everything filled in that is known."""
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        filled = _begun(context, reader, entry, request)
        known = _known(context, reader, code, filled)
    return page(context, "records/form.html", filled=filled, known=known, warned=False)


@router.get("/organizations/{code}/record/parts")
def show_parts(context: Context, code: str, request: Request) -> Response:
    """The part of the form that depends on activity and day; what was typed stays."""
    asked = request.query_params
    values: dict[str, Any] = {name: asked.get(name, "") for name in asked}
    values |= {"evidence": asked.getlist("evidence"), "file": asked.getlist("file")}
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        fresh = _taken_over(reader, entry, values.get("activity", ""), context.today(reader))
        for name in FILLED_IN:
            if values.get(name, "") in {"", values.get(f"was_{name}", "")}:
                values |= {name: fresh.get(name, ""), f"was_{name}": fresh.get(name, "")}
        filled = FilledForm(values)
        known = _known(context, reader, code, filled)
    return page(context, "records/form_parts.html", filled=filled, known=known)


@router.post("/organizations/{code}/record")
def take(context: Context, code: str) -> Response:
    """Record it: the same form twice records once."""
    filled = FilledForm(
        context.typed() | {"evidence": context.values("evidence"), "file": context.values("file")}
    )
    command = read_form(context, RecordActivity, given(context, code, filled), filled)
    warned, status = False, 422
    if command is not None:
        with context.read() as reader:
            warned = bool(_known(context, reader, code, filled).same_day) and not filled["anyway"]
            try:
                require(context, reader, command.evidence)
            except Refused as refused:
                filled.refuse(refused, context.language)
    if command is not None and filled.ok and not warned:
        try:
            record(context.tools.store, command, context.metadata())
        except Refused as refused:
            status = 409 if refused.code == "identity_conflict" else 422
            filled.refuse(refused, context.language)
        else:
            return redirect(
                f"/organizations/{quote(code)}/records/{quote(command.record_id)}?done=recorded"
            )
    with context.read() as reader:
        known = _known(context, reader, code, filled)
    return page(context, "records/form.html", status, filled=filled, known=known, warned=warned)


def given(context: RequestContext, code: str, filled: FilledForm) -> dict[str, Any]:
    """What the fields say, in the form of the command."""
    found: dict[str, Any] = {"organization": code, "record_id": context.value("record_id")}
    return present(found | record_fields(context, filled))


def record_fields(context: RequestContext, filled: FilledForm) -> dict[str, Any]:
    """The fields of a record as they were typed; whole fields, empty where nothing was.

    Who was expected alone is no attendance, and neither is an amount taken over a payment. What was
    paid says nothing without what was due.
    """
    names = ("activity", "occurred_on", "title", "place", "note")
    found: dict[str, Any] = {name: context.value(name) for name in names}
    attendance = {one: context.value(one) for one in ("present", "expected")}
    found["attendance"] = present(attendance) if attendance["present"] else None
    money = present({one: context.value(one) for one in ("due", "paid")})
    if "paid" in money and "due" not in money:
        filled.errors["due"] = context.t("请填写应缴金额", "say what was due")
    taken_over = money == {"due": context.value("was_due")}
    found["money"] = None if taken_over else money or None
    found["evidence"] = evidence_given(filled["evidence"], filled["file"])
    return found
