"""Which criteria an activity counts for, and what each requires of its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import ActivityRule, Criterion
from events.periods import Length, month_of
from events.streams.scores import MONTHLY
from projections.compliance.evaluation import histories
from projections.documents.in_force import book
from projections.records.facts import entries_of_records
from projections.scoring.assessment import assess
from projections.scoring.credit import state_at
from projections.scoring.rules import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.documents.schemes import Scheme
    from events.log.reader import Reader
    from events.periods import Period
    from projections.documents.in_force import DistrictFacts
    from projections.scoring.credit import Window
    from projections.scoring.rules import CriterionResult
    from projections.scoring.scheme_book import SchemeBook

LATEST = "9999-99-99"
"""After every local date."""
ATTENDANCE = "attendance"
MONEY = "money"
ATTENDED = {"present": 1, "expected": 1}
PAID = {"due": 1, "paid": 1}
"""Fields that satisfy every rule on attendance, and on money."""


@dataclass(frozen=True, slots=True)
class ServedCriterion:
    """One criterion that an activity counts for.

    ``item`` is the code of its item, ``attendance`` the least share present, or None.
    """

    criterion: Criterion
    item: str
    evidence: tuple[str, ...]
    attendance: Decimal | None
    in_full: bool
    optional: bool


def scheme_of(book: SchemeBook, category: str, month: Period) -> Scheme | None:
    """Return the monthly scheme in force for a category in a month, or None."""
    return book.in_force(category, MONTHLY, month)


def activities_of(scheme: Scheme) -> dict[str, tuple[ServedCriterion, ...]]:
    """Return by activity the criteria of a scheme that it counts for, in their order."""
    served: dict[str, list[ServedCriterion]] = {}
    for item in scheme.items():
        for criterion in item.criteria:
            rule = criterion.rule
            if isinstance(rule, ActivityRule):
                served.setdefault(rule.activity, []).append(
                    ServedCriterion(
                        criterion,
                        item.code,
                        rule.evidence,
                        rule.attendance_at_least,
                        rule.in_full,
                        criterion.optional,
                    )
                )
    return {activity: tuple(criteria) for activity, criteria in served.items()}


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """One window of a criterion into which a record falls, and what the record is worth there.

    ``credit`` is the record's own; it ``counts`` where it is among the best that the window
    requires. ``lacking`` names what the rule requires and the record does not have: kinds of
    evidence, ``attendance``, ``money``. Dates are ISO texts.
    """

    criterion: Criterion
    window: str
    deadline: str
    required: int
    counted: Fraction
    credit: Fraction
    counts: bool
    lacking: tuple[str, ...]


def places_of(
    reader: Reader, stream: str, district: DistrictFacts, record_id: str, today: date
) -> list[WindowPlace]:
    """Return the windows into which a record falls as it is now, shortest first.

    Scored as at a close, with the findings of the period itself: a sheet may have disallowed the
    record. Empty where it was retracted, or where no scheme requires its activity.
    """
    entries = entries_of_records(reader, stream, [record_id]).get(record_id)
    state = state_at(entries, LATEST) if entries else {}
    if not state or "retracted" in state:
        return []
    month = month_of(date.fromisoformat(state["occurred_on"]))
    places: list[WindowPlace] = []
    for length in Length:
        period = month.window_around(length)
        facts = histories(reader, [stream], district, period)[stream]
        schemes = book(reader)
        assessment = assess(
            facts,
            schemes,
            period,
            asked_on=today,
            first_month=district.first_month,
            own_check=True,
        )
        if assessment.scheme is None or assessment.version is None:
            continue
        version = schemes.version(assessment.scheme, assessment.version)
        criteria = schemes.catalogue(version).by_code
        for result in assessment.criteria:
            if result.status != NOT_APPLICABLE:
                places += _places(result, criteria[result.code], period, record_id, state)
    return places


def _places(
    result: CriterionResult,
    criterion: Criterion,
    period: Period,
    record_id: str,
    state: Mapping[str, Any],
) -> list[WindowPlace]:
    """Return the places of a record in the windows of one criterion that are this very period."""
    places = []
    for window, gained in zip(result.asked or (), result.windows or (), strict=True):
        if window.period == period and window.activity == state["activity"]:
            worth = {record: credit for credit, _, record in result.hits.get(window, ())}
            places.append(
                WindowPlace(
                    criterion,
                    window.text,
                    window.deadline,
                    window.count,
                    gained.counted,
                    Fraction(worth.get(record_id, 0), window.scale),
                    record_id in gained.records,
                    lacking(window, state),
                )
            )
    return places


def lacking(window: Window, state: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a window's rule requires and a record does not have.

    Kinds of evidence by name, then attendance and money (docs/semantics.md, section 3).
    """
    missing = sorted(window.evidence.difference(state.get("evidence") or ()))
    with_evidence = {**state, "evidence": window.evidence}
    if not window.complete(with_evidence | PAID):
        missing.append(ATTENDANCE)
    if not window.complete(with_evidence | ATTENDED):
        missing.append(MONEY)
    return tuple(missing)
