from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.documents.policies import DistrictPolicy, SpotCheckPolicy, stored_policy
from events.periods import local_date, parse_month
from events.refusals.errors import Kind, Refused
from events.streams.cycles import Cycle
from scheduler.calendar import due_at, months_due, plan_dates, shift_dates
from scheduler.spot_check import (
    DueStep,
    ProcessStep,
    check_closing_day,
    check_draw_day,
    check_opening_day,
    due_steps,
    next_step,
)

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = parse_month("2026-01")
SEPTEMBER = Cycle(
    state="open",
    scope="r",
    period="2026-09",
    opened_on=date(2026, 10, 1),
    draws_on=date(2026, 10, 6),
    reminds_on=date(2026, 10, 8),
    closes_on=date(2026, 10, 10),
    policy=stored_policy(DistrictPolicy()),
)
DRAWN = replace(SEPTEMBER, state="drawn")
ASSIGNED = replace(DRAWN, assigned=True)
REMINDED = replace(ASSIGNED, reminded=True)
CLOSING = replace(REMINDED, state="closing", closing_on=date(2026, 10, 10))


def at(day: date, hour: int = 0, minute: int = 30) -> datetime:
    """A local time as a UTC instant."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("cycle", "day", "step"),
    [
        (SEPTEMBER, 6, ProcessStep.DRAW),
        (DRAWN, 6, ProcessStep.ASSIGN),
        (ASSIGNED, 8, ProcessStep.REMIND),
        (REMINDED, 11, ProcessStep.CLOSE),
        (CLOSING, 10, ProcessStep.CLOSE),
        (replace(CLOSING, reminded=False), 10, ProcessStep.CLOSE),
        (replace(CLOSING, assigned=False), 10, ProcessStep.CLOSE),
        (replace(ASSIGNED, closes_on=date(2026, 10, 7)), 8, ProcessStep.CLOSE),
    ],
)
def test_next_step(cycle: Cycle, day: int, step: ProcessStep) -> None:
    """A cycle has one next step at 00:30 of its day; a reminder after the close is left out."""
    assert next_step(cycle, ZONE) == DueStep(at(date(2026, 10, day)), "2026-09", step)


def test_a_draw_by_hand_is_followed_at_once() -> None:
    """A cycle that opened late and was drawn by hand does not wait for its own day to go on."""
    late = replace(DRAWN, draws_on=date(2026, 10, 25))
    assert next_step(late, ZONE) == DueStep(at(date(2026, 10, 6)), "2026-09", ProcessStep.ASSIGN)
    early = replace(DRAWN, draws_on=date(2026, 10, 4))
    assert next_step(early, ZONE) == DueStep(at(date(2026, 10, 4)), "2026-09", ProcessStep.ASSIGN)


def test_nothing_is_due_of_a_closed_cycle() -> None:
    """A closed cycle has no next step."""
    assert next_step(replace(CLOSING, state="closed"), ZONE) is None
    assert next_step(replace(CLOSING, state="closed", assigned=False), ZONE) is None
    assert due_steps([replace(CLOSING, state="closed")], [], at(date(2027, 1, 1)), ZONE) == []


def test_a_step_falls_due_at_half_past_midnight() -> None:
    """A second before 00:30 nothing is due, at 00:30 the draw is."""
    due = at(date(2026, 10, 6))
    assert due_steps([SEPTEMBER], [], due - timedelta(seconds=1), ZONE) == []
    assert [one.step for one in due_steps([SEPTEMBER], [], due, ZONE)] == [ProcessStep.DRAW]


def test_steps_come_in_the_order_in_which_they_fell_due() -> None:
    """An opening that is due before a draw comes first."""
    opening = at(date(2026, 10, 1))
    due = due_steps([SEPTEMBER], [(opening, "2026-10")], at(date(2026, 12, 1)), ZONE)
    assert [(one.period, one.step) for one in due] == [
        ("2026-10", ProcessStep.OPEN),
        ("2026-09", ProcessStep.DRAW),
    ]


def test_only_the_earliest_cycle_may_close() -> None:
    """A later cycle waits for the close of the one before, whatever its own date."""
    later = replace(REMINDED, period="2026-10")
    earlier = replace(REMINDED, closes_on=date(2026, 12, 1))
    now = at(date(2026, 11, 20))
    assert due_steps([later, earlier], [], now, ZONE) == []
    assert [one.period for one in due_steps([later], [], now, ZONE)] == ["2026-10"]


def test_cycles_overlap_until_they_close() -> None:
    """A later cycle is drawn while the one before waits for its close, each in its turn."""
    later = replace(SEPTEMBER, period="2026-10", draws_on=date(2026, 11, 6))
    waiting = replace(REMINDED, closes_on=date(2026, 12, 1))
    now = at(date(2026, 11, 20))
    assert [one.period for one in due_steps([waiting, later], [], now, ZONE)] == ["2026-10"]
    both = due_steps([later, REMINDED], [], now, ZONE)
    assert [one.step for one in both] == [ProcessStep.CLOSE, ProcessStep.DRAW]


def test_opening_by_hand_waits_for_the_day_opens() -> None:
    """A month is opened on its day ``opens`` and not on the day before."""
    policy = DistrictPolicy(spot_check=SpotCheckPolicy(opens=3))
    check_opening_day("2026-09", date(2026, 10, 3), policy)
    with pytest.raises(Refused, match="cannot be opened before 2026-10-03") as caught:
        check_opening_day("2026-09", date(2026, 10, 2), policy)
    assert (caught.value.code, caught.value.kind) == ("too_early_to_open", Kind.NOT_NOW)


def test_drawing_by_hand_waits_for_the_day_draws_of_the_calendar() -> None:
    """A cycle that opened late may be drawn at once, though not before the calendar's day."""
    late = replace(SEPTEMBER, draws_on=date(2026, 10, 25))
    check_draw_day(late, date(2026, 10, 6))
    with pytest.raises(Refused, match="cannot be drawn before 2026-10-06") as caught:
        check_draw_day(late, date(2026, 10, 5))
    assert caught.value.code == "too_early_to_draw"


def test_closing_by_hand_waits_for_the_day_after_closes() -> None:
    """By hand a cycle closes after the calendar's day ``closes``, as of today or its last day."""
    with pytest.raises(Refused, match="cannot be closed before 2026-10-11") as caught:
        check_closing_day(REMINDED, date(2026, 10, 10), uninspected=False)
    assert caught.value.code == "too_early_to_close"
    assert check_closing_day(REMINDED, date(2026, 10, 11), uninspected=False) == date(2026, 10, 10)
    late = replace(REMINDED, closes_on=date(2026, 10, 24))
    assert check_closing_day(late, date(2026, 10, 11), uninspected=False) == date(2026, 10, 11)


def test_closing_without_inspections_waits_for_the_day_draws() -> None:
    """With a reason a cycle may be closed from the calendar's day ``draws`` on."""
    assert check_closing_day(SEPTEMBER, date(2026, 10, 6), uninspected=True) == date(2026, 10, 6)
    with pytest.raises(Refused, match="before 2026-10-06"):
        check_closing_day(SEPTEMBER, date(2026, 10, 5), uninspected=True)


def test_the_pinned_policy_says_when_a_cycle_is_drawn_and_closed() -> None:
    """A policy published after the opening moves neither the draw nor the close of a cycle."""
    days = SpotCheckPolicy(draws=8, closes=20)
    pinned = replace(SEPTEMBER, policy=stored_policy(DistrictPolicy(spot_check=days)))
    with pytest.raises(Refused, match="before 2026-10-08"):
        check_draw_day(pinned, date(2026, 10, 7))
    with pytest.raises(Refused, match="before 2026-10-21"):
        check_closing_day(pinned, date(2026, 10, 20), uninspected=False)


class Ledger:
    """Executes due steps on cycles in memory, and records when each was done."""

    def __init__(self) -> None:
        """Start without cycles."""
        self.cycles: dict[str, Cycle] = {}
        self.done: list[tuple[str, ProcessStep]] = []

    def run(self, now: datetime) -> None:
        """Execute all due steps in order, as the runner does."""
        while True:
            newest = max((parse_month(period) for period in self.cycles), default=None)
            months = months_due(FIRST, newest, now.astimezone(ZONE))[:1]
            opening = [(due_at(plan_dates(one).opens_on, ZONE), str(one)) for one in months]
            due = due_steps(list(self.cycles.values()), opening, now, ZONE)
            if not due:
                return
            assert due[0].since <= now
            self._do(due[0], local_date(now, ZONE))

    def _do(self, due: DueStep, today: date) -> None:
        self.done.append((due.period, due.step))
        if due.step is ProcessStep.OPEN:
            dates = shift_dates(plan_dates(parse_month(due.period)), today)
            assert due.period not in self.cycles
            self.cycles[due.period] = Cycle(
                "open", "r", due.period, today, dates.draws_on, dates.reminds_on, dates.closes_on,
                policy=stored_policy(DistrictPolicy()),
            )  # fmt: skip
            return
        cycle = self.cycles[due.period]
        self.cycles[due.period] = {
            ProcessStep.DRAW: _drawn_on(cycle, today),
            ProcessStep.ASSIGN: replace(cycle, assigned=True),
            ProcessStep.REMIND: replace(cycle, reminded=True),
            ProcessStep.CLOSE: replace(cycle, state="closed", closing_on=cycle.closes_on),
        }[due.step]


def _drawn_on(cycle: Cycle, day: date) -> Cycle:
    """The cycle after its draw on a day: a late one moves what follows."""
    late = max(day - cycle.draws_on, timedelta(0))
    return replace(
        cycle,
        state="drawn",
        draws_on=cycle.draws_on + late,
        reminds_on=cycle.reminds_on + late,
        closes_on=cycle.closes_on + late,
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0.01, 100, allow_nan=False), min_size=1, max_size=25))
def test_every_month_is_done_once_and_in_order(waits: list[float]) -> None:
    """Whenever the clock ticks, each month opens, draws, reminds and closes once, in order.

    A cycle that opened or was drawn late keeps its days from draw to close, and months open and
    close in order.
    """
    ledger = Ledger()
    now = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
    for wait in [*waits, 1, 20]:
        now += timedelta(days=wait)
        ledger.run(now)
        before = list(ledger.done)
        ledger.run(now)
        assert ledger.done == before
    for period, cycle in ledger.cycles.items():
        done = [step for month, step in ledger.done if month == period]
        assert done == list(ProcessStep)[: len(done)]
        plan = plan_dates(parse_month(period))
        assert cycle.closes_on - cycle.draws_on == plan.closes_on - plan.draws_on
        assert cycle.draws_on - cycle.opened_on >= plan.draws_on - plan.opens_on
        assert (len(done) == len(ProcessStep)) == (
            now >= due_at(cycle.closes_on + timedelta(1), ZONE)
        )
    for step in (ProcessStep.OPEN, ProcessStep.CLOSE):
        months = [parse_month(month) for month, one in ledger.done if one is step]
        assert months[:1] in ([], [FIRST])
        assert all(one.next() == other for one, other in pairwise(months))
