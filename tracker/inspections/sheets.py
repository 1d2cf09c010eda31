"""The inspectors' joint sheet at the desk: what it is checked against, and how it is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from events.documents.schemes import DeductionRule, Scheme, has_points
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
from projections.cycles.reading import read_cycle_head
from projections.documents.in_force import book, district
from projections.organizations.directory import OrganizationEntry, find
from projections.records.facts import record_ids
from projections.scores.outcomes import inspection_in
from projections.scoring.assessment import assess
from tracker.imports.lines import BadLine
from tracker.imports.parsing import exact_json
from tracker.wording.faults import message_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append, Store
    from events.streams.cycles import Cycle
    from projections.scoring.assessment import Assessment


def parse_sheet(payload: bytes, name: str) -> SubmitFindings:
    """A sheet from the bytes of its file; ``Refused`` names the file, the field and the fault."""
    try:
        document = exact_json(payload)
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
    """The refusal of a sheet from a file: code and kind are those of what is wrong with it."""

    def __init__(self, file: str, error: Refused) -> None:
        """Keep the file and the refusal of the sheet."""
        super().__init__("sheet_refused", file=file, problem=error)
        self.code = error.code
        self.kind = error.kind


def submit_sheet(store: Store, sheet: SubmitFindings, name: str, metadata: Metadata) -> bool:
    """Take a sheet in; False where the same sheet stands already.

    Raises ``Refused`` naming the file and the criterion, record or person at fault.
    """
    try:
        return take_sheet(store, sheet, metadata)
    except Refused as error:
        raise RefusedSheet(name, error) from None


def take_sheet(store: Store, sheet: SubmitFindings, metadata: Metadata) -> bool:
    """Take a sheet in that came in no file; False where the same sheet stands already.

    Raises ``Refused`` naming the criterion, record or person at fault.
    """
    with store.append() as log:
        return append_sheet(
            log, lock_inspection(log, store, sheet.organization, sheet.period), sheet, metadata
        )


@dataclass(frozen=True, slots=True)
class LockedInspection:
    """One inspection held for a sheet: how far it is, and what a sheet is held against.

    ``scope`` is empty where the organization was not drawn.
    """

    entry: OrganizationEntry
    period: str
    scope: str
    cycle: Cycle
    inspection: Inspection
    desk: SheetContext


def lock_inspection(log: Append, store: Store, organization: str, period: str) -> LockedInspection:
    """Hold the inspection of an organization and month, its cycle beside others who do.

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
        desk = desk_on(log, basis(log, entry, cycle, today), scope)
    else:
        desk = _empty_desk(log, period, today)
    return LockedInspection(entry, period, scope, cycle, inspection, desk)


def refuse_over(laid: LockedInspection) -> None:
    """Refuse a sheet after the last day of the inspections."""
    if laid.cycle.state == "drawn" and laid.desk.today > laid.cycle.closes_on:
        raise Refused("inspection_over", period=laid.period, day=laid.cycle.closes_on)


def append_sheet(
    log: Append, laid: LockedInspection, sheet: SubmitFindings, metadata: Metadata
) -> bool:
    """Put a sheet into the log; False where the same sheet stands already."""
    entry = laid.entry
    if sheet.sheet_id in laid.inspection.sheets:
        _same_or_refuse(log, entry, sheet, laid.scope)
        return False
    refuse_over(laid)
    pending = _pending(entry, sheet, decide(sheet, laid.inspection, laid.desk), metadata)
    if log.known([(one.stream, one.event_id) for one in pending]):
        raise Refused(
            "sheet_id_used", field="sheet_id", sheet_id=sheet.sheet_id, code=sheet.organization
        )
    log.append(pending)
    return True


def _pending(
    entry: OrganizationEntry, sheet: SubmitFindings, events: list[Event], metadata: Metadata
) -> list[PendingEvent]:
    """The events under their identities: the sheet's own, and each rectification's."""
    return [
        PendingEvent(entry.stream, event.subject() or "", event, metadata)
        if isinstance(event, RectificationOrdered)
        else PendingEvent(entry.stream, f"sheet/{sheet.period}/{sheet.sheet_id}", event, metadata)
        for event in events
    ]


def _same_or_refuse(
    log: Append, entry: OrganizationEntry, sheet: SubmitFindings, scope: str
) -> None:
    """Refuse other content under the identity of a sheet that stands, rectifications included."""
    asked = [
        RectificationOrdered(
            rectification_id=f"{sheet.sheet_id}/{number}", period=sheet.period, **one.model_dump()
        )
        for number, one in enumerate(sheet.rectify, start=1)
    ]
    wanted = _pending(entry, sheet, [sheet_event(sheet, scope), *asked], Metadata(""))
    one_more = (entry.stream, rectification_subject(f"{sheet.sheet_id}/{len(asked) + 1}"))
    stands = log.known([*((one.stream, one.event_id) for one in wanted), one_more])
    texts = log.texts_of(list(stands.values()))
    others = one_more in stands and stands[one_more].data["period"] == sheet.period
    for one in wanted:
        event = stands.get((one.stream, one.event_id))
        others = others or event is None or not same_content(event, one, texts)
    if others:
        raise identity_conflict(f"sheet_id {sheet.sheet_id}")


def _empty_desk(log: Reader, period: str, today: date) -> SheetContext:
    """The desk where the organization was not drawn: the cycle's state tells why it is refused."""
    states = cycle_states(log, period)
    state = "drawn" if "drawn" in states else min(states, default="")
    return SheetContext("", today, {}, frozenset(), state)


@dataclass(frozen=True, slots=True)
class SheetBasis:
    """What a sheet of one organization and month is made on: the figure as derived for it."""

    entry: OrganizationEntry
    cycle: Cycle
    today: date
    found: Assessment
    scheme: Scheme | None


def basis(
    reader: Reader,
    entry: OrganizationEntry,
    cycle: Cycle,
    today: date,
    known_at: datetime | None = None,
    *,
    own_check: bool = False,
) -> SheetBasis:
    """The derived figure by the versions that the cycle pinned, as of today or the last day.

    ``known_at`` asks for what was known at a past instant, ``own_check`` for the figure with what
    the month's own sheets found.
    """
    month = parse_month(cycle.period)
    facts = district(reader)
    history = histories(reader, [entry.stream], facts, month, known_at)[entry.stream]
    history.code = entry.code
    schemes = book(reader)
    pinned = {one["category"]: (one["scheme"], one["version"]) for one in cycle.schemes}
    found = assess(
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
    if found.scheme is not None and found.version is not None:
        scheme = schemes.version(found.scheme, found.version)
    return SheetBasis(entry, cycle, today, found, scheme)


def desk_on(reader: Reader, on: SheetBasis, scope: str) -> SheetContext:
    """What a sheet is held against: the derived criteria of the pinned version, the records."""
    criteria: dict[str, DerivedCriterion] = {}
    if on.scheme is not None:
        criteria = judged_criteria(on.scheme, {one.code: one for one in on.found.criteria})
    records = record_ids(reader, on.entry.stream)
    return SheetContext(scope, on.today, criteria, records, on.cycle.state)


def judged_criteria(scheme: Scheme, results: dict[str, Any]) -> dict[str, DerivedCriterion]:
    """Every criterion of a scheme with its derived status and credit, its points and causes."""
    stated = has_points(scheme)
    found: dict[str, DerivedCriterion] = {}
    for criterion in scheme.criteria():
        result = results[criterion.code]
        rule = criterion.rule
        causes = (
            {cause.code: cause for cause in rule.causes} if isinstance(rule, DeductionRule) else {}
        )
        points = result.points
        if criterion.points is not None:
            points = Fraction(criterion.points)
        found[criterion.code] = DerivedCriterion(
            result.status, result.credit, points, rule.kind, causes, stated
        )
    return found
