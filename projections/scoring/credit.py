"""The credit of an activity rule, window by window (docs/semantics.md, sections 3 and 4).

A record counts for a window in two states: I, its merit as it stood when the window's grace ended,
and N, its newest merit; its credit is ``min(N, max(I, late_credit * N))``. Credits are whole
numbers in units of ``1 / scale``, where ``scale`` is a common denominator of all credits that the
rule can give, so that sums are exact and fast.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from events.documents.schemes import ActivityRule, Applies, Criterion, SchemePolicy
from events.periods import Length, Period
from projections.scoring.figures import exact
from projections.scoring.history import LifeEnd, RecordFields, RecordVersion

ZERO = Fraction(0)
ONE = Fraction(1)
DAYS = timedelta(days=1)

Hit = tuple[int, str, str]
"""The credit of a record (in units of its window), its day, its id."""

Hits = dict["Window", list[Hit]]
Windows = tuple["Window", ...]
Source = Callable[[Period], "tuple[Criterion, SchemePolicy] | None"]
"""Return the criterion and policy that judge a window, by the window's last month."""


@dataclass(frozen=True, slots=True)
class Life:
    """An organization's life, both days included; ``last`` is None while it lasts."""

    first: date
    last: date | None

    def covers_half(self, window: Period) -> bool:
        """Return whether at least half of a window's days are in this life (section 4)."""
        first, last = window.first_day, window.last_day
        begin = max(first, self.first)
        end = last if self.last is None else min(last, self.last)
        return 2 * ((end - begin).days + 1) >= (last - first).days + 1


class Window:
    """One window as one version of a rule judges it; dates are ISO texts, both ends included.

    ``deadline`` is the last recording date that is in time, ``by`` the last day in time or empty;
    ``full`` and ``partial`` are the merits of a complete and an incomplete record and
    ``late_full``, ``late_partial`` what they are worth when late, all in units of ``1 / scale``.
    ``applies`` is the measure and threshold that decide on ``applies_on`` whether it is required.
    """

    __slots__ = (
        "activity", "applies", "applies_on", "attendance", "by", "count", "deadline", "evidence",
        "first", "full", "in_full", "incomplete", "last", "late", "late_full", "late_partial",
        "partial", "period", "same_day", "scale", "slot", "text",
    )  # fmt: skip

    def __init__(self, period: Period, rule: ActivityRule, policy: SchemePolicy) -> None:
        """Compile ``rule`` for the window ``period``."""
        self.period = period
        self.text = str(period)
        self.first = period.first_day.isoformat()
        self.last = period.last_day.isoformat()
        self.activity = rule.activity
        self.count = rule.count
        self.evidence = frozenset(rule.evidence)
        share = rule.attendance_at_least
        self.attendance = None if share is None else share.as_integer_ratio()
        self.in_full = rule.in_full
        self.same_day = rule.same_day
        limit = period.last_day
        self.by = ""
        if rule.by is not None:
            limit = _day_of_year(period.year, rule.by)
            self.by = limit.isoformat()
        self.deadline = (limit + policy.recording_grace_days * DAYS).isoformat()
        self.slot = 0
        self.applies: tuple[str, Fraction] | None = None
        self.applies_on = ""
        self.late = Fraction(policy.late_credit)
        self.incomplete = Fraction(policy.incomplete_credit)
        self.rescale(self.late.denominator * self.incomplete.denominator)

    def rescale(self, scale: int) -> None:
        """Express all credits in units of ``1 / scale``."""
        self.scale = scale
        self.full = scale
        self.partial = int(self.incomplete * scale)
        self.late_full = int(self.late * scale)
        self.late_partial = int(self.late * self.incomplete * scale)

    def merit(self, state: Mapping[str, Any]) -> int:
        """Return the merit of a state for this window, in units of ``1 / scale`` (section 3)."""
        if (
            "retracted" in state
            or state.get("activity") != self.activity
            or not self.first <= state.get("occurred_on", "") <= self.last
        ):
            return 0
        return self.full if self.complete(state) else self.partial

    def complete(self, state: Mapping[str, Any]) -> bool:
        """Return whether evidence, attendance and payment satisfy the rule (section 3)."""
        if self.evidence and not self.evidence.issubset(state.get("evidence") or ()):
            return False
        if self.attendance is not None:
            present, expected = state.get("present"), state.get("expected")
            above, below = self.attendance
            if present is None or not expected or present * below < above * expected:
                return False
        if self.in_full:
            due, paid = state.get("due"), state.get("paid")
            if due == 0:
                return bool(state.get("note"))
            return due is not None and paid is not None and paid >= due
        return True

    def credit(
        self,
        state: Mapping[str, Any],
        known_on: str,
        entries: list[RecordVersion],
        closing: LifeEnd | None = None,
    ) -> int:
        """Return ``min(N, max(I, late_credit * N))`` in units of ``1 / scale`` (section 3).

        ``state`` is the newest state, folded from ``entries`` in stream order, and its day is in
        this window and in the organization's life; ``known_on`` is the latest recording date among
        them. I is 0 for a record that took place after a ``closing`` known by then, or, with
        ``by``, later than that day by that state or by its newest one.
        """
        newest = self.full if self.complete(state) else self.partial
        late = self.late_full if newest == self.full else self.late_partial
        if self.by and state["occurred_on"] > self.by:
            return late
        if known_on <= self.deadline:
            return newest
        state_in_time = state_at(entries, self.deadline)
        in_time = self.merit(state_in_time)
        if in_time and self.by and state_in_time["occurred_on"] > self.by:
            in_time = 0
        if in_time and closing is not None and closing.known_on <= self.deadline:
            in_time = in_time if state_in_time["occurred_on"] <= closing.day else 0
        return min(newest, max(in_time, late))


def _day_of_year(year: int, text: str) -> date:
    """Return the day ``MM-DD`` of a year; 29 February is the last of February in other years."""
    month, day = int(text[:2]), int(text[3:])
    return date(year, month, min(day, monthrange(year, month)[1]))


def state_at(entries: list[RecordVersion], on: str) -> RecordFields:
    """Return a record's state on a date: the fold, in stream order, of what was known (section 3).

    Empty where the record itself, its first entry, was not known, whatever came later.
    """
    state: RecordFields = {}
    if entries[0].known_on <= on:
        for entry in entries:
            if entry.known_on <= on:
                state |= entry.changes
    return state


def best_hits(window: Window, hits: list[Hit]) -> list[Hit]:
    """Return the hits that count: the ``count`` best, one a day unless ``same_day`` (section 4).

    Of equal credits the earlier day comes first, then the lower record id.
    """
    if len(hits) == 1:
        return hits
    chosen: list[Hit] = []
    days: set[str] = set()
    for hit in sorted(hits, key=lambda hit: (-hit[0], hit[1], hit[2])):
        _, day, _ = hit
        if window.same_day or day not in days:
            days.add(day)
            chosen.append(hit)
            if len(chosen) == window.count:
                break
    return chosen


def count_credits(window: Window, hits: list[Hit] | None) -> int:
    """Return ``counted(W)``, the sum of the best credits, in units of ``1 / scale`` (section 4)."""
    return sum([credit for credit, _, _ in best_hits(window, hits)]) if hits else 0


class WindowResult(NamedTuple):
    """One window of an activity criterion: what it asks for, what counted, by which records."""

    window: str
    required: int
    counted: Fraction
    records: tuple[str, ...]


def window_results(windows: Iterable[Window], hits: Hits) -> tuple[WindowResult, ...]:
    """Return what counted in each window, and by which records."""
    results = []
    for window in windows:
        if window in hits:
            chosen = best_hits(window, hits[window])
            gained = Fraction(sum([credit for credit, _, _ in chosen]), window.scale)
            records = tuple([record_id for _, _, record_id in chosen])
            results.append(WindowResult(window.text, window.count, gained, records))
        else:
            results.append(WindowResult(window.text, window.count, ZERO, ()))
    return tuple(results)


def window_documents(windows: Iterable[Window], hits: Hits) -> list[dict[str, Any]]:
    """Return the windows as JSON values in the shape of ``tracker compliance --json``.

    Whole credits, nearly all, become text without a fraction: a closing writes millions of them.
    """
    documents = []
    for window in windows:
        counted, records = "0", []
        if window in hits:
            chosen = best_hits(window, hits[window])
            whole, rest = divmod(sum([hit[0] for hit in chosen]), window.scale)
            counted = exact(whole + Fraction(rest, window.scale)) if rest else str(whole)
            records = [hit[2] for hit in chosen]
        documents.append(
            {
                "window": window.text,
                "required": window.count,
                "counted": counted,
                "records": records,
            }
        )
    return documents


@dataclass(slots=True)
class ActivityPlan:
    """The windows of one criterion over one period for all organizations of one life.

    ``judged`` are the windows whose grace period is over, ``waiting`` those whose grace period is
    not. ``conditional`` says whether a window has a condition ``applies`` that may exclude it.
    ``deduct`` is ``deduct_per_miss / points``. ``cache`` holds credits by the arguments of
    ``credit``.
    """

    slot: int
    judged: tuple[Window, ...]
    waiting: tuple[Window, ...]
    scale: int
    conditional: bool
    deduct: Fraction | None
    cache: dict[tuple[int, int], Fraction] = field(default_factory=dict)

    def credit(self, gained: int, required: int) -> Fraction:
        """Return ``Σ counted / Σ n``; with ``deduct`` 1 minus its share for each miss (section 4).

        ``gained`` is ``Σ counted`` in units of ``1 / scale``, ``required`` is ``Σ n``.
        """
        if gained == required * self.scale:
            return ONE
        credit = self.cache.get((gained, required))
        if credit is None:
            credit = Fraction(gained, required * self.scale)
            if self.deduct is not None:
                missed = required - Fraction(gained, self.scale)
                credit = max(ZERO, 1 - self.deduct * missed)
            credit = credit or ZERO
            self.cache[gained, required] = credit
        return credit


@dataclass(frozen=True, slots=True)
class WindowSelection:
    """What decides which windows are asked for and judged: section 4, for one period.

    ``life`` ends no later than the period does; ``opening`` gives the first month in which a
    window may begin, by its last month in the period; ``source`` gives the rule of a window by its
    last month; ``asked_on`` is the day asked.
    """

    period: Period
    life: Life
    opening: Callable[[Period], Period]
    asked_on: date

    def plan(
        self,
        slot: int,
        criterion: Criterion,
        policy: SchemePolicy,
        points: Fraction,
        source: Source,
    ) -> ActivityPlan:
        """Return the windows of a criterion that has an activity rule in the period's last month.

        A window is judged by the version of its last month; where versions differ in ``per``, the
        windows of each length are taken whose own version has that length. Where no window at all
        belongs to the period, the window around its last day is pending, by the state on that day:
        the period's version, and the life and measures known by then. A window that ends before the
        life begins belongs to no period.
        """
        rule = criterion.rule
        assert isinstance(rule, ActivityRule), criterion.code
        judged: list[Window] = []
        waiting: list[Window] = []
        has_window = False
        for length in Length:
            for period in self.period.windows(length):
                version = source(period.last_month)
                if version is None or period.last_day < self.life.first:
                    continue
                own_criterion, own_policy = version
                own_rule = own_criterion.rule
                if not isinstance(own_rule, ActivityRule) or own_rule.per != length:
                    continue
                has_window = True
                if self._asked(period):
                    window = self._window(slot, period, own_criterion, own_policy)
                    grace_ends_on = period.last_day + own_policy.recording_grace_days * DAYS
                    (judged if self.asked_on > grace_ends_on else waiting).append(window)
        if not has_window:
            period = self.period.window_around(rule.per)
            if self._asked(period):
                waiting.append(self._window(slot, period, criterion, policy))
        conditional = any(window.applies for window in judged + waiting)
        if judged and not conditional:
            waiting = []
        scale = lcm(*(window.scale for window in judged + waiting))
        for window in judged + waiting:
            window.rescale(scale)
        judged.sort(key=lambda window: window.last)
        waiting.sort(key=lambda window: window.last)
        deduct = None if rule.deduct_per_miss is None else Fraction(rule.deduct_per_miss) / points
        return ActivityPlan(slot, tuple(judged), tuple(waiting), scale, conditional, deduct)

    def _asked(self, window: Period) -> bool:
        last = min(window.last_month, self.period.last_month, key=lambda month: month.first)
        return self.life.covers_half(window) and window.first >= self.opening(last).first

    def _window(
        self, slot: int, period: Period, criterion: Criterion, policy: SchemePolicy
    ) -> Window:
        assert isinstance(criterion.rule, ActivityRule), criterion.code
        window = Window(period, criterion.rule, policy)
        window.slot = slot
        if criterion.applies is not None:
            window.applies = threshold_of(criterion.applies)
            last = min(period.last_day, self.period.last_day, self.life.last or date.max)
            window.applies_on = last.isoformat()
        return window


def threshold_of(applies: Applies) -> tuple[str, Fraction]:
    """Return the measure and the exact number that it has to reach."""
    return applies.measure, Fraction(applies.at_least)


def index_windows(plans: Iterable[ActivityPlan]) -> dict[str, dict[str, list[Window]]]:
    """Return all windows of plans by activity and by each of their months (``2026-09``)."""
    index: dict[str, dict[str, list[Window]]] = {}
    for plan in plans:
        for window in plan.judged + plan.waiting:
            months = index.setdefault(window.activity, {})
            for month in window.period.each_month():
                months.setdefault(str(month), []).append(window)
    return index
