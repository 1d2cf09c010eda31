"""The runner: does the steps of the monthly process, one transaction each, and remembers nothing.

Each step can be asked for again: what stands is left, what is missing is added, so that two runners
on one database, or one that died half-way, come to the same end
(docs/decisions/0012-the-scheduler-remembers-nothing.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from events.event import Metadata
from events.periods import Period, instant_text, local_date, parse_month
from events.refusals.errors import Refused
from events.streams.cycles import Cycle, Remind, cycle_stream, decide
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, scope_code
from projections.documents.in_force import district, policy
from projections.organizations.directory import OrganizationEntry, roots
from projections.scores.outcomes import inspections_by_state
from scheduler.calendar import IsWorkingDay, due_at, months_due, planned
from scheduler.closing import (
    begin_closing,
    check_clock,
    end_inspections,
    finish_closing,
    post_all,
)
from scheduler.drawing import PAGE, assignments_of, draw_sample, finish_assigning, hand_out
from scheduler.opening import StepActor, frame_of, open_cycle, pending, pins
from scheduler.spot_check import DueStep, ProcessStep, due_steps, may_close, may_draw

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from events.log.reader import Reader
    from events.log.store import Store

Progress = Callable[[str, int, int], None]
"""Hears of long work: the step, how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step that was done: scope, month, step, and whether it changed anything."""

    scope: str
    period: str
    step: ProcessStep
    changed: bool


@dataclass(slots=True)
class Runner:
    """Does steps on one store. ``reopen`` (importable by name) lets closings use processes."""

    store: Store
    entropy: Callable[[int], bytes]
    reopen: Callable[[], Engine] | None = None
    workers: int = 1
    progress: Progress | None = None
    is_working_day: IsWorkingDay | None = None
    report: Callable[[StepResult], None] | None = None

    def by(self, metadata: Metadata) -> StepActor:
        """Who acts, on the local day of the store's clock."""
        with self.store.read() as reader:
            zone = district(reader).zone
        today = local_date(self.store.clock(), zone)
        return StepActor(metadata, today, self.entropy, self.is_working_day)

    def open(self, root: OrganizationEntry, period: Period, metadata: Metadata) -> bool:
        """Open a month's cycle; False where it has opened already."""
        by = self.by(metadata)
        with self.store.append() as log:
            return open_cycle(log, root, period, by)

    def draw(
        self, scope: str, period: str, metadata: Metadata, value: str | None, *, by_hand: bool
    ) -> bool:
        """Draw, assign and hand out; False where all of it stood already."""
        by = self.by(metadata)
        with self.store.read() as reader:
            cycle = self._cycle(reader, scope, period)
            if by_hand and cycle.state == "open":
                may_draw(cycle, by.today)
        if cycle.state == "open":
            with self.store.append() as log:
                drawn = draw_sample(log, scope, period, by, value)
        else:
            drawn = False
        return self.assign(scope, period, metadata) or drawn

    def assign(self, scope: str, period: str, metadata: Metadata) -> bool:
        """Hand the drawn assignments out to their organizations; False where all stood."""
        by = self.by(metadata)
        with self.store.read() as reader:
            cycle = self._cycle(reader, scope, period)
        if cycle.assigned or cycle.state != "drawn":
            return False
        wanted = assignments_of(cycle)
        for start in range(0, len(wanted), PAGE):
            with self.store.append() as log:
                hand_out(log, cycle, wanted[start : start + PAGE], by)
            self._tell("assign", min(start + PAGE, len(wanted)), len(wanted))
        with self.store.append() as log:
            return finish_assigning(log, scope, period, by)

    def remind(self, scope: str, period: str, metadata: Metadata) -> bool:
        """Remind the inspectors with open assignments; False where it was done."""
        stream = cycle_stream(scope, period)
        with self.store.append() as log:
            log.lock([stream])
            cycle = read_cycle(log, scope, period)
            waiting = inspections_by_state(log, scope, period).get("open", 0)
            events = decide(Remind(scope, period, waiting), cycle)
            return bool(log.append(pending(stream, events, "remind", metadata)))

    def close(
        self, scope: str, period: str, metadata: Metadata, *, by_hand: bool, reason: str | None
    ) -> bool:
        """Close a cycle: inspections ended, figures posted, the log sealed.

        False where it was closed already; a closing that was begun is finished.
        """
        by = self.by(metadata)
        with self.store.read() as reader:
            cycle = self._cycle(reader, scope, period)
            if cycle.state == "closed":
                return False
            check_clock(reader, instant_text(self.store.clock()))
            closing_on = cycle.closes_on
            if by_hand and cycle.state != "closing":
                closing_on = may_close(cycle, by.today, uninspected=reason is not None)
        if cycle.state == "drawn" and not cycle.assigned:
            self.assign(scope, period, metadata)
        with self.store.append() as log:
            begin_closing(log, scope, period, by, closing_on, reason=reason)
        with self.store.read() as reader:
            cycle = self._cycle(reader, scope, period)
        while True:
            with self.store.append() as log:
                if not end_inspections(log, cycle, by):
                    break
        post_all(
            self.store,
            cycle,
            by,
            reopen=self.reopen,
            workers=self.workers,
            progress=lambda done, total: self._tell("close", done, total),
        )
        with self.store.append() as log:
            return finish_closing(log, scope, period, by)

    def tick(self, metadata: Metadata) -> list[StepResult]:
        """Do everything that is due now, in order, once; the steps that were done.

        A scope that refuses a step waits for the next look while the others go on; the first
        ``Refused`` is raised at the end.
        """
        found: list[StepResult] = []
        refused: dict[str, Refused] = {}
        while (step := self._next(refused)) is not None:
            scope, due = step
            try:
                changed = self._do(scope, due, metadata)
            except Refused as error:
                refused[scope] = error
                continue
            found.append(StepResult(scope, due.period, due.step, changed))
            if self.report is not None:
                self.report(found[-1])
        for first in refused.values():
            raise first
        return found

    def _next(self, refused: dict[str, Refused]) -> tuple[str, DueStep] | None:
        """The earliest due step over the scopes that have refused nothing; adds who refuses now."""
        steps = self.due(refused)
        if not steps:
            return None
        step, scope = steps[0]
        return scope, step

    def due(self, refused: dict[str, Refused]) -> list[tuple[DueStep, str]]:
        """Every step that is due now with its scope, in the order of doing; nothing is done.

        The scopes of ``refused`` are left out, and those that cannot tell are added to it.
        """
        steps: list[tuple[DueStep, str]] = []
        with self.store.read() as reader:
            now = self.store.clock()
            for root in roots(reader):
                scope = scope_code(root)
                if scope in refused:
                    continue
                try:
                    steps += [(step, scope) for step in self._due(reader, root, now)]
                except Refused as error:
                    refused[scope] = error
        return sorted(steps)

    def _due(self, reader: Reader, root: OrganizationEntry, now: datetime) -> list[DueStep]:
        """What is due of one scope; where no opening can be told, the cycles that stand go on."""
        zone = district(reader).zone
        scope = scope_code(root)
        rows = [row for row in all_cycles(reader) if row.scope == scope]
        cycles = [read_cycle(reader, scope, row.period) for row in rows if row.state != "closed"]
        newest = max((parse_month(row.period) for row in rows), default=None)
        try:
            opening = self._opening(reader, root, newest, now.astimezone(zone))
        except Refused:
            standing = due_steps(cycles, [], now.astimezone(UTC), zone)
            if standing:
                return standing
            raise
        return due_steps(cycles, opening, now.astimezone(UTC), zone)

    def _opening(
        self, reader: Reader, root: OrganizationEntry, newest: Period | None, now_local: datetime
    ) -> list[tuple[datetime, str]]:
        """The first month that is to be opened now, if any, with the instant since when.

        ``Refused`` where the policy asks for working days of a year that nobody has published.
        """
        facts = district(reader)
        days = policy(reader).policy.spot_check
        for month in months_due(
            facts.first_month,
            newest,
            now_local,
            days.opens,
            roll=days.roll,
            is_working_day=self.is_working_day,
        ):
            pinned = pins(reader, month)
            if pinned and frame_of(reader, root, month, pinned):
                dates = planned(
                    month, days.opens, days.draws, days.closes, days.roll, self.is_working_day
                )
                return [(due_at(dates.opens_on, facts.zone), str(month))]
        return []

    def _do(self, scope: str, due: DueStep, metadata: Metadata) -> bool:
        match due.step:
            case ProcessStep.OPEN:
                with self.store.read() as reader:
                    root = next(one for one in roots(reader) if scope_code(one) == scope)
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

    def _cycle(self, reader: Reader, scope: str, period: str) -> Cycle:
        cycle = read_cycle(reader, scope, period)
        if not cycle.state:
            raise Refused("cycle_not_open", period=period, scope=scope)
        return cycle

    def _tell(self, step: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(step, done, total)
