"""The explanation of a score: criterion, rule, windows, records, events, actors and times."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.schemes import DeductionRule
from events.periods import Length, parse_date, parse_period
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import ComplianceQuestion
from projections.compliance.explanation import CriterionSources, explain
from projections.documents.cause_words import rule_parts
from projections.documents.in_force import book, vocabulary
from projections.organizations.directory import find
from projections.scores.notes import ScoreNotes, scheme_notes
from tracker.http.context import Context
from tracker.web.page.event_words import make_free_text_filter, name_event_type
from tracker.web.page.names import read_people_names
from tracker.web.page.reasons import format_decimal, make_reason_filter
from tracker.web.page.rendering import PageWords, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.log.reader import Reader
    from events.periods import Period
    from projections.compliance.explanation import Explanation
    from projections.documents.cause_words import RuleParts
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
DAY = timedelta(days=1)


@router.get("/organizations/{code}/explain/{period}")
def show(context: Context, code: str, period: str, request: Request) -> Response:
    """Show the score of a period with all criteria, or one criterion down to its events."""
    asked = parse_period(period)
    criterion = request.query_params.get("criterion") or None
    with context.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        known_on, known_at = parse_past_day(
            context, reader, request.query_params.get("known_at", "")
        )
        question = ComplianceQuestion(asked, MONTHLY, context.today(reader), known_at)
        explanation = explain(
            reader, entry, context.district(reader), question, context.language, criterion
        )
        notes = _read_notes(reader, explanation)
        names = read_people_names(
            reader, sorted(set(_collect_people(explanation))), context.language
        )
        words = PageWords(context.language, reader)
        rules = _rules_with_causes(context, reader, explanation)
    return page(
        context,
        "organizations/explain.html",
        entry=entry,
        explanation=explanation,
        asked=str(asked),
        criterion=criterion,
        known_on=known_on,
        kept={"criterion": criterion or "", "known_at": known_on or ""},
        names=names,
        rules=rules,
        notes=notes.sentences(context.language),
        longer=_list_longer_periods(asked),
        event_name=name_event_type,
        said=make_free_text_filter(context.language),
        reason=make_reason_filter(context.language, words),
        number=format_decimal,
        before=str(asked.previous()),
        next=str(asked.next()),
    )


def _rules_with_causes(
    context: RequestContext, reader: Reader, explanation: Explanation
) -> dict[str, RuleParts]:
    """Return the rules that are deductions by code, with their causes as lists."""
    if explanation.scheme is None or explanation.version is None:
        return {}
    scheme = book(reader).version(explanation.scheme, explanation.version)
    words = vocabulary(reader)
    return {
        criterion.code: rule_parts(criterion, words, context.language)
        for criterion in scheme.criteria()
        if isinstance(criterion.rule, DeductionRule)
    }


def parse_past_day(
    context: RequestContext, reader: Reader, text: str
) -> tuple[date | None, datetime | None]:
    """Return a past local day and its last instant in the district's zone.

    Return None twice for an empty text, today and a future day. Raises ``Refused`` if the text is
    no date.
    """
    day = parse_date(text) if text else None
    if day is None or day >= context.today(reader):
        return None, None
    midnight = datetime.combine(day + DAY, time.min, tzinfo=context.district(reader).zone)
    return day, midnight - timedelta(microseconds=1)


def _read_notes(reader: Reader, explanation: Explanation) -> ScoreNotes:
    """Return what is to be said of a score by the scheme that governs it."""
    if explanation.scheme is None or explanation.version is None:
        return ScoreNotes()
    return scheme_notes(reader, [(explanation.scheme, explanation.version)])


def _list_longer_periods(asked: Period) -> list[str]:
    """Return the quarter, half-year and year that a period lies in, without itself."""
    longer = [asked.window_around(length) for length in Length if length != Length.MONTH]
    return [str(period) for period in longer if period.months > asked.months]


def _collect_people(explanation: Explanation) -> Iterator[str]:
    """Yield the ids of all people in an explanation: actors and inspectors."""
    for posting in explanation.posted:
        yield from (change["actor"] for change in posting["adjustments"])
    for criterion in explanation.criteria:
        for events in criterion.events.values():
            yield from (event.actor for event in events)
        if isinstance(criterion, CriterionSources):
            yield from (report.actor for report in criterion.reports)
            for finding in criterion.findings:
                yield from (finding.actor, *finding.inspectors)
