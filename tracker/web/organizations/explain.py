"""Why a score is what it is: criterion, rule, windows, records, events, who and when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import parse_date, parse_period
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import ComplianceQuestion
from projections.compliance.explanation import explain
from projections.organizations.directory import find
from tracker.http.context import Context
from tracker.web.page.event_words import clear_text, event_name
from tracker.web.page.names import people_named
from tracker.web.page.reasons import decimal_of, reason_words
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
DAY = timedelta(days=1)


@router.get("/organizations/{code}/explain/{period}")
def show(context: Context, code: str, period: str, request: Request) -> Response:
    """The whole figure of a period, or one criterion down to its events."""
    asked = parse_period(period)
    criterion = request.query_params.get("criterion") or None
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        known_on, known_at = past_day(context, reader, request.query_params.get("known_at", ""))
        question = ComplianceQuestion(asked, MONTHLY, context.today(reader), known_at)
        found = explain(
            reader, entry, context.district(reader), question, context.language, criterion
        )
        names = people_named(reader, sorted(set(_people(found))))
        words = PageWords(context.language, reader)
    return page(
        context,
        "organizations/explain.html",
        entry=entry,
        found=found,
        asked=str(asked),
        criterion=criterion,
        known_on=known_on,
        kept={"criterion": criterion or "", "known_at": known_on or ""},
        names=names,
        event_name=event_name,
        said=clear_text(context.language),
        reason=reason_words(context.language, words),
        number=decimal_of,
        before=str(asked.previous()),
        next=str(asked.next()),
    )


def past_day(
    context: RequestContext, reader: Reader, text: str
) -> tuple[date | None, datetime | None]:
    """A past local day as known on which something is asked for, and its last instant.

    Neither for today, a day to come and no day. ``Refused`` where the text is no date.
    """
    day = parse_date(text) if text else None
    if day is None or day >= context.today(reader):
        return None, None
    midnight = datetime.combine(day + DAY, time.min, tzinfo=context.district(reader).zone)
    return day, midnight - timedelta(microseconds=1)


def _people(found: dict[str, Any]) -> Iterator[str]:
    """Everybody that an explanation names: who recorded, who inspected."""
    for one in found["criteria"]:
        for events in one["events"].values():
            yield from (event["actor"] for event in events)
        for report in one.get("reports", ()):
            yield report["actor"]
        for finding in one.get("findings", ()):
            yield from (finding["actor"], *finding["inspectors"])
