"""Inspections: who was assigned, what they found, which records they disallowed.

The events are in the organization's stream under the subject ``inspection/SCOPE/PERIOD``. A sheet
is accepted only while the cycle is drawn. A later sheet replaces the earlier one criterion by
criterion, and both stay readable (docs/semantics.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from events.decider import Decider
from events.event import Event
from events.refusals.errors import Message, Refused
from events.streams.additions import AdditionFound, CauseFound, addition_faults, points_deducted
from events.streams.rectifications import OrderRectification, RectificationState
from events.streams.rectifications import decide as decide_rectification
from events.values import (
    Credit,
    CriterionCode,
    Day,
    FrozenModel,
    Identity,
    Measured,
    OrganizationCode,
    PersonId,
    Reason,
    exact_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from events.event import RecordedEvent


def inspection_subject(scope: str, period: str) -> str:
    """Return the subject of one organization's inspection in one cycle."""
    return f"inspection/{scope}/{period}"


# facts
class InspectionEvent(Event):
    """Base of the events of one inspection."""

    scope: str
    period: str

    def subject(self) -> str:
        """Return the inspection of this cycle."""
        return inspection_subject(self.scope, self.period)


class InspectionAssigned(InspectionEvent):
    """The organization was drawn, and these people will inspect it."""

    TYPE: ClassVar[str] = "InspectionAssigned"

    inspectors: tuple[str, ...]
    why: str


class InspectionMissed(InspectionEvent):
    """The cycle closed and the assigned people had submitted no sheet."""

    TYPE: ClassVar[str] = "InspectionMissed"

    inspectors: tuple[str, ...]


class InspectionNotHeld(InspectionEvent):
    """The cycle closed before an inspection was possible; not the inspectors' fault."""

    TYPE: ClassVar[str] = "InspectionNotHeld"

    inspectors: tuple[str, ...]


class FindingsSubmitted(InspectionEvent):
    """The inspectors' joint sheet: findings by criterion, disallowed records, additions.

    A finding with a ``grade`` also has the ``credit`` that the grade gives. ``additions`` is None
    where nothing was added, and in events from before additions.
    """

    TYPE: ClassVar[str] = "FindingsSubmitted"
    TEXTS: ClassVar[tuple[str, ...]] = (
        "findings.*.reason",
        "disallow.*.reason",
        "additions.*.reason",
    )

    kind: str
    sheet_id: str
    inspectors: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]
    disallow: tuple[dict[str, str], ...]
    additions: tuple[dict[str, Any], ...] | None = None


# commands
class Finding(FrozenModel):
    """The judgement of one criterion: a credit, points, causes, or a grade."""

    criterion: CriterionCode
    credit: Credit | None = None
    points: Measured | None = None
    causes: tuple[CauseFound, ...] = Field(default=(), max_length=100)
    grade: CriterionCode | None = None
    reason: Reason | None = None


class Disallowance(FrozenModel):
    """A record that no longer counts."""

    record_id: Identity
    reason: Reason


class RectificationAsked(FrozenModel):
    """A rectification that the sheet orders."""

    criterion: CriterionCode
    problem: Reason
    due: Day


class SubmitFindings(FrozenModel):
    """Submit the joint sheet of an inspection (the file of ``spot-check score``)."""

    period: str
    organization: OrganizationCode
    inspectors: tuple[PersonId, ...] = Field(min_length=1, max_length=20)
    sheet_id: Identity
    findings: tuple[Finding, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)
    additions: tuple[AdditionFound, ...] = Field(default=(), max_length=500)


@dataclass(frozen=True, slots=True)
class DerivedCriterion:
    """One criterion as derived from records: its status, credit and exact points."""

    status: str
    credit: Fraction | None
    points: Fraction
    kind: str
    causes: Mapping[str, Any] = field(default_factory=dict)
    states_points: bool = True
    grades: Mapping[str, Any] = field(default_factory=dict)


UNASSIGNED = {
    "no_team": Message("unassigned_no_team"),
    "team_too_small": Message("unassigned_team_too_small"),
    "too_few_left": Message("unassigned_too_few_left"),
}
"""Why an organization was drawn without inspectors, by the reason in the event."""


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a sheet is validated against: derived criteria, existing records, the cycle's state."""

    scope: str
    today: date
    criteria: Mapping[str, DerivedCriterion]
    records: frozenset[str]
    cycle_state: str
    unassigned: str | None = None
    """Why the organization was drawn without inspectors, None where it was not."""
    additions: Mapping[tuple[str, str], Any] = field(default_factory=dict)


# evolve
@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection; ``state`` is empty before the draw, then as in docs/contracts.md."""

    state: Literal["", "open", "scored", "missed", "not_held"] = ""
    inspectors: tuple[str, ...] = ()
    sheets: frozenset[str] = frozenset()


def evolve(state: Inspection, event: RecordedEvent) -> Inspection:
    """Return the inspection after one of its events."""
    match event.type:
        case InspectionAssigned.TYPE:
            return Inspection("open", tuple(event.data["inspectors"]))
        case FindingsSubmitted.TYPE:
            return replace(state, state="scored", sheets=state.sheets | {event.data["sheet_id"]})
        case InspectionMissed.TYPE:
            return replace(state, state="missed")
        case InspectionNotHeld.TYPE:
            return replace(state, state="not_held")
        case _:
            return state


# decide
def decide(command: SubmitFindings, state: Inspection, context: SheetContext) -> list[Event]:
    """Return the sheet and the rectifications it orders, or raise ``Refused``."""
    if context.cycle_state != "drawn":
        raise Refused(
            "cycle_not_drawn", period=command.period, state=context.cycle_state or "not opened"
        )
    if not state.state:
        raise _no_inspection(command, context)
    strangers = sorted(set(command.inspectors) - set(state.inspectors))
    if strangers or len(set(command.inspectors)) != len(command.inspectors):
        raise Refused(
            "wrong_inspector",
            field="inspectors",
            people=", ".join(strangers or command.inspectors),
            code=command.organization,
            assigned=", ".join(state.inspectors),
        )
    everybody = set(command.inspectors) == set(state.inspectors)
    for fault in sheet_faults(command, context, everybody=everybody):
        raise fault
    sheet: list[Event] = [sheet_event(command, context)]
    for number, asked in enumerate(command.rectify, start=1):
        sheet.extend(
            decide_rectification(
                _ordered(command, number, asked), RectificationState(), context.today
            )
        )
    return sheet


def _no_inspection(command: SubmitFindings, context: SheetContext) -> Refused:
    """Return the refusal of a sheet of an organization that nobody was assigned to."""
    code, period, reason = command.organization, command.period, context.unassigned
    if reason is None:
        return Refused("not_assigned", field="organization", code=code, period=period)
    return Refused(
        "drawn_without_inspectors",
        field="organization",
        code=code,
        period=period,
        reason=reason,
        problem=UNASSIGNED[reason],
    )


def sheet_event(command: SubmitFindings, context: SheetContext) -> FindingsSubmitted:
    """Return the event of a sheet; fields that were not filled in are left out.

    A grade is stored with its credit, so that the event says what it gave.
    """
    findings = tuple(
        {
            key: value
            for key, value in finding.model_dump(mode="json", exclude_none=True).items()
            if value != []
        }
        | _graded(finding, context)
        for finding in command.findings
    )
    return FindingsSubmitted(
        scope=context.scope,
        period=command.period,
        kind="monthly",
        sheet_id=command.sheet_id,
        inspectors=command.inspectors,
        findings=findings,
        disallow=tuple(one.model_dump() for one in command.disallow),
        additions=tuple(one.model_dump(exclude_none=True) for one in command.additions) or None,
    )


def _graded(finding: Finding, context: SheetContext) -> dict[str, str]:
    """Return the credit of a finding's grade; empty without a grade."""
    judged = context.criteria.get(finding.criterion)
    grade = judged.grades.get(finding.grade or "") if judged else None
    return {} if grade is None else {"credit": exact_text(grade.credit)}


def sheet_faults(
    command: SubmitFindings, context: SheetContext, *, everybody: bool
) -> Iterator[Refused]:
    """Yield every fault of a sheet, each with its ``field`` and ``name``.

    ``everybody`` is whether all assigned inspectors sign: only then may a credit be raised.
    """
    yield from _twice([one.criterion for one in command.findings], "findings")
    yield from _twice([one.record_id for one in command.disallow], "disallow")
    yield from addition_faults(command.additions, context.additions)
    for finding in command.findings:
        try:
            _check_finding(finding, context, everybody=everybody)
        except Refused as refused:
            yield refused
    for disallowed in command.disallow:
        if disallowed.record_id not in context.records:
            name = disallowed.record_id
            yield Refused("sheet_unknown_record", field="disallow", name=name)
    for number, asked in enumerate(command.rectify, start=1):
        try:
            if asked.criterion not in context.criteria:
                raise _unknown("rectify", asked.criterion)
            decide_rectification(
                _ordered(command, number, asked), RectificationState(), context.today
            )
        except Refused as refused:
            yield refused.replace(name=asked.criterion)


def _ordered(command: SubmitFindings, number: int, asked: RectificationAsked) -> OrderRectification:
    return OrderRectification(
        rectification_id=f"{command.sheet_id}/{number}",
        period=command.period,
        criterion=asked.criterion,
        problem=asked.problem,
        due=asked.due,
    )


def _check_finding(finding: Finding, context: SheetContext, *, everybody: bool) -> None:
    name = finding.criterion
    judged = context.criteria.get(name)
    if judged is None:
        raise _unknown("findings", name)
    if judged.status in {"pending", "not_applicable"}:
        raise Refused("sheet_not_judged", field="findings", name=name, status=judged.status)
    if judged.grades and finding.grade is None:
        raise Refused("sheet_grade", field="findings", name=name, known=_grades(judged))
    given = [finding.credit, finding.points, finding.causes or None, finding.grade]
    if given.count(None) != len(given) - 1:
        raise Refused("sheet_one_of", field="findings", name=name)
    credit = finding_credit(finding, judged)
    if credit != judged.credit and finding.reason is None:
        raise Refused("sheet_no_reason", field="findings", name=name)
    if judged.credit is not None and credit > judged.credit and not everybody:
        raise Refused("sheet_raised", field="findings", name=name)


def finding_credit(finding: Finding, judged: DerivedCriterion) -> Fraction:
    """Return the credit that a finding gives its criterion; raise ``Refused`` if it gives none."""
    name = finding.criterion
    if finding.credit is not None:
        return Fraction(Decimal(finding.credit))
    if finding.grade is not None:
        if finding.grade not in judged.grades:
            known, grade = _grades(judged), finding.grade
            raise Refused(
                "sheet_unknown_grade", field="findings", name=name, grade=grade, known=known
            )
        return Fraction(judged.grades[finding.grade].credit)
    if not judged.states_points or not judged.points:
        raise Refused("sheet_no_points", field="findings", name=name)
    if finding.points is not None:
        points, most = Fraction(Decimal(finding.points)), exact_text(judged.points)
        if points > judged.points:
            raise Refused("sheet_points_above", field="findings", name=name, most=most)
        return points / judged.points
    if judged.kind != "deduction":
        raise Refused("sheet_no_deduction", field="findings", name=name)
    taken = sum(
        (points_deducted(name, cause, judged.causes, judged.points) for cause in finding.causes),
        Fraction(0),
    )
    return max(Fraction(0), 1 - taken / judged.points)


def _grades(judged: DerivedCriterion) -> str:
    return ", ".join(judged.grades) or "–"


def _twice(names: list[str], where: str) -> Iterator[Refused]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Refused("sheet_twice", field=where, name=name)


def _unknown(where: str, name: str) -> Refused:
    return Refused("sheet_unknown_criterion", field=where, name=name)


DECIDER = Decider(Inspection(), evolve, decide)
