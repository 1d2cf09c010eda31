"""The pages of a cycle: head, draw, assignments, progress by team, exclusions.

A cycle of a large district holds its frame and sample in long lists. A page reads the head without
them, and a packed snapshot of the draw that is made once and cached.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.cycles import (
    Cycle,
    CycleClosed,
    CycleClosing,
    OrganizationExcluded,
    cycle_stream,
)
from events.streams.people import PREFIX as PERSON
from events.streams.people import person_stream
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, read_cycle_head
from projections.organizations.directory import streams_of
from projections.organizations.scope import Scope
from projections.people.inspectors import inspectors
from projections.scores.outcomes import inspections_in_cycle

if TYPE_CHECKING:
    from events.log.reader import Reader

STATES = ("open", "scored", "missed", "not_held")
"""The states of an inspection, in the order in which they are counted."""


@dataclass(frozen=True, slots=True)
class CycleHead:
    """The head of a month's cycle: state, dates (ISO), pinned versions and draw.

    ``state`` is None before the cycle opens; one that is ``closing`` is still ``drawn``, or
    ``open`` where nothing was drawn. ``strata`` are ``{stratum, N, n}`` as stored.
    """

    period: str
    scope: str
    state: str | None
    closing: bool
    opened_on: str | None
    draws_on: str | None
    closes_on: str | None
    closing_on: str | None
    schemes: list[dict[str, Any]]
    policy_version: int | None
    last_seal: str | None
    randomness: str | None
    drawn_by_system: bool | None
    seed: str | None
    frame_digest: str | None
    strata: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CycleAssignment:
    """The inspection of one drawn organization: its code, inspectors and state."""

    organization: str
    inspectors: list[str]
    state: str


@dataclass(frozen=True, slots=True)
class CycleExclusion:
    """An organization that was left out of the draw or the assignment (``stage``), and why."""

    organization: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class CycleDocument(CycleHead):
    """A month's cycle with its sample (codes), exclusions and assignments."""

    sample: list[str]
    exclusions: list[CycleExclusion]
    assignments: list[CycleAssignment]


@dataclass(frozen=True, slots=True)
class CloseCounts:
    """What a close counted, and the root of its seal."""

    posted: int
    inspected: int
    missed: int
    not_held: int
    seal_root: str


@dataclass(frozen=True, slots=True)
class CycleSummary(CycleHead):
    """A cycle without its lists: its head, the source of its randomness, and how it closed.

    ``assigned`` is whether all inspectors are assigned. ``closed`` are the counts of its last
    event, ``reason`` why it closed ``uninspected``.
    """

    randomness_source: str | None
    reminds_on: str | None
    assigned: bool
    uninspected: bool
    reason: str | None
    closed: CloseCounts | None


@dataclass(frozen=True, slots=True)
class CycleMonth:
    """A cycle of a list, with the inspections of a scope counted by state."""

    scope: str
    period: str
    state: str
    open: int
    scored: int
    missed: int
    not_held: int


@dataclass(frozen=True, slots=True)
class AssignedInspection:
    """An inspection of a cycle, with its organization (code as ``organization``)."""

    stream: str
    organization: str
    name: str
    category: str
    state: str
    inspectors: list[str]


@dataclass(frozen=True, slots=True)
class TeamProgress:
    """The inspections of a team counted by state; ``""`` is the team of those in none now."""

    team: str
    open: int
    scored: int
    missed: int
    not_held: int
    inspections: int


@dataclass(frozen=True, slots=True)
class ExcludedOrganization:
    """An organization that was left out at a ``stage`` (draw or assignment), and why."""

    organization: str
    name: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """The rectifications ordered for a month: how many, at how many organizations, due when.

    ``first`` and ``last`` are the earliest and the latest due date (ISO), None without orders.
    """

    orders: int
    organizations: int
    first: str | None
    last: str | None


def cycle_document(reader: Reader, scope: str, month: str) -> CycleDocument:
    """Return a cycle as ``spot-check show`` answers it (docs/contracts.md)."""
    cycle = read_cycle(reader, scope, month)
    states = {row.stream: row.state for row in inspections_in_cycle(reader, scope, month)}
    streams = streams_of(reader, [row["organization"] for row in cycle.sample])
    return CycleDocument(
        **_head_fields(cycle, scope, month),
        sample=[row["organization"] for row in cycle.sample],
        exclusions=[CycleExclusion(**row) for row in cycle.exclusions],
        assignments=[
            CycleAssignment(
                row["organization"],
                row["inspectors"],
                states.get(streams[row["organization"]], "open"),
            )
            for row in cycle.sample
            if row["inspectors"]
        ],
    )


def _head_fields(cycle: Cycle, scope: str, month: str) -> dict[str, Any]:
    """Return the fields of ``CycleHead`` by name."""
    shown = {"": None, "closing": "drawn" if cycle.seed else "open"}
    return {
        "period": month,
        "scope": scope,
        "state": shown.get(cycle.state, cycle.state),
        "closing": cycle.state == "closing",
        "opened_on": _day(cycle, cycle.opened_on),
        "draws_on": _day(cycle, cycle.draws_on),
        "closes_on": _day(cycle, cycle.closes_on),
        "closing_on": None if cycle.closing_on is None else cycle.closing_on.isoformat(),
        "schemes": list(cycle.schemes),
        "policy_version": cycle.policy_version if cycle.state else None,
        "last_seal": cycle.last_seal or None,
        "randomness": cycle.randomness,
        "drawn_by_system": cycle.drawn_by_system if cycle.seed else None,
        "seed": cycle.seed,
        "frame_digest": cycle.frame_digest or None,
        "strata": list(cycle.strata),
    }


def _day(cycle: Cycle, day: date) -> str | None:
    """Return a date of a cycle as ISO text, None before it opens."""
    return day.isoformat() if cycle.state else None


def head_document(reader: Reader, scope: str, month: str) -> CycleSummary:
    """Return a cycle without its lists: much faster than ``cycle_document`` in a large district."""
    cycle = read_cycle_head(reader, scope, month)
    stream = cycle_stream(scope, month)
    reason, closed = None, None
    for event in reader.events_of_types(stream, [CycleClosing.TYPE, CycleClosed.TYPE]):
        if event.type == CycleClosed.TYPE:
            data = event.data
            closed = CloseCounts(
                data["posted"],
                data["inspected"],
                data["missed"],
                data["not_held"],
                data["seal_root"],
            )
        else:
            reason = reader.texts([(stream, event.version)]).get((stream, event.version, "reason"))
    return CycleSummary(
        **_head_fields(cycle, scope, month),
        randomness_source=cycle.randomness_source,
        reminds_on=_day(cycle, cycle.reminds_on),
        assigned=cycle.assigned,
        uninspected=cycle.uninspected,
        reason=reason,
        closed=closed,
    )


def cycles_by_month(reader: Reader, scope: Scope) -> list[CycleMonth]:
    """Return all cycles, newest month first, with the inspections of a scope by state."""
    condition, values = scope.condition()
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for root, period, state, count in reader.rows(
        "SELECT i.scope, i.period, i.state, count(*) FROM inspections i"
        f" JOIN organizations o ON o.stream = i.stream WHERE {condition}"
        " GROUP BY i.scope, i.period, i.state",
        values,
    ):
        counts.setdefault((root, period), {})[state] = int(count)
    newest_first = sorted(all_cycles(reader), key=lambda row: row.period, reverse=True)
    return [
        CycleMonth(
            row.scope,
            row.period,
            row.state,
            *(counts.get((row.scope, row.period), {}).get(state, 0) for state in STATES),
        )
        for row in newest_first
    ]


def assignments(
    reader: Reader,
    scope: Scope,
    root: str,
    period: str,
    limit: int,
    offset: int = 0,
    *,
    state: str | None = None,
    team: str | None = None,
) -> list[AssignedInspection]:
    """Return the inspections of a cycle in a scope by first code, of a state or team if given."""
    condition, values = scope.condition()
    tests = ""
    if state is not None:
        tests += " AND i.state = ?"
        values.append(state)
    if team is not None:
        people = [row.person for row in inspectors(reader).values() if row.team == team] or [""]
        tests += (
            " AND i.stream IN (SELECT a.stream FROM assignments a WHERE a.scope = ?"
            f" AND a.period = ? AND a.person IN ({', '.join('?' * len(people))}))"
        )
        values += [root, period, *people]
    rows = reader.rows(
        "SELECT i.stream, o.code, o.name, o.category, i.state, i.inspectors FROM inspections i"
        f" JOIN organizations o ON o.stream = i.stream WHERE {condition}{tests}"
        " AND i.scope = ? AND i.period = ? ORDER BY i.stream LIMIT ? OFFSET ?",
        [*values, root, period, limit, offset],
    )
    return [
        AssignedInspection(stream, code, name, category, now, orjson.loads(people))
        for stream, code, name, category, now, people in rows
    ]


def team_progress(reader: Reader, scope: Scope, root: str, period: str) -> list[TeamProgress]:
    """Count the inspections of each team by state; ordered by team.

    A team's inspections are those whose first inspector is in it now.
    """
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT i.inspectors, i.state, count(*) FROM inspections i"
        f" JOIN organizations o ON o.stream = i.stream WHERE {condition}"
        " AND i.scope = ? AND i.period = ? GROUP BY i.inspectors, i.state",
        [*values, root, period],
    )
    first = {people: orjson.loads(people)[0] for people, _, _ in rows}
    known = inspectors(reader, sorted({person_stream(person) for person in first.values()}))
    teams = {stream.removeprefix(PERSON): row.team for stream, row in known.items()}
    counts: dict[str, Counter[str]] = {}
    for people, state, count in rows:
        counts.setdefault(teams.get(first[people], ""), Counter())[state] += int(count)
    return [
        TeamProgress(
            team,
            **{state: counts[team][state] for state in STATES},
            inspections=counts[team].total(),
        )
        for team in sorted(counts)
    ]


def exclusions(reader: Reader, scope: Scope, root: str, period: str) -> list[ExcludedOrganization]:
    """Return who of a scope was left out of draw or assignment, and why, in the cycle's order."""
    events = reader.events_of_types(cycle_stream(root, period), [OrganizationExcluded.TYPE])
    streams = streams_of(reader, sorted({event.data["organization"] for event in events}))
    condition, values = scope.condition()
    names = {
        stream: (code, name)
        for stream, code, name in reader.select_in(
            f"SELECT o.stream, o.code, o.name FROM organizations o WHERE {condition} AND o.stream",
            sorted(streams.values()),
            given=values,
        )
    }
    return [
        ExcludedOrganization(
            *names[streams[event.data["organization"]]], event.data["stage"], event.data["reason"]
        )
        for event in events
        if streams[event.data["organization"]] in names
    ]


def unassigned_reason(reader: Reader, stream: str, period: str) -> str | None:
    """Return why an organization was drawn in a month without inspectors, None where it was not."""
    own = Scope(streams=frozenset([stream]))
    for cycle in all_cycles(reader):
        if cycle.period == period:
            for excluded in exclusions(reader, own, cycle.scope, period):
                if excluded.stage == "assignment":
                    return excluded.reason
    return None


def days_left(closes_on: str | None, today: date) -> int | None:
    """Return the days until a cycle's last day (ISO), that day included; negative when past."""
    return None if closes_on is None else (date.fromisoformat(closes_on) - today).days


def orders_of(reader: Reader, scope: Scope, period: str) -> OrderCounts:
    """Count the rectifications ordered for a month in a scope."""
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT count(*), count(DISTINCT r.stream), min(r.due_on), max(r.due_on)"
        " FROM rectifications r JOIN organizations o ON o.stream = r.stream"
        f" WHERE {condition} AND r.period = ?",
        [*values, period],
    )
    orders, organizations, first, last = rows[0]
    return OrderCounts(int(orders), int(organizations), first, last)
