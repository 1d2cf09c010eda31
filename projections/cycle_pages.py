"""What the pages of a cycle show: its head, its draw, assignments and progress, what was left out.

A cycle of a large district holds its frame and sample in long lists: a page reads the head without
them, and a packed picture of the draw that is made once and kept.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache, reduce
from math import comb
from typing import TYPE_CHECKING, Any

import orjson

from events.cycles import (
    Cycle,
    CycleClosed,
    CycleClosing,
    FrameCommitted,
    OrganizationExcluded,
    SampleListed,
    cycle_stream,
    evolve,
)
from events.organizations import PREFIX as ORGANIZATION
from events.people import PREFIX as PERSON
from events.people import person_stream
from events.reading import COLUMNS, recorded
from projections.directory import ancestors_of, roots, streams_of
from projections.people import inspectors
from projections.standings import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.periods import Period
    from events.reading import Reader
    from projections.scope import Scope

LONG = (FrameCommitted.TYPE, SampleListed.TYPE, OrganizationExcluded.TYPE)
"""The events of a cycle that list organizations."""
STATES = ("open", "scored", "missed", "not_held")
BY_KEY = "by key"
"""The rule of those drawn by their keys, as the draw names it."""


def cycle_document(reader: Reader, scope: str, month: str) -> dict[str, Any]:
    """The answer of ``spot-check show`` as the contracts fix it, with a few fields more."""
    cycle = reduce(evolve, reader.stream(cycle_stream(scope, month)), Cycle())
    states = {
        row[0]: row[1]
        for row in reader.rows(
            "SELECT stream, state FROM inspections WHERE scope = ? AND period = ?", [scope, month]
        )
    }
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


def cycle_head(reader: Reader, scope: str, month: str) -> Cycle:
    """A cycle without its frame, its sample and what was left out; its state is empty before it."""
    marks = ", ".join("?" * len(LONG))
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? AND type NOT IN ({marks}) ORDER BY version",
        [cycle_stream(scope, month), *LONG],
    )
    return reduce(evolve, map(recorded, rows), Cycle())


def head_document(reader: Reader, scope: str, month: str) -> dict[str, Any]:
    """The head of a cycle as JSON values, with strata, source of randomness, and how it closed.

    ``closed`` are the counts that stand in its last event, ``reason`` why it closed uninspected.
    """
    cycle = cycle_head(reader, scope, month)
    stream = cycle_stream(scope, month)
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? AND type IN (?, ?) ORDER BY version",
        [stream, CycleClosing.TYPE, CycleClosed.TYPE],
    )
    reason, closed = None, None
    for event in map(recorded, rows):
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
    rows = reader.rows("SELECT scope, period, state FROM cycles ORDER BY period DESC, scope")
    return [
        {"scope": row[0], "period": row[1], "state": row[2]}
        | {state: counts.get((row[0], row[1]), {}).get(state, 0) for state in STATES}
        for row in rows
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
    return [
        {
            "stream": row[0],
            "organization": row[1],
            "name": row[2],
            "category": row[3],
            "state": row[4],
            "inspectors": orjson.loads(row[5]),
        }
        for row in rows
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
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? AND type = ? ORDER BY version",
        [cycle_stream(root, period), OrganizationExcluded.TYPE],
    )
    told = [event.data for event in map(recorded, rows)]
    streams = streams_of(reader, sorted({one["organization"] for one in told}))
    condition, values = scope.condition()
    names = {
        row[0]: (row[1], row[2])
        for row in reader.select_in(
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


@dataclass(frozen=True, slots=True)
class Picture:
    """A draw packed for pages: organizations (their streams, sorted) with what the draw says.

    ``highest`` is the highest key by which anybody of a stratum was drawn.
    """

    frame: dict[str, tuple[Texts, Texts]]
    """By stratum the streams of the frame, and beside them the codes that it names."""
    sample: Texts
    keys: Texts
    why: Texts
    highest: dict[str, str]

    def of(self, stream: str) -> dict[str, Any] | None:
        """How an organization stood in the draw, or None outside the frame.

        Its stratum with N, the code that the frame names, and, where it was drawn, key and rule.
        """
        for stratum, (streams, codes) in self.frame.items():
            place = bisect_left(streams, stream)
            if place < len(streams) and streams[place] == stream:
                drawn = bisect_left(self.sample, stream)
                was = drawn < len(self.sample) and self.sample[drawn] == stream
                return {
                    "stratum": stratum,
                    "N": len(streams),
                    "code": codes[place],
                    "key": self.keys[drawn] if was else None,
                    "why": self.why[drawn] if was else None,
                    "highest": self.highest.get(stratum),
                }
        return None


def picture(reader: Reader, scope: str, period: str) -> Picture:
    """The frame and the draw of a cycle as its events tell them."""
    cycle = reduce(evolve, reader.stream(cycle_stream(scope, period)), Cycle())
    streams = streams_of(reader, [code for codes in cycle.frame.values() for code in codes])
    frame = {
        name: sorted((streams[code], code) for code in codes) for name, codes in cycle.frame.items()
    }
    sample = sorted((streams[one["organization"]], one["key"], one["why"]) for one in cycle.sample)
    highest: dict[str, str] = {}
    for one in cycle.sample:
        if one["why"] == BY_KEY:
            highest[one["stratum"]] = max(one["key"], highest.get(one["stratum"], ""))
    return Picture(
        {
            name: (Texts([one[0] for one in pairs]), Texts([one[1] for one in pairs]))
            for name, pairs in frame.items()
        },
        Texts([one[0] for one in sample]),
        Texts([one[1] for one in sample]),
        Texts([one[2] for one in sample]),
        highest,
    )


def last_inspections(
    reader: Reader, streams: Sequence[str], before: Period
) -> dict[str, str | None]:
    """The month of each organization's newest inspection before a month, None before the first."""
    found: dict[str, str | None] = dict.fromkeys(streams)
    rows = reader.select_in(
        "SELECT stream, period FROM inspections WHERE state = 'scored' AND period < ? AND stream",
        streams,
        given=[str(before)],
    )
    for stream, period in rows:
        found[stream] = max(period, found[stream] or "")
    return found


def days_left(closes_on: str | None, today: date) -> int | None:
    """The days until a cycle's last day, that day included; negative once it has passed."""
    return None if closes_on is None else (date.fromisoformat(closes_on) - today).days


@lru_cache(maxsize=256)
def detection_chance(population: int, size: int, bad_percent: int = 5) -> str | None:
    """The chance, in percent with one place, that a sample holds at least one of the bad.

    So many of a hundred are bad, rounded up; the chance is rounded down. None where nobody is.
    """
    if not population:
        return None
    bad = -(-bad_percent * population // 100)
    missed = Fraction(comb(population - size, bad), comb(population, bad))
    tenths = int((1 - missed) * 1000)
    return f"{tenths // 10}.{tenths % 10}"


def orders_of(reader: Reader, scope: Scope, period: str) -> dict[str, Any]:
    """The rectifications ordered for a month in a scope: how many, of how many, when due."""
    condition, values = scope.condition()
    row = reader.rows(
        "SELECT count(*), count(DISTINCT r.stream), min(r.due_on), max(r.due_on)"
        " FROM rectifications r JOIN organizations o ON o.stream = r.stream"
        f" WHERE {condition} AND r.period = ?",
        [*values, period],
    )[0]
    return {
        "orders": int(row[0]), "organizations": int(row[1]), "first": row[2], "last": row[3],
    }  # fmt: skip
