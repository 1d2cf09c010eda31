"""Why a figure is what it is: score, criteria, rules, windows, records, events, who and when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.log.texts import data_with_texts, texts_of
from events.periods import instant_text, local_date
from projections.compliance.evaluation import ComplianceQuestion, histories
from projections.compliance.sources import LAST, events_at, findings, reports, who_of, words_of
from projections.documents.in_force import DistrictFacts, book, vocabulary
from projections.documents.rule_words import Language, rule_words
from projections.records.facts import entries_of_records
from projections.scores.outcomes import posted_versions
from projections.scoring.assessment import Assessment, assess
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.schemes import Criterion, Item, Scheme
    from events.event import RecordedEvent
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.rules import CriterionResult

STATUSES = ("met", "partial", "missed", "pending", "unjudged", "not_applicable")


def explain(
    reader: Reader,
    entry: OrganizationEntry,
    district: DistrictFacts,
    question: ComplianceQuestion,
    language: Language,
    criterion: str | None = None,
) -> dict[str, Any]:
    """The figure of a period with the reason for every criterion, or for one of them.

    ``score`` is derived now (or as known then) and ``checked`` with the period's own findings;
    ``posted`` is what stood in the file by then, and whether it is the same breakdown. Each
    criterion has its rule in words and its windows with the records that counted; where one is
    asked for, each record's events too, the self-reports and the findings that it hangs on.
    """
    period = question.period
    until = "" if question.known_at is None else instant_text(question.known_at)
    found, checked = _assessed(reader, entry, district, question, until or None)
    scheme = None
    if found.scheme is not None and found.version is not None:
        scheme = book(reader).version(found.scheme, found.version)
    after = {one.code: one for one in checked.criteria}
    chosen = [one for one in found.criteria if criterion in {None, one.code}]
    records: dict[str, list[dict[str, Any]]] = {}
    if criterion is not None:
        named = sorted(set().union(*map(_records, chosen)))
        records = record_events(reader, entry.stream, named, until)
    criteria: list[dict[str, Any]] = []
    for one in chosen:
        assert scheme is not None
        item, wanted = _place(scheme, one.code)
        shown = _criterion(reader, one, after[one.code], (item, wanted), language)
        if criterion is not None:
            last = period.last_day.isoformat()
            shown |= {
                "reports": reports(reader, entry.stream, words_of(wanted), last, until),
                "findings": findings(reader, entry.stream, one.code, str(period.last_month), until),
            }
        criteria.append(shown | {"events": records})
    return {
        "organization": entry.code,
        "period": str(period),
        "scheme": found.scheme,
        "version": found.version,
        "score": found.score_text,
        "checked": checked.score_text,
        "states_points": found.states_points,
        "digest": found.digest(),
        "checked_digest": checked.digest(),
        "posted": [
            _held_against(one, found, checked)
            for one in posted(reader, entry.stream, str(period), until)
        ],
        "sums": sums(found),
        "checked_sums": sums(checked),
        "criteria": criteria,
    }


def _held_against(one: dict[str, Any], found: Assessment, checked: Assessment) -> dict[str, Any]:
    """A posted figure, and whether it commits to the breakdowns as they are made now."""
    return one | {
        "same": one["digest"] == found.digest(),
        "inspected_same": one.get("inspected_digest") in {None, checked.digest()},
    }


def _assessed(
    reader: Reader,
    entry: OrganizationEntry,
    district: DistrictFacts,
    question: ComplianceQuestion,
    until: str | None,
) -> tuple[Assessment, Assessment]:
    """The figure without the period's own check, and with it."""
    period, known_at = question.period, question.known_at
    history = histories(reader, [entry.stream], district, period, known_at)[entry.stream]
    history.code = entry.code
    schemes = book(reader, until)
    day = question.today if known_at is None else local_date(known_at, district.zone)

    def ask(*, own_check: bool) -> Assessment:
        return assess(
            history,
            schemes,
            period,
            asked_on=day,
            first_month=district.first_month,
            purpose=question.purpose,
            own_check=own_check,
        )

    return ask(own_check=False), ask(own_check=True)


def _records(one: CriterionResult) -> set[str]:
    return {record for window in one.windows or () for record in window.records}


def sums(found: Assessment) -> dict[str, Any]:
    """The two sums whose quotient is the score, as exact texts, and how many criteria are what."""
    judged = [(one.points, one.credit) for one in found.criteria if one.credit is not None]
    return {
        "earned": exact(sum((points * credit for points, credit in judged), Fraction(0))),
        "judged": exact(sum((points for points, _ in judged), Fraction(0))),
        "counts": {
            status: sum(one.status == status for one in found.criteria) for status in STATUSES
        },
    }


def _place(scheme: Scheme, code: str) -> tuple[Item, Criterion]:
    """A criterion of a scheme with its item."""
    return next(
        (item, criterion)
        for item in scheme.items()
        for criterion in item.criteria
        if criterion.code == code
    )


def _criterion(
    reader: Reader,
    one: CriterionResult,
    checked: CriterionResult,
    place: tuple[Item, Criterion],
    language: Language,
) -> dict[str, Any]:
    """One criterion in words, with its windows."""
    item, criterion = place
    return {
        "code": one.code,
        "text": criterion.text.zh if language == "zh" else criterion.text.en,
        "item": item.title.zh if language == "zh" else item.title.en,
        "kind": criterion.rule.kind,
        "optional": criterion.optional,
        "rule": rule_words(criterion, vocabulary(reader), language),
        "points": exact(one.points),
        "status": one.status,
        "credit": None if one.credit is None else exact(one.credit),
        "reason": one.reason,
        "checked": None
        if checked.credit == one.credit
        else {
            "status": checked.status,
            "credit": None if checked.credit is None else exact(checked.credit),
            "reason": checked.reason,
        },
        "windows": [
            {
                "window": window.window,
                "first": asked.first,
                "last": asked.last,
                "by": asked.by or None,
                "deadline": asked.deadline,
                "required": window.required,
                "counted": exact(window.counted),
                "records": list(window.records),
            }
            for asked, window in zip(one.asked or (), one.windows or (), strict=True)
        ],
    }


def posted(reader: Reader, stream: str, period: str, until: str = "") -> list[dict[str, Any]]:
    """What was posted for a period by an instant, with the versions and digest it commits to."""
    found = []
    for kind, version in posted_versions(reader, stream, period, until or LAST):
        (event,) = reader.stream(stream, version - 1, 1)
        found.append(
            {"kind": kind, "version": version, "posted_at": event.recorded_at, **event.data}
        )
    return found


def record_events(
    reader: Reader, stream: str, records: Sequence[str], until: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """The events of records (by id), oldest first: version, type, who, when, what, in clear.

    Of a sheet that disallowed a record, the data are ``period``, ``sheet_id`` and ``reason``.
    """
    entries = entries_of_records(reader, stream, records)
    versions = {record: [one.version for one in told] for record, told in entries.items()}
    every = sorted({version for found in versions.values() for version in found})
    events = {one.version: one for one in events_at(reader, stream, every, until)}
    texts = texts_of(reader, list(events.values()))
    return {
        record: [
            who_of(events[version]) | {"data": _data(events[version], texts, record)}
            for version in versions[record]
            if version in events
        ]
        for record in records
    }


def _data(
    event: RecordedEvent, texts: dict[tuple[str, int, str], str], record: str
) -> dict[str, Any]:
    """What an event says of a record."""
    data = data_with_texts(event, texts)
    for one in data.get("disallow", ()):
        if one["record_id"] == record:
            return {name: data[name] for name in ("period", "sheet_id")} | {"reason": one["reason"]}
    return data
