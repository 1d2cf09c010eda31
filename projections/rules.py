"""Which scheme governs, and what its rules say: conditions, measures, deductions, findings.

The activity rule has a room of its own, ``projections.credit``. Credits are exact fractions from 0
to 1 (semantics, section 2), ``None`` where a criterion is left out of both sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, Final

from events.errors import Kind, Refused
from events.periods import Period, parse_month, parse_period
from events.schemes import (
    Cause,
    ConditionRule,
    Criterion,
    DeductionRule,
    JudgementRule,
    MeasureRule,
    Scheme,
    has_points,
    weights,
)
from projections.credit import ONE, ZERO
from projections.history import Sheet

HALF = Fraction(1, 2)
STATE_CREDITS: Final = {"met": ONE, "partial": HALF, "unmet": ZERO}

MET = "met"
PARTIAL = "partial"
MISSED = "missed"
PENDING = "pending"
UNJUDGED = "unjudged"
NOT_APPLICABLE = "not_applicable"
OUT_OF_REACH = (PENDING, NOT_APPLICABLE)
"""No finding goes to a criterion of such a status (section 5)."""


class Catalogue:
    """One version of a scheme, read once: criteria by code, exact weights, weights as integers.

    ``integer_weights`` are the weights times ``scale``, their common denominator, in the order of
    ``criteria``; ``places`` gives a code's place in it.
    """

    __slots__ = ("by_code", "criteria", "integer_weights", "places", "scale", "scheme",
                 "states_points", "weights")  # fmt: skip

    def __init__(self, scheme: Scheme) -> None:
        """Read ``scheme``; its sums are taken as checked."""
        self.scheme = scheme
        self.criteria = tuple(scheme.criteria())
        self.by_code = {criterion.code: criterion for criterion in self.criteria}
        self.places = {criterion.code: place for place, criterion in enumerate(self.criteria)}
        self.weights = weights(scheme)
        self.scale = lcm(*(weight.denominator for weight in self.weights.values()))
        self.integer_weights = tuple(
            int(self.weights[criterion.code] * self.scale) for criterion in self.criteria
        )
        self.states_points = has_points(scheme)

    def points(self, criterion: Criterion) -> Fraction:
        """The points that takings and findings in points are measured by.

        The stated points, else the weight; 1 for a criterion that has neither (an optional one).
        """
        if criterion.points is not None:
            return Fraction(criterion.points)
        return self.weights[criterion.code] or ONE


class SchemeBook:
    """The published schemes of a district, and the months from which some were closed.

    ``plans`` is room for what others compile from these versions; it lives as long as the book,
    so a newly published scheme takes a new book.
    """

    def __init__(self, schemes: Iterable[Scheme], closed: Mapping[str, str]) -> None:
        """Take published versions (those without ``effective_from`` never govern)."""
        self.closed = dict(closed)
        self.plans: dict[Any, Any] = {}
        self._versions = {(scheme.scheme, scheme.version): scheme for scheme in schemes}
        self._catalogues: dict[tuple[str, int], Catalogue] = {}
        self._in_force: dict[tuple[str, str, int], Scheme | None] = {}

    def version(self, scheme: str, version: int) -> Scheme:
        """One version by its name, or ``Refused`` where the book does not hold it."""
        found = self._versions.get((scheme, version))
        if found is None:
            raise Refused(
                "unknown_scheme",
                "there is no scheme {scheme}@{version}",
                kind=Kind.NOT_FOUND,
                scheme=scheme,
                version=version,
            )
        return found

    def catalogue(self, scheme: Scheme) -> Catalogue:
        """The scheme, read once."""
        key = (scheme.scheme, scheme.version)
        found = self._catalogues.get(key)
        if found is None:
            found = self._catalogues[key] = Catalogue(scheme)
        return found

    def in_force(self, category: str, purpose: str, month: Period) -> Scheme | None:
        """The scheme that governs a category in a month (section 2), or None.

        Of those that name the category and are not closed, the one with the latest
        ``effective_from`` not after the month; of one scheme, the highest version.
        """
        key = (category, purpose, month.first)
        if key not in self._in_force:
            self._in_force[key] = self._find(category, purpose, str(month))
        return self._in_force[key]

    def _find(self, category: str, purpose: str, month: str) -> Scheme | None:
        candidates = [
            (scheme.effective_from, scheme.version, scheme.scheme)
            for scheme in self._versions.values()
            if scheme.purpose == purpose
            and category in scheme.categories
            and scheme.effective_from is not None
            and scheme.effective_from <= month
            and month < self.closed.get(scheme.scheme, "9999")
        ]
        if not candidates:
            return None
        _, version, name = max(candidates)
        return self._versions[name, version]

    def first_month(self, scheme: str) -> Period:
        """The first month of a scheme: the earliest ``effective_from`` of its versions."""
        return parse_month(
            min(
                found.effective_from
                for found in self._versions.values()
                if found.scheme == scheme and found.effective_from is not None
            )
        )


@lru_cache(maxsize=65536)
def number(text: str) -> Fraction:
    """A decimal text as an exact number."""
    return Fraction(text)


def condition_credit(state: str | None) -> Fraction:
    """The credit of a condition's state: met 1, partial 0.5, unmet or never reported 0 (2)."""
    return ZERO if state is None else STATE_CREDITS[state]


def applies(threshold: Fraction, value: str | None) -> bool:
    """Whether a criterion applies: the measure reaches the threshold, or was never reported (2)."""
    return value is None or number(value) >= threshold


def measure_credit(
    rule: MeasureRule, values: Mapping[str, str]
) -> tuple[Fraction | None, tuple[str, ...]]:
    """The credit of a measure rule, and the measures that it needs and that were never reported.

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
    """What the value has to reach; ``below`` of a tier is exclusive (section 2)."""
    if rule.of is not None:
        return Fraction(rule.ratio_at_least or 0) * number(values[rule.of])
    if rule.by_measure is not None:
        by = number(values[rule.by_measure])
        for tier in rule.tiers:
            if tier.below is None or by < tier.below:
                return Fraction(tier.at_least)
    return Fraction(rule.at_least or 0)


def taken(rule: DeductionRule, causes: Iterable[Mapping[str, Any]], points: Fraction) -> Fraction:
    """The points that causes found take away, each times its ``count`` (1 where none stands).

    A fixed ``take``, the finding's own points where the scheme leaves a range, or all ``points``.
    A cause that the rule does not have takes nothing. Source: section 2.
    """
    total = ZERO
    for found in causes:
        cause = next((cause for cause in rule.causes if cause.code == found["cause"]), None)
        if cause is not None:
            total += _take(cause, found, points) * int(found.get("count", 1))
    return total


def _take(cause: Cause, found: Mapping[str, Any], points: Fraction) -> Fraction:
    if cause.all:
        return points
    if cause.take is not None:
        return Fraction(cause.take)
    return Fraction(found.get("points") or 0)


def deduction_credit(total: Fraction, points: Fraction) -> Fraction:
    """``max(0, 1 - Σ taken / points)`` (section 2)."""
    return max(ZERO, 1 - total / points) if total else ONE


def finding_credit(finding: Mapping[str, Any], points: Fraction) -> Fraction | None:
    """The credit that a finding sets as a credit or as points; None where it sets none (5)."""
    if finding.get("credit") is not None:
        return Fraction(finding["credit"])
    if finding.get("points") is not None:
        return min(ONE, Fraction(finding["points"]) / points)
    return None


def status_of(credit: Fraction) -> str:
    """The status of a judged criterion by its credit (section 6)."""
    if credit == 1:
        return MET
    return PARTIAL if credit else MISSED


@dataclass(slots=True)
class Findings:
    """The findings that matter to one period, newest by period and then by stream order.

    ``own`` are those of the period's own check; ``states`` the newest on each criterion since the
    year began, with the period checked; ``causes`` those of the months inside the period.
    """

    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, tuple[Period, dict[str, Any]]] = field(default_factory=dict)
    causes: dict[str, dict[Period, list[dict[str, Any]]]] = field(default_factory=dict)


def findings_in_force(
    sheets: Iterable[Sheet],
    period: Period,
    purpose: str,
    asked_on: str,
    own_check: bool,  # noqa: FBT001 - the same word as in `assess`
    same_scheme: Callable[[Period], bool],
) -> Findings:
    """The findings that count for ``period`` (section 5).

    Only sheets of this purpose, recorded by ``asked_on``, for periods of the same year that end no
    later than this one; the period's own only with ``own_check``. A criterion is the same one only
    within one scheme, so a sheet made by another scheme (``same_scheme`` of its period) is left
    out. A later sheet for one period replaces the earlier criterion by criterion.
    """
    found = Findings()
    own = str(period)
    due = []
    for sheet in sheets:
        checked = parse_period(sheet.period)
        if (
            sheet.kind == purpose
            and sheet.known_on <= asked_on
            and checked.year == period.year
            and checked.last_month.first <= period.last_month.first
            and (own_check or sheet.period != own)
            and same_scheme(checked)
        ):
            due.append((checked.last_month.first, sheet.version, checked, sheet))
    due.sort(key=lambda one: one[:2])
    for _, _, checked, sheet in due:
        inside = checked != period and checked.months == 1 and checked.first >= period.first
        for finding in sheet.findings:
            code = finding["criterion"]
            if checked == period:
                found.own[code] = finding
            if inside:
                found.causes.setdefault(code, {})[checked] = finding.get("causes") or []
            if finding.get("credit") is not None or finding.get("points") is not None:
                found.states[code] = (checked, finding)
    return found


STANDING: Final = (ConditionRule, JudgementRule)
"""Rules whose findings stay in force after the period checked (section 5)."""
