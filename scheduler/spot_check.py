"""The monthly process manager: what of a scope's cycles is due now, from the facts alone.

It remembers nothing: what was done is in the cycles, what is due is arithmetic over their dates
(docs/semantics.md, section 9; docs/decisions/0012-the-scheduler-remembers-nothing.md). The runner
does the steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from events.documents.policies import DistrictPolicy, policy_from_document
from events.periods import day_after, parse_month
from events.refusals.errors import Refused
from events.streams.cycles import Cycle
from scheduler.calendar import CycleDates, due_at, planned


class ProcessStep(StrEnum):
    """What a cycle can be waiting for, in the order in which it is done."""

    OPEN = "open"
    DRAW = "draw"
    ASSIGN = "assign"
    REMIND = "remind"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, order=True)
class DueStep:
    """One step that is due: since when, of which month, which one; the order is that of doing."""

    since: datetime
    period: str
    step: ProcessStep


def next_step(cycle: Cycle, zone: tzinfo) -> DueStep | None:
    """The next step of a cycle that has opened, due or not; None where it has closed.

    A step that was begun is due since it was begun: the draw is followed by its assignments, the
    closing by its postings.
    """
    if cycle.state == "open":
        return DueStep(due_at(cycle.draws_on, zone), cycle.period, ProcessStep.DRAW)
    if cycle.state == "drawn" and not cycle.assigned:
        # By hand a cycle that opened late is drawn before its own day, from the calendar's on.
        draws_on = calendar_dates(cycle.period, policy_from_document(cycle.policy)).draws_on
        since = due_at(min(cycle.draws_on, draws_on), zone)
        return DueStep(since, cycle.period, ProcessStep.ASSIGN)
    closes = due_at(day_after(cycle.closes_on), zone)
    if cycle.state == "drawn" and not cycle.reminded:
        reminds = due_at(cycle.reminds_on, zone)
        if reminds < closes:
            return DueStep(reminds, cycle.period, ProcessStep.REMIND)
    if cycle.state in {"drawn", "closing"}:
        since = closes if cycle.closing_on is None else due_at(cycle.closing_on, zone)
        return DueStep(since, cycle.period, ProcessStep.CLOSE)
    return None


def due_steps(
    cycles: Sequence[Cycle],
    months_to_open: Sequence[tuple[datetime, str]],
    now: datetime,
    zone: tzinfo,
) -> list[DueStep]:
    """Every step of one scope that is due, in the order of doing.

    ``months_to_open`` are the months that no cycle has, each with the instant since when it is due.
    Of the cycles that wait for their close only the earliest may close: they close in order.
    """
    found = [DueStep(since, period, ProcessStep.OPEN) for since, period in months_to_open]
    unclosed = sorted(cycle.period for cycle in cycles if cycle.state != "closed")
    for cycle in cycles:
        step = next_step(cycle, zone)
        if step is None or step.since > now:
            continue
        if step.step is ProcessStep.CLOSE and cycle.period != unclosed[0]:
            continue
        found.append(step)
    return sorted(found)


def calendar_dates(period: str, policy: DistrictPolicy) -> CycleDates:
    """The dates that the policy gives a month's cycle, before any lateness."""
    days = policy.spot_check
    return planned(parse_month(period), days.opens, days.draws, days.closes)


def may_open(period: str, today: date, policy: DistrictPolicy) -> None:
    """Refuse to open a month before its day ``opens``."""
    opens_on = calendar_dates(period, policy).opens_on
    if today < opens_on:
        raise Refused("too_early_to_open", period=period, day=opens_on, today=today)


def may_draw(cycle: Cycle, today: date) -> None:
    """Refuse to draw by hand before the calendar's day ``draws``, by its own policy.

    A cycle that opened late may be drawn by hand at once: its records are no longer in time.

    Source: docs/decisions/0005-cycles-by-hand.md.
    """
    draws_on = calendar_dates(cycle.period, policy_from_document(cycle.policy)).draws_on
    if today < draws_on:
        raise Refused("too_early_to_draw", period=cycle.period, day=draws_on, today=today)


def may_close(cycle: Cycle, today: date, *, uninspected: bool) -> date:
    """The date as of which a cycle closes by hand today, or ``Refused`` while it is too early.

    By hand a cycle closes after the calendar's day ``closes``, or ``uninspected`` from its day
    ``draws`` on (docs/decisions/0005-cycles-by-hand.md), by the policy that the cycle pinned.
    """
    dates = calendar_dates(cycle.period, policy_from_document(cycle.policy))
    first = dates.draws_on if uninspected else dates.closing_runs_on
    if today < first:
        raise Refused("too_early_to_close", period=cycle.period, day=first, today=today)
    return min(today, cycle.closes_on)
