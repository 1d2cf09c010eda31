"""The five kinds of rule: what a criterion of a period gets."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.case import Case
from tests.oracle.scheme import Criterion
from tests.oracle.time import number
from tests.oracle.windows import (
    Counted,
    applies,
    belonging,
    count,
    is_asked,
    surrounding,
    will_be_asked,
)

NOT_APPLICABLE, PENDING, UNJUDGED = "not_applicable", "pending", "unjudged"
CREDIT_OF_STATE = {"met": Fraction(1), "partial": Fraction(1, 2), "unmet": Fraction(0)}


@dataclass(frozen=True)
class Verdict:
    """The result of a criterion: a status, a credit if it is judged, and its windows."""

    status: str
    credit: Fraction | None
    reason: str | None = None
    windows: tuple[Counted, ...] = ()


def judged(
    credit: Fraction, reason: str | None = None, windows: tuple[Counted, ...] = ()
) -> Verdict:
    """Return the verdict of a credit."""
    status = "met" if credit == 1 else "missed" if credit == 0 else "partial"
    return Verdict(status, credit, reason, windows)


def judge(case: Case, criterion: Criterion) -> Verdict:
    """Return the verdict on a criterion of the period's scheme."""
    if criterion.kind == "activity":
        return _activity(case, criterion)
    applicable, missing = applies(case, criterion, case.end())
    if not applicable:
        return Verdict(NOT_APPLICABLE, None, "does_not_apply")
    verdict = {
        "condition": _condition,
        "measure": _measure,
        "deduction": _deduction,
        "judgement": _judgement,
    }[criterion.kind](case, criterion)
    if missing and verdict.reason is None:
        return Verdict(verdict.status, verdict.credit, "measure_missing", verdict.windows)
    return verdict


def _activity(case: Case, criterion: Criterion) -> Verdict:
    windows = belonging(case, criterion.code)
    asked = [window for window in windows if is_asked(case, window)]
    disallowed = case.disallowed()
    counted = tuple(count(case, window, disallowed) for window in asked if window.ended(case.asked))
    if not counted:
        if asked:
            progress = count(case, asked[0], disallowed)
            return Verdict(PENDING, None, "window_open", (progress,))
        around = surrounding(case, criterion)
        if not windows and will_be_asked(case, around):
            progress = count(case, around, disallowed)
            return Verdict(PENDING, None, "window_open", (progress,))
        return Verdict(NOT_APPLICABLE, None, "no_window_asked")
    own = case.own_finding(criterion.code)
    if own is not None:
        return judged(own.credit(), "found", counted)
    total = sum(one.window.required for one in counted)
    reached = sum((one.counted for one in counted), Fraction(0))
    if "deduct_per_miss" in criterion.rule:
        assert criterion.points is not None
        lost = number(criterion.rule["deduct_per_miss"]) * (total - reached)
        return judged(max(Fraction(0), 1 - lost / criterion.points), None, counted)
    return judged(reached / total, None, counted)


def _condition(case: Case, criterion: Criterion) -> Verdict:
    finding = case.own_finding(criterion.code) or case.carried(criterion)
    if finding is not None:
        return judged(finding.credit(), "found")
    state = case.stream.condition(criterion.rule["condition"], case.end())
    if state is None:
        return judged(Fraction(0), "never_reported")
    return judged(CREDIT_OF_STATE[state])


def _judgement(case: Case, criterion: Criterion) -> Verdict:
    finding = case.own_finding(criterion.code) or case.carried(criterion)
    if finding is None:
        return Verdict(UNJUDGED, None, "not_judged")
    return judged(finding.credit(), "found")


def _deduction(case: Case, criterion: Criterion) -> Verdict:
    own = case.own_finding(criterion.code)
    if own is not None and not own.names_causes:
        return judged(own.credit(), "found")
    assert criterion.points is not None
    findings = case.causes(criterion)
    taken = sum((one.taken(criterion.points) for one in findings), Fraction(0))
    return judged(max(Fraction(0), 1 - taken / criterion.points), "found" if findings else None)


def _measure(case: Case, criterion: Criterion) -> Verdict:
    rule, stream, end = criterion.rule, case.stream, case.end()
    other = stream.measure(rule["of"], end) if "of" in rule else None
    if other == 0:
        return Verdict(NOT_APPLICABLE, None, "of_is_zero")
    own = case.own_finding(criterion.code)
    if own is not None:
        return judged(own.credit(), "found")
    value = stream.measure(rule["measure"], end)
    threshold: Fraction | None
    if "tiers" in rule:
        threshold = _tier(rule["tiers"], stream.measure(rule["by_measure"], end))
    elif "of" in rule:
        threshold = number(rule["ratio_at_least"])
        value = None if value is None or other is None else value / other
    else:
        threshold = number(rule["at_least"])
    if value is None or threshold is None:
        return judged(Fraction(0), "measure_missing")
    if value >= threshold:
        return judged(Fraction(1))
    if rule.get("proportional") in ("true", True):
        return judged(max(Fraction(0), value / threshold))
    return judged(Fraction(0))


def _tier(tiers: list[dict[str, str]], by: Fraction | None) -> Fraction | None:
    if by is None:
        return None
    for tier in tiers:
        if "below" not in tier or by < number(tier["below"]):
            return number(tier["at_least"])
    return None
