"""The two-step draw and the assignment of inspectors, in one transaction; then the fan-out.

What was drawn and who inspects stands in the cycle; ``hand_out`` copies each assignment into its
organization's stream, page by page, and can be taken up again after any stop
(docs/semantics.md, section 8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from events.documents.policies import DistrictPolicy, plan_for, policy_from_document
from events.event import PendingEvent
from events.streams.cycles import (
    CODES_PER_EVENT,
    Cycle,
    DrawSample,
    FinishAssigning,
    OrganizationExcluded,
    SampleDrawn,
    SampleListed,
    cycle_stream,
    decide,
)
from events.streams.findings import InspectionAssigned
from events.streams.organizations import PREFIX
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle
from projections.organizations.directory import LOCK as DIRECTORY_LOCK
from projections.organizations.directory import ancestors_of, entries_of, streams_of
from projections.organizations.selection import children_of
from projections.people.inspectors import inspectors
from projections.scores.outcomes import scored_inspections, visits_between
from scheduler.assignment import AssignmentTarget, Inspector, assign
from scheduler.opening import StepActor, pending
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
    """Which inspections a draw counts, from what stands in the log."""

    months: dict[str, str]
    """Frame code to the month of its newest inspection."""
    counted_cycles: tuple[str, ...] = ()
    open_inspections: dict[str, str] = field(default_factory=dict)


def plan_of(policy: DistrictPolicy, category: str) -> DrawPlan:
    """The draw plan of a stratum, as the pinned policy gives it."""
    plan = plan_for(policy, category)
    return DrawPlan(
        fraction=plan.fraction,
        at_least=plan.at_least,
        count=plan.count,
        everyone_within_months=plan.everyone_within_months,
        rest_months=plan.rest_months,
    )


def draw_strata(
    cycle: Cycle, seed: str, excluded: set[str], months: dict[str, str]
) -> dict[str, Draw]:
    """The draw of every stratum: a function of seed, frame, plan, exclusions and last months."""
    policy = policy_from_document(cycle.policy)
    return {
        stratum: draw(
            [code for code in codes if code not in excluded],
            plan_of(policy, stratum),
            seed=seed,
            period=cycle.period,
            last_inspected=months,
        )
        for stratum, codes in cycle.frame.items()
    }


def draw_sample(log: Append, scope: str, period: str, by: StepActor, value: str | None) -> bool:
    """Record the public value, draw, and give every drawn organization its inspectors.

    Without a value 32 bytes of the system are taken. False where the cycle was drawn already.
    """
    log.lock([DIRECTORY_LOCK])
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    if cycle.state != "open":
        return False
    randomness = value if value is not None else by.entropy(ENTROPY_BYTES).hex()
    seed = seed_of(cycle.last_seal, randomness)
    frame = _Frame(log, cycle)
    excluded = frame.exclusions(by.today.isoformat())
    inspected = frame.inspected()
    draws = draw_strata(cycle, seed, set(excluded), inspected.months)
    assigned, failed = frame.assign(draws, seed)
    drawn = SampleDrawn(
        scope=scope,
        period=period,
        randomness=randomness,
        drawn_by_system=value is None,
        seed=seed,
        strata=tuple(
            {"stratum": name, "N": one.population, "n": len(one.drawn)}
            for name, one in draws.items()
        ),
        sample_digest=frame_digest(code for one in draws.values() for code in one.codes),
        counted_cycles=inspected.counted_cycles,
        open_inspections=inspected.open_inspections,
    )
    exclusions = [("draw", *one) for one in excluded.items()]
    exclusions += [("assignment", *one) for one in failed.items()]
    command = DrawSample(
        drawn,
        tuple(_listed(cycle, draws, assigned)),
        tuple(
            OrganizationExcluded(
                scope=scope, period=period, organization=code, stage=stage, reason=reason
            )
            for stage, code, reason in exclusions
        ),
    )
    log.append(pending(stream, decide(command, cycle), "draw", by.metadata))
    return True


def _listed(
    cycle: Cycle, draws: dict[str, Draw], assigned: dict[str, tuple[str, ...]]
) -> list[SampleListed]:
    """The sample in key order, at most 1 000 organizations an event."""
    rows = sorted(
        (
            {
                "organization": one.code,
                "stratum": stratum,
                "key": one.key,
                "why": str(one.why),
                "inspectors": list(assigned.get(one.code, ())),
            }
            for stratum, drawn in draws.items()
            for one in drawn.drawn
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
    """The frame of a cycle with what a draw asks of its organizations."""

    def __init__(self, reader: Reader, cycle: Cycle) -> None:
        self.reader = reader
        self.cycle = cycle
        codes = [code for codes in cycle.frame.values() for code in codes]
        self.streams = streams_of(reader, codes)
        self.codes = {stream: code for code, stream in self.streams.items()}
        self.entries = entries_of(reader, sorted(self.codes))
        self.policy = policy_from_document(cycle.policy)

    def exclusions(self, today: str) -> dict[str, str]:
        """Who is left out of the draw, with the reason: closed meanwhile, or visited enough."""
        year = self.cycle.period[:4]
        visits = visits_between(self.reader, f"{year}-01", f"{year}-12")
        cap = self.policy.burden.visits_per_year
        found: dict[str, str] = {}
        for code, stream in sorted(self.streams.items()):
            if not self.entries[stream].alive(today):
                found[code] = CLOSED
            elif visits.get(stream, 0) >= cap:
                found[code] = VISIT_CAP
        return found

    def inspected(self) -> CountedInspections:
        """The month of each organization's newest inspection; those of open cycles apart."""
        cycles = [one for one in all_cycles(self.reader) if one.state == "closed"]
        closed = {(one.scope, one.period) for one in cycles}
        months: dict[str, str] = {}
        unclosed: dict[str, str] = {}
        for stream, scope, period in scored_inspections(self.reader):
            code = self.codes.get(stream)
            if code is None:
                continue
            months[code] = max(period, months.get(code, ""))
            if (scope, period) not in closed:
                unclosed[code] = max(period, unclosed.get(code, ""))
        counted = tuple(sorted(one.stream for one in cycles))
        return CountedInspections(months, counted, unclosed)

    def assign(
        self, draws: dict[str, Draw], seed: str
    ) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """The inspectors of every drawn organization; those that found none, with the reason."""
        drawn = {one.code: (name, one.key) for name, plan in draws.items() for one in plan.drawn}
        streams = [self.streams[code] for code in drawn]
        above = ancestors_of(self.reader, streams)
        children = children_of(self.reader, streams)
        people = inspectors(self.reader)
        named = {code for one in people.values() for code in (one.organization, *one.recused)}
        homes = streams_of(self.reader, sorted(named))
        targets = [
            AssignmentTarget(
                code,
                category,
                key,
                self._name(self.entries[self.streams[code]].parent),
                frozenset(map(self.name, children.get(self.streams[code], ()))),
                frozenset(self.name(one) for one, _ in above.get(self.streams[code], ())),
            )
            for code, (category, key) in drawn.items()
        ]
        found = assign(
            targets,
            [
                Inspector(one.person, self.name(homes[one.organization]), one.team,
                          frozenset(one.categories))
                for one in people.values()
            ],
            period=self.cycle.period,
            seed=seed,
            per_organization=self.policy.spot_check.inspectors,
            recusals=[
                (one.person, self.name(homes[code]))
                for one in people.values()
                for code in one.recused
            ],
        )  # fmt: skip
        failed = {one.code: str(one.reason) for one in found.exceptions}
        return {one.code: one.persons for one in found.assignments}, failed

    def name(self, stream: str) -> str:
        """One name for each organization: its code in the frame, else its first code."""
        return self.codes.get(stream) or stream.removeprefix(PREFIX)

    def _name(self, stream: str | None) -> str | None:
        return None if stream is None else self.name(stream)


def assignments_of(cycle: Cycle) -> list[dict[str, Any]]:
    """The drawn organizations that have inspectors, in key order."""
    return [one for one in cycle.sample if one["inspectors"]]


def hand_out(log: Append, cycle: Cycle, page: list[dict[str, Any]], by: StepActor) -> int:
    """Put a page of assignments into their organizations' streams; those that stand are left."""
    streams = streams_of(log, [one["organization"] for one in page])
    identity = f"assigned/{cycle.scope}/{cycle.period}"
    wanted = sorted(((streams[one["organization"]], one) for one in page), key=lambda pair: pair[0])
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
                    inspectors=tuple(one["inspectors"]),
                    why=one["why"],
                ),
                by.metadata,
            )
            for stream, one in wanted
            if (stream, identity) not in known
        ]
    )
    return len(done)


def finish_assigning(log: Append, scope: str, period: str, by: StepActor) -> bool:
    """Say in the cycle that every assignment stands; False where it was said already."""
    stream = cycle_stream(scope, period)
    log.lock([stream])
    cycle = read_cycle(log, scope, period)
    command = FinishAssigning(scope, period, len(assignments_of(cycle)))
    return bool(log.append(pending(stream, decide(command, cycle), "assigned", by.metadata)))
