"""Why a figure is what it is: score, criteria, rules, windows, records, events, who and when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.log.texts import data_with_texts, texts_of
from events.periods import instant_text, local_date
from projections.compliance.additions_explained import AdditionsExplanation, explain_additions
from projections.compliance.evaluation import ComplianceQuestion, histories
from projections.compliance.posted_figures import compare_posted, posted_figures
from projections.compliance.sources import (
    EventOrigin,
    FindingSource,
    ReportSource,
    events_at,
    findings,
    origin_fields,
    reports,
    words_of,
)
from projections.documents.in_force import DistrictFacts, book, vocabulary
from projections.documents.rule_words import Language, rule_words
from projections.records.facts import entries_of_records
from projections.scoring.assessment import Assessment, assess
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.schemes import Criterion, Item, Scheme
    from events.event import RecordedEvent
    from events.log.reader import Reader
    from events.periods import Period
    from projections.organizations.directory import OrganizationEntry
    from projections.scoring.rules import CriterionResult

STATUSES = ("met", "partial", "missed", "pending", "unjudged", "not_applicable")


@dataclass(frozen=True, slots=True)
class RecordEvent(EventOrigin):
    """An event of a record, with what it says of the record (texts included)."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WindowExplanation:
    """A window of an activity criterion: its days (ISO), what it requires, and what counted.

    ``by`` is the last day on which the activity may take place, None where the window ends it;
    ``deadline`` the last day on which recording is in time; ``counted`` an exact number.
    """

    window: str
    first: str
    last: str
    by: str | None
    deadline: str
    required: int
    counted: str
    records: list[str]


@dataclass(frozen=True, slots=True)
class CheckedResult:
    """The result of a criterion with the period's own findings.

    ``credit`` and ``earned`` (credit times points) are exact numbers.
    """

    status: str
    credit: str | None
    earned: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CriterionExplanation:
    """One criterion: its rule in words, its result, and its windows.

    ``points``, ``credit`` and ``earned`` (credit times points) are exact numbers. ``checked`` is
    None where the period's findings leave the credit as it is. ``events`` are those of the records,
    by record, for one criterion.
    """

    code: str
    text: str
    item: str
    kind: str
    optional: bool
    rule: str
    points: str
    status: str
    credit: str | None
    earned: str | None
    reason: str | None
    checked: CheckedResult | None
    windows: list[WindowExplanation]
    events: dict[str, list[RecordEvent]]


@dataclass(frozen=True, slots=True)
class CriterionSources(CriterionExplanation):
    """The one criterion that is explained down to its events: reports and findings too."""

    reports: list[ReportSource]
    findings: list[FindingSource]


@dataclass(frozen=True, slots=True)
class ScoreSums:
    """The two sums whose quotient is the score (exact numbers), and the criteria by status."""

    earned: str
    judged: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The figure of a period with the reason for every criterion, or for one of them.

    ``score`` is derived now (or as known then), ``checked`` with the period's own findings;
    ``posted`` are the stored figures that were posted by then, each with ``same`` and
    ``inspected_same``: whether it commits to the breakdowns as they are derived now.
    """

    organization: str
    period: str
    scheme: str | None
    version: int | None
    score: str | None
    checked: str | None
    states_points: bool
    digest: str
    checked_digest: str
    posted: list[dict[str, Any]]
    sums: ScoreSums
    checked_sums: ScoreSums
    additions: AdditionsExplanation | None
    criteria: list[CriterionExplanation]


def explain(
    reader: Reader,
    entry: OrganizationEntry,
    district: DistrictFacts,
    question: ComplianceQuestion,
    language: Language,
    criterion: str | None = None,
) -> Explanation:
    """Explain the figure of a period, all of it or one criterion down to its events.

    With ``criterion`` (a code) only that one is explained, with the events of its records, the
    self-reports and the findings. A code that the scheme does not have explains nothing.
    """
    until = "" if question.known_at is None else instant_text(question.known_at)
    derived, checked = _assess_twice(reader, entry, district, question, until or None)
    return Explanation(
        organization=entry.code,
        period=str(question.period),
        scheme=derived.scheme,
        version=derived.version,
        score=derived.score_text,
        checked=checked.score_text,
        states_points=derived.states_points,
        digest=derived.digest(),
        checked_digest=checked.digest(),
        posted=[
            compare_posted(figure, derived, checked)
            for figure in posted_figures(reader, entry.stream, str(question.period), until)
        ],
        sums=sum_points(derived),
        checked_sums=sum_points(checked),
        additions=explain_additions(_scheme_of(reader, checked), checked, language),
        criteria=_Explainer(reader, entry.stream, question.period, until, language).criteria(
            derived, checked, criterion
        ),
    )


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Explains the criteria of one organization and period, as known up to ``until``."""

    reader: Reader
    stream: str
    period: Period
    until: str
    language: Language

    def criteria(
        self, derived: Assessment, checked: Assessment, code: str | None
    ) -> list[CriterionExplanation]:
        """Explain all criteria, or the one of a code with its sources."""
        if derived.scheme is None or derived.version is None:
            return []
        scheme = book(self.reader).version(derived.scheme, derived.version)
        after = {result.code: result for result in checked.criteria}
        explained: list[CriterionExplanation] = []
        for result in derived.criteria:
            if code is None:
                item, criterion = _place(scheme, result.code)
                explained.append(self._explain(item, criterion, result, after[result.code], {}))
            elif code == result.code:
                item, criterion = _place(scheme, result.code)
                named = sorted(_records(result))
                events = record_events(self.reader, self.stream, named, self.until)
                whole = self._explain(item, criterion, result, after[result.code], events)
                explained.append(self._with_sources(whole, criterion))
        return explained

    def _explain(
        self,
        item: Item,
        criterion: Criterion,
        result: CriterionResult,
        checked: CriterionResult,
        events: dict[str, list[RecordEvent]],
    ) -> CriterionExplanation:
        return CriterionExplanation(
            code=result.code,
            text=criterion.text.in_language(self.language),
            item=item.title.in_language(self.language),
            kind=criterion.rule.kind,
            optional=criterion.optional,
            rule=rule_words(criterion, vocabulary(self.reader), self.language),
            points=exact(result.points),
            status=result.status,
            credit=_exact_or_none(result.credit),
            earned=_earned(result),
            reason=result.reason,
            checked=None
            if checked.credit == result.credit
            else CheckedResult(
                checked.status, _exact_or_none(checked.credit), _earned(checked), checked.reason
            ),
            windows=[
                WindowExplanation(
                    window=gained.window,
                    first=asked.first,
                    last=asked.last,
                    by=asked.by or None,
                    deadline=asked.deadline,
                    required=gained.required,
                    counted=exact(gained.counted),
                    records=list(gained.records),
                )
                for asked, gained in zip(result.asked or (), result.windows or (), strict=True)
            ],
            events=events,
        )

    def _with_sources(self, whole: CriterionExplanation, criterion: Criterion) -> CriterionSources:
        """Add the self-reports and findings of a criterion."""
        last_day, last_month = self.period.last_day.isoformat(), str(self.period.last_month)
        words = words_of(criterion)
        values = {field.name: getattr(whole, field.name) for field in fields(whole)}
        return CriterionSources(
            **values,
            reports=reports(self.reader, self.stream, words, last_day, self.until),
            findings=findings(
                self.reader, self.stream, criterion, self.language, last_month, self.until
            ),
        )


def _scheme_of(reader: Reader, assessment: Assessment) -> Scheme | None:
    if assessment.scheme is None or assessment.version is None:
        return None
    return book(reader).version(assessment.scheme, assessment.version)


def _exact_or_none(credit: Fraction | None) -> str | None:
    return None if credit is None else exact(credit)


def _earned(result: CriterionResult) -> str | None:
    return None if result.credit is None else exact(result.credit * result.points)


def _assess_twice(
    reader: Reader,
    entry: OrganizationEntry,
    district: DistrictFacts,
    question: ComplianceQuestion,
    until: str | None,
) -> tuple[Assessment, Assessment]:
    """Return the figure without the period's own findings, and with them."""
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


def _records(result: CriterionResult) -> set[str]:
    return {record for window in result.windows or () for record in window.records}


def sum_points(assessment: Assessment) -> ScoreSums:
    """Return the two sums whose quotient is the score, and how many criteria have which status."""
    judged = [
        (result.points, result.credit)
        for result in assessment.criteria
        if result.credit is not None
    ]
    return ScoreSums(
        exact(sum((points * credit for points, credit in judged), Fraction(0))),
        exact(sum((points for points, _ in judged), Fraction(0))),
        {
            status: sum(result.status == status for result in assessment.criteria)
            for status in STATUSES
        },
    )


def _place(scheme: Scheme, code: str) -> tuple[Item, Criterion]:
    """Return the item and the criterion of a code in a scheme."""
    return next(
        (item, criterion)
        for item in scheme.items()
        for criterion in item.criteria
        if criterion.code == code
    )


def record_events(
    reader: Reader, stream: str, records: Sequence[str], until: str = ""
) -> dict[str, list[RecordEvent]]:
    """Return the events of records (by id), oldest first, recorded up to an instant.

    Of a sheet that disallowed a record, the data are ``period``, ``sheet_id`` and ``reason``.
    """
    entries = entries_of_records(reader, stream, records)
    versions = {record: [entry.version for entry in entries[record]] for record in entries}
    every = sorted({version for own in versions.values() for version in own})
    events = {event.version: event for event in events_at(reader, stream, every, until)}
    texts = texts_of(reader, list(events.values()))
    return {
        record: [
            RecordEvent(
                **origin_fields(events[version]), data=_data(events[version], texts, record)
            )
            for version in versions[record]
            if version in events
        ]
        for record in records
    }


def _data(
    event: RecordedEvent, texts: dict[tuple[str, int, str], str], record: str
) -> dict[str, Any]:
    """Return what an event says of a record."""
    data = data_with_texts(event, texts)
    for disallowance in data.get("disallow", ()):
        if disallowance["record_id"] == record:
            return {
                "period": data["period"],
                "sheet_id": data["sheet_id"],
                "reason": disallowance["reason"],
            }
    return data
