"""The electronic file of an organization, as it stands or as it was known on a past day."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.errors import Refused
from events.periods import instant_text, parse_date
from events.seals import STREAM as SEALS
from events.seals import unpack
from projections.directory import Entry, entries_of, find
from projections.electronic_file import file_head, scores_of
from projections.file_matrix import Asked as AskedYear
from projections.file_matrix import year_matrix
from projections.rectification_ledger import orders
from projections.timeline import timeline
from tracker import credentials
from tracker.adjusting import Adjustment, adjust
from tracker.http.here import Asked
from tracker.web.event_words import event_name
from tracker.web.forms import Filled, read_form
from tracker.web.home_branch import bar_of
from tracker.web.rendering import page, redirect

if TYPE_CHECKING:
    from events.reading import Reader
    from tracker.http.here import Here

router = APIRouter(include_in_schema=False)
MONTHS = 12
SHORT = 40
"""Rows of a matrix that is shown whole at once."""
DAY = timedelta(days=1)


@router.get("/organizations/{code}")
def show(here: Asked, code: str, request: Request) -> Response:
    """The file."""
    return _file(here, code, dict(request.query_params), Filled())


def _file(
    here: Here, code: str, asked: dict[str, str], filled: Filled, status: int = 200
) -> Response:
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        today = here.today(reader)
        known_on = _known_on(asked.get("known_at", ""), today)
        known_at = None if known_on is None else _end_of(here, reader, known_on)
        until = "" if known_at is None else instant_text(known_at)
        district = here.district(reader)
        year = _year(asked.get("year", ""), (known_on or today).year, entry)
        matrix = year_matrix(reader, entry, district, AskedYear(year, today, known_at))
        scores = [one for one in scores_of(reader, entry.stream) if _known(one, until)]
        before = asked.get("before", "")
        events = timeline(reader, entry.stream, int(before) if before.isdecimal() else None, until)
        values = {
            "entry": entry,
            "head": file_head(reader, entry),
            "parent": entries_of(reader, [entry.parent or ""]).get(entry.parent or ""),
            "year": year,
            "years": list(range(int(entry.registered_on[:4]), today.year + 1))[-8:],
            "matrix": matrix,
            "opened": _opened(asked.get("section", ""), matrix),
            "scores": scores,
            "bars": [bar_of(one) for one in scores if one["kind"] == "monthly"][-MONTHS:],
            "months": _months(entry, today, district.first_month.first_day),
            "events": events,
            "names": credentials.names_of(reader, {one["actor"] for one in events}),
            "orders": orders(reader, here.only(entry.stream), today) if known_at is None else [],
            "sealed": _sealed(here, entry),
            "known_on": known_on,
            "may_record": _may(here, reader, entry, "record"),
            "may_adjust": _may(here, reader, entry, "adjust"),
        }  # fmt: skip
    return page(
        here,
        "file.html",
        status,
        filled=filled,
        event_name=event_name,
        form_id=uuid.uuid4().hex,
        **values,
    )


def _opened(asked: str, matrix: dict[str, Any]) -> set[str]:
    """The sections whose criteria are shown: the one asked for, all, or all of a short scheme."""
    sections = {one["code"] for one in matrix["rows"] if one["kind"] == "section"}
    if asked == "all" or (not asked and len(matrix["rows"]) <= SHORT):
        return sections
    return sections & {asked}


def _may(here: Here, reader: Reader, entry: Entry, action: str) -> bool:
    return here.may(reader, action) and here.scope(reader, action).covers(reader, entry)


def _known_on(text: str, today: date) -> date | None:
    """The past day as known on which the file is asked for; None for today and for no day."""
    if not text:
        return None
    day = parse_date(text)
    return day if day < today else None


def _end_of(here: Here, reader: Reader, day: date) -> datetime:
    """The last instant of a local day."""
    midnight = datetime.combine(day + DAY, time.min, tzinfo=here.district(reader).zone)
    return midnight - timedelta(microseconds=1)


def _year(text: str, otherwise: int, entry: Entry) -> int:
    year = int(text) if text.isdecimal() and len(text) == 4 else otherwise
    return max(int(entry.registered_on[:4]), min(otherwise, year))


def _known(score: dict[str, Any], until: str) -> bool:
    """Whether a score was posted by then; adjustments that came later are taken off it."""
    if not until:
        return True
    score["adjustments"] = [one for one in score["adjustments"] if one["at"] <= until]
    newest = score["adjustments"][-1]["new"] if score["adjustments"] else score["score"]
    score["current"] = newest
    return bool(score["posted_at"] <= until)


def _months(entry: Entry, today: date, first: date) -> list[str]:
    """The last days of months that the slider stops at, oldest first, today the last."""
    found: list[str] = []
    day = max(date.fromisoformat(entry.registered_on), first)
    while day < today and len(found) < 5 * MONTHS:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append(min(day - DAY, today).isoformat())
    return found or [today.isoformat()]


def _sealed(here: Here, entry: Entry) -> dict[str, Any] | None:
    """Up to which version of the stream the newest seal vouches, and when it was made."""

    def newest(reader: Reader) -> tuple[str, dict[str, int]]:
        rows = reader.rows("SELECT seal, leaves FROM seal_leaves ORDER BY seal DESC LIMIT 1")
        if not rows:
            return "", {}
        (event,) = reader.stream(SEALS, rows[0][0] - 1, 1)
        return event.recorded_at, dict(unpack(bytes(rows[0][1])))

    sealed_at, versions = here.fresh.get("newest seal", newest).value
    if entry.stream not in versions:
        return None
    return {"at": sealed_at, "version": versions[entry.stream]}


@router.post("/organizations/{code}/adjust")
def take_adjustment(here: Asked, code: str) -> Response:
    """Put another value beside a posted score."""
    filled = Filled(here.typed())
    given = {name: here.value(name) for name in ("adjustment_id", "period", "new", "reason")}
    command = read_form(here, Adjustment, given, filled)
    if command is not None:
        with here.read() as reader:
            entry = find(reader, code)
        assert entry is not None
        try:
            adjust(here.tools.store, entry, command, here.metadata())
        except Refused as refused:
            filled.refuse(refused, here.language)
        else:
            here.fresh.clear()
            return redirect(f"/organizations/{quote(code)}?done=adjusted")
    return _file(here, code, {}, filled, 422)
