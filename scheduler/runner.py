"""The runner: executes the steps of the monthly process, and keeps no state.

Each step is idempotent: it adds only what is missing, so that two runners on one database, or a
runner that was killed half-way, reach the same end
(docs/decisions/0012-the-scheduler-remembers-nothing.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from events.event import Metadata
from events.periods import Period, local_date, parse_month
from events.refusals.errors import Problem, Refused
from events.streams.cycle_decisions import Remind, decide, was_drawn
from events.streams.cycles import Cycle, cycle_stream
from events.values import accept_text, clean_line
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, scope_code
from projections.cycles.scopes import cycle_scopes
from projections.documents.in_force import district, policy
from projections.organizations.directory import OrganizationEntry, roots
from projections.scores.outcomes import inspections_by_state
from scheduler.calendar import IsWorkingDay, due_at, months_due, plan_dates
from scheduler.clock_check import ClockWatch, DatabaseNow, check_clock_ahead, check_clock_behind
from scheduler.closing import (
    begin_closing,
    end_inspections,
    finish_closing,
    post_all_pages,
)
from scheduler.drawing import (
    PAGE,
    assignments_of,
    draw_sample,
    finish_assigning,
    hand_out_assignments,
)
from scheduler.opening import (
    StepActor,
    has_reason_to_open,
    identify_events,
    months_passed_over,
    open_cycle,
    pin_schemes,
)
from scheduler.sealing import seal_day
from scheduler.spot_check import DueStep, ProcessStep, check_closing_day, check_draw_day, due_steps
from scheduler.working_days import find_unknown_year, working_days_by

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from events.log.store import Store

Progress = Callable[[str, int, int], None]
"""Receives the progress of long work: the step, the amount done, the total."""


LONGEST_RANDOMNESS, LONGEST_REASON = 500, 1000
"""Characters of a public random value, and of the reason for closing early."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step that was executed: scope, month, step, and whether it changed anything."""

    scope: str
    period: str
    step: ProcessStep
    changed: bool


@dataclass(slots=True)
class Runner:
    """Executes steps on one store.

    ``reopen`` opens the database again in a worker process, so it must be picklable; without it
    closings use one process. ``report`` is called after every step that ``tick`` executes.
    """

    store: Store
    entropy: Callable[[int], bytes]
    reopen: Callable[[], Engine] | None = None
    workers: int = 1
    progress: Progress | None = None
    is_working_day: IsWorkingDay | None = None
    report: Callable[[StepResult], None] | None = None
    database_now: DatabaseNow | None = None
    watch: ClockWatch | None = None

    def check_clock(self) -> None:
        """Raise ``Refused`` if the clock may be ahead and nobody confirmed it."""
        with self.store.read() as reader:
            check_clock_ahead(reader, self.store.clock(), self.database_now, self.watch)

    def check_calendar(self, rules: DistrictPolicy | None = None) -> tuple[Problem, ...]:
        """Return a warning if an opening of the next weeks needs a year that is not known.

        ``rules`` is the policy to check; None is the one in force.
        """
        with self.store.read() as reader:
            today = local_date(self.store.clock(), district(reader).zone)
            checked = rules or policy(reader).policy
        unknown = find_unknown_year(checked, today, self.is_working_day)
        if unknown is None:
            return ()
        warning = Problem.warning(
            "working_days", "calendar_ahead", year=unknown.year, day=unknown.opens_on
        )
        return (warning,)

    def make_actor(self, metadata: Metadata) -> StepActor:
        """Return the actor of a step, on the local day of the store's clock."""
        with self.store.read() as reader:
            zone = district(reader).zone
        today = local_date(self.store.clock(), zone)
        return StepActor(metadata, today, self.entropy, self.is_working_day)

    def open(self, root: OrganizationEntry, period: Period, metadata: Metadata) -> bool:
        """Open a month's cycle; return False if it has opened already."""
        actor = self.make_actor(metadata)
        with self.store.append() as log:
            return open_cycle(log, root, period, actor)

    def months_passed_over(self, root: OrganizationEntry, period: Period) -> tuple[str, ...]:
        """Return the months that opening this one leaves to be opened by hand."""
        with self.store.read() as reader:
            today = local_date(self.store.clock(), district(reader).zone)
            return months_passed_over(reader, root, period, today)

    def draw(
        self, scope: str, period: str, metadata: Metadata, value: str | None, *, by_hand: bool
    ) -> bool:
        """Draw, assign and hand out; return False if all of it is done already.

        Raise ``Refused`` if the cycle was drawn from another value: it is not drawn again.
        """
        if value is not None:
            value = accept_text(value, "randomness", LONGEST_RANDOMNESS, clean_line)
        actor = self.make_actor(metadata)
        with self.store.read() as reader:
            cycle = self._read_cycle(reader, scope, period)
            drawn = was_drawn(cycle, period, value)
            if by_hand and not drawn:
                check_draw_day(cycle, actor.today)
        changed = False
        if not drawn:
            with self.store.append() as log:
                changed = draw_sample(log, scope, period, actor, value)
        return self.assign(scope, period, metadata) or changed

    def assign(self, scope: str, period: str, metadata: Metadata) -> bool:
        """Hand the drawn assignments out to their organizations; return False if all are."""
        actor = self.make_actor(metadata)
        with self.store.read() as reader:
            cycle = self._read_cycle(reader, scope, period)
        if cycle.assigned or cycle.state != "drawn":
            return False
        assignments = assignments_of(cycle)
        for start in range(0, len(assignments), PAGE):
            with self.store.append() as log:
                hand_out_assignments(log, cycle, assignments[start : start + PAGE], actor)
            self._report_progress("assign", min(start + PAGE, len(assignments)), len(assignments))
        with self.store.append() as log:
            return finish_assigning(log, scope, period, actor)

    def remind(self, scope: str, period: str, metadata: Metadata) -> bool:
        """Remind the inspectors with open assignments; return False if that is done already."""
        stream = cycle_stream(scope, period)
        today = self.make_actor(metadata).today
        with self.store.append() as log:
            log.lock([stream])
            cycle = read_cycle(log, scope, period)
            waiting = inspections_by_state(log, scope, period).get("open", 0)
            events = decide(Remind(scope, period, waiting, today), cycle)
            return bool(log.append(identify_events(stream, events, "remind", metadata)))

    def close(
        self, scope: str, period: str, metadata: Metadata, *, by_hand: bool, reason: str | None
    ) -> bool:
        """Close a cycle: end inspections, post figures, seal the log.

        Return False if it is closed already; a closing that was interrupted is resumed.
        """
        if reason is not None:
            reason = accept_text(reason, "reason", LONGEST_REASON)
        actor = self.make_actor(metadata)
        with self.store.read() as reader:
            cycle = self._read_cycle(reader, scope, period)
            if cycle.state == "closed":
                return False
            check_clock_behind(reader, self.store.clock())
            closing_on = cycle.closes_on
            if by_hand and cycle.state != "closing":
                closing_on = check_closing_day(cycle, actor.today, uninspected=reason is not None)
        if cycle.state == "drawn" and not cycle.assigned:
            self.assign(scope, period, metadata)
        with self.store.append() as log:
            begin_closing(log, scope, period, actor, closing_on, reason=reason)
        with self.store.read() as reader:
            cycle = self._read_cycle(reader, scope, period)
        while True:
            with self.store.append() as log:
                if not end_inspections(log, cycle, actor):
                    break
        post_all_pages(
            self.store,
            cycle,
            actor,
            reopen=self.reopen,
            workers=self.workers,
            progress=lambda done, total: self._report_progress("close", done, total),
        )
        with self.store.append() as log:
            return finish_closing(log, scope, period, actor)

    def tick(self, metadata: Metadata) -> list[StepResult]:
        """Execute every step that is due now, in order; return the steps that were executed.

        A scope that refuses a step waits for the next tick while the others go on; the first
        ``Refused`` is raised at the end. Nothing is executed while the clock may be ahead. Once a
        day the log is sealed, which is no step.
        """
        self.check_clock()
        results: list[StepResult] = []
        refused: dict[str, Refused] = {}
        while (step := self._next_step(refused)) is not None:
            scope, due = step
            try:
                changed = self._execute(scope, due, metadata)
            except Refused as error:
                refused[scope] = error
                continue
            results.append(StepResult(scope, due.period, due.step, changed))
            if self.report is not None:
                self.report(results[-1])
        seal_day(self.store, metadata)
        for first in refused.values():
            raise first
        return results

    def _next_step(self, refused: dict[str, Refused]) -> tuple[str, DueStep] | None:
        """Return the earliest due step of the scopes not in ``refused``; add those that refuse."""
        steps = self.due(refused)
        if not steps:
            return None
        step, scope = steps[0]
        return scope, step

    def due(self, refused: dict[str, Refused]) -> list[tuple[DueStep, str]]:
        """Return every step that is due now with its scope, in the order of execution.

        The scopes in ``refused`` are left out; a scope whose steps cannot be determined is added.
        """
        steps: list[tuple[DueStep, str]] = []
        with self.store.read() as reader:
            now = self.store.clock()
            for root in cycle_scopes(reader):
                scope = scope_code(root)
                if scope in refused:
                    continue
                try:
                    steps += [(step, scope) for step in self._due_in_scope(reader, root, now)]
                except Refused as error:
                    refused[scope] = error
        return sorted(steps)

    def _due_in_scope(
        self, reader: Reader, root: OrganizationEntry, now: datetime
    ) -> list[DueStep]:
        """Return the due steps of one scope.

        Only a root opens months; the cycles of a former root go on. If the next opening cannot be
        determined, the steps of cycles that have opened still are due; ``Refused`` is raised only
        if there are none.
        """
        zone = district(reader).zone
        scope = scope_code(root)
        rows = [row for row in all_cycles(reader) if row.scope == scope]
        cycles = [read_cycle(reader, scope, row.period) for row in rows if row.state != "closed"]
        newest = max((parse_month(row.period) for row in rows), default=None)
        try:
            opening = self._months_to_open(reader, root, newest, now.astimezone(zone))
        except Refused:
            steps_of_opened = due_steps(cycles, [], now.astimezone(UTC), zone)
            if steps_of_opened:
                return steps_of_opened
            raise
        return due_steps(cycles, opening, now.astimezone(UTC), zone)

    def _months_to_open(
        self, reader: Reader, root: OrganizationEntry, newest: Period | None, now_local: datetime
    ) -> list[tuple[datetime, str]]:
        """Return the first month to open now, if any, with the instant since when it is due.

        Raise ``Refused`` if the policy needs working days of a year that is not known yet.
        """
        facts = district(reader)
        if root.parent is not None or not facts.live:
            return []
        rules = policy(reader).policy
        days, calendar = rules.spot_check, working_days_by(rules, self.is_working_day)
        for month in months_due(
            facts.first_month,
            newest,
            now_local,
            days.opens,
            roll=days.roll,
            is_working_day=calendar,
        ):
            pinned = pin_schemes(reader, month)
            if pinned and has_reason_to_open(reader, root, month, pinned):
                dates = plan_dates(month, days.opens, days.draws, days.closes, days.roll, calendar)
                return [(due_at(dates.opens_on, facts.zone), str(month))]
        return []

    def _execute(self, scope: str, due: DueStep, metadata: Metadata) -> bool:
        match due.step:
            case ProcessStep.OPEN:
                with self.store.read() as reader:
                    root = next(root for root in roots(reader) if scope_code(root) == scope)
                return self.open(root, parse_month(due.period), metadata)
            case ProcessStep.DRAW:
                return self.draw(scope, due.period, metadata, None, by_hand=False)
            case ProcessStep.ASSIGN:
                return self.assign(scope, due.period, metadata)
            case ProcessStep.REMIND:
                return self.remind(scope, due.period, metadata)
            case ProcessStep.CLOSE:
                return self.close(scope, due.period, metadata, by_hand=False, reason=None)
            case _:
                assert_never(due.step)

    def _read_cycle(self, reader: Reader, scope: str, period: str) -> Cycle:
        cycle = read_cycle(reader, scope, period)
        if not cycle.state:
            raise Refused("cycle_not_open", period=period, scope=scope)
        return cycle

    def _report_progress(self, step: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(step, done, total)
