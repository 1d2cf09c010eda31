"""The criteria of a sheet: rule, derived credit, records with their evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ConditionRule, DeductionRule, MeasureRule
from events.periods import parse_month
from projections.compliance.criteria_served import lacking
from projections.documents.cause_words import list_causes, rule_parts
from projections.documents.in_force import vocabulary
from projections.records.current import records_between, reports_in_force
from projections.records.trail import read_trails
from projections.scoring.figures import exact
from projections.scoring.rules import OUT_OF_REACH
from tracker.inspections.sheets import derived_criteria
from tracker.web.inspections.addition_words import addition_rows
from tracker.web.inspections.finding_words import confirmation, credit_words
from tracker.web.inspections.sheet_view import (
    CauseRow,
    CriterionRow,
    ItemRow,
    SectionRow,
    SheetRecord,
    SheetView,
    WindowRow,
)
from tracker.web.page.attachments import Attachment, read_attachments
from tracker.web.page.reasons import make_reason_filter
from tracker.web.page.rendering import PageWords

if TYPE_CHECKING:
    from events.documents.schemes import Criterion
    from events.documents.vocabulary import Vocabulary
    from events.log.reader import Reader
    from projections.records.current import CurrentRecord
    from projections.scoring.credit import Window
    from projections.scoring.history import StateReport
    from projections.scoring.rules import CriterionResult
    from tracker.http.context import RequestContext
    from tracker.inspections.sheets import SheetBasis

MOST_RECORDS = 12
"""Records shown in one window; the list of records has the others."""
Reports = Mapping[tuple[str, str], "StateReport"]
ShownRecord = tuple["CurrentRecord", dict[str, Any], Sequence[Attachment]]
"""A record, its fields in clear, and its evidence."""


def build_sheet_view(
    context: RequestContext, reader: Reader, on: SheetBasis, *, records: bool = True
) -> SheetView:
    """Return the criteria of a scheme by section and item, with their records if asked for."""
    view = SheetView()
    if on.scheme is None:
        return view
    results = {one.code: one for one in on.assessment.criteria}
    builder = _RowBuilder(context, reader, on, results if records else {})
    for section in on.scheme.all_sections():
        items = []
        for item in section.items:
            criteria = []
            for criterion in item.criteria:
                result = results[criterion.code]
                if result.status in OUT_OF_REACH:
                    text = criterion.text.in_language(context.language)
                    view.waiting.append((criterion.code, text, result.status))
                else:
                    criteria.append(builder.build_row(criterion, result))
            if criteria or item.additions:
                title = item.title.in_language(context.language)
                additions, limit = addition_rows(context, item)
                items.append(ItemRow(item.code, title, criteria, additions, limit))
        if items:
            title = section.title.in_language(context.language)
            view.sections.append(SectionRow(section.code, title, items))
    return view


class _RowBuilder:
    """Builds the rows of one organization and month; reads what they share once."""

    def __init__(
        self,
        context: RequestContext,
        reader: Reader,
        on: SheetBasis,
        results: Mapping[str, CriterionResult],
    ) -> None:
        assert on.scheme is not None
        self._context = context
        self._judged = derived_criteria(
            on.scheme, {one.code: one for one in on.assessment.criteria}
        )
        self._words: Vocabulary = vocabulary(reader)
        self._why = make_reason_filter(context.language, PageWords(context.language, reader))
        month = parse_month(on.cycle.period)
        self._reports: Reports = reports_in_force(
            reader, on.entry.stream, month.last_day.isoformat()
        )
        self._records = _records(context, reader, on, _windows_of(results))
        self._with_records = bool(results)

    def build_row(self, criterion: Criterion, result: CriterionResult) -> CriterionRow:
        """Return the row of one criterion."""
        context, judged = self._context, self._judged[criterion.code]
        credit = judged.credit
        points = judged.points if judged.states_points and judged.points else None
        rule, note = criterion.rule, criterion.note
        return CriterionRow(
            criterion.code,
            criterion.text.in_language(context.language),
            "" if note is None else note.in_language(context.language),
            rule_parts(criterion, self._words, context.language),
            rule.kind,
            criterion.check,
            criterion.optional,
            result.status,
            None if credit is None else exact(credit),
            None if credit is None else float(credit),
            "" if credit is None else credit_words(context, credit, points),
            "" if result.reason is None else self._why(result.reason),
            None if points is None else exact(points),
            confirmation(judged),
            self._causes(rule) if isinstance(rule, DeductionRule) and points else (),
            self._windows(result) if self._with_records else [],
            self._reported(rule) if self._with_records else [],
            judged,
            tuple(
                {
                    "code": grade.code,
                    "text": grade.text.in_language(context.language),
                    "credit": exact(Fraction(grade.credit)),
                }
                for grade in judged.grades.values()
            ),
        )

    def _causes(self, rule: DeductionRule) -> tuple[CauseRow, ...]:
        said = list_causes(rule, self._context.language)
        return tuple(
            CauseRow(
                cause.code,
                words.text,
                None if cause.take is None else exact(Fraction(cause.take)),
                None if cause.between is None else str(cause.between[0]),
                None if cause.between is None else str(cause.between[1]),
                words.figure,
            )
            for cause, words in zip(rule.causes, said, strict=True)
        )

    def _reported(self, rule: Any) -> list[tuple[str, str, StateReport | None]]:
        """Return what the organization reports: (kind, name, report in force or None)."""
        names: list[tuple[str, str]] = []
        if isinstance(rule, ConditionRule):
            names = [("condition", rule.condition)]
        elif isinstance(rule, MeasureRule):
            measures = (rule.measure, rule.of, rule.by_measure)
            names = [("measure", name) for name in measures if name is not None]
        return [(kind, name, self._reports.get((kind, name))) for kind, name in names]

    def _windows(self, result: CriterionResult) -> list[WindowRow]:
        window_rows = []
        for window, gains in zip(result.asked or (), result.windows or (), strict=True):
            rows = [
                SheetRecord(
                    record.record_id,
                    record.occurred_on,
                    record.state,
                    record.record_id in gains.records,
                    record.known_on > window.deadline,
                    lacking(window, record.fields),
                    fields,
                    files,
                )
                for record, fields, files in self._records
                if record.activity == window.activity
                if window.first <= record.occurred_on <= window.last
                if record.state != "retracted"
            ]
            rows.sort(key=lambda row: not row.counted)
            window_rows.append(
                WindowRow(
                    window.text, window.count, exact(gains.counted), rows[:MOST_RECORDS],
                    len(rows[MOST_RECORDS:]),
                )
            )  # fmt: skip
        return window_rows


def _windows_of(results: Mapping[str, CriterionResult]) -> list[Window]:
    """Return the windows of all criteria that can be judged."""
    return [
        window
        for result in results.values()
        if result.status not in OUT_OF_REACH
        for window in result.asked or ()
    ]


def _records(
    context: RequestContext, reader: Reader, on: SheetBasis, windows: Sequence[Window]
) -> list[ShownRecord]:
    """Return the records in the windows by day, each with its fields and its evidence."""
    if not windows:
        return []
    stream = on.entry.stream
    wanted = {one.activity for one in windows}
    first, last = min(one.first for one in windows), max(one.last for one in windows)
    records = [
        record
        for record in records_between(reader, stream, first, last)
        if record.activity in wanted and record.state != "retracted"
    ]
    trail_of = read_trails(reader, stream, [record.record_id for record in records])
    evidence_of = {
        record_id: one.fields.get("evidence") or () for record_id, one in trail_of.items()
    }
    files = iter(
        read_attachments(context, reader, [piece for one in evidence_of.values() for piece in one])
    )
    shown = {
        record_id: [
            _flagged(next(files), on.entry.code, record_id, trail_of[record_id].fields)
            for _ in pieces
        ]
        for record_id, pieces in evidence_of.items()
    }
    return [
        (record, trail_of[record.record_id].fields, shown[record.record_id]) for record in records
    ]


def _flagged(piece: Attachment, code: str, record_id: str, fields: dict[str, Any]) -> Attachment:
    """Return the evidence with its uses by other organizations and in other months only."""
    month = fields["occurred_on"][:7]
    used = [
        use
        for use in piece.used
        if use["organization"] != code
        or (use["record_id"] != record_id and (use["occurred_on"] or month)[:7] != month)
    ]
    return Attachment(piece.kind, piece.file, piece.name, piece.size, piece.picture, used)
