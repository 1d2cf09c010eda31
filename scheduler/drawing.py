"""The two-step draw and the assignment of inspectors, in one transaction; then the fan-out.

The cycle's stream records what was drawn and who inspects. ``hand_out_assignments`` copies each
assignment into its organization's stream, page by page, and can be resumed after any stop
(docs/semantics.md, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from events.documents.policies import DistrictPolicy, plan_for, policy_from_document
from events.event import PendingEvent
from events.streams.cycle_decisions import DrawSample, FinishAssigning, decide, was_drawn
from events.streams.cycles import (
    CODES_PER_EVENT,
    Cycle,
    OrganizationExcluded,
    SampleDrawn,
    SampleListed,
    cycle_stream,
)
from events.streams.findings import InspectionAssigned
from events.streams.organizations import PREFIX, stream_of
from events.streams.scores import MONTHLY
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, read_cycle_head
from projections.organizations.directory import LOCK as DIRECTORY_LOCK
from projections.organizations.directory import ancestors_of, entries_of, streams_of
from projections.organizations.selection import children_of
from projections.people.inspectors import inspectors
from projections.scores.outcomes import scored_inspections, visits_between
from scheduler.assignment import AssignmentTarget, Inspector, assign_inspectors
from scheduler.opening import StepActor, identify_events
from scheduler.sampling import Draw, DrawPlan, draw, frame_digest, seed_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append

CLOSED = "closed"
VISIT_CAP = "visit_cap_reached"
ENTROPY_BYTES = 32
PAGE = 500


@dataclass(frozen=True, slots=True)
class CountedInspections:
    """Which inspections a draw counts, as recorded in the log when it is drawn."""

    months: dict[str, str]
    """Frame code to the month of its newest inspection."""
    counted_cycles: tuple[str, ...] = ()
    """The streams of the closed cycles; all their inspections count."""
    open_inspections: dict[str, str] = field(default_factory=dict)
    """Frame code to the month of its newest inspection in a cycle that is not closed."""


def draw_plan_of(policy: DistrictPolicy, category: str) -> DrawPlan:
    """Return the draw plan of a stratum by the pinned policy."""
    plan = plan_for(policy, category)
    return DrawPlan(
        fraction=plan.fraction,
        at_least=plan.at_least,
        count=plan.count,
        everyone_within_months=plan.everyone_within_months,
        rest_months=plan.rest_months,
    )


def newest_cycles(months: Iterable[str], number: int) -> tuple[str, ...]:
    """Return the newest months of cycles, newest first, at most ``number``."""
    return tuple(sorted(months, reverse=True)[:number])


def draw_strata(
    cycle: Cycle,
    seed: str,
    excluded: set[str],
    months: dict[str, str],
    earlier_cycles: tuple[str, ...] | None,
) -> dict[str, Draw]:
    """Return the draw of every stratum, a pure function of the arguments."""
    policy = policy_from_document(cycle.policy)
    return {
        stratum: draw(
            [code for code in codes if code not in excluded],
            draw_plan_of(policy, stratum),
            seed=seed,
            period=cycle.period,
            last_inspected=months,
            earlier_cycles=earlier_cycles,
        )
        for stratum, codes in cycle.frame.items()
    }


def check_drawn_value(reader: Reader, scope: str, period: str, value: str | None) -> None:
    """Raise ``Refused`` if a cycle was drawn from another value than the one asked for.

    For callers who waited for a draw that somebody else had begun.
    """
    was_drawn(read_cycle_head(reader, scope, period), period, value)


def draw_sample(log: Append, scope: str, period: str, by: StepActor, value: str | None) -> bool:
    """Record the public value, draw, and give every drawn organization its inspectors.

    Without a value the system supplies 32 random bytes. Return False if the cycle is drawn
    already; raise ``Refused`` if it was drawn from another value, or is closed.
    """
    # Directory before cycle: the one lock order that cannot deadlock
    # (docs/decisions/0008-concurrency-per-stream.md).
    log.lock([DIRECTORY_LOCK])
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    if was_drawn(cycle, period, value):
        return False
    randomness = value if value is not None else by.entropy(ENTROPY_BYTES).hex()
    seed = seed_of(cycle.last_seal, randomness)
    frame = _Frame(log, cycle)
    excluded = frame.find_exclusions(by.today.isoformat())
    inspected = frame.count_inspections()
    earlier = frame.list_earlier_cycles()
    draws = draw_strata(cycle, seed, set(excluded), inspected.months, earlier)
    assigned, failed = frame.assign_inspectors(draws, seed, by.today.isoformat())
    drawn = SampleDrawn(
        scope=scope,
        period=period,
        randomness=randomness,
        drawn_by_system=value is None,
        seed=seed,
        strata=tuple(
            {"stratum": stratum, "N": result.population, "n": len(result.drawn)}
            for stratum, result in draws.items()
        ),
        sample_digest=frame_digest(code for result in draws.values() for code in result.codes),
        counted_cycles=inspected.counted_cycles,
        open_inspections=inspected.open_inspections,
        earlier_cycles=earlier,
        drawn_on=by.today,
    )
    exclusions = [("draw", code, reason) for code, reason in excluded.items()]
    exclusions += [("assignment", code, reason) for code, reason in failed.items()]
    command = DrawSample(
        drawn,
        tuple(_list_sample(cycle, draws, assigned)),
        tuple(
            OrganizationExcluded(
                scope=scope, period=period, organization=code, stage=stage, reason=reason
            )
            for stage, code, reason in exclusions
        ),
    )
    log.append(identify_events(stream, decide(command, cycle), "draw", by.metadata))
    return True


def _list_sample(
    cycle: Cycle, draws: dict[str, Draw], assigned: dict[str, tuple[str, ...]]
) -> list[SampleListed]:
    """Return the sample in key order, at most 1 000 organizations in an event."""
    rows = sorted(
        (
            {
                "organization": drawn.code,
                "stratum": stratum,
                "key": drawn.key,
                "why": str(drawn.why),
                "inspectors": list(assigned.get(drawn.code, ())),
            }
            for stratum, result in draws.items()
            for drawn in result.drawn
        ),
        key=lambda row: (row["key"], row["organization"]),
    )
    return [
        SampleListed(
            scope=cycle.scope,
            period=cycle.period,
            part=start // CODES_PER_EVENT + 1,
            drawn=tuple(rows[start : start + CODES_PER_EVENT]),
        )
        for start in range(0, len(rows), CODES_PER_EVENT)
    ]


class _Frame:
    """The frame of a cycle with what a draw needs to know of its organizations."""

    def __init__(self, reader: Reader, cycle: Cycle) -> None:
        self.reader = reader
        self.cycle = cycle
        codes = [code for codes in cycle.frame.values() for code in codes]
        self.streams = streams_of(reader, codes)
        self.codes = {stream: code for code, stream in self.streams.items()}
        self.entries = entries_of(reader, sorted(self.codes))
        self.policy = policy_from_document(cycle.policy)

    def find_exclusions(self, today: str) -> dict[str, str]:
        """Return the codes excluded from the draw, each with its reason.

        An organization is excluded if it has closed since the opening, or if it has had as many
        visits this year as the policy allows.
        """
        year = self.cycle.period[:4]
        visits = visits_between(self.reader, f"{year}-01", f"{year}-12")
        cap = self.policy.burden.visits_per_year
        reasons: dict[str, str] = {}
        for code, stream in sorted(self.streams.items()):
            if not self.entries[stream].alive(today):
                reasons[code] = CLOSED
            elif visits.get(stream, 0) >= cap:
                reasons[code] = VISIT_CAP
        return reasons

    def count_inspections(self) -> CountedInspections:
        """Return the month of each organization's newest inspection; open cycles separately."""
        cycles = [cycle for cycle in all_cycles(self.reader) if cycle.state == "closed"]
        closed = {(cycle.scope, cycle.period) for cycle in cycles}
        months: dict[str, str] = {}
        unclosed: dict[str, str] = {}
        for stream, scope, period in scored_inspections(self.reader):
            code = self.codes.get(stream)
            if code is None:
                continue
            months[code] = max(period, months.get(code, ""))
            if (scope, period) not in closed:
                unclosed[code] = max(period, unclosed.get(code, ""))
        counted = tuple(sorted(cycle.stream for cycle in cycles))
        return CountedInspections(months, counted, unclosed)

    def list_earlier_cycles(self) -> tuple[str, ...]:
        """Return the months of the last cycles before this one, as many as the policy rests."""
        months = [
            row.period
            for row in all_cycles(self.reader)
            if row.scope == self.cycle.scope and row.period < self.cycle.period
        ]
        return newest_cycles(months, self.policy.spot_check.rest_months)

    def assign_inspectors(
        self, draws: dict[str, Draw], seed: str, today: str
    ) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Return the inspectors by drawn organization, and the reasons of those without any.

        Only people registered for the purpose whose last day has not passed are assigned.
        """
        drawn = {
            organization.code: (category, organization.key)
            for category, result in draws.items()
            for organization in result.drawn
        }
        streams = [self.streams[code] for code in drawn]
        above = ancestors_of(self.reader, streams)
        children = children_of(self.reader, streams)
        people = [one for one in inspectors(self.reader).values() if one.serves(MONTHLY, today)]
        codes = {
            code for inspector in people for code in (inspector.organization, *inspector.recused)
        }
        homes = streams_of(self.reader, sorted(codes))
        targets = [
            AssignmentTarget(
                code,
                category,
                key,
                self._barred_parent(self.entries[self.streams[code]].parent),
                frozenset(map(self.name_of, children.get(self.streams[code], ()))),
                frozenset(
                    self.name_of(ancestor) for ancestor, _ in above.get(self.streams[code], ())
                ),
            )
            for code, (category, key) in drawn.items()
        ]
        plan = assign_inspectors(
            targets,
            [
                Inspector(
                    inspector.person,
                    self.name_of(homes[inspector.organization]),
                    inspector.team,
                    frozenset(inspector.categories),
                )
                for inspector in people
            ],
            period=self.cycle.period,
            seed=seed,
            per_organization=self.policy.spot_check.inspectors,
            recusals=[
                (inspector.person, self.name_of(homes[code]))
                for inspector in people
                for code in inspector.recused
            ],
        )
        failed = {exception.code: str(exception.reason) for exception in plan.exceptions}
        return {assignment.code: assignment.persons for assignment in plan.assignments}, failed

    def name_of(self, stream: str) -> str:
        """Return the one name of an organization: its code in the frame, else its first code."""
        return self.codes.get(stream) or stream.removeprefix(PREFIX)

    def _barred_parent(self, stream: str | None) -> str | None:
        """Return the parent whose people may not inspect; the root's people inspect for it."""
        if stream is None or stream == stream_of(self.cycle.scope):
            return None
        return self.name_of(stream)


def assignments_of(cycle: Cycle) -> list[dict[str, Any]]:
    """Return the drawn organizations that have inspectors, in key order."""
    return [row for row in cycle.sample if row["inspectors"]]


def hand_out_assignments(
    log: Append, cycle: Cycle, page: list[dict[str, Any]], by: StepActor
) -> int:
    """Append a page of assignments to their organizations' streams; return how many were new."""
    streams = streams_of(log, [row["organization"] for row in page])
    identity = f"assigned/{cycle.scope}/{cycle.period}"
    wanted = sorted(((streams[row["organization"]], row) for row in page), key=lambda pair: pair[0])
    log.lock([stream for stream, _ in wanted])
    known = log.known([(stream, identity) for stream, _ in wanted])
    done = log.append(
        [
            PendingEvent(
                stream,
                identity,
                InspectionAssigned(
                    scope=cycle.scope,
                    period=cycle.period,
                    inspectors=tuple(row["inspectors"]),
                    why=row["why"],
                ),
                by.metadata,
            )
            for stream, row in wanted
            if (stream, identity) not in known
        ]
    )
    return len(done)


def finish_assigning(log: Append, scope: str, period: str, by: StepActor) -> bool:
    """Record in the cycle that every assignment is handed out; return False if it is recorded."""
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    command = FinishAssigning(scope, period, len(assignments_of(cycle)))
    return bool(
        log.append(identify_events(stream, decide(command, cycle), "assigned", by.metadata))
    )
