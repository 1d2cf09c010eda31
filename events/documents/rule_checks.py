"""The problems of single rules: thresholds, tiers, deductions, and what nobody can ever meet.

Only what the document alone decides is reported. Source: docs/semantics.md, section 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

from events.documents.faults import YEAR_WITHOUT_LEAP_DAY, is_month_day
from events.documents.schemes import (
    ActivityRule,
    Applies,
    Cause,
    Criterion,
    DeductionRule,
    JudgementRule,
    MeasureRule,
    Tier,
)
from events.periods import Length
from events.refusals.errors import Problem
from events.values import exact_text

DAYS = {
    Length.MONTH: (28, 31),
    Length.QUARTER: (90, 92),
    Length.HALF: (181, 184),
    Length.YEAR: (365, 366),
}
"""The days of the shortest and of the longest window of each length."""


def rule_problems(
    criterion: Criterion, points: Fraction | None, *, stated: bool = True
) -> Iterator[Problem]:
    """Yield every problem of a criterion's rule, at its code.

    ``points`` limit what may be deducted; None if wrong sums leave them unknown. ``stated`` is
    whether the document states points for this criterion, or splits its item's.
    """
    code = criterion.code
    if criterion.applies is not None:
        yield from _applies(code, criterion.applies)
    match criterion.rule:
        case ActivityRule() as rule:
            yield from _windows(code, rule)
            yield from _activity(code, rule, points, stated=stated)
        case MeasureRule() as rule:
            yield from _measure(code, rule)
            yield from _tiers(code, rule)
        case DeductionRule() as rule:
            yield from _deduction(code, rule, points, stated=stated)
        case JudgementRule() as rule:
            for grade in repeated_words(grade.code for grade in rule.grades):
                yield Problem.error(code, "grade_twice", code=grade)
        case _:
            pass


def repeated_words(words: Iterable[str]) -> list[str]:
    """Return the words that occur more than once, each once, in order."""
    return [word for word, times in Counter(words).items() if times > 1]


def _applies(code: str, applies: Applies) -> Iterator[Problem]:
    if applies.at_least == 0:
        yield Problem.warning(code, "applies_zero")


def _windows(code: str, rule: ActivityRule) -> Iterator[Problem]:
    shortest, longest = DAYS[rule.per]
    per = rule.per.value
    if rule.by is None:
        if rule.same_day:
            return
        if rule.count > longest:
            yield Problem.error(code, "count_never", count=rule.count, per=per, days=longest)
        elif rule.count > shortest:
            yield Problem.warning(code, "count_sometimes", count=rule.count, per=per, days=shortest)
    elif rule.per is not Length.YEAR:
        yield Problem.error(code, "by_without_year", per=per)
    elif not is_month_day(rule.by):
        yield Problem.error(code, "by_not_a_day", day=rule.by)
    elif not rule.same_day:
        yield from _window_by(code, rule.count, rule.by)


def _window_by(code: str, count: int, by: str) -> Iterator[Problem]:
    """Yield the problem of a window that ends on a day of the year."""
    last = date.fromisoformat(f"{YEAR_WITHOUT_LEAP_DAY}-{by}")
    shortest = last.timetuple().tm_yday
    longest = shortest + (1 if last.month > 2 else 0)
    if count > longest:
        yield Problem.error(code, "count_never.by", count=count, day=by, days=longest)
    elif count > shortest:
        yield Problem.warning(code, "count_sometimes.by", count=count, day=by, days=shortest)


def _activity(
    code: str, rule: ActivityRule, points: Fraction | None, *, stated: bool
) -> Iterator[Problem]:
    for kind in repeated_words(rule.evidence):
        yield Problem.warning(code, "evidence_twice", kind=kind)
    if rule.attendance_at_least == 0:
        yield Problem.warning(code, "attendance_zero")
    if rule.deduct_per_miss is None:
        return
    if not stated:
        yield Problem.error(code, "miss_without_points")
    elif points is not None and rule.deduct_per_miss > points:
        take = exact_text(rule.deduct_per_miss)
        yield Problem.error(code, "miss_too_much", take=take, points=exact_text(points))


def _measure(code: str, rule: MeasureRule) -> Iterator[Problem]:
    given = [
        name
        for name, there in (
            ("at_least", rule.at_least is not None),
            ("tiers", bool(rule.tiers)),
            ("ratio_at_least", rule.ratio_at_least is not None),
        )
        if there
    ]
    if len(given) != 1:
        yield Problem.error(code, "threshold_one_of", given=" and ".join(given) or "none")
    for name, other, there in (
        ("tiers", "by_measure", (bool(rule.tiers), rule.by_measure is not None)),
        ("ratio_at_least", "of", (rule.ratio_at_least is not None, rule.of is not None)),
    ):
        if there == (True, False):
            yield Problem.error(code, "measure_needed", name=name, other=other)
        elif there == (False, True):
            yield Problem.error(code, "measure_alone", name=name, other=other)
    if rule.of == rule.measure:
        yield Problem.warning(code, "measure_itself", measure=rule.measure)
    if 0 in (rule.at_least, rule.ratio_at_least):
        yield Problem.warning(code, "threshold_zero")


def _tiers(code: str, rule: MeasureRule) -> Iterator[Problem]:
    tiers = rule.tiers
    if not tiers:
        return
    for place, tier in enumerate(tiers[:-1], start=1):
        if tier.below is None:
            yield Problem.error(code, "tier_open", place=place)
    if tiers[-1].below is not None:
        yield Problem.error(code, "tier_last", value=exact_text(tiers[-1].below))
    yield from _order(code, tiers)


def _order(code: str, tiers: tuple[Tier, ...]) -> Iterator[Problem]:
    bounds = [tier.below for tier in tiers if tier.below is not None]
    if bounds and bounds[0] == 0:
        yield Problem.error(code, "tier_zero")
    for lower, upper in pairwise(bounds):
        if upper == lower:
            yield Problem.error(code, "tier_overlap", value=exact_text(upper))
        elif upper < lower:
            above, below = exact_text(upper), exact_text(lower)
            yield Problem.error(code, "tier_order", upper=above, lower=below)
    if any(upper.at_least < lower.at_least for lower, upper in pairwise(tiers)):
        yield Problem.warning(code, "tier_less")


def _deduction(
    code: str, rule: DeductionRule, points: Fraction | None, *, stated: bool
) -> Iterator[Problem]:
    for cause_code in repeated_words(cause.code for cause in rule.causes):
        yield Problem.error(code, "cause_twice", code=cause_code)
    if not stated:
        yield Problem.error(code, "deduction_without_points")
    for cause in rule.causes:
        yield from _cause(code, cause, points)


def _cause(code: str, cause: Cause, points: Fraction | None) -> Iterator[Problem]:
    given = [
        name
        for name, there in (
            ("take", cause.take is not None),
            ("between", cause.between is not None),
            ("all", cause.all),
        )
        if there
    ]
    if len(given) != 1:
        listed = " and ".join(given) or "none"
        yield Problem.error(code, "cause_one_of", code=cause.code, given=listed)
    if cause.between is not None:
        low, high = (exact_text(bound) for bound in cause.between)
        if cause.between[0] > cause.between[1]:
            yield Problem.error(code, "cause_reversed", code=cause.code, low=low, high=high)
        elif cause.between[1] == 0:
            yield Problem.error(code, "cause_nothing", code=cause.code)
    most = max((*(cause.between or ()), *([cause.take] if cause.take else ())), default=None)
    if most is not None and points is not None and most > points:
        take, all_points = exact_text(most), exact_text(points)
        yield Problem.error(code, "cause_too_much", code=cause.code, take=take, points=all_points)
