"""Which criteria an activity serves, and what each asks of it: for whoever records one."""

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
ATTENDANCE = "attendance"
MONEY = "money"
ATTENDED = {"present": 1, "expected": 1}
PAID = {"due": 1, "paid": 1}


@dataclass(frozen=True, slots=True)
class ServedCriterion:
    """One criterion that an activity serves; ``attendance`` is the least share present, or None."""

    criterion: Criterion
    item: str
    evidence: tuple[str, ...]
    attendance: Decimal | None
    in_full: bool
    optional: bool


def scheme_of(book: SchemeBook, category: str, month: Period) -> Scheme | None:
    """The monthly scheme that governs a category in a month."""
    return book.in_force(category, MONTHLY, month)


def activities_of(scheme: Scheme) -> dict[str, tuple[ServedCriterion, ...]]:
    """Every activity that a scheme asks for with the criteria that it serves, in their order."""
    found: dict[str, list[ServedCriterion]] = {}
    for item in scheme.items():
        for criterion in item.criteria:
            rule = criterion.rule
            if isinstance(rule, ActivityRule):
                found.setdefault(rule.activity, []).append(
                    ServedCriterion(
                        criterion,
                        item.code,
                        rule.evidence,
                        rule.attendance_at_least,
                        rule.in_full,
                        criterion.optional,
                    )
                )
    return {activity: tuple(served) for activity, served in found.items()}


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """One window of a criterion in which a record stands, and what the record is worth there.

    ``credit`` is the record's own; it ``counts`` where it is among the best that the window asks
    for. ``lacking`` names what the rule asks for and the record has not: kinds of evidence,
    ``attendance``, ``money``. Dates are ISO texts.
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
    """The windows in which a record stands as it is now, by length; as the scoring judges them.

    A sheet that disallowed it is looked at, also that of the very period. Empty where it was
    retracted, or no scheme asks for its activity.
    """
    entries = entries_of_records(reader, stream, [record_id]).get(record_id)
    state = state_at(entries, LATEST) if entries else {}
    if not state or "retracted" in state:
        return []
    month = month_of(date.fromisoformat(state["occurred_on"]))
    found: list[WindowPlace] = []
    for length in Length:
        period = month.window_around(length)
        facts = histories(reader, [stream], district, period)[stream]
        schemes = book(reader)
        judged = assess(
            facts,
            schemes,
            period,
            asked_on=today,
            first_month=district.first_month,
            own_check=True,
        )
        if judged.scheme is None or judged.version is None:
            continue
        criteria = schemes.catalogue(schemes.version(judged.scheme, judged.version)).by_code
        for one in judged.criteria:
            if one.status != NOT_APPLICABLE:
                found += _places(one, criteria[one.code], period, record_id, state)
    return found


def _places(
    result: CriterionResult,
    criterion: Criterion,
    period: Period,
    record_id: str,
    state: Mapping[str, Any],
) -> list[WindowPlace]:
    """The places of a record in the windows of one criterion that are this very period."""
    found = []
    for window, gained in zip(result.asked or (), result.windows or (), strict=True):
        if window.period == period and window.activity == state["activity"]:
            worth = {hit[2]: hit[0] for hit in result.hits.get(window, ())}
            found.append(
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
    return found


def lacking(window: Window, state: Mapping[str, Any]) -> tuple[str, ...]:
    """What a window's rule asks for and a record's state has not (docs/semantics.md, section 3)."""
    found = sorted(window.evidence.difference(state.get("evidence") or ()))
    shown = {**state, "evidence": window.evidence}
    if not window.complete(shown | PAID):
        found.append(ATTENDANCE)
    if not window.complete(shown | ATTENDED):
        found.append(MONEY)
    return tuple(found)
