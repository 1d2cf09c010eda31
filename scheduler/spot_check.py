"""The monthly process manager: which steps of a scope's cycles are due, from the facts alone.

It keeps no state: the cycles' events say what is done, arithmetic over their dates says what is
due (docs/semantics.md, section 9; docs/decisions/0012-the-scheduler-remembers-nothing.md). The
runner executes the steps.
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
from scheduler.calendar import CycleDates, due_at, plan_dates


class ProcessStep(StrEnum):
    """The steps of a cycle, in the order of execution."""

    OPEN = "open"
    DRAW = "draw"
    ASSIGN = "assign"
    REMIND = "remind"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, order=True)
class DueStep:
    """One step that is due: since which instant, of which month; sorts in order of execution."""

    since: datetime
    period: str
    step: ProcessStep


def next_step(cycle: Cycle, zone: tzinfo) -> DueStep | None:
    """Return the next step of a cycle that has opened, due or not; None if it is closed.

    A step that has begun stays due since its beginning: the draw until the assignments are handed
    out, the closing until the figures are posted.
    """
    if cycle.state == "open":
        return DueStep(due_at(cycle.draws_on, zone), cycle.period, ProcessStep.DRAW)
    if cycle.state == "drawn" and not cycle.assigned:
        # A cycle that opened late may be drawn by hand before its own shifted day, so the
        # assignments can be due from the calendar's day on.
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
    """Return every step of one scope that is due, in the order of execution.

    ``months_to_open`` are the months without a cycle, each with the instant since when it is due.
    Cycles close in order: only the earliest cycle that is not closed may close.
    """
    steps = [DueStep(since, period, ProcessStep.OPEN) for since, period in months_to_open]
    unclosed = sorted(cycle.period for cycle in cycles if cycle.state != "closed")
    for cycle in cycles:
        step = next_step(cycle, zone)
        if step is None or step.since > now:
            continue
        if step.step is ProcessStep.CLOSE and cycle.period != unclosed[0]:
            continue
        steps.append(step)
    return sorted(steps)


def calendar_dates(period: str, policy: DistrictPolicy) -> CycleDates:
    """Return the dates that the policy gives a month's cycle, without any delay or roll."""
    days = policy.spot_check
    return plan_dates(parse_month(period), days.opens, days.draws, days.closes)


def check_opening_day(period: str, today: date, policy: DistrictPolicy) -> None:
    """Raise ``Refused`` if a month is opened before its day ``opens``."""
    opens_on = calendar_dates(period, policy).opens_on
    if today < opens_on:
        raise Refused("too_early_to_open", period=period, day=opens_on, today=today)


def check_draw_day(cycle: Cycle, today: date) -> None:
    """Raise ``Refused`` if a cycle is drawn by hand before the day ``draws`` of its policy.

    A cycle that opened late may be drawn by hand at once: no record can be in time any more.

    Source: docs/decisions/0005-cycles-by-hand.md.
    """
    draws_on = calendar_dates(cycle.period, policy_from_document(cycle.policy)).draws_on
    if today < draws_on:
        raise Refused("too_early_to_draw", period=cycle.period, day=draws_on, today=today)


def check_closing_day(cycle: Cycle, today: date, *, uninspected: bool) -> date:
    """Return the date as of which a cycle closes by hand; raise ``Refused`` if it is too early.

    By hand a cycle closes after the day ``closes`` of the policy that it pinned, or
    ``uninspected`` from its day ``draws`` on (docs/decisions/0005-cycles-by-hand.md).
    """
    dates = calendar_dates(cycle.period, policy_from_document(cycle.policy))
    first = dates.draws_on if uninspected else dates.closing_runs_on
    if today < first:
        raise Refused("too_early_to_close", period=cycle.period, day=first, today=today)
    return min(today, cycle.closes_on)
