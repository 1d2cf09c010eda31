"""What the rules of a scheme say: conditions, measures, deductions, findings.

The activity rule is in ``projections.scoring.credit``. Credits are exact fractions from 0 to 1
(docs/semantics.md, section 2), ``None`` where a criterion is left out of both sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, Final

from events.documents.schemes import (
    ConditionRule,
    Criterion,
    DeductionRule,
    JudgementRule,
    MeasureRule,
)
from events.event import canonical
from events.periods import Period
from projections.scoring.catalogue import Catalogue
from projections.scoring.credit import (
    ONE,
    ZERO,
    Hits,
    WindowResult,
    Windows,
    window_documents,
    window_results,
)
from projections.scoring.figures import exact, number
from projections.scoring.findings import Findings

HALF = Fraction(1, 2)
STATE_CREDITS: Final = {"met": ONE, "partial": HALF, "unmet": ZERO}

MET = "met"
PARTIAL = "partial"
MISSED = "missed"
PENDING = "pending"
UNJUDGED = "unjudged"
NOT_APPLICABLE = "not_applicable"
NEVER_REPORTED = "measure {} was never reported"
OUT_OF_REACH = (PENDING, NOT_APPLICABLE)
"""No finding goes to a criterion of such a status (section 5)."""


def condition_credit(state: str | None) -> Fraction:
    """Return the credit of a state: met 1, partial 0.5, unmet or never reported 0 (section 2)."""
    return ZERO if state is None else STATE_CREDITS[state]


def applies(threshold: Fraction, value: str | None) -> bool:
    """Return whether a measure reaches the threshold, or is missing (section 2)."""
    return value is None or number(value) >= threshold


def measure_credit(
    rule: MeasureRule, values: Mapping[str, str]
) -> tuple[Fraction | None, tuple[str, ...]]:
    """Return the credit of a measure rule, and the measures it needs that were never reported.

    1 if the value reaches the threshold, else 0; ``min(1, value / threshold)`` where proportional;
    0 where a measure is missing; None (not applicable) where ``of`` is 0 (section 2).
    """
    if rule.of is not None and rule.of in values and number(values[rule.of]) == 0:
        return None, ()
    needed = (rule.measure, rule.of, rule.by_measure)
    missing = tuple(name for name in needed if name is not None and name not in values)
    if missing:
        return ZERO, missing
    value, threshold = number(values[rule.measure]), measure_threshold(rule, values)
    if threshold == 0 or value >= threshold:
        return ONE, ()
    return (value / threshold or ZERO) if rule.proportional else ZERO, ()


def measure_threshold(rule: MeasureRule, values: Mapping[str, str]) -> Fraction:
    """Return what the value has to reach; ``below`` of a tier is exclusive (section 2)."""
    if rule.of is not None:
        return Fraction(rule.ratio_at_least or 0) * number(values[rule.of])
    if rule.by_measure is not None:
        by = number(values[rule.by_measure])
        for tier in rule.tiers:
            if tier.below is None or by < tier.below:
                return Fraction(tier.at_least)
    return Fraction(rule.at_least or 0)


def points_taken(
    rule: DeductionRule, causes: Iterable[Mapping[str, Any]], points: Fraction
) -> Fraction:
    """Return the points that the causes of a finding take, each times its ``count`` (default 1).

    A cause takes a fixed ``take``, the finding's points where the scheme leaves a range, or all
    ``points``. A cause that the rule does not have takes nothing (section 2).
    """
    total = ZERO
    for found_cause in causes:
        for cause in rule.causes:
            if cause.code == found_cause["cause"]:
                take = cause.take or found_cause.get("points") or 0
                each = points if cause.all else Fraction(take)
                total += each * int(found_cause.get("count", 1))
    return total


def deduction_credit(total: Fraction, points: Fraction) -> Fraction:
    """``max(0, 1 - Σ taken / points)`` (section 2)."""
    return max(ZERO, 1 - total / points) if total else ONE


def finding_credit(finding: Mapping[str, Any], points: Fraction) -> Fraction | None:
    """Return the credit that a finding sets, as a credit or as points, or None (section 5)."""
    if finding.get("credit") is not None:
        return Fraction(finding["credit"])
    if finding.get("points") is not None:
        return min(ONE, Fraction(finding["points"]) / points)
    return None


def status_of(credit: Fraction) -> str:
    """Return the status of a judged criterion by its credit (section 6)."""
    if credit == 1:
        return MET
    return PARTIAL if credit else MISSED


LASTING: Final = (ConditionRule, JudgementRule)
"""Rules whose findings stay in force after the period checked (section 5)."""


def credit_found(
    catalogue: Catalogue,
    criterion: Criterion,
    period: Period,
    findings: Findings,
    governing: Callable[[Period], Catalogue | None],
) -> tuple[Fraction, tuple[Period, ...]] | None:
    """Return the credit that findings give a criterion of ``period``, and the periods checked.

    ``catalogue`` governs the period, ``governing`` gives the one of a period checked: it converts
    points to a credit and values causes. On condition and judgement rules the newest state counts
    as long as the versions since then keep the criterion with the same rule; on deduction rules the
    causes of the months inside the period and of that period's check; on other rules, and where an
    own finding sets a credit, only the own finding. None where nothing was found (section 5).
    """
    code, rule = criterion.code, criterion.rule
    if isinstance(rule, LASTING):
        states = findings.states.get(code, ())
        if not states or not _kept(catalogue, criterion, states[-1][0], period, governing):
            return None
        checked, finding = states[-1]
        then = governing(checked)
        if then is None:
            return None
        credit = finding_credit(finding, then.points(then.by_code[code]))
        assert credit is not None, code
        return credit, (checked,)
    own = findings.own.get(code)
    credit = finding_credit(own, catalogue.points(criterion)) if own else None
    if credit is not None:
        return credit, (period,)
    if not isinstance(rule, DeductionRule):
        return None
    causes = dict(findings.causes.get(code, {}))
    if own:
        causes[period] = own.get("causes") or []
    points = catalogue.points(criterion)
    total = ZERO
    for checked, listed in causes.items():
        then = governing(checked)
        theirs = then.by_code.get(code) if then else None
        if theirs is not None and isinstance(theirs.rule, DeductionRule):
            total += points_taken(theirs.rule, listed, points)
    return (deduction_credit(total, points), tuple(causes)) if causes else None


def _kept(
    catalogue: Catalogue,
    criterion: Criterion,
    checked: Period,
    period: Period,
    governing: Callable[[Period], Catalogue | None],
) -> bool:
    """Return whether every version of the scheme since a check keeps the criterion and its rule."""
    for month in range(checked.last_month.first, period.last_month.first + 1):
        then = governing(Period(month, 1))
        if then is not None and then.scheme.scheme == catalogue.scheme.scheme:
            theirs = then.by_code.get(criterion.code)
            if theirs is None or theirs.rule != criterion.rule:
                return False
    return True


def score_of(weights: Iterable[int], results: Iterable[CriterionResult]) -> Fraction | None:
    """Return ``100 * Σ points * credit / Σ points`` over the judged, None without any (section 6).

    ``weights`` are integers in the order of the results.
    """
    total = gained = 0
    # Whole credits are summed as integers and the others by denominator: one fraction is made at
    # the end, because adding fractions is the slowest part of a score.
    parts: dict[int, int] = {}
    for weight, result in zip(weights, results, strict=True):
        status = result.status
        if status == MET:
            gained += weight
            total += weight
        elif status == MISSED:
            total += weight
        elif status == PARTIAL:
            credit = result.credit
            assert credit is not None, result.code
            denominator = credit.denominator
            parts[denominator] = parts.get(denominator, 0) + weight * credit.numerator
            total += weight
    if not total:
        return None
    scale = lcm(*parts)
    scaled = gained * scale + sum(
        part * (scale // denominator) for denominator, part in parts.items()
    )
    return Fraction(100 * scaled, total * scale)


@dataclass(slots=True, eq=False)
class CriterionResult:
    """One criterion of an assessment. Treat it as frozen: results are shared.

    ``points`` is the exact weight, ``credit`` is None unless judged; ``reason`` says what a reader
    could not see otherwise (a measure that is missing, the check that a credit comes from).
    ``asked`` are the windows shown; their details are computed only when they are read.
    """

    code: str
    points: Fraction
    status: str
    credit: Fraction | None
    reason: str | None = None
    asked: Windows | None = field(default=None, repr=False)
    hits: Hits = field(default_factory=dict, repr=False)
    _json: dict[str, Any] | None = field(default=None, repr=False)
    _body: bytes | None = field(default=None, repr=False)

    def with_credit(self, status: str, credit: Fraction | None, reason: str) -> CriterionResult:
        """Return the result with another status and credit; the windows stay as derived."""
        code, points = self.code, self.points
        return CriterionResult(code, points, status, credit, reason, self.asked, self.hits)

    def with_missing(self, measure: str) -> CriterionResult:
        """Return the result with a reason: a measure that it needs was never reported."""
        reasons = [] if self.reason is None else self.reason.split("; ")
        reasons.append(NEVER_REPORTED.format(measure))
        return self.with_credit(self.status, self.credit, "; ".join(dict.fromkeys(reasons)))

    @property
    def windows(self) -> tuple[WindowResult, ...] | None:
        """The judged windows, or the open ones of a pending criterion; None at other rules."""
        return None if self.asked is None else window_results(self.asked, self.hits)

    def to_json(self) -> dict[str, Any]:
        """Return the criterion as docs/contracts.md shows it; made once, so do not change it."""
        if self._json is None:
            self._json = {
                "code": self.code,
                "points": exact(self.points),
                "status": self.status,
                "credit": None if self.credit is None else exact(self.credit),
                "reason": self.reason,
            }
            if self.asked is not None:
                self._json["windows"] = window_documents(self.asked, self.hits)
        return self._json

    def canonical(self) -> bytes:
        """Return the canonical JSON of ``to_json``, made once."""
        if self._body is None:
            self._body = canonical(self.to_json(), open_data=False)
        return self._body
