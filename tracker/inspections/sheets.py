"""Inspection sheets: parsed, validated against the locked inspection, and appended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from events.documents.schemes import (
    Addition,
    DeductionRule,
    JudgementRule,
    Scheme,
    additions_offered,
    has_points,
)
from events.event import Event, Metadata, PendingEvent
from events.log.store import identity_conflict, same_content
from events.periods import local_date, parse_month
from events.refusals.errors import Message, Refused
from events.streams.cycles import cycle_stream
from events.streams.findings import (
    DerivedCriterion,
    Inspection,
    SheetContext,
    SubmitFindings,
    decide,
    evolve,
    inspection_subject,
    sheet_event,
)
from events.streams.rectifications import RectificationOrdered, rectification_subject
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.cycles.cycles import cycle_states
from projections.cycles.overview import unassigned_reason
from projections.cycles.reading import read_cycle_head
from projections.documents.in_force import book, district
from projections.organizations.directory import OrganizationEntry, find
from projections.records.facts import record_ids
from projections.scores.outcomes import inspection_in
from projections.scoring.assessment import assess
from tracker.imports.lines import BadLine
from tracker.imports.parsing import parse_exact_json
from tracker.wording.faults import message_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append, Store
    from events.streams.cycles import Cycle
    from projections.scoring.assessment import Assessment


def parse_sheet(payload: bytes, name: str) -> SubmitFindings:
    """Parse the bytes of a sheet file; ``Refused`` names the file, the field and the fault."""
    try:
        document = parse_exact_json(payload)
    except BadLine as error:
        raise _bad_sheet(name, error.field, error.message) from None
    try:
        sheet = SubmitFindings.model_validate(document)
        parse_month(sheet.period)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise _bad_sheet(name, place, message_of(fault)) from None
    except Refused as error:
        raise _bad_sheet(name, "period", error.message) from None
    return sheet


def _bad_sheet(name: str, field: str, problem: Message) -> Refused:
    return Refused("bad_sheet", file=name, field=field or "(the whole)", problem=problem)


class RefusedSheet(Refused):
    """The refusal of a sheet from a file, with the code and kind of the sheet's own refusal."""

    def __init__(self, file: str, error: Refused) -> None:
        """Keep the file and the refusal of the sheet."""
        super().__init__("sheet_refused", file=file, problem=error)
        self.code = error.code
        self.kind = error.kind


def submit_sheet(store: Store, sheet: SubmitFindings, name: str, metadata: Metadata) -> bool:
    """Record a sheet from a file; False where the same sheet is recorded already.

    Raises ``Refused`` naming the file and the criterion, record or person at fault.
    """
    try:
        return record_sheet(store, sheet, metadata)
    except Refused as error:
        raise RefusedSheet(name, error) from None


def record_sheet(store: Store, sheet: SubmitFindings, metadata: Metadata) -> bool:
    """Record a sheet; False where the same sheet is recorded already.

    Raises ``Refused`` naming the criterion, record or person at fault.
    """
    with store.append() as log:
        locked = lock_inspection(log, store, sheet.organization, sheet.period)
        return append_sheet(log, locked, sheet, metadata)


@dataclass(frozen=True, slots=True)
class LockedInspection:
    """A locked inspection with its state and the context a sheet is validated against.

    ``scope`` is empty where the organization was not drawn or has no inspectors.
    """

    entry: OrganizationEntry
    period: str
    scope: str
    cycle: Cycle
    inspection: Inspection
    context: SheetContext


def lock_inspection(log: Append, store: Store, organization: str, period: str) -> LockedInspection:
    """Lock the inspection of an organization and month exclusively, and its cycle shared.

    Sheets of different organizations do not wait for each other; closing the cycle waits for all.
    ``Refused`` where the organization is not registered.
    """
    entry = find(log, organization)
    if entry is None:
        raise Refused("unknown_organization", field="organization", code=organization)
    assigned = inspection_in(log, entry.stream, period)
    scope = "" if assigned is None else assigned.scope
    if scope:
        log.lock_shared(cycle_stream(scope, period))
    log.lock([entry.stream])
    cycle = read_cycle_head(log, scope, period)
    today = local_date(store.clock(), district(log).zone)
    subject = inspection_subject(scope, period)
    inspection = reduce(evolve, log.subject(entry.stream, subject), Inspection())
    if scope:
        context = read_sheet_context(log, read_sheet_basis(log, entry, cycle, today), scope)
    else:
        context = _unassigned_context(log, entry.stream, period, today)
    return LockedInspection(entry, period, scope, cycle, inspection, context)


def refuse_after_inspections(locked: LockedInspection) -> None:
    """Refuse a sheet after the last day of the inspections."""
    if locked.cycle.state == "drawn" and locked.context.today > locked.cycle.closes_on:
        raise Refused("inspection_over", period=locked.period, day=locked.cycle.closes_on)


def append_sheet(
    log: Append, locked: LockedInspection, sheet: SubmitFindings, metadata: Metadata
) -> bool:
    """Append a sheet to the log; False where the same sheet is recorded already."""
    entry = locked.entry
    if sheet.sheet_id in locked.inspection.sheets:
        _refuse_other_sheet(log, entry, sheet, locked.context)
        return False
    refuse_after_inspections(locked)
    pending = _pending(entry, sheet, decide(sheet, locked.inspection, locked.context), metadata)
    if log.known([(event.stream, event.event_id) for event in pending]):
        raise Refused(
            "sheet_id_used", field="sheet_id", sheet_id=sheet.sheet_id, code=sheet.organization
        )
    log.append(pending)
    return True


def _pending(
    entry: OrganizationEntry, sheet: SubmitFindings, events: list[Event], metadata: Metadata
) -> list[PendingEvent]:
    """Return the events with their identities: the sheet's, and one for each rectification."""
    return [
        PendingEvent(entry.stream, event.subject() or "", event, metadata)
        if isinstance(event, RectificationOrdered)
        else PendingEvent(entry.stream, f"sheet/{sheet.period}/{sheet.sheet_id}", event, metadata)
        for event in events
    ]


def _refuse_other_sheet(
    log: Append, entry: OrganizationEntry, sheet: SubmitFindings, context: SheetContext
) -> None:
    """Refuse other content under the identity of a recorded sheet, rectifications included."""
    ordered = [
        RectificationOrdered(
            rectification_id=f"{sheet.sheet_id}/{number}", period=sheet.period, **asked.model_dump()
        )
        for number, asked in enumerate(sheet.rectify, start=1)
    ]
    wanted = _pending(entry, sheet, [sheet_event(sheet, context), *ordered], Metadata(""))
    # A further rectification is recorded only where the recorded sheet ordered more of them.
    further = (entry.stream, rectification_subject(f"{sheet.sheet_id}/{len(ordered) + 1}"))
    recorded = log.known([*((event.stream, event.event_id) for event in wanted), further])
    texts = log.texts_of(list(recorded.values()))
    differs = further in recorded and recorded[further].data["period"] == sheet.period
    for pending in wanted:
        event = recorded.get((pending.stream, pending.event_id))
        differs = differs or event is None or not same_content(event, pending, texts)
    if differs:
        raise identity_conflict(f"sheet_id {sheet.sheet_id}")


def _unassigned_context(log: Reader, stream: str, period: str, today: date) -> SheetContext:
    """Return the context of an organization without an inspection.

    The cycle's state in it gives the reason of the refusal, or why it was drawn without inspectors.
    """
    states = cycle_states(log, period)
    state = "drawn" if "drawn" in states else min(states, default="")
    unassigned = unassigned_reason(log, stream, period)
    return SheetContext("", today, {}, frozenset(), state, unassigned)


@dataclass(frozen=True, slots=True)
class SheetBasis:
    """What a sheet of an organization and month is based on: the derived assessment."""

    entry: OrganizationEntry
    cycle: Cycle
    today: date
    assessment: Assessment
    scheme: Scheme | None


def read_sheet_basis(
    reader: Reader,
    entry: OrganizationEntry,
    cycle: Cycle,
    today: date,
    known_at: datetime | None = None,
    *,
    own_check: bool = False,
) -> SheetBasis:
    """Return the assessment by the scheme versions that the cycle pinned, as of today.

    After the last day of the inspections it is as of that day. ``known_at`` limits it to what was
    recorded by an instant; ``own_check`` includes the findings of the month's own sheets.
    """
    month = parse_month(cycle.period)
    facts = district(reader)
    history = histories(reader, [entry.stream], facts, month, known_at)[entry.stream]
    history.code = entry.code
    schemes = book(reader)
    pinned = {row["category"]: (row["scheme"], row["version"]) for row in cycle.schemes}
    assessment = assess(
        history,
        schemes,
        month,
        asked_on=min(today, cycle.closes_on),
        first_month=facts.first_month,
        purpose=MONTHLY,
        own_check=own_check,
        pinned=pinned,
    )
    scheme = None
    if assessment.scheme is not None and assessment.version is not None:
        scheme = schemes.version(assessment.scheme, assessment.version)
    return SheetBasis(entry, cycle, today, assessment, scheme)


def read_sheet_context(reader: Reader, basis: SheetBasis, scope: str) -> SheetContext:
    """Return what a sheet is validated against: derived criteria of the pinned version, records."""
    criteria: dict[str, DerivedCriterion] = {}
    additions: dict[tuple[str, str], Addition] = {}
    if basis.scheme is not None:
        results = {result.code: result for result in basis.assessment.criteria}
        criteria = derived_criteria(basis.scheme, results)
        additions = additions_offered(basis.scheme)
    records = record_ids(reader, basis.entry.stream)
    return SheetContext(
        scope, basis.today, criteria, records, basis.cycle.state, additions=additions
    )


def derived_criteria(scheme: Scheme, results: dict[str, Any]) -> dict[str, DerivedCriterion]:
    """Return the criteria of a scheme by code, each with derived status, credit, points, causes."""
    stated = has_points(scheme)
    criteria: dict[str, DerivedCriterion] = {}
    for criterion in scheme.criteria():
        result = results[criterion.code]
        rule = criterion.rule
        causes = (
            {cause.code: cause for cause in rule.causes} if isinstance(rule, DeductionRule) else {}
        )
        grades = rule.grades if isinstance(rule, JudgementRule) else ()
        points = result.points
        if criterion.points is not None:
            points = Fraction(criterion.points)
        criteria[criterion.code] = DerivedCriterion(
            result.status,
            result.credit,
            points,
            rule.kind,
            causes,
            stated,
            {grade.code: grade for grade in grades},
        )
    return criteria
