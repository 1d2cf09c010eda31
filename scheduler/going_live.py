"""What going live from a month would open, and for whom: read before a person confirms it.

A month whose opening day has passed opens at the next tick, and history for it is then refused
(docs/semantics.md, sections 1 and 10).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from events.periods import Period
from events.refusals.errors import Refused
from projections.cycles.reading import scope_code
from projections.documents.in_force import policy
from projections.organizations.directory import all_entries, roots
from scheduler.calendar import IsWorkingDay, months_due, plan_dates, shift_dates
from scheduler.opening import has_reason_to_open, pin_schemes, read_frame
from scheduler.readiness import find_without_account, find_without_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.documents.policies import SpotCheckPolicy
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry

COMING = 2
"""Months that are shown of those whose opening day is still to come."""


@dataclass(frozen=True, slots=True)
class PlannedCycle:
    """A cycle that would open: with its root's first code and its dates (ISO).

    ``at_once``: its opening day has passed, so it opens at the next tick and keeps its length.
    """

    period: str
    scope: str
    opens_on: str
    draws_on: str
    closes_on: str
    at_once: bool


@dataclass(frozen=True, slots=True)
class CategoryReadiness:
    """The organizations of one category that are not closed, counted.

    ``in_frame`` of the first month; ``without_scheme`` in that month; ``without_account``: no
    enabled account of a branch; ``without_facts``: no record, condition or measure at all.
    """

    category: str
    organizations: int
    in_frame: int
    without_scheme: int
    without_account: int
    without_facts: int


@dataclass(frozen=True, slots=True)
class LivePreview:
    """What going live from ``first_month`` would do; ``at_once`` are the months that open now."""

    first_month: str
    at_once: list[str]
    cycles: list[PlannedCycle]
    categories: list[CategoryReadiness]

    @property
    def span(self) -> str:
        """The months that open at once in words, such as ``2026-08 to 2026-10``; or empty."""
        if not self.at_once:
            return ""
        first, last = self.at_once[0], self.at_once[-1]
        return first if first == last else f"{first} to {last}"


def find_late_months(
    reader: Reader, month: Period, now_local: datetime, is_working_day: IsWorkingDay | None
) -> list[str]:
    """Return the months from ``month`` on that a live district would open at its next tick.

    It must have opened no cycle yet. Months in which nobody has a scheme are passed over.
    """
    days = policy(reader).policy.spot_check
    due = _months_due(month, now_local, days, is_working_day)
    late: set[str] = set()
    for root in roots(reader):
        late |= {str(period) for period in _months_with_reason(reader, root, due)}
    return sorted(late)


def preview_live(
    reader: Reader, month: Period, now_local: datetime, is_working_day: IsWorkingDay | None
) -> LivePreview:
    """Return what would happen if the district went live from a month on, now.

    ``now_local`` is in the district's zone. Raise ``Refused`` if the policy needs working days of
    a year that is not published yet.
    """
    days = policy(reader).policy.spot_check
    due = _months_due(month, now_local, days, is_working_day)
    cycles: list[PlannedCycle] = []
    for root in roots(reader):
        cycles += [
            _plan_cycle(root, period, days, is_working_day, late_on=now_local.date())
            for period in _months_with_reason(reader, root, due)
        ]
        if root.closed_on is None:
            following = due[-1].next() if due else month
            cycles += _coming_cycles(root, following, days, is_working_day)
    cycles.sort(key=lambda cycle: (cycle.period, cycle.scope))
    at_once = sorted({cycle.period for cycle in cycles if cycle.at_once})
    return LivePreview(
        str(month), at_once, cycles, _count_categories(reader, month, now_local.date())
    )


def _months_due(
    month: Period, now_local: datetime, days: SpotCheckPolicy, is_working_day: IsWorkingDay | None
) -> list[Period]:
    return months_due(
        month, None, now_local, days.opens, roll=days.roll, is_working_day=is_working_day
    )


def _months_with_reason(
    reader: Reader, root: OrganizationEntry, months: list[Period]
) -> Iterator[Period]:
    """Yield the months in which somebody under a root has a scheme."""
    for month in months:
        pinned = pin_schemes(reader, month)
        if pinned and has_reason_to_open(reader, root, month, pinned):
            yield month


def _coming_cycles(
    root: OrganizationEntry,
    period: Period,
    days: SpotCheckPolicy,
    is_working_day: IsWorkingDay | None,
) -> Iterator[PlannedCycle]:
    """Yield the next cycles of a root by the calendar, as far as working days are known."""
    for _ in range(COMING):
        try:
            yield _plan_cycle(root, period, days, is_working_day)
        except Refused:
            return
        period = period.next()


def _plan_cycle(
    root: OrganizationEntry,
    period: Period,
    days: SpotCheckPolicy,
    is_working_day: IsWorkingDay | None,
    late_on: date | None = None,
) -> PlannedCycle:
    dates = plan_dates(period, days.opens, days.draws, days.closes, days.roll, is_working_day)
    if late_on is not None:
        dates = shift_dates(dates, late_on)
    return PlannedCycle(
        str(period),
        scope_code(root),
        dates.opens_on.isoformat(),
        dates.draws_on.isoformat(),
        dates.closes_on.isoformat(),
        late_on is not None,
    )


def _count_categories(reader: Reader, month: Period, today: date) -> list[CategoryReadiness]:
    """Count the organizations of each category that are not closed today."""
    day = today.isoformat()
    entries = [
        entry for entry in all_entries(reader) if entry.closed_on is None or day <= entry.closed_on
    ]
    pinned = pin_schemes(reader, month)
    framed: Counter[str] = Counter()
    for root in roots(reader):
        frame = read_frame(reader, root, month, pinned)
        framed.update({category: len(codes) for category, codes in frame.items()})
    no_account = find_without_account(reader, entries, day)
    no_facts = find_without_facts(reader, entries)
    totals = Counter(entry.category for entry in entries)
    accountless = Counter(entry.category for entry in entries if entry.stream in no_account)
    factless = Counter(entry.category for entry in entries if entry.stream in no_facts)
    return [
        CategoryReadiness(
            category,
            totals[category],
            framed[category],
            0 if category in pinned else totals[category],
            accountless[category],
            factless[category],
        )
        for category in sorted(totals | framed)
    ]
