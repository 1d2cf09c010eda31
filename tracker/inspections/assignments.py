"""What inspectors see: their assignments, and a sheet with records and evidence beside it."""

from __future__ import annotations

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
from tracker.inspections.sheets import basis
from tracker.inspections.signatures import not_yours, proposals, waiting

if TYPE_CHECKING:
    from datetime import date

    from events.documents.schemes import Criterion
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.organizations.scope import Scope
    from projections.scoring.rules import CriterionResult
    from tracker.inspections.sheets import SheetBasis

MOST_ASSIGNMENTS = 200
"""The newest that are looked at; older ones stand in the electronic files."""


def assignments(reader: Reader, person: str, today: date, reach: Scope) -> list[dict[str, Any]]:
    """A person's assignments, those still to do first: what waits for a signature, then by day.

    ``reach`` is what they may inspect now; what was assigned to them beyond it is left out.

    ``closes_on`` is the last day (ISO) and ``days_left`` the days until it, 0 on it; both are None
    once the cycle takes no sheets.
    """
    rows = assigned_to(reader, person)[:MOST_ASSIGNMENTS]
    within = reach.streams_among(reader, sorted({stream for stream, _, _ in rows}))
    rows = [one for one in rows if one[0] in within]
    entries = entries_of(reader, sorted(within))
    closes = _closing_days(reader, {(scope, period) for _, scope, period in rows}, today)
    inspections = inspections_of(reader, sorted(entries))
    to_sign, sent, handed_back = waiting(reader, person)
    found: list[dict[str, Any]] = []
    for stream, scope, period in rows:
        entry, last = entries[stream], closes.get((scope, period))
        inspection = inspections[stream, scope, period]
        found.append(
            {
                "organization": entry.code,
                "name": entry.name,
                "category": entry.category,
                "period": period,
                "scope": scope,
                "state": inspection.state,
                "colleagues": [one for one in inspection.inspectors if one != person],
                "closes_on": None if last is None else last.isoformat(),
                "days_left": None if last is None else (last - today).days,
                "to_sign": last is not None and (stream, period) in to_sign,
                "sent": (stream, period) in sent,
                "handed_back": last is not None and (stream, period) in handed_back,
            }
        )
    found.sort(key=lambda one: one["organization"])
    found.sort(key=lambda one: one["period"], reverse=True)
    return sorted(found, key=_urgency)


def _closing_days(
    reader: Reader, cycles: set[tuple[str, str]], today: date
) -> dict[tuple[str, str], date]:
    """The last day of each of these cycles that still takes sheets."""
    drawn = {(one.scope, one.period) for one in all_cycles(reader) if one.state == "drawn"}
    days = {
        (scope, period): read_cycle_head(reader, scope, period).closes_on
        for scope, period in cycles & drawn
    }
    return {key: day for key, day in days.items() if today <= day}


def _urgency(one: dict[str, Any]) -> tuple[Any, ...]:
    if one["closes_on"] is None:
        return True, False, False, ""
    urgent = one["to_sign"] or one["handed_back"]
    return False, not urgent, one["state"] != "open", one["closes_on"]


def sheet(
    reader: Reader,
    entry: OrganizationEntry,
    period: str,
    person: str,
    today: date,
    language: Language,
) -> dict[str, Any]:
    """The sheet of an organization for somebody who is assigned to it.

    Criteria that can be judged, by section and item, each with what was derived, its rule in words,
    the records of its windows and their evidence. ``Refused`` where the person is not assigned.
    """
    scope, inspection = assignment(reader, entry, period, person)
    cycle = read_cycle_head(reader, scope, period)
    found = basis(reader, entry, cycle, today)
    return {
        "organization": entry.code,
        "name": entry.name,
        "category": entry.category,
        "period": period,
        "state": inspection.state,
        "inspectors": list(inspection.inspectors),
        "colleagues": [one for one in inspection.inspectors if one != person],
        "sheets": sorted(inspection.sheets),
        "takes_sheets": cycle.state == "drawn" and today <= cycle.closes_on,
        "closes_on": cycle.closes_on.isoformat(),
        "score": found.found.score_text,
        "scheme": found.found.scheme,
        "version": found.found.version,
        "sections": _sections(reader, found, language),
        "proposals": [
            {
                "sheet_id": one.sheet_id,
                "sheet": one.given.sheet.model_dump(mode="json", exclude_none=True),
                "person": one.person,
                "signed": list(one.signed),
                "proposed_at": one.proposed_at,
                "remark": one.remark,
                "digest": one.digest,
            }
            for one in proposals(reader, entry.stream, period)
        ],
    }


def assignment(
    reader: Reader, entry: OrganizationEntry, period: str, person: str
) -> tuple[str, Inspection]:
    """The scope and inspection by which a person is assigned; ``Refused`` where they are not."""
    for stream, scope, of_period in assigned_to(reader, person):
        if (stream, of_period) == (entry.stream, period):
            events = reader.subject(stream, inspection_subject(scope, period))
            return scope, reduce(evolve, events, Inspection())
    raise not_yours(entry.code, period)


def _sections(reader: Reader, on: SheetBasis, language: Language) -> list[dict[str, Any]]:
    if on.scheme is None:
        return []
    results = {one.code: one for one in on.found.criteria}
    beside = _Beside(reader, on)
    stated = has_points(on.scheme)
    found: list[dict[str, Any]] = []
    for section in on.scheme.all_sections():
        items = []
        for item in section.items:
            criteria = [
                _criterion(reader, one, results[one.code], beside, language, stated=stated)
                for one in item.criteria
                if results[one.code].status not in OUT_OF_REACH
            ]
            if criteria:
                title = item.title.zh if language == "zh" else item.title.en
                items.append({"code": item.code, "title": title, "criteria": criteria})
        if items:
            title = section.title.zh if language == "zh" else section.title.en
            found.append({"code": section.code, "title": title, "items": items})
    return found


def _criterion(
    reader: Reader,
    criterion: Criterion,
    result: CriterionResult,
    beside: _Beside,
    language: Language,
    *,
    stated: bool,
) -> dict[str, Any]:
    rule = criterion.rule
    points = Fraction(criterion.points) if criterion.points is not None else result.points
    causes = rule.causes if isinstance(rule, DeductionRule) else ()
    zh = language == "zh"
    note = criterion.note
    return {
        "code": criterion.code,
        "text": criterion.text.zh if zh else criterion.text.en,
        "note": None if note is None else note.zh if zh else note.en,
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
                "code": one.code,
                "text": one.text.zh if zh else one.text.en,
                "take": None if one.take is None else exact(Fraction(one.take)),
                "between": None if one.between is None else [str(x) for x in one.between],
                "all": one.all,
            }
            for one in causes
        ],
        "records": beside.records(result),
    }


def _decimal(credit: Fraction | None) -> str | None:
    """A credit as a finding can say it: a decimal; None where it has no finite one."""
    text = None if credit is None else exact(credit)
    return None if text is None or "/" in text else text


class _Beside:
    """The records of a year with their evidence, found by activity and window."""

    def __init__(self, reader: Reader, on: SheetBasis) -> None:
        year = on.cycle.period[:4]
        self._records = records_between(reader, on.entry.stream, f"{year}-01-01", f"{year}-12-31")
        self._files: dict[str, list[dict[str, str]]] = {}
        for subject, kind, file in files_used(reader, on.entry.stream):
            self._files.setdefault(subject.partition("/")[2], []).append(
                {"kind": kind, "file": file}
            )

    def records(self, result: CriterionResult) -> list[dict[str, Any]]:
        """The records of a criterion's windows, those that counted marked."""
        windows = [(one.activity, one.first, one.last) for one in result.asked or ()]
        counted = {record for one in result.windows or () for record in one.records}
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
