"""An inspector's assignments, and the sheet of one with its records and evidence."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from events.documents.schemes import DeductionRule, has_points
from events.streams.findings import Inspection, evolve, inspection_subject
from projections.cycles.assignments import assigned_to
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle_head
from projections.documents.in_force import vocabulary
from projections.documents.rule_words import Language, rule_words
from projections.organizations.directory import entries_of
from projections.records.current import records_between
from projections.records.evidence import files_used
from projections.scores.outcomes import inspections_of
from projections.scoring.figures import exact
from projections.scoring.rules import OUT_OF_REACH
from tracker.inspections.sheets import read_sheet_basis
from tracker.inspections.signatures import not_assigned, read_proposals, read_waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from events.documents.schemes import Criterion
    from events.log.reader import Reader
    from events.streams.cycles import Cycle
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from projections.scoring.rules import CriterionResult
    from tracker.inspections.sheets import SheetBasis

MOST_ASSIGNMENTS = 200
"""Only the newest are read; older ones are in the electronic files."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An inspection that is assigned to a person, with what they still have to do.

    ``closes_on`` is the last day (ISO) and ``days_left`` the days until it, 0 on it; both are None
    once the cycle takes no sheets.
    """

    organization: str
    name: str
    category: str
    period: str
    scope: str
    state: str
    colleagues: list[str]
    closes_on: str | None
    days_left: int | None
    to_sign: bool
    """A colleague's proposal waits for the person's signature."""
    sent: bool
    """A proposal that the person signed waits for colleagues."""
    handed_back: bool
    """The person's own proposal was returned."""
    reminded: bool
    """The inspectors of the cycle were reminded, and it still takes sheets."""
    reminded_on: str | None
    """The day (ISO) of the reminder; None where there was none or its day was not recorded."""


def read_assignments(reader: Reader, person: str, today: date, reach: Scope) -> list[Assignment]:
    """Return a person's newest assignments: those to do first, by last day, then the others.

    ``reach`` is what they may inspect now; assignments outside it are left out.
    """
    rows = assigned_to(reader, person)[:MOST_ASSIGNMENTS]
    within = reach.streams_among(reader, sorted({stream for stream, _, _ in rows}))
    rows = [row for row in rows if row[0] in within]
    entries = entries_of(reader, sorted(within))
    running = _running_cycles(reader, {(scope, period) for _, scope, period in rows}, today)
    inspections = inspections_of(reader, sorted(entries))
    waiting = read_waiting(reader, person)
    listed: list[Assignment] = []
    for stream, scope, period in rows:
        entry, cycle = entries[stream], running.get((scope, period))
        last = None if cycle is None else cycle.closes_on
        reminded_on = None if cycle is None else cycle.reminded_on
        inspection = inspections[stream, scope, period]
        listed.append(
            Assignment(
                organization=entry.code,
                name=entry.name,
                category=entry.category,
                period=period,
                scope=scope,
                state=inspection.state,
                colleagues=_others(inspection.inspectors, person),
                closes_on=None if last is None else last.isoformat(),
                days_left=None if last is None else (last - today).days,
                to_sign=last is not None and (stream, period) in waiting.to_sign,
                sent=(stream, period) in waiting.sent,
                handed_back=last is not None and (stream, period) in waiting.returned,
                reminded=cycle is not None and cycle.reminded,
                reminded_on=None if reminded_on is None else reminded_on.isoformat(),
            )
        )
    # Sorts are stable: by urgency, within it the newest month first, then by code.
    listed.sort(key=lambda row: row.organization)
    listed.sort(key=lambda row: row.period, reverse=True)
    return sorted(listed, key=_urgency)


def _others(inspectors: Iterable[str], person: str) -> list[str]:
    """Return the other inspectors of an inspection."""
    return [inspector for inspector in inspectors if inspector != person]


def _running_cycles(
    reader: Reader, cycles: set[tuple[str, str]], today: date
) -> dict[tuple[str, str], Cycle]:
    """Return the heads of those of these cycles that still take sheets."""
    drawn = {(cycle.scope, cycle.period) for cycle in all_cycles(reader) if cycle.state == "drawn"}
    heads = {
        (scope, period): read_cycle_head(reader, scope, period) for scope, period in cycles & drawn
    }
    return {key: head for key, head in heads.items() if today <= head.closes_on}


def _urgency(assignment: Assignment) -> tuple[Any, ...]:
    if assignment.closes_on is None:
        return True, False, False, ""
    urgent = assignment.to_sign or assignment.handed_back
    return False, not urgent, assignment.state != "open", assignment.closes_on


def sheet_document(
    reader: Reader,
    entry: OrganizationEntry,
    period: str,
    person: str,
    today: date,
    language: Language,
) -> dict[str, Any]:
    """Return the sheet of an organization, as the API answers it, for an assigned inspector.

    It has the criteria that can be judged, by section and item, each with its derived credit, its
    rule in words, the records of its windows and their evidence. ``Refused`` where the person is
    not assigned.
    """
    scope, inspection = require_assignment(reader, entry, period, person)
    cycle = read_cycle_head(reader, scope, period)
    basis = read_sheet_basis(reader, entry, cycle, today)
    return {
        "organization": entry.code,
        "name": entry.name,
        "category": entry.category,
        "period": period,
        "state": inspection.state,
        "inspectors": list(inspection.inspectors),
        "colleagues": _others(inspection.inspectors, person),
        "sheets": sorted(inspection.sheets),
        "takes_sheets": cycle.state == "drawn" and today <= cycle.closes_on,
        "closes_on": cycle.closes_on.isoformat(),
        "score": basis.assessment.score_text,
        "scheme": basis.assessment.scheme,
        "version": basis.assessment.version,
        "sections": _sections(reader, basis, language),
        "proposals": [
            {
                "sheet_id": proposal.sheet_id,
                "sheet": proposal.draft.sheet.model_dump(mode="json", exclude_none=True),
                "person": proposal.person,
                "signed": list(proposal.signed),
                "proposed_at": proposal.proposed_at,
                "remark": proposal.remark,
                "digest": proposal.digest,
            }
            for proposal in read_proposals(reader, entry.stream, period)
        ],
    }


def require_assignment(
    reader: Reader, entry: OrganizationEntry, period: str, person: str
) -> tuple[str, Inspection]:
    """Return the scope and inspection of an assignment; ``Refused`` where there is none."""
    for stream, scope, of_period in assigned_to(reader, person):
        if (stream, of_period) == (entry.stream, period):
            events = reader.subject(stream, inspection_subject(scope, period))
            return scope, reduce(evolve, events, Inspection())
    raise not_assigned(entry.code, period)


def _sections(reader: Reader, basis: SheetBasis, language: Language) -> list[dict[str, Any]]:
    if basis.scheme is None:
        return []
    results = {result.code: result for result in basis.assessment.criteria}
    year = _YearRecords(reader, basis)
    stated = has_points(basis.scheme)
    sections: list[dict[str, Any]] = []
    for section in basis.scheme.all_sections():
        items = []
        for item in section.items:
            criteria = [
                _criterion(
                    reader, criterion, results[criterion.code], year, language, stated=stated
                )
                for criterion in item.criteria
                if results[criterion.code].status not in OUT_OF_REACH
            ]
            if criteria:
                title = item.title.in_language(language)
                items.append({"code": item.code, "title": title, "criteria": criteria})
        if items:
            title = section.title.in_language(language)
            sections.append({"code": section.code, "title": title, "items": items})
    return sections


def _criterion(
    reader: Reader,
    criterion: Criterion,
    result: CriterionResult,
    year: _YearRecords,
    language: Language,
    *,
    stated: bool,
) -> dict[str, Any]:
    rule = criterion.rule
    points = Fraction(criterion.points) if criterion.points is not None else result.points
    causes = rule.causes if isinstance(rule, DeductionRule) else ()
    note = criterion.note
    return {
        "code": criterion.code,
        "text": criterion.text.in_language(language),
        "note": None if note is None else note.in_language(language),
        "rule": rule_words(criterion, vocabulary(reader), language),
        "kind": rule.kind,
        "check": criterion.check,
        "optional": criterion.optional,
        "status": result.status,
        "credit": None if result.credit is None else exact(result.credit),
        "decimal": _decimal(result.credit),
        "reason": result.reason,
        "points": exact(points) if stated and points else None,
        "causes": [
            {
                "code": cause.code,
                "text": cause.text.in_language(language),
                "take": None if cause.take is None else exact(Fraction(cause.take)),
                "between": None if cause.between is None else [str(part) for part in cause.between],
                "all": cause.all,
            }
            for cause in causes
        ],
        "records": year.records(result),
    }


def _decimal(credit: Fraction | None) -> str | None:
    """Return a credit as a finding states it, a decimal; None where it has no finite one."""
    text = None if credit is None else exact(credit)
    return None if text is None or "/" in text else text


class _YearRecords:
    """The records of a year with their evidence, looked up by activity and window."""

    def __init__(self, reader: Reader, basis: SheetBasis) -> None:
        stream, year = basis.entry.stream, basis.cycle.period[:4]
        self._records = records_between(reader, stream, f"{year}-01-01", f"{year}-12-31")
        self._files: dict[str, list[dict[str, str]]] = {}
        for subject, kind, file in files_used(reader, stream):
            self._files.setdefault(subject.partition("/")[2], []).append(
                {"kind": kind, "file": file}
            )

    def records(self, result: CriterionResult) -> list[dict[str, Any]]:
        """Return the records of a criterion's windows, with those that counted marked."""
        windows = [(window.activity, window.first, window.last) for window in result.asked or ()]
        counted = {record for window in result.windows or () for record in window.records}
        return [
            {
                "record_id": record.record_id,
                "occurred_on": record.occurred_on,
                "state": record.state,
                "counted": record.record_id in counted,
                "present": record.fields.get("present"),
                "expected": record.fields.get("expected"),
                "evidence": list(record.fields.get("evidence") or ()),
                "files": self._files.get(record.record_id, []),
            }
            for record in self._records
            if any(
                record.activity == activity and first <= record.occurred_on <= last
                for activity, first, last in windows
            )
        ]
