"""The electronic file of an organization, at present or as known on a past day."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.log.damage import refuse_damage
from events.periods import instant_text, local_date
from events.proofs.seals import STREAM as SEALS
from events.proofs.seals import newest_leaves
from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.electronic_file.as_known import (
    head_known,
    inspections_known,
    orders_known,
    self_report_gap,
)
from projections.electronic_file.evidence import evidence_of_year
from projections.electronic_file.file import scores_of
from projections.electronic_file.matrix import MatrixQuery as AskedYear
from projections.electronic_file.matrix import year_matrix
from projections.electronic_file.timeline import timeline
from projections.organizations.directory import OrganizationEntry, find
from projections.scores.notes import scheme_notes
from tracker.commands.scores import ScoreAdjustment, adjust_posted_score
from tracker.http.context import Context
from tracker.web.organizations.explain import parse_past_day
from tracker.web.page.charts import make_score_bar
from tracker.web.page.event_words import make_free_text_filter, name_event_type
from tracker.web.page.forms import FilledForm, read_form
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page, redirect
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.electronic_file.file import FileScore
    from projections.electronic_file.matrix import YearMatrix
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MONTHS = 12
SHORT = 40
"""Rows up to which a matrix is shown with all sections open."""
DAY = timedelta(days=1)
LONGEST_VERSION = 10
"""Digits from which a number cannot be a version of a stream."""


@router.get("/organizations/{code}")
def show(context: Context, code: str, request: Request) -> Response:
    """Show the electronic file."""
    return _show_file(context, code, dict(request.query_params), FilledForm())


def _show_file(
    context: RequestContext, code: str, asked: dict[str, str], filled: FilledForm, status: int = 200
) -> Response:
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        refuse_damage(reader, entry.stream)
        today = context.today(reader)
        try:
            known_on, known_at = parse_past_day(context, reader, asked.get("known_at", ""))
        except Refused as refused:
            known_on = known_at = None
            filled.errors["known_at"] = say(refused, context.language)
        first_month = context.district(reader).first_month
        begun = int(entry.registered_on[:4])
        year = _choose_year(asked.get("year", ""), (known_on or today).year, begun)
        values = {
            "entry": entry,
            "year": year,
            "longer": [f"{year}{part}" for part in ("-Q1", "-Q2", "-H1", "-Q3", "-Q4", "-H2", "")],
            "years": sorted({year, *range(max(begun, today.year - 7), today.year + 1)}),
            "months": _list_month_ends(entry, today, first_month.first_day),
            "known_on": known_on,
            "typed_day": asked.get("known_at") or today.isoformat(),
            "sealed": _read_seal(context, entry),
            "may_record": _may(context, reader, entry, "record"),
            "may_adjust": _may(context, reader, entry, "adjust"),
            **_read_year(context, reader, entry, AskedYear(year, today, known_at), asked),
        }  # fmt: skip
    return page(
        context,
        "organizations/file.html",
        422 if filled.error("known_at") else status,
        filled=filled,
        event_name=name_event_type,
        said=make_free_text_filter(context.language),
        form_id=uuid.uuid4().hex,
        **values,
    )


def _read_year(
    context: RequestContext,
    reader: Reader,
    entry: OrganizationEntry,
    wanted: AskedYear,
    asked: dict[str, str],
) -> dict[str, Any]:
    """Return the contents of the file for a year, as known at ``wanted.known_at``."""
    known_at, zone = wanted.known_at, context.district(reader).zone
    until = "" if known_at is None else instant_text(known_at)
    day = wanted.today if known_at is None else local_date(known_at, zone)
    matrix = year_matrix(reader, entry, context.district(reader), wanted)
    scores = _restore_scores(scores_of(reader, entry.stream), until)
    monthly = [score for score in scores if score.kind == MONTHLY]
    before = asked.get("before", "")
    below = int(before) if before.isdecimal() and len(before) < LONGEST_VERSION else None
    events = timeline(reader, entry.stream, below, until)
    inspections = inspections_known(reader, entry.stream, until)
    notes = scheme_notes(
        reader,
        {(score.scheme, score.scheme_version) for score in scores},
        mixed=any(score.inspected is None and score.score is not None for score in monthly),
    )
    people = {person for inspection in inspections for person in inspection.inspectors}
    people |= {event.actor for event in events}
    people |= {change.actor for score in scores for change in score.adjustments}
    return {
        "head": head_known(reader, entry, until),
        "matrix": matrix,
        "opened": _choose_open_sections(asked.get("section", ""), matrix),
        "scores": [asdict(score) | {"gap": _find_gap(score)} for score in scores],
        "bars": [make_score_bar(score) for score in monthly][-MONTHS:],
        "gap": self_report_gap(monthly),
        "notes": notes.sentences(context.language),
        "events": events,
        "older": below is not None,
        "orders": orders_known(reader, entry.stream, day, until),
        "inspections": inspections,
        "evidence": evidence_of_year(reader, entry.stream, wanted.year, until),
        "names": read_people_names(reader, sorted(people), context.language),
    }


def _choose_open_sections(asked: str, matrix: YearMatrix) -> set[str]:
    """Return the open sections: the one requested, or all on request and for a short scheme."""
    sections = {row.code for row in matrix.rows if row.kind == "section"}
    if asked == "all" or (not asked and len(matrix.rows) <= SHORT):
        return sections
    return sections & {asked}


def _may(context: RequestContext, reader: Reader, entry: OrganizationEntry, action: str) -> bool:
    return context.may(reader, action) and context.scope(reader, action).covers(reader, entry)


def _choose_year(text: str, newest: int, begun: int) -> int:
    """Return the year to show: the one requested, limited to the organization's life so far."""
    year = int(text) if text.isdecimal() and len(text) == 4 else newest
    return max(begun, min(newest, year))


def _find_gap(score: FileScore) -> str | None:
    """Return the self-report gap of one score, None without an inspection."""
    difference = self_report_gap([score])
    return None if difference is None else difference.mean


def _restore_scores(scores: Sequence[FileScore], until: str) -> list[FileScore]:
    """Return the scores posted by ``until``, without the adjustments after it."""
    if not until:
        return list(scores)
    known = []
    for score in scores:
        if score.posted_at <= until:
            adjustments = [change for change in score.adjustments if change.at <= until]
            current = adjustments[-1].new if adjustments else score.score
            known.append(replace(score, adjustments=adjustments, current=current))
    return known


def _list_month_ends(entry: OrganizationEntry, today: date, first: date) -> list[str]:
    """Return the days of the slider: the last days of the newest 60 months, then today."""
    days: list[str] = []
    day = max(date.fromisoformat(entry.registered_on), first)
    while day < today:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        days.append(min(day - DAY, today).isoformat())
    return days[-5 * MONTHS :] or [today.isoformat()]


def _read_seal(context: RequestContext, entry: OrganizationEntry) -> dict[str, Any] | None:
    """Return the version of the stream that the newest seal covers and the time of the seal."""

    def newest(reader: Reader) -> tuple[str, dict[str, int]]:
        leaves = newest_leaves(reader)
        if leaves is None:
            return "", {}
        number, versions = leaves
        (event,) = reader.stream(SEALS, number - 1, 1)
        return event.recorded_at, versions

    sealed_at, versions = context.figures.get("newest seal", newest).value
    if entry.stream not in versions:
        return None
    return {"at": sealed_at, "version": versions[entry.stream]}


@router.post("/organizations/{code}/adjust")
def submit_adjustment(context: Context, code: str) -> Response:
    """Adjust a posted score; the same form sent twice adjusts once."""
    filled = FilledForm(context.typed())
    given = {name: context.value(name) for name in ("adjustment_id", "period", "new", "reason")}
    command = read_form(context, ScoreAdjustment, given, filled)
    if command is not None:
        with context.read() as reader:
            entry = find(reader, code)
        assert entry is not None
        try:
            adjust_posted_score(context.app.store, entry, command, context.metadata())
        except Refused as refused:
            filled.refuse(refused, context.language)
        else:
            context.figures.clear()
            return redirect(f"/organizations/{quote(code)}?done=adjusted")
    return _show_file(context, code, {}, filled, 422)
