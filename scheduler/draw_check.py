"""Repeating a draw from the events alone (``tracker spot-check verify-draw``).

Nothing is read but the log: the cycle's own events, the seals, the closings of cycles, the sheets,
the changes of codes, and the closings of those left out. Every difference is named. Who inspects
is not repeated.

Source: docs/semantics.md, section 8.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from events.documents.policies import policy_from_document
from events.proofs.seals import NO_ROOT, STREAM
from events.refusals.errors import Problem, Refused
from events.streams.cycles import Cycle, CycleClosed, cycle_stream
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import (
    PREFIX,
    OrganizationClosed,
    OrganizationMerged,
    OrganizationRecoded,
)
from events.streams.scores import MONTHLY
from projections.cycles.reading import read_cycle
from projections.documents.in_force import events_of_type
from projections.organizations.directory import streams_of
from scheduler.drawing import CLOSED, VISIT_CAP, draw_strata
from scheduler.opening import planned_stratum
from scheduler.sampling import Draw, frame_digest, seed_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

ENDS = {OrganizationClosed.TYPE, OrganizationMerged.TYPE}

Sheets = dict[str, set[tuple[str, str]]]
"""Frame code: the cycle (its stream) and the month of every inspection that a sheet stands for."""


def seen_problems(reader: Reader, scope: Scope, problems: Sequence[Problem]) -> list[Problem]:
    """What is wrong with a draw, without the organizations that somebody may not see."""
    named = streams_of(reader, [one.place for one in problems])
    seen = scope.streams_among(reader, sorted(named.values()))
    return [one for one in problems if one.place not in named or named[one.place] in seen]


def verify_draw(reader: Reader, scope: str, period: str) -> list[Problem]:
    """What of a cycle's draw does not follow from its events; nothing where all of it does.

    ``Refused`` where the cycle was not drawn.
    """
    cycle = read_cycle(reader, scope, period)
    if cycle.seed is None:
        raise Refused("not_drawn_yet", period=period, scope=scope)
    codes = Counter(code for codes in cycle.frame.values() for code in codes)
    twice = [Problem.error(code, "frame_twice") for code in sorted(codes - Counter({*codes}))]
    if twice:
        return twice
    streams = _streams(reader, cycle)
    sheets = _sheets(reader, streams)
    return [
        *_commitments(reader, cycle),
        *_inspections(reader, cycle, sheets),
        *_exclusions(reader, cycle, streams, sheets),
        *_draws(cycle, cycle.seed, sheets),
    ]


def _commitments(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    """What the opening committed to: frame, counts, the seal before it."""
    codes = [code for codes in cycle.frame.values() for code in codes]
    if frame_digest(codes) != cycle.frame_digest:
        yield Problem.error("frame_digest", "frame_digest")
    for codes_of_stratum in cycle.frame.values():
        if list(codes_of_stratum) != sorted(codes_of_stratum):
            yield Problem.error("frame", "frame_order")
    opening = reader.stream(cycle_stream(cycle.scope, cycle.period), limit=1)[0]
    policy = policy_from_document(cycle.policy)
    plan = [planned_stratum(name, len(codes), policy) for name, codes in cycle.frame.items()]
    if opening.data["strata"] != plan:
        yield Problem.error("opening", "counts_differ")
    roots = [
        event.data["root"] for event in reader.stream(STREAM) if event.position < opening.position
    ]
    if cycle.last_seal not in {NO_ROOT, *roots} or (roots and cycle.last_seal == NO_ROOT):
        yield Problem.error("last_seal", "last_seal")
    if seed_of(cycle.last_seal, cycle.randomness or "") != cycle.seed:
        yield Problem.error("seed", "seed_differs")


def _streams(reader: Reader, cycle: Cycle) -> dict[str, str]:
    """Frame code to stream, from the registrations and the changes of codes."""
    recoded = {
        event.data["code"]: event.stream
        for event in events_of_type(reader, OrganizationRecoded.TYPE)
    }
    return {
        code: recoded.get(code, PREFIX + code) for codes in cycle.frame.values() for code in codes
    }


def _sheets(reader: Reader, streams: dict[str, str]) -> Sheets:
    """The inspections of the frame's organizations, from the sheets."""
    codes = {stream: code for code, stream in streams.items()}
    found: Sheets = {}
    for event in events_of_type(reader, FindingsSubmitted.TYPE):
        code = codes.get(event.stream)
        if code is not None and event.data["kind"] == MONTHLY:
            month = event.data["period"]
            found.setdefault(code, set()).add((cycle_stream(event.data["scope"], month), month))
    return found


def months_inspected(cycle: Cycle, sheets: Sheets) -> dict[str, str]:
    """Frame code to the month of its newest inspection that the draw counted."""
    counted = set(cycle.counted_cycles)
    found = dict(cycle.open_inspections)
    for code, inspections in sheets.items():
        months = [month for stream, month in inspections if stream in counted]
        if months:
            found[code] = max(*months, found.get(code, ""))
    return found


def _inspections(reader: Reader, cycle: Cycle, sheets: Sheets) -> Iterator[Problem]:
    """Counted cycles have closed; inspections of others are named one by one, each has a sheet."""
    closed = {event.stream for event in events_of_type(reader, CycleClosed.TYPE)}
    for stream in cycle.counted_cycles:
        if stream not in closed:
            yield Problem.error(stream, "cycle_not_closed")
    for code, month in cycle.open_inspections.items():
        if month not in {one for _, one in sheets.get(code, ())}:
            yield Problem.error(code, "no_sheet", month=month)


def _exclusions(
    reader: Reader, cycle: Cycle, streams: dict[str, str], sheets: Sheets
) -> Iterator[Problem]:
    """Who was left out of the draw has closed, or was inspected as often as the policy allows."""
    cap = policy_from_document(cycle.policy).burden.visits_per_year
    year = cycle.period[:4]
    for one in _left_out(cycle):
        code, reason = one["organization"], one["reason"]
        if reason == CLOSED:
            events = reader.stream(streams.get(code, ""))
            true = any(event.type in ENDS for event in events)
        else:
            visits = [month for _, month in sheets.get(code, ()) if month[:4] == year]
            true = reason == VISIT_CAP and len(visits) >= cap
        if not true:
            yield Problem.error(code, "left_out", reason=reason)


def _left_out(cycle: Cycle) -> list[dict[str, str]]:
    return [one for one in cycle.exclusions if one["stage"] == "draw"]


def _draws(cycle: Cycle, seed: str, sheets: Sheets) -> Iterator[Problem]:
    excluded = {one["organization"] for one in _left_out(cycle)}
    draws = draw_strata(cycle, seed, excluded, months_inspected(cycle, sheets))
    told = {one["organization"]: one for one in cycle.sample}
    for stratum, repeated in draws.items():
        yield from _compare(stratum, repeated, told)
    drawn = {code for one in draws.values() for code in one.codes}
    for code in sorted(told.keys() - drawn):
        yield Problem.error(code, "not_drawn_in_sample")
    if len(cycle.sample) != len(told):
        yield Problem.error("sample", "sample_twice")
    counts = [
        {"stratum": name, "N": one.population, "n": len(one.drawn)} for name, one in draws.items()
    ]
    if list(cycle.strata) != counts:
        yield Problem.error("draw", "counts_differ")
    if frame_digest(drawn) != cycle.sample_digest:
        yield Problem.error("sample_digest", "sample_digest")


def _compare(stratum: str, repeated: Draw, told: dict[str, dict[str, str]]) -> Iterator[Problem]:
    for one in repeated.drawn:
        found = told.get(one.code)
        if found is None:
            yield Problem.error(one.code, "drawn_not_in_sample")
        elif (found["stratum"], found["key"], found["why"]) != (stratum, one.key, str(one.why)):
            yield Problem.error(one.code, "sample_differs")
