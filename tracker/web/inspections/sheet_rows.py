"""What a sheet shows of each criterion: its rule, what was derived, records with evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ConditionRule, DeductionRule, MeasureRule
from events.periods import parse_month
from events.streams.findings import Finding, finding_credit
from projections.compliance.criteria_served import lacking
from projections.documents.in_force import vocabulary
from projections.documents.rule_words import rule_words
from projections.records.current import records_between, reports_in_force
from projections.records.trail import read_trails
from projections.scoring.figures import exact
from projections.scoring.rules import OUT_OF_REACH
from tracker.inspections.sheets import judged_criteria
from tracker.web.page.attachments import Attachment, attached
from tracker.web.page.reasons import reason_words
from tracker.web.page.rendering import PageWords

if TYPE_CHECKING:
    from events.documents.schemes import Criterion
    from events.documents.vocabulary import Vocabulary
    from events.log.reader import Reader
    from events.streams.findings import DerivedCriterion
    from projections.records.current import CurrentRecord
    from projections.scoring.credit import Window
    from projections.scoring.history import StateReport
    from projections.scoring.rules import CriterionResult
    from tracker.http.context import RequestContext
    from tracker.inspections.sheets import SheetBasis

MOST_RECORDS = 12
"""Records of one window that are shown; the list of records has the others."""
DECIMALS = 6
"""Places after the point that a finding can state."""
Reports = Mapping[tuple[str, str], "StateReport"]
ShownRecord = tuple["CurrentRecord", dict[str, Any], Sequence[Attachment]]
"""A record, its fields in clear, and its evidence."""


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """A record in a window: what it is, and why it is not worth more there."""

    record_id: str
    occurred_on: str
    state: str
    counted: bool
    late: bool
    lacking: tuple[str, ...]
    fields: dict[str, Any]
    evidence: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window of an activity criterion with its records, those that counted first."""

    window: str
    required: int
    counted: str
    records: list[SheetRecord]
    more: int


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause of a deduction: ``take`` points each, ``low`` to ``high``, or all of them."""

    code: str
    text: str
    take: str | None
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of a sheet. ``derived`` is the exact credit, ``confirm`` how to confirm it.

    ``points`` is None where it has none of its own to give.
    """

    code: str
    text: str
    note: str
    rule: str
    kind: str
    check: str
    optional: bool
    status: str
    derived: str | None
    value: float | None
    gained: str
    reason: str
    points: str | None
    confirm: dict[str, str] | None
    causes: tuple[CauseRow, ...]
    windows: list[WindowRow]
    reports: list[tuple[str, str, StateReport | None]]
    judged: DerivedCriterion

    @property
    def listed_causes(self) -> list[dict[str, str | None]]:
        """The causes as a script reads them."""
        return [asdict(one) for one in self.causes]

    def credit(self, finding: Mapping[str, Any]) -> Fraction:
        """The credit that a finding of the log, or of a checked sheet, gives."""
        known = {name: one for name, one in finding.items() if name in Finding.model_fields}
        return finding_credit(Finding.model_validate(known), self.judged)

    def changed(self, finding: Mapping[str, Any]) -> bool:
        """Whether it differs from what was derived."""
        return self.credit(finding) != self.judged.credit

    def raised(self, finding: Mapping[str, Any]) -> bool:
        """Whether it is above what was derived."""
        return self.judged.credit is not None and self.credit(finding) > self.judged.credit


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with the criteria that can be judged."""

    code: str
    title: str
    criteria: list[CriterionRow]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section with its items."""

    code: str
    title: str
    items: list[ItemRow]


@dataclass(slots=True)
class SheetView:
    """All that a sheet shows; ``waiting`` are the criteria that cannot be judged this month."""

    sections: list[SectionRow] = field(default_factory=list)
    waiting: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def rows(self) -> dict[str, CriterionRow]:
        """The criteria that can be judged, by code, in their order."""
        return {
            one.code: one
            for section in self.sections
            for item in section.items
            for one in item.criteria
        }


def sheet_of(
    context: RequestContext, reader: Reader, on: SheetBasis, *, records: bool = True
) -> SheetView:
    """The criteria of a scheme by section and item; ``records`` False leaves those out."""
    found = SheetView()
    if on.scheme is None:
        return found
    results = {one.code: one for one in on.found.criteria}
    maker = _Maker(context, reader, on, results if records else {})
    for section in on.scheme.all_sections():
        items = []
        for item in section.items:
            criteria = []
            for one in item.criteria:
                result = results[one.code]
                if result.status in OUT_OF_REACH:
                    text = context.t(one.text.zh, one.text.en)
                    found.waiting.append((one.code, text, result.status))
                else:
                    criteria.append(maker.row(one, result))
            if criteria:
                title = context.t(item.title.zh, item.title.en)
                items.append(ItemRow(item.code, title, criteria))
        if items:
            title = context.t(section.title.zh, section.title.en)
            found.sections.append(SectionRow(section.code, title, items))
    return found


class _Maker:
    """Makes the rows of one organization and month; what many share is read once."""

    def __init__(
        self,
        context: RequestContext,
        reader: Reader,
        on: SheetBasis,
        results: Mapping[str, CriterionResult],
    ) -> None:
        assert on.scheme is not None
        self._here = context
        self._judged = judged_criteria(on.scheme, {one.code: one for one in on.found.criteria})
        self._words: Vocabulary = vocabulary(reader)
        self._why = reason_words(context.language, PageWords(context.language, reader))
        month = parse_month(on.cycle.period)
        self._reports: Reports = reports_in_force(
            reader, on.entry.stream, month.last_day.isoformat()
        )
        self._records = _records(context, reader, on, _asked(results))
        self._with_records = bool(results)

    def row(self, criterion: Criterion, result: CriterionResult) -> CriterionRow:
        """One criterion."""
        context, judged = self._here, self._judged[criterion.code]
        credit = judged.credit
        points = judged.points if judged.states_points and judged.points else None
        rule, note = criterion.rule, criterion.note
        return CriterionRow(
            criterion.code,
            context.t(criterion.text.zh, criterion.text.en),
            "" if note is None else context.t(note.zh, note.en),
            rule_words(criterion, self._words, context.language),
            rule.kind,
            criterion.check,
            criterion.optional,
            result.status,
            None if credit is None else exact(credit),
            None if credit is None else float(credit),
            "" if credit is None else gained(context, credit, points),
            "" if result.reason is None else self._why(result.reason),
            None if points is None else exact(points),
            confirmation(judged),
            self._causes(rule.causes) if isinstance(rule, DeductionRule) and points else (),
            self._windows(result) if self._with_records else [],
            self._reported(rule) if self._with_records else [],
            judged,
        )

    def _causes(self, causes: Sequence[Any]) -> tuple[CauseRow, ...]:
        return tuple(
            CauseRow(
                one.code,
                self._here.t(one.text.zh, one.text.en),
                None if one.take is None else exact(Fraction(one.take)),
                *(
                    (None, None)
                    if one.between is None
                    else (str(one.between[0]), str(one.between[1]))
                ),
            )
            for one in causes
        )

    def _reported(self, rule: Any) -> list[tuple[str, str, StateReport | None]]:
        """What the organization says of itself: (kind, name, report)."""
        names: list[tuple[str, str]] = []
        if isinstance(rule, ConditionRule):
            names = [("condition", rule.condition)]
        elif isinstance(rule, MeasureRule):
            measures = (rule.measure, rule.of, rule.by_measure)
            names = [("measure", name) for name in measures if name is not None]
        return [(kind, name, self._reports.get((kind, name))) for kind, name in names]

    def _windows(self, result: CriterionResult) -> list[WindowRow]:
        found = []
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
            found.append(
                WindowRow(
                    window.text, window.count, exact(gains.counted), rows[:MOST_RECORDS],
                    len(rows[MOST_RECORDS:]),
                )
            )  # fmt: skip
        return found


def _asked(results: Mapping[str, CriterionResult]) -> list[Window]:
    """All windows of the criteria that can be judged."""
    return [
        window
        for one in results.values()
        if one.status not in OUT_OF_REACH
        for window in one.asked or ()
    ]


def _records(
    context: RequestContext, reader: Reader, on: SheetBasis, windows: Sequence[Window]
) -> list[ShownRecord]:
    """The records of windows by day, each with its ``fields`` in clear and its evidence."""
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
    told = read_trails(reader, stream, [record.record_id for record in records])
    named = {record_id: one.fields.get("evidence") or () for record_id, one in told.items()}
    files = iter(attached(context, reader, [piece for one in named.values() for piece in one]))
    shown = {
        record_id: [_elsewhere(next(files), on.entry.code, record_id) for _ in pieces]
        for record_id, pieces in named.items()
    }
    return [(record, told[record.record_id].fields, shown[record.record_id]) for record in records]


def _elsewhere(one: Attachment, code: str, record_id: str) -> Attachment:
    """A piece of evidence with its uses in other places than its own record."""
    used = [use for use in one.used if (use["organization"], use["record_id"]) != (code, record_id)]
    return Attachment(one.kind, one.file, one.name, one.size, one.picture, used)


def gained(context: RequestContext, credit: Fraction, points: Fraction | None) -> str:
    """A credit as a person reads it: points of points, or a share of all."""
    if points is None:
        return f"{plain(100 * credit)}%"
    return context.t(f"{plain(credit * points)} 分", f"{plain(credit * points)} points")


def plain(number: Fraction) -> str:
    """A number to two places, without zeros that say nothing."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def confirmation(judged: DerivedCriterion) -> dict[str, str] | None:
    """The finding that says just what was derived, or None where no decimal does."""
    if judged.credit is None:
        return None
    text = _decimal(judged.credit)
    if text is not None:
        return {"credit": text}
    points = _decimal(judged.credit * judged.points) if judged.states_points else None
    return None if points is None else {"points": points}


def _decimal(number: Fraction) -> str | None:
    text = exact(number)
    places = len(text.partition(".")[2])
    return None if "/" in text or places > DECIMALS else text


def finding_words(context: RequestContext, finding: Mapping[str, Any], row: CriterionRow) -> str:
    """What was found, as a person reads it, with the points that it gives where there are any."""
    said = _finding_words(context, finding, row.causes)
    if row.points is None or finding.get("points") is not None:
        return said
    given = gained(context, row.credit(finding), Fraction(row.points))
    return context.t(f"{said}（{given}）", f"{said} ({given})")


def _finding_words(
    context: RequestContext, finding: Mapping[str, Any], causes: Sequence[CauseRow]
) -> str:
    if finding.get("credit") is not None:
        known = {"1": ("满分", "full"), "0.5": ("一半", "half"), "0": ("不得分", "nothing")}
        credit = finding["credit"]
        return context.t(*known.get(credit, (f"得分率 {credit}", f"credit {credit}")))
    if finding.get("points") is not None:
        return context.t(f"{finding['points']} 分", f"{finding['points']} points")
    texts = {one.code: one.text for one in causes}
    said = []
    for one in finding.get("causes") or ():
        text = f"{texts.get(one['cause'], one['cause'])} × {one['count']}"
        if one.get("points") is not None:
            text += context.t(f"（每次扣 {one['points']} 分）", f" ({one['points']} points each)")
        said.append(text)
    return context.t("；", "; ").join(said)
