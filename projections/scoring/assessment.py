"""The figure of one organization for one period: a scheme evaluated over its facts.

Pure and exact: the same facts, schemes and day asked give the same ``Assessment``, digit for digit
(docs/semantics.md, section 6). What depends on scheme versions, period, day asked and life alone is
compiled once into a ``_Plan`` and kept in the scheme book, so that a closing over very many
organizations pays for each one's own facts only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from events.documents.schemes import (
    ActivityRule,
    ConditionRule,
    Criterion,
    DeductionRule,
    MeasureRule,
    SchemePolicy,
)
from events.event import canonical
from events.periods import Period
from events.streams.scores import MONTHLY
from projections.scoring.credit import (
    ONE,
    ActivityPlan,
    Hits,
    Life,
    Window,
    WindowResult,
    Windows,
    WindowSelection,
    counted,
    find_hits,
    index_windows,
    threshold_of,
)
from projections.scoring.figures import exact, round_score
from projections.scoring.history import (
    Findings,
    History,
    RecordVersion,
    StateReport,
    bounds,
    findings_in_force,
    months_to,
    newest_reports,
)
from projections.scoring.rules import (
    NOT_APPLICABLE,
    OUT_OF_REACH,
    PENDING,
    STATE_CREDITS,
    UNJUDGED,
    CriterionResult,
    applies,
    found_credit,
    measure_credit,
    score_of,
    status_of,
)
from projections.scoring.scheme_book import Catalogue, SchemeBook

__all__ = ["Assessment", "CriterionResult", "WindowResult", "assess", "exact", "round_score"]

FOUND = "from the check of {}"
KEPT_PLANS = 512
KEPT_CREDITS = 4096

Results = list[CriterionResult]
Lacking = list[tuple[int, str]]
"""Places of criteria, each with a measure that was never reported."""
Known = dict[tuple[str | None, ...], tuple[CriterionResult, tuple[str, ...]]]
"""The results of a measure criterion by the values it needs, with the missing measures."""


@dataclass(slots=True)
class Assessment:
    """The answer for one organization and period, exact; ``score`` is None where nothing is judged.

    ``scheme`` and ``version`` are None where no scheme governs, or the life does not meet the
    period. ``enters_means`` is False before the district's first month (section 1), and
    ``states_points`` False where all items weigh the same because the scheme states no points.
    """

    organization: str
    period: Period
    purpose: str
    scheme: str | None
    version: int | None
    score: Fraction | None
    criteria: tuple[CriterionResult, ...]
    missing_measures: tuple[str, ...]
    enters_means: bool = True
    states_points: bool = True

    @property
    def score_text(self) -> str | None:
        """The score as it is shown and posted, such as ``75.00``."""
        return None if self.score is None else round_score(self.score)

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON values, in the shape of ``tracker compliance --json``."""
        criteria = [criterion.to_json() for criterion in self.criteria]
        return self._head() | {"criteria": criteria}

    def digest(self) -> str:
        """The SHA-256 (hex) of the canonical JSON of ``to_json``: what a posted score commits to.

        It is put together from the criteria, many of which are shared by many organizations.
        """
        criteria = b",".join([criterion.canonical() for criterion in self.criteria])
        rest = canonical(self._head(), open_data=False)
        return hashlib.sha256(b'{"criteria":[' + criteria + b"]," + rest[1:]).hexdigest()

    def _head(self) -> dict[str, Any]:
        return {
            "organization": self.organization,
            "period": str(self.period),
            "purpose": self.purpose,
            "scheme": self.scheme,
            "version": self.version,
            "score": self.score_text,
        }


class _Plan:
    """All that organizations of one life share for one period: compiled once, read many times."""

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
        self.measures: list[tuple[int, MeasureRule, tuple[str, ...], Known]] = []
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
                found = then.by_code.get(criterion.code) if then else None
                return (found, then.scheme.policy) if then and found else None

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
            self.measures.append((slot, rule, names, {}))
        elif isinstance(rule, DeductionRule):
            return self.result(slot, ONE)
        return self.result(slot, None)

    def judges(self, period: Period) -> bool:
        """Whether in a period's last month a version of the same scheme governs."""
        then = self.governing(period)
        return then is not None and then.scheme.scheme == self.catalogue.scheme.scheme

    def result(
        self, slot: int, credit: Fraction | None, status: str | None = None
    ) -> CriterionResult:
        """The result of a criterion without windows; ``status`` where there is no credit."""
        code = self.catalogue.criteria[slot].code
        status = status_of(credit) if credit is not None else status or UNJUDGED
        return CriterionResult(code, self.catalogue.weights[code], status, credit)

    def activity(
        self, plan: ActivityPlan, judged: Windows, waiting: Windows, hits: Hits
    ) -> CriterionResult:
        """The result of an activity criterion over its windows (section 4)."""
        criterion = self.catalogue.criteria[plan.slot]
        weight = self.catalogue.weights[criterion.code]
        if not judged:
            status = PENDING if waiting else NOT_APPLICABLE
            return CriterionResult(criterion.code, weight, status, None, None, waiting[:1], hits)
        gained = required = 0
        for window in judged:
            gained += counted(window, hits.get(window))
            required += window.count
        credit = plan.credit(gained, required)
        return CriterionResult(
            criterion.code, weight, status_of(credit), credit, None, judged, hits
        )

    def derive(
        self, history: History, disallowed: Callable[[RecordVersion], bool]
    ) -> tuple[Results, set[str]]:
        """All results from the facts alone, and the measures that were needed and are missing."""
        results = self.defaults.copy()
        conditions, values = newest_reports(history.reports, self.end, self.asked_on)
        for name, state in conditions.items():
            for slot, states in self.conditions.get(name, ()):
                results[slot] = states[state]
        missing: set[str] = set()
        lacking = self._states(results, values, missing)
        hits = find_hits(history.records, self.index, self.asked_on, disallowed)
        for slot in {window.slot for window in hits}:
            plan = self.activities[slot]
            results[slot] = self.activity(plan, plan.judged, plan.waiting, hits)
        asked = [report for report in history.reports if report.name in self.measures_asked]
        for plan in self.conditional:
            results[plan.slot] = self._conditional(plan, asked, hits, lacking)
        for slot, name in lacking:
            results[slot] = results[slot].lacking(name)
            missing.add(name)
        return results, missing

    def _states(self, results: Results, values: dict[str, str], missing: set[str]) -> Lacking:
        """Put in what measures decide; answers where a measure that ``applies`` asks is missing."""
        lacking: Lacking = []
        excluded: set[int] = set()
        for slot, name, threshold in self.applying:
            if name not in values:
                lacking.append((slot, name))
            elif not applies(threshold, values[name]):
                excluded.add(slot)
                results[slot] = self.result(slot, None, NOT_APPLICABLE)
        for slot, rule, names, known in self.measures:
            if slot in excluded:
                continue
            key = tuple([values.get(name) for name in names])
            found = known.get(key)
            if found is None:
                credit, lacks = measure_credit(rule, values)
                result = self.result(slot, credit, NOT_APPLICABLE)
                for name in lacks:
                    result = result.lacking(name)
                if len(known) >= KEPT_CREDITS:
                    known.clear()
                found = known[key] = result, lacks
            results[slot] = found[0]
            missing.update(found[1])
        return lacking

    def _conditional(
        self, plan: ActivityPlan, reports: list[StateReport], hits: Hits, lacking: Lacking
    ) -> CriterionResult:
        """The result where ``applies`` decides window by window (section 2)."""
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

    def check(self, results: Results, found: Findings) -> None:
        """Put what was found in the place of what was derived (section 5)."""
        for code in found.own.keys() | found.states.keys() | found.causes.keys():
            slot = self.catalogue.places.get(code)
            if slot is None or results[slot].status in OUT_OF_REACH:
                continue
            criterion = self.catalogue.criteria[slot]
            answer = found_credit(self.catalogue, criterion, self.period, found, self.governing)
            if answer is not None:
                credit, checked = answer
                reason = FOUND.format(", ".join(map(str, checked)))
                results[slot] = results[slot].found(status_of(credit), credit, reason)


def _plan_of(
    history: History,
    book: SchemeBook,
    period: Period,
    purpose: str,
    day: str,
    pinned: Mapping[str, tuple[str, int]] | None,
) -> _Plan | None:
    """The plan that an organization shares with all of the same life, or None without a scheme."""
    first, last, year = bounds(period)
    closed = history.closed_by(last, day)
    if last < history.registered_on or (closed is not None and closed < first):
        return None
    if history.categories_known_on[:1] > [day]:
        return None
    months = months_to(period)
    if len(history.categories) == 1:
        categories: tuple[str, ...] = (history.categories[0][1],) * len(months)
    else:
        ends = [end if closed is None else min(end, closed) for _, end in months]
        categories = tuple(history.category_on(end, day) for end in ends)
    pin = None if pinned is None else pinned.get(categories[-1], ("", 0))
    begun = max(history.registered_on, year)
    key = (period, purpose, day, begun, closed, categories, pin)
    if key not in book.plans:
        if len(book.plans) >= KEPT_PLANS:
            book.plans.clear()
        book.plans[key] = _compile(book, period, purpose, key)
    plan: _Plan | None = book.plans[key]
    return plan


def _compile(book: SchemeBook, period: Period, purpose: str, key: tuple[Any, ...]) -> _Plan | None:
    """Compile the plan of one key (see ``_plan_of``)."""
    _, _, day, begun, closed, categories, pin = key
    last = period.last_month

    def governing(month: Period) -> Catalogue | None:
        place = month.last_month.first - period.year * 12
        if pin is not None and month.last_month == last:
            scheme = book.version(*pin) if pin[1] else None
        else:
            scheme = book.in_force(categories[place], purpose, month.last_month)
        return None if scheme is None else book.catalogue(scheme)

    catalogue = governing(last)
    if catalogue is None:
        return None
    life = Life(date.fromisoformat(begun), None if closed is None else date.fromisoformat(closed))
    opening = book.first_month(catalogue.scheme.scheme)
    asked = WindowSelection(period, life, opening, date.fromisoformat(day))
    return _Plan(period, asked, closed or bounds(period)[1], governing, catalogue)


def assess(
    history: History,
    book: SchemeBook,
    period: Period,
    *,
    asked_on: date,
    first_month: Period,
    purpose: str = MONTHLY,
    own_check: bool = False,
    pinned: Mapping[str, tuple[str, int]] | None = None,
) -> Assessment:
    """Assess one organization for one period (docs/semantics.md, sections 2 to 6).

    Only facts whose recording date is not after ``asked_on`` count (a local date: today, or the
    closing date of a cycle). ``own_check`` False gives the derived figure, to which the period's
    own sheets add nothing; True the inspected one. ``pinned`` gives by category the scheme and
    version that a cycle pinned; it governs the period's last month, and a category without a pin
    has no scheme. ``Refused`` where the book does not hold a pinned version.
    """
    day = asked_on.isoformat()
    enters = period.last_month >= first_month
    plan = _plan_of(history, book, period, purpose, day, pinned)
    if plan is None:
        return Assessment(history.code, period, purpose, None, None, None, (), (), enters)
    text = str(period)

    def disallowed(entry: RecordVersion) -> bool:
        if any(of == text and at < entry.version for (of, _), at in history.posted.items()):
            return False
        return own_check or entry.changes["disallowed"] != text

    results, missing = plan.derive(history, disallowed)
    if history.sheets:
        sheets = [sheet for sheet in history.sheets if own_check or sheet.period != text]
        plan.check(results, findings_in_force(sheets, period, purpose, day, plan.judges))
    catalogue, lacks = plan.catalogue, tuple(sorted(missing))
    score, criteria = score_of(catalogue.integer_weights, results), tuple(results)
    scheme, version, stated = catalogue.scheme.scheme, catalogue.scheme.version, catalogue.stated
    return Assessment(
        history.code, period, purpose, scheme, version, score, criteria, lacks, enters, stated
    )
