"""Verification of a draw from the events alone (``tracker spot-check verify-draw``).

Only the log is read: the cycle's events, the seals, the openings and closings of cycles, the
sheets, the changes of codes, and the closings of excluded organizations. Every difference is
reported. The assignment of inspectors is not verified.

Source: docs/semantics.md, section 8.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from events.documents.policies import policy_from_document
from events.proofs.seals import NO_ROOT, STREAM
from events.refusals.errors import Problem, Refused
from events.streams.cycles import Cycle, CycleClosed, CycleOpened, SampleDrawn, cycle_stream
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
from scheduler.drawing import CLOSED, VISIT_CAP, draw_strata, newest_cycles
from scheduler.opening import plan_stratum
from scheduler.sampling import Draw, frame_digest, seed_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

ENDS = {OrganizationClosed.TYPE, OrganizationMerged.TYPE}

Sheets = dict[str, set[tuple[str, str]]]
"""By frame code, the cycle (its stream) and the month of every inspection that has a sheet."""


def filter_problems(reader: Reader, scope: Scope, problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems of a draw without those of organizations outside a scope."""
    streams = streams_of(reader, [problem.place for problem in problems])
    seen = scope.streams_among(reader, sorted(streams.values()))
    return [
        problem
        for problem in problems
        if problem.place not in streams or streams[problem.place] in seen
    ]


def verify_draw(reader: Reader, scope: str, period: str) -> list[Problem]:
    """Return what in a cycle's draw does not follow from its events; empty if all of it does.

    Raise ``Refused`` if the cycle is not drawn.
    """
    cycle = read_cycle(reader, scope, period)
    if cycle.seed is None:
        raise Refused("not_drawn_yet", period=period, scope=scope)
    codes = Counter(code for codes in cycle.frame.values() for code in codes)
    twice = [Problem.error(code, "frame_twice") for code in sorted(codes - Counter({*codes}))]
    if twice:
        return twice
    streams = _read_streams(reader, cycle)
    sheets = _read_sheets(reader, streams)
    return [
        *_check_commitments(reader, cycle),
        *_check_inspections(reader, cycle, sheets),
        *_check_earlier_cycles(reader, cycle),
        *_check_exclusions(reader, cycle, streams, sheets),
        *_check_draws(cycle, cycle.seed, sheets),
    ]


def _check_commitments(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    """Check what the opening committed to: the frame, the counts, the seal before it."""
    codes = [code for codes in cycle.frame.values() for code in codes]
    if frame_digest(codes) != cycle.frame_digest:
        yield Problem.error("frame_digest", "frame_digest")
    for codes_of_stratum in cycle.frame.values():
        if list(codes_of_stratum) != sorted(codes_of_stratum):
            yield Problem.error("frame", "frame_order")
    opening = reader.stream(cycle_stream(cycle.scope, cycle.period), limit=1)[0]
    policy = policy_from_document(cycle.policy)
    plan = [plan_stratum(name, len(codes), policy) for name, codes in cycle.frame.items()]
    if opening.data["strata"] != plan:
        yield Problem.error("opening", "counts_differ")
    roots = [
        event.data["root"] for event in reader.stream(STREAM) if event.position < opening.position
    ]
    if cycle.last_seal not in {NO_ROOT, *roots} or (roots and cycle.last_seal == NO_ROOT):
        yield Problem.error("last_seal", "last_seal")
    if seed_of(cycle.last_seal, cycle.randomness or "") != cycle.seed:
        yield Problem.error("seed", "seed_differs")


def _read_streams(reader: Reader, cycle: Cycle) -> dict[str, str]:
    """Return the stream of each frame code, from the registrations and the changes of codes."""
    recoded = {
        event.data["code"]: event.stream
        for event in events_of_type(reader, OrganizationRecoded.TYPE)
    }
    return {
        code: recoded.get(code, PREFIX + code) for codes in cycle.frame.values() for code in codes
    }


def _read_sheets(reader: Reader, streams: dict[str, str]) -> Sheets:
    """Return the inspections of the frame's organizations, from the sheets."""
    codes = {stream: code for code, stream in streams.items()}
    sheets: Sheets = {}
    for event in events_of_type(reader, FindingsSubmitted.TYPE):
        code = codes.get(event.stream)
        if code is not None and event.data["kind"] == MONTHLY:
            month = event.data["period"]
            sheets.setdefault(code, set()).add((cycle_stream(event.data["scope"], month), month))
    return sheets


def months_inspected(cycle: Cycle, sheets: Sheets) -> dict[str, str]:
    """Return, by frame code, the month of the newest inspection that the draw counted."""
    counted = set(cycle.counted_cycles)
    newest = dict(cycle.open_inspections)
    for code, inspections in sheets.items():
        months = [month for stream, month in inspections if stream in counted]
        if months:
            newest[code] = max(*months, newest.get(code, ""))
    return newest


def _check_inspections(reader: Reader, cycle: Cycle, sheets: Sheets) -> Iterator[Problem]:
    """Check that counted cycles are closed, and that each inspection of others has a sheet."""
    closed = {event.stream for event in events_of_type(reader, CycleClosed.TYPE)}
    for stream in cycle.counted_cycles:
        if stream not in closed:
            yield Problem.error(stream, "cycle_not_closed")
    for code, month in cycle.open_inspections.items():
        if month not in {inspected for _, inspected in sheets.get(code, ())}:
            yield Problem.error(code, "no_sheet", month=month)


def _check_earlier_cycles(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    """Check that the cycles a rest looked at are the newest that had opened before the draw.

    A draw that lists none was made when calendar months were counted.
    """
    if cycle.earlier_cycles is None:
        return
    stream = cycle_stream(cycle.scope, cycle.period)
    *_, drawn = reader.events_of_types(stream, [SampleDrawn.TYPE])
    months = [
        event.data["period"]
        for event in events_of_type(reader, CycleOpened.TYPE)
        if event.data["scope"] == cycle.scope
        and event.data["period"] < cycle.period
        and event.position < drawn.position
    ]
    resting = policy_from_document(cycle.policy).spot_check.rest_months
    if cycle.earlier_cycles != newest_cycles(months, resting):
        yield Problem.error("earlier_cycles", "cycles_differ")


def _check_exclusions(
    reader: Reader, cycle: Cycle, streams: dict[str, str], sheets: Sheets
) -> Iterator[Problem]:
    """Check that each excluded organization is closed or has its yearly number of visits."""
    cap = policy_from_document(cycle.policy).burden.visits_per_year
    year = cycle.period[:4]
    for exclusion in _draw_exclusions(cycle):
        code, reason = exclusion["organization"], exclusion["reason"]
        if reason == CLOSED:
            events = reader.stream(streams.get(code, ""))
            justified = any(event.type in ENDS for event in events)
        else:
            visits = [month for _, month in sheets.get(code, ()) if month[:4] == year]
            justified = reason == VISIT_CAP and len(visits) >= cap
        if not justified:
            yield Problem.error(code, "left_out", reason=reason)


def _draw_exclusions(cycle: Cycle) -> list[dict[str, str]]:
    return [exclusion for exclusion in cycle.exclusions if exclusion["stage"] == "draw"]


def _check_draws(cycle: Cycle, seed: str, sheets: Sheets) -> Iterator[Problem]:
    """Draw again, and compare sample, counts and digest with those of the events."""
    excluded = {exclusion["organization"] for exclusion in _draw_exclusions(cycle)}
    months = months_inspected(cycle, sheets)
    draws = draw_strata(cycle, seed, excluded, months, cycle.earlier_cycles)
    sample = {row["organization"]: row for row in cycle.sample}
    for stratum, repeated in draws.items():
        yield from _compare_stratum(stratum, repeated, sample)
    drawn = {code for repeated in draws.values() for code in repeated.codes}
    for code in sorted(sample.keys() - drawn):
        yield Problem.error(code, "not_drawn_in_sample")
    if len(cycle.sample) != len(sample):
        yield Problem.error("sample", "sample_twice")
    counts = [
        {"stratum": stratum, "N": repeated.population, "n": len(repeated.drawn)}
        for stratum, repeated in draws.items()
    ]
    if list(cycle.strata) != counts:
        yield Problem.error("draw", "counts_differ")
    if frame_digest(drawn) != cycle.sample_digest:
        yield Problem.error("sample_digest", "sample_digest")


def _compare_stratum(
    stratum: str, repeated: Draw, sample: dict[str, dict[str, str]]
) -> Iterator[Problem]:
    for drawn in repeated.drawn:
        row = sample.get(drawn.code)
        if row is None:
            yield Problem.error(drawn.code, "drawn_not_in_sample")
        elif (row["stratum"], row["key"], row["why"]) != (stratum, drawn.key, str(drawn.why)):
            yield Problem.error(drawn.code, "sample_differs")
