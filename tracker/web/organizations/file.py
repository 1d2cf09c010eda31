"""The electronic file of an organization, as it stands or as it was known on a past day."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import instant_text, local_date
from events.proofs.seals import STREAM as SEALS
from events.proofs.seals import newest_leaves
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.electronic_file.as_known import gap, head_known, inspections_known, orders_known
from projections.electronic_file.evidence import evidence_of_year
from projections.electronic_file.file import scores_of
from projections.electronic_file.matrix import MatrixQuery as AskedYear
from projections.electronic_file.matrix import year_matrix
from projections.electronic_file.timeline import timeline
from projections.organizations.directory import OrganizationEntry, find
from tracker.commands.scores import ScoreAdjustment, adjust
from tracker.http.context import Context
from tracker.web.organizations.explain import past_day
from tracker.web.page.charts import bar_of
from tracker.web.page.event_words import clear_text, event_name
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.names import people_named
from tracker.web.page.rendering import page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MONTHS = 12
SHORT = 40
"""Rows of a matrix that is shown whole at once."""
DAY = timedelta(days=1)
LONGEST_VERSION = 10
"""Digits that no version of a stream has."""


@router.get("/organizations/{code}")
def show(context: Context, code: str, request: Request) -> Response:
    """The file."""
    return _file(context, code, dict(request.query_params), FilledForm())


def _file(
    context: RequestContext, code: str, asked: dict[str, str], filled: FilledForm, status: int = 200
) -> Response:
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = context.today(reader)
        try:
            known_on, known_at = past_day(context, reader, asked.get("known_at", ""))
        except Refused as refused:
            known_on = known_at = None
            filled.errors["known_at"] = say(refused, context.language)
        first_month = context.district(reader).first_month
        begun = int(entry.registered_on[:4])
        year = _year(asked.get("year", ""), (known_on or today).year, begun)
        values = {
            "entry": entry,
            "year": year,
            "years": sorted({year, *range(max(begun, today.year - 7), today.year + 1)}),
            "months": _months(entry, today, first_month.first_day),
            "known_on": known_on,
            "typed_day": asked.get("known_at") or today.isoformat(),
            "sealed": _sealed(context, entry),
            "may_record": _may(context, reader, entry, "record"),
            "may_adjust": _may(context, reader, entry, "adjust"),
            **_told(context, reader, entry, AskedYear(year, today, known_at), asked),
        }  # fmt: skip
    return page(
        context,
        "organizations/file.html",
        422 if filled.error("known_at") else status,
        filled=filled,
        event_name=event_name,
        said=clear_text(context.language),
        form_id=uuid.uuid4().hex,
        **values,
    )


def _told(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    wanted: AskedYear,
    asked: dict[str, str],
) -> dict[str, Any]:
    """What the file tells of a year, as it was known on the day that is asked for."""
    known_at, zone = wanted.known_at, context.district(reader).zone
    until = "" if known_at is None else instant_text(known_at)
    day = wanted.today if known_at is None else local_date(known_at, zone)
    matrix = year_matrix(reader, entry, context.district(reader), wanted)
    scores = [one for one in scores_of(reader, entry.stream) if _known(one, until)]
    monthly = [one for one in scores if one["kind"] == MONTHLY]
    for one in scores:
        own = gap([one])
        one["gap"] = None if own is None else own["mean"]
    before = asked.get("before", "")
    below = int(before) if before.isdecimal() and len(before) < LONGEST_VERSION else None
    events = timeline(reader, entry.stream, below, until)
    inspections = inspections_known(reader, entry.stream, until)
    people = {person for one in inspections for person in one["inspectors"]}
    people |= {one["actor"] for one in events}
    people |= {change["actor"] for one in scores for change in one["adjustments"]}
    return {
        "head": head_known(reader, entry, until),
        "matrix": matrix,
        "opened": _opened(asked.get("section", ""), matrix),
        "scores": scores,
        "bars": [bar_of(one) for one in monthly][-MONTHS:],
        "gap": gap(monthly),
        "events": events,
        "older": below is not None,
        "orders": orders_known(reader, entry.stream, day, until),
        "inspections": inspections,
        "evidence": evidence_of_year(reader, entry.stream, wanted.year, until),
        "names": people_named(reader, sorted(people)),
    }


def _opened(asked: str, matrix: dict[str, Any]) -> set[str]:
    """The sections whose criteria are shown: the one asked for, all, or all of a short scheme."""
    sections = {one["code"] for one in matrix["rows"] if one["kind"] == "section"}
    if asked == "all" or (not asked and len(matrix["rows"]) <= SHORT):
        return sections
    return sections & {asked}


def _may(context: RequestContext, reader: Reader, entry: OrganizationEntry, action: str) -> bool:
    return context.may(reader, action) and context.scope(reader, action).covers(reader, entry)


def _year(text: str, newest: int, begun: int) -> int:
    """The year that is shown: the one asked for, within the organization's life so far."""
    year = int(text) if text.isdecimal() and len(text) == 4 else newest
    return max(begun, min(newest, year))


def _known(score: dict[str, Any], until: str) -> bool:
    """Whether a score was posted by then; adjustments that came later are taken off it."""
    if not until:
        return True
    score["adjustments"] = [one for one in score["adjustments"] if one["at"] <= until]
    newest = score["adjustments"][-1]["new"] if score["adjustments"] else score["score"]
    score["current"] = newest
    return bool(score["posted_at"] <= until)


def _months(entry: OrganizationEntry, today: date, first: date) -> list[str]:
    """The last days of months that the slider stops at, the newest sixty, today the last."""
    found: list[str] = []
    day = max(date.fromisoformat(entry.registered_on), first)
    while day < today:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append(min(day - DAY, today).isoformat())
    return found[-5 * MONTHS :] or [today.isoformat()]


def _sealed(context: RequestContext, entry: OrganizationEntry) -> dict[str, Any] | None:
    """Up to which version of the stream the newest seal vouches, and when it was made."""

    def newest(reader: Reader) -> tuple[str, dict[str, int]]:
        leaves = newest_leaves(reader)
        if leaves is None:
            return "", {}
        number, versions = leaves
        (event,) = reader.stream(SEALS, number - 1, 1)
        return event.recorded_at, versions

    sealed_at, versions = context.fresh.get("newest seal", newest).value
    if entry.stream not in versions:
        return None
    return {"at": sealed_at, "version": versions[entry.stream]}


@router.post("/organizations/{code}/adjust")
def take_adjustment(context: Context, code: str) -> Response:
    """Put another value beside a posted score."""
    filled = FilledForm(context.typed())
    given = {name: context.value(name) for name in ("adjustment_id", "period", "new", "reason")}
    command = read_form(context, ScoreAdjustment, given, filled)
    if command is not None:
        with context.read() as reader:
            entry = find(reader, code)
        assert entry is not None
        try:
            adjust(context.tools.store, entry, command, context.metadata())
        except Refused as refused:
            filled.refuse(refused, context.language)
        else:
            context.fresh.clear()
            return redirect(f"/organizations/{quote(code)}?done=adjusted")
    return _file(context, code, {}, filled, 422)
