"""What all organizations of one life share for one period, compiled once and read many times.

Scheme versions, period, day asked and life decide which windows and rules apply; only the facts
differ. A closing over many organizations therefore computes only what depends on the facts
(docs/semantics.md, sections 2 to 6).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from events.documents.schemes import (
    ActivityRule,
    ConditionRule,
    Criterion,
    DeductionRule,
    MeasureRule,
    SchemePolicy,
)
from events.periods import Period
from projections.scoring.catalogue import Catalogue
from projections.scoring.credit import (
    ONE,
    ActivityPlan,
    Hits,
    Window,
    Windows,
    WindowSelection,
    count_credits,
    index_windows,
    threshold_of,
)
from projections.scoring.findings import Findings
from projections.scoring.history import History, LifeEnd, RecordVersion, StateReport, newest_reports
from projections.scoring.hits import find_hits
from projections.scoring.rules import (
    NOT_APPLICABLE,
    OUT_OF_REACH,
    PENDING,
    STATE_CREDITS,
    UNJUDGED,
    CriterionResult,
    applies,
    credit_found,
    measure_credit,
    score_of,
    status_of,
)

FROM_CHECK = "from the check of {}"
MOST_MEASURED = 4096
"""Results that one measure criterion caches; when it is full it is cleared."""

Results = list[CriterionResult]
MissingMeasures = list[tuple[int, str]]
"""Slots of criteria, each with a measure that was never reported."""


class MeasuredResult(NamedTuple):
    """The result of a measure criterion, and the measures that it needs and that are missing."""

    result: CriterionResult
    missing: tuple[str, ...]


class MeasurePlan(NamedTuple):
    """A measure criterion: its slot, its rule, the measures it reads, results by their values."""

    slot: int
    rule: MeasureRule
    names: tuple[str, ...]
    cache: dict[tuple[str | None, ...], MeasuredResult]


class PlanKey(NamedTuple):
    """Everything that a plan depends on, besides the scheme book that caches it.

    ``asked_on``, ``begun_on`` (the first day of life in the period's year) and ``closed_on`` are
    ISO texts, ``first_month`` is the district's. ``categories`` are those of the months of the
    year up to the period's end; ``pin`` is the scheme and version that a cycle pinned for the last
    of them, None without pins, ``("", 0)`` where the category has no pin.
    """

    period: Period
    purpose: str
    asked_on: str
    first_month: Period
    begun_on: str
    closed_on: str | None
    categories: tuple[str, ...]
    pin: tuple[str, int] | None


class Plan:
    """The windows and rules of one catalogue for one period and life.

    A **slot** is a criterion's place in the catalogue. Every slot begins with a default result,
    that of an organization without facts; ``derive`` replaces what the facts change.
    """

    def __init__(
        self,
        period: Period,
        asked: WindowSelection,
        end: str,
        governing: Callable[[Period], Catalogue | None],
        catalogue: Catalogue,
    ) -> None:
        """Compile ``catalogue`` for ``period``; ``end`` is the day on which states are taken."""
        self.period = period
        self.asked_on = asked.asked_on.isoformat()
        self.end = end
        self.governing = governing
        self.catalogue = catalogue
        self.activities: dict[int, ActivityPlan] = {}
        self.conditions: dict[str, list[tuple[int, dict[str, CriterionResult]]]] = {}
        self.measures: list[MeasurePlan] = []
        self.applying: list[tuple[int, str, Fraction]] = []
        self.defaults: list[CriterionResult] = []
        for slot, criterion in enumerate(catalogue.criteria):
            self.defaults.append(self._compile(slot, criterion, asked))
        self.conditional = [plan for plan in self.activities.values() if plan.conditional]
        windows = [window for plan in self.conditional for window in plan.judged + plan.waiting]
        self.measures_asked = {window.applies[0] for window in windows if window.applies}
        self.index = index_windows(self.activities.values())

    def _compile(self, slot: int, criterion: Criterion, asked: WindowSelection) -> CriterionResult:
        rule = criterion.rule
        if isinstance(rule, ActivityRule):
            points = self.catalogue.points(criterion)
            policy = self.catalogue.scheme.policy

            def source(month: Period) -> tuple[Criterion, SchemePolicy] | None:
                then = self.governing(month) if self.judges(month) else None
                theirs = then.by_code.get(criterion.code) if then else None
                return (theirs, then.scheme.policy) if then and theirs else None

            plan = asked.plan(slot, criterion, policy, points, source)
            self.activities[slot] = plan
            return self.activity(plan, plan.judged, plan.waiting, {})
        if criterion.applies is not None:
            self.applying.append((slot, *threshold_of(criterion.applies)))
        if isinstance(rule, ConditionRule):
            states = {state: self.result(slot, credit) for state, credit in STATE_CREDITS.items()}
            self.conditions.setdefault(rule.condition, []).append((slot, states))
            return states["unmet"]
        if isinstance(rule, MeasureRule):
            names = tuple(name for name in (rule.measure, rule.of, rule.by_measure) if name)
            self.measures.append(MeasurePlan(slot, rule, names, {}))
        elif isinstance(rule, DeductionRule):
            return self.result(slot, ONE)
        return self.result(slot, None)

    def judges(self, period: Period) -> bool:
        """Return whether a version of the same scheme governs the last month of a period."""
        then = self.governing(period)
        return then is not None and then.scheme.scheme == self.catalogue.scheme.scheme

    def result(
        self, slot: int, credit: Fraction | None, status: str | None = None
    ) -> CriterionResult:
        """Return the result of a criterion without windows; ``status`` where there is no credit."""
        code = self.catalogue.criteria[slot].code
        status = status_of(credit) if credit is not None else status or UNJUDGED
        return CriterionResult(code, self.catalogue.weights[code], status, credit)

    def activity(
        self, plan: ActivityPlan, judged: Windows, waiting: Windows, hits: Hits
    ) -> CriterionResult:
        """Return the result of an activity criterion over its windows (section 4)."""
        criterion = self.catalogue.criteria[plan.slot]
        weight = self.catalogue.weights[criterion.code]
        if not judged:
            status = PENDING if waiting else NOT_APPLICABLE
            return CriterionResult(criterion.code, weight, status, None, None, waiting[:1], hits)
        gained = required = 0
        for window in judged:
            gained += count_credits(window, hits.get(window))
            required += window.count
        credit = plan.credit(gained, required)
        return CriterionResult(
            criterion.code, weight, status_of(credit), credit, None, judged, hits
        )

    def derive(
        self, history: History, disallowed: Callable[[RecordVersion], bool]
    ) -> tuple[Results, set[str]]:
        """Return the results from the facts, and the measures that were needed and never reported.

        ``disallowed`` tells whether an entry of a sheet takes a record out (section 5).
        """
        results = self.defaults.copy()
        conditions, values = newest_reports(history.reports, self.end, self.asked_on)
        for name, state in conditions.items():
            for slot, states in self.conditions.get(name, ()):
                results[slot] = states[state]
        missing: set[str] = set()
        lacking = self._measure(results, values, missing)
        closed = history.closed_on
        closing = None if closed is None else LifeEnd(closed, history.closed_known_on)
        hits = find_hits(
            history.records, self.index, self.asked_on, disallowed, closing, history.openings
        )
        for slot in {window.slot for window in hits}:
            plan = self.activities[slot]
            results[slot] = self.activity(plan, plan.judged, plan.waiting, hits)
        asked = [report for report in history.reports if report.name in self.measures_asked]
        for plan in self.conditional:
            results[plan.slot] = self._conditional(plan, asked, hits, lacking)
        for slot, name in lacking:
            results[slot] = results[slot].with_missing(name)
            missing.add(name)
        return results, missing

    def _measure(
        self, results: Results, values: dict[str, str], missing: set[str]
    ) -> MissingMeasures:
        """Put in what measures decide; return where a measure that ``applies`` needs is missing."""
        lacking: MissingMeasures = []
        excluded: set[int] = set()
        for slot, name, threshold in self.applying:
            if name not in values:
                lacking.append((slot, name))
            elif not applies(threshold, values[name]):
                excluded.add(slot)
                results[slot] = self.result(slot, None, NOT_APPLICABLE)
        for slot, rule, names, cache in self.measures:
            if slot in excluded:
                continue
            key = tuple([values.get(name) for name in names])
            measured = cache.get(key)
            if measured is None:
                credit, lacks = measure_credit(rule, values)
                result = self.result(slot, credit, NOT_APPLICABLE)
                for name in lacks:
                    result = result.with_missing(name)
                if len(cache) >= MOST_MEASURED:
                    cache.clear()
                measured = cache[key] = MeasuredResult(result, lacks)
            results[slot], lacks = measured
            missing.update(lacks)
        return lacking

    def _conditional(
        self, plan: ActivityPlan, reports: list[StateReport], hits: Hits, lacking: MissingMeasures
    ) -> CriterionResult:
        """Return the result where ``applies`` decides window by window (section 2)."""
        names = set()

        def is_asked(window: Window) -> bool:
            if window.applies is None:
                return True
            name, threshold = window.applies
            _, values = newest_reports(reports, window.applies_on, self.asked_on)
            if name not in values:
                names.add(name)
            return applies(threshold, values.get(name))

        judged = tuple(filter(is_asked, plan.judged))
        waiting = () if judged else tuple(filter(is_asked, plan.waiting))
        lacking.extend([(plan.slot, name) for name in sorted(names)])
        return self.activity(plan, judged, waiting, hits)

    def apply_findings(self, results: Results, findings: Findings) -> None:
        """Replace derived results by what was found in checks (section 5)."""
        for code in findings.own.keys() | findings.states.keys() | findings.causes.keys():
            slot = self.catalogue.places.get(code)
            if slot is None or results[slot].status in OUT_OF_REACH:
                continue
            criterion = self.catalogue.criteria[slot]
            answer = credit_found(self.catalogue, criterion, self.period, findings, self.governing)
            if answer is not None:
                credit, checked = answer
                reason = FROM_CHECK.format(", ".join(map(str, checked)))
                results[slot] = results[slot].with_credit(status_of(credit), credit, reason)

    def score(self, results: Results) -> Fraction | None:
        """Return the exact score of results, None where none is judged (section 6)."""
        return score_of(self.catalogue.integer_weights, results)
