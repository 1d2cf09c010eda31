"""Inspections: who was assigned, what they found, which records they disallowed.

They stand in the organization's stream under the subject ``inspection/SCOPE/PERIOD``. A finding is
taken only while its assignment is open; a later sheet replaces the earlier one criterion by
criterion, and both stay readable (semantics, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from events.errors import Kind, Refused
from events.event import Event
from events.rectifications import OrderRectification, order
from events.scheme_documents import exact_text
from events.values import (
    Credit,
    CriterionCode,
    Day,
    Frozen,
    Identity,
    Measured,
    OrganizationCode,
    PersonId,
    Reason,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.event import RecordedEvent


def inspection_subject(scope: str, period: str) -> str:
    """The subject of one organization's inspection in one cycle."""
    return f"inspection/{scope}/{period}"


# facts
class InspectionEvent(Event):
    """Base of the events of one inspection."""

    scope: str
    period: str

    def subject(self) -> str:
        """The inspection of this cycle."""
        return inspection_subject(self.scope, self.period)


class InspectionAssigned(InspectionEvent):
    """The organization was drawn, and these people inspect it."""

    TYPE: ClassVar[str] = "InspectionAssigned"

    inspectors: tuple[str, ...]
    why: str


class InspectionMissed(InspectionEvent):
    """The cycle closed and the assigned people had handed in no sheet."""

    TYPE: ClassVar[str] = "InspectionMissed"

    inspectors: tuple[str, ...]


class InspectionNotHeld(InspectionEvent):
    """The cycle closed before anybody could inspect; nobody is to blame."""

    TYPE: ClassVar[str] = "InspectionNotHeld"

    inspectors: tuple[str, ...]


class FindingsSubmitted(InspectionEvent):
    """The inspectors' joint sheet: findings by criterion, disallowed records."""

    TYPE: ClassVar[str] = "FindingsSubmitted"
    TEXTS: ClassVar[tuple[str, ...]] = ("findings.*.reason", "disallow.*.reason")

    kind: str
    sheet_id: str
    inspectors: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]
    disallow: tuple[dict[str, str], ...]


# commands
class CauseFound(Frozen):
    """A cause of a deduction, how often, or the points taken where the inspector may choose."""

    cause: CriterionCode
    count: int = Field(default=1, ge=1, le=1000)
    points: Measured | None = None


class Finding(Frozen):
    """What was found on one criterion: a credit, points, or causes."""

    criterion: CriterionCode
    credit: Credit | None = None
    points: Measured | None = None
    causes: tuple[CauseFound, ...] = Field(default=(), max_length=100)
    reason: Reason | None = None


class Disallowance(Frozen):
    """A record that does not count from now on."""

    record_id: Identity
    reason: Reason


class RectificationAsked(Frozen):
    """A rectification that the sheet orders."""

    criterion: CriterionCode
    problem: Reason
    due: Day


class SubmitFindings(Frozen):
    """Hand in the joint sheet of an inspection (the file of ``spot-check score``)."""

    period: str
    organization: OrganizationCode
    inspectors: tuple[PersonId, ...] = Field(min_length=1, max_length=20)
    sheet_id: Identity
    findings: tuple[Finding, ...] = Field(default=(), max_length=2000)
    disallow: tuple[Disallowance, ...] = Field(default=(), max_length=2000)
    rectify: tuple[RectificationAsked, ...] = Field(default=(), max_length=500)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the door knows of one criterion: its derived status and credit, its exact points."""

    status: str
    credit: Fraction | None
    points: Fraction
    kind: str
    causes: Mapping[str, Any] = field(default_factory=dict)
    states_points: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """What the door gathered for a sheet: the derived criteria and the records that exist."""

    scope: str
    today: date
    criteria: Mapping[str, Judged]
    records: frozenset[str]
    cycle_state: str


# evolve
@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection so far; ``state`` is empty before the draw, then as CONTRACTS names it."""

    state: Literal["", "open", "scored", "missed", "not_held"] = ""
    inspectors: tuple[str, ...] = ()
    sheets: frozenset[str] = frozenset()


def evolve(state: Inspection, event: RecordedEvent) -> Inspection:
    """The inspection after one of its events."""
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
def submit(command: SubmitFindings, state: Inspection, desk: Desk) -> list[Event]:
    """The sheet and the rectifications it orders, or ``Refused`` naming the criterion."""
    if desk.cycle_state != "drawn":
        raise Refused(
            "cycle_not_drawn",
            "the cycle of {period} takes no sheets (its state: {state})",
            kind=Kind.CONFLICT,
            period=command.period,
            state=desk.cycle_state or "not opened",
        )
    if not state.state:
        raise Refused(
            "not_assigned",
            "field organization: {code} was not drawn in {period}",
            kind=Kind.NOT_FOUND,
            field="organization",
            code=command.organization,
            period=command.period,
        )
    strangers = sorted(set(command.inspectors) - set(state.inspectors))
    if strangers or len(set(command.inspectors)) != len(command.inspectors):
        raise Refused(
            "wrong_inspector",
            "field inspectors: {people} cannot sign for {code}; assigned are {assigned}",
            kind=Kind.FORBIDDEN,
            field="inspectors",
            people=", ".join(strangers or command.inspectors),
            code=command.organization,
            assigned=", ".join(state.inspectors),
        )
    _once([one.criterion for one in command.findings], "findings")
    _once([one.record_id for one in command.disallow], "disallow")
    everybody = set(command.inspectors) == set(state.inspectors)
    for one in command.findings:
        _check_finding(one, desk, everybody=everybody)
    for disallowed in command.disallow:
        if disallowed.record_id not in desk.records:
            raise _at("disallow", disallowed.record_id, "is not a record of this organization")
    sheet: list[Event] = [sheet_event(command, desk.scope)]
    for number, asked in enumerate(command.rectify, start=1):
        if asked.criterion not in desk.criteria:
            raise _at("rectify", asked.criterion, "is not a criterion of the scheme")
        wanted = OrderRectification(
            rectification_id=f"{command.sheet_id}/{number}",
            period=command.period,
            criterion=asked.criterion,
            problem=asked.problem,
            due=asked.due,
        )
        sheet.extend(order(wanted, desk.today))
    return sheet


def sheet_event(command: SubmitFindings, scope: str) -> FindingsSubmitted:
    """The event that a sheet becomes; it says what was written and nothing else."""
    findings = tuple(
        {
            key: value
            for key, value in one.model_dump(mode="json", exclude_none=True).items()
            if value != []
        }
        for one in command.findings
    )
    return FindingsSubmitted(
        scope=scope,
        period=command.period,
        kind="monthly",
        sheet_id=command.sheet_id,
        inspectors=command.inspectors,
        findings=findings,
        disallow=tuple(one.model_dump() for one in command.disallow),
    )


def _check_finding(finding: Finding, desk: Desk, *, everybody: bool) -> None:
    judged = desk.criteria.get(finding.criterion)
    if judged is None:
        raise _at("findings", finding.criterion, "is not a criterion of the scheme")
    if judged.status in {"pending", "not_applicable"}:
        raise _at("findings", finding.criterion, f"is {judged.status} and cannot be judged")
    given = [finding.credit is not None, finding.points is not None, bool(finding.causes)]
    if sum(given) != 1:
        raise _at("findings", finding.criterion, "needs one of credit, points and causes")
    found = _credit(finding, judged)
    if found != judged.credit and finding.reason is None:
        raise _at("findings", finding.criterion, "differs from the derived credit without a reason")
    if judged.credit is not None and found > judged.credit and not everybody:
        raise _at("findings", finding.criterion, "is raised, which all its inspectors must sign")


def _credit(finding: Finding, judged: Judged) -> Fraction:
    if finding.credit is not None:
        return Fraction(Decimal(finding.credit))
    if not judged.states_points or not judged.points:
        raise _at("findings", finding.criterion, "has no points; give a credit from 0 to 1")
    if finding.points is not None:
        points = Fraction(Decimal(finding.points))
        if points > judged.points:
            raise _at("findings", finding.criterion, f"has only {exact_text(judged.points)} points")
        return points / judged.points
    if judged.kind != "deduction":
        raise _at("findings", finding.criterion, "is not a deduction and takes no causes")
    taken = sum((_taken(finding.criterion, cause, judged) for cause in finding.causes), Fraction(0))
    return max(Fraction(0), 1 - taken / judged.points)


def _taken(criterion: str, found: CauseFound, judged: Judged) -> Fraction:
    """The points that one cause takes: fixed times count, everything, or as the inspector says."""
    cause = judged.causes.get(found.cause)
    if cause is None:
        raise _at("findings", criterion, f"has no cause {found.cause}")
    if cause.between is not None:
        if found.points is None:
            raise _at("findings", criterion, f"cause {found.cause} needs points")
        points = Fraction(Decimal(found.points))
        low, high = cause.between
        if not low <= points <= high:
            raise _at("findings", criterion, f"cause {found.cause} takes {low} to {high} points")
        return points * found.count
    if found.points is not None:
        raise _at("findings", criterion, f"cause {found.cause} takes a fixed number of points")
    return judged.points if cause.all else Fraction(cause.take) * found.count


def _once(names: list[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise _at(where, name, "stands twice")


def _at(where: str, name: str, problem: str) -> Refused:
    return Refused(
        "sheet_fault",
        "field {field}: {name} {problem}",
        field=where,
        name=name,
        problem=problem,
    )
