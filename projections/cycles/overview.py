"""What the pages of a cycle show: its head, its draw, assignments and progress, what was left out.

A cycle of a large district holds its frame and sample in long lists: a page reads the head without
them, and a packed snapshot of the draw that is made once and kept.
"""

from __future__ import annotations

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
from events.streams.organizations import PREFIX as ORGANIZATION
from events.streams.people import PREFIX as PERSON
from events.streams.people import person_stream
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import read_cycle, read_cycle_head
from projections.organizations.directory import ancestors_of, roots, streams_of
from projections.people.inspectors import inspectors
from projections.scores.outcomes import inspections_in_cycle

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

STATES = ("open", "scored", "missed", "not_held")


def cycle_document(reader: Reader, scope: str, month: str) -> dict[str, Any]:
    """The answer of ``spot-check show`` as docs/contracts.md fixes it, with a few fields more."""
    cycle = read_cycle(reader, scope, month)
    states = {one.stream: one.state for one in inspections_in_cycle(reader, scope, month)}
    streams = streams_of(reader, [one["organization"] for one in cycle.sample])
    return _head(cycle, scope, month) | {
        "strata": list(cycle.strata),
        "sample": [one["organization"] for one in cycle.sample],
        "exclusions": list(cycle.exclusions),
        "assignments": [
            {
                "organization": one["organization"],
                "inspectors": one["inspectors"],
                "state": states.get(streams[one["organization"]], "open"),
            }
            for one in cycle.sample
            if one["inspectors"]
        ],
    }


def _head(cycle: Cycle, scope: str, month: str) -> dict[str, Any]:
    shown = {"": None, "closing": "drawn" if cycle.seed else "open"}
    return {
        "period": month,
        "scope": scope,
        "state": shown.get(cycle.state, cycle.state),
        "closing": cycle.state == "closing",
        "opened_on": _day(cycle, "opened_on"),
        "draws_on": _day(cycle, "draws_on"),
        "closes_on": _day(cycle, "closes_on"),
        "closing_on": None if cycle.closing_on is None else cycle.closing_on.isoformat(),
        "schemes": list(cycle.schemes),
        "policy_version": cycle.policy_version if cycle.state else None,
        "last_seal": cycle.last_seal or None,
        "randomness": cycle.randomness,
        "drawn_by_system": cycle.drawn_by_system if cycle.seed else None,
        "seed": cycle.seed,
        "frame_digest": cycle.frame_digest or None,
    }


def _day(cycle: Cycle, name: str) -> str | None:
    return str(getattr(cycle, name)) if cycle.state else None


def head_document(reader: Reader, scope: str, month: str) -> dict[str, Any]:
    """The head of a cycle as JSON values, with strata, source of randomness, and how it closed.

    ``closed`` are the counts that stand in its last event, ``reason`` why it closed uninspected.
    """
    cycle = read_cycle_head(reader, scope, month)
    stream = cycle_stream(scope, month)
    reason, closed = None, None
    for event in reader.events_of_types(stream, [CycleClosing.TYPE, CycleClosed.TYPE]):
        if event.type == CycleClosed.TYPE:
            names = ("posted", "inspected", "missed", "not_held", "seal_root")
            closed = {name: event.data[name] for name in names}
        else:
            reason = reader.texts([(stream, event.version)]).get((stream, event.version, "reason"))
    return _head(cycle, scope, month) | {
        "strata": list(cycle.strata),
        "randomness_source": cycle.randomness_source,
        "reminds_on": _day(cycle, "reminds_on"),
        "assigned": cycle.assigned,
        "uninspected": cycle.uninspected,
        "reason": reason,
        "closed": closed,
    }


def months(reader: Reader, scope: Scope) -> list[dict[str, Any]]:
    """Every cycle, newest month first, with the inspections of a scope in it by state."""
    condition, values = scope.condition()
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for root, period, state, count in reader.rows(
        "SELECT i.scope, i.period, i.state, count(*) FROM inspections i"
        f" JOIN organizations o ON o.stream = i.stream WHERE {condition}"
        " GROUP BY i.scope, i.period, i.state",
        values,
    ):
        counts.setdefault((root, period), {})[state] = int(count)
    newest_first = sorted(all_cycles(reader), key=lambda one: one.period, reverse=True)
    return [
        {"scope": one.scope, "period": one.period, "state": one.state}
        | {state: counts.get((one.scope, one.period), {}).get(state, 0) for state in STATES}
        for one in newest_first
    ]


def roots_in(reader: Reader, scope: Scope) -> list[tuple[str, str]]:
    """The first code and name of every root above a scope, whose cycles concern it; by code."""
    found = roots(reader)
    if all(one.ancestor is not None for one in scope.parts):
        tops = {one.ancestor for one in scope.parts if one.ancestor} | scope.streams
        above = ancestors_of(reader, sorted(tops))
        wanted = {chain[-1][0] for chain in above.values()}
        found = [one for one in found if one.stream in wanted]
    return [(one.stream.removeprefix(ORGANIZATION), one.name) for one in found]


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
) -> list[dict[str, Any]]:
    """The inspections of a cycle in a scope by first code, those of a state or team alone."""
    condition, values = scope.condition()
    tests = ""
    if state is not None:
        tests += " AND i.state = ?"
        values.append(state)
    if team is not None:
        people = [one.person for one in inspectors(reader).values() if one.team == team] or [""]
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
    names = ("stream", "organization", "name", "category", "state")
    return [
        dict(zip(names, row, strict=True)) | {"inspectors": orjson.loads(inspectors)}
        for *row, inspectors in rows
    ]


def team_progress(reader: Reader, scope: Scope, root: str, period: str) -> list[dict[str, Any]]:
    """How many inspections of each team are open, done, missed, not held; by team.

    A team's inspections are those whose first inspector is in it; ``""`` for who is in none now.
    """
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT i.inspectors, i.state, count(*) FROM inspections i"
        f" JOIN organizations o ON o.stream = i.stream WHERE {condition}"
        " AND i.scope = ? AND i.period = ? GROUP BY i.inspectors, i.state",
        [*values, root, period],
    )
    first = {people: orjson.loads(people)[0] for people, _, _ in rows}
    known = inspectors(reader, sorted({person_stream(one) for one in first.values()}))
    teams = {stream.removeprefix(PERSON): one.team for stream, one in known.items()}
    found: dict[str, dict[str, Any]] = {}
    for people, state, count in rows:
        team = teams.get(first[people], "")
        counted = found.setdefault(team, {"team": team} | dict.fromkeys(STATES, 0))
        counted[state] += int(count)
    return [
        found[team] | {"inspections": sum(found[team][state] for state in STATES)}
        for team in sorted(found)
    ]


def exclusions(reader: Reader, scope: Scope, root: str, period: str) -> list[dict[str, Any]]:
    """Who of a scope was left out of the draw, or found no inspectors, and why; by code."""
    events = reader.events_of_types(cycle_stream(root, period), [OrganizationExcluded.TYPE])
    told = [event.data for event in events]
    streams = streams_of(reader, sorted({one["organization"] for one in told}))
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
        {
            "organization": names[streams[one["organization"]]][0],
            "name": names[streams[one["organization"]]][1],
            "stage": one["stage"],
            "reason": one["reason"],
        }
        for one in told
        if streams[one["organization"]] in names
    ]


def days_left(closes_on: str | None, today: date) -> int | None:
    """The days until a cycle's last day, that day included; negative once it has passed."""
    return None if closes_on is None else (date.fromisoformat(closes_on) - today).days


def orders_of(reader: Reader, scope: Scope, period: str) -> dict[str, Any]:
    """The rectifications ordered for a month in a scope: how many, of how many, when due."""
    condition, values = scope.condition()
    rows = reader.rows(
        "SELECT count(*), count(DISTINCT r.stream), min(r.due_on), max(r.due_on)"
        " FROM rectifications r JOIN organizations o ON o.stream = r.stream"
        f" WHERE {condition} AND r.period = ?",
        [*values, period],
    )
    orders, organizations, first, last = rows[0]
    return {
        "orders": int(orders), "organizations": int(organizations), "first": first, "last": last,
    }  # fmt: skip
