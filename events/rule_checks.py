"""The faults of single rules: thresholds, tiers, deductions, and what can never be met.

Only what is decidable from the document is said. Source: semantics, section 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

from events.document_faults import YEAR_WITHOUT_LEAP_DAY, is_month_day
from events.errors import Problem
from events.periods import Length
from events.scheme_documents import exact_text
from events.schemes import (
    ActivityRule,
    Applies,
    Cause,
    Criterion,
    DeductionRule,
    MeasureRule,
    Tier,
)

WARNING = "warning"
DAYS = {
    Length.MONTH: (28, 31),
    Length.QUARTER: (90, 92),
    Length.HALF: (181, 184),
    Length.YEAR: (365, 366),
}
"""The days of the shortest and of the longest window of a length."""

Found = Iterator[tuple[str, str]]
"""Sentences, each with its severity."""


def rule_problems(
    criterion: Criterion, points: Fraction | None, *, stated: bool = True
) -> Iterator[Problem]:
    """Every fault of a criterion's rule, at its code.

    ``points`` are those that takings are measured by, None where a fault of the sums leaves them
    unknown; ``stated`` says whether the document states or splits any for this criterion.
    """
    found: list[Found] = []
    if criterion.applies is not None:
        found.append(_applies(criterion.applies))
    match criterion.rule:
        case ActivityRule() as rule:
            found.extend((_windows(rule), _activity(rule, points, stated=stated)))
        case MeasureRule() as rule:
            found.extend((_measure(rule), _tiers(rule)))
        case DeductionRule() as rule:
            found.append(_deduction(rule, points, stated=stated))
        case _:
            pass
    for sentences in found:
        for sentence, severity in sentences:
            yield Problem(criterion.code, sentence, severity)


def twice(words: Iterable[str]) -> list[str]:
    """What stands more than once among ``words``, each named once, in order."""
    return [word for word, times in Counter(words).items() if times > 1]


def _error(sentence: str) -> tuple[str, str]:
    return sentence, "error"


def _warning(sentence: str) -> tuple[str, str]:
    return sentence, WARNING


def _applies(applies: Applies) -> Found:
    if applies.at_least == 0:
        yield _warning("applies.at_least is 0: the criterion applies to everybody")


def _windows(rule: ActivityRule) -> Found:
    shortest, longest = DAYS[rule.per]
    place = f"in a {rule.per.value}"
    if rule.by is not None:
        if rule.per is not Length.YEAR:
            yield _error(f"by stands only with per: year, not with per: {rule.per.value}")
            return
        if not is_month_day(rule.by):
            yield _error(f"by: {rule.by} is not a day (MM-DD) of every year")
            return
        last = date.fromisoformat(f"{YEAR_WITHOUT_LEAP_DAY}-{rule.by}")
        shortest = last.timetuple().tm_yday
        longest = shortest + (1 if last.month > 2 else 0)
        place = f"by {rule.by}"
    if rule.same_day:
        return
    if rule.count > longest:
        yield _error(
            f"can never be met: count {rule.count} {place} of at most {longest} days, and one day"
            " counts once; write same_day: true or a lower count"
        )
    elif rule.count > shortest:
        yield _warning(
            f"cannot be met everywhere: count {rule.count} {place} of sometimes {shortest} days"
        )


def _activity(rule: ActivityRule, points: Fraction | None, *, stated: bool) -> Found:
    for kind in twice(rule.evidence):
        yield _warning(f"evidence {kind} is named twice")
    if rule.attendance_at_least == 0:
        yield _warning("attendance_at_least is 0: any attendance that is recorded does")
    if rule.deduct_per_miss is None:
        return
    if not stated:
        yield _error("deduct_per_miss takes points off, and no points are stated")
    elif points is not None and rule.deduct_per_miss > points:
        yield _error(
            f"deduct_per_miss takes {exact_text(rule.deduct_per_miss)} of {exact_text(points)}"
            " points, more than there are"
        )


def _measure(rule: MeasureRule) -> Found:
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
        told = " and ".join(given) or "none"
        yield _error(f"needs exactly one of at_least, tiers, ratio_at_least; it has {told}")
    for one, other, there in (
        ("tiers", "by_measure", (bool(rule.tiers), rule.by_measure is not None)),
        ("ratio_at_least", "of", (rule.ratio_at_least is not None, rule.of is not None)),
    ):
        if there == (True, False):
            yield _error(f"{one} needs {other}, the measure it goes by")
        elif there == (False, True):
            yield _error(f"{other} stands only with {one}")
    if rule.of == rule.measure:
        yield _warning(f"of: the measure {rule.measure} is compared with itself")
    if 0 in (rule.at_least, rule.ratio_at_least):
        yield _warning("the threshold is 0: any reported value reaches it")


def _tiers(rule: MeasureRule) -> Found:
    tiers = rule.tiers
    if not tiers:
        return
    for place, tier in enumerate(tiers[:-1], start=1):
        if tier.below is None:
            yield _error(f"tier {place} has no below; only the last has none")
    if tiers[-1].below is not None:
        yield _error(
            f"the last tier has below: {exact_text(tiers[-1].below)}, so nothing is said from there"
            " on; add a tier without below"
        )
    yield from _order(tiers)


def _order(tiers: tuple[Tier, ...]) -> Found:
    bounds = [tier.below for tier in tiers if tier.below is not None]
    if bounds and bounds[0] == 0:
        yield _error("the first tier has below: 0, and no value lies there")
    for lower, upper in pairwise(bounds):
        if upper == lower:
            yield _error(f"two tiers overlap: both lie below {exact_text(upper)}")
        elif upper < lower:
            yield _error(
                f"tiers are out of order: below {exact_text(upper)} follows below"
                f" {exact_text(lower)}"
            )
    if any(upper.at_least < lower.at_least for lower, upper in pairwise(tiers)):
        yield _warning("a higher tier asks for less than the one before it")


def _deduction(rule: DeductionRule, points: Fraction | None, *, stated: bool) -> Found:
    for code in twice(cause.code for cause in rule.causes):
        yield _error(f"cause {code} stands twice")
    if not stated:
        yield _error("a deduction takes points off, and no points are stated")
    for cause in rule.causes:
        for sentence in _cause(cause, points):
            yield _error(f"cause {cause.code} {sentence}")


def _cause(cause: Cause, points: Fraction | None) -> Iterator[str]:
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
        told = " and ".join(given) or "none"
        yield f"needs exactly one of take, between, all: true; it has {told}"
    if cause.between is not None:
        low, high = cause.between
        if low > high:
            yield f"has between {exact_text(low)} and {exact_text(high)}, from high to low"
        elif high == 0:
            yield "takes nothing: between 0 and 0"
    most = max((*(cause.between or ()), *([cause.take] if cause.take else ())), default=None)
    if most is not None and points is not None and most > points:
        yield f"takes {exact_text(most)} of {exact_text(points)} points, more than there are"
