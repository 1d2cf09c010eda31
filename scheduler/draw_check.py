"""Repeating a draw from the events alone (``tracker spot-check verify-draw``; semantics, 8.4).

Nothing is read but the log: the cycle's own events, the seals, the sheets of the inspections that
the draw counted, and the changes of codes. Every difference is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from events.cycles import Cycle, cycle_stream
from events.errors import Kind, Problem, Refused
from events.findings import FindingsSubmitted
from events.organizations import PREFIX, OrganizationRecoded
from events.seals import NO_ROOT, STREAM
from projections.documents import of_type
from scheduler.drawing import draw_strata
from scheduler.opening import read_cycle
from scheduler.sampling import Draw, frame_digest, seed_of

if TYPE_CHECKING:
    from events.reading import Reader

MONTHLY = "monthly"


def verify_draw(reader: Reader, scope: str, period: str) -> list[Problem]:
    """What of a cycle's draw does not follow from its events; nothing where all of it does.

    ``Refused`` where the cycle was not drawn.
    """
    cycle = read_cycle(reader, scope, period)
    if cycle.seed is None:
        raise Refused(
            "not_drawn_yet",
            "the cycle of {period} in {scope} was not drawn yet",
            kind=Kind.NOT_FOUND,
            period=period,
            scope=scope,
        )
    return [*_commitments(reader, cycle), *_inspections(reader, cycle), *_draws(reader, cycle)]


def _commitments(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    """What the opening committed to: frame, counts, the seal before it."""
    codes = [code for codes in cycle.frame.values() for code in codes]
    if frame_digest(codes) != cycle.frame_digest:
        yield Problem("frame_digest", "does not follow from the committed codes")
    for codes_of_stratum in cycle.frame.values():
        if list(codes_of_stratum) != sorted(codes_of_stratum):
            yield Problem("frame", "is not in order")
    opening = reader.stream(cycle_stream(cycle.scope, cycle.period), limit=1)[0]
    roots = [
        event.data["root"] for event in reader.stream(STREAM) if event.position < opening.position
    ]
    if cycle.last_seal not in {NO_ROOT, *roots} or (roots and cycle.last_seal == NO_ROOT):
        yield Problem("last_seal", "is the root of no seal that was made before the opening")
    if seed_of(cycle.last_seal, cycle.randomness or "") != cycle.seed:
        yield Problem("seed", "does not follow from the last seal and the recorded value")


def months_inspected(reader: Reader, cycle: Cycle) -> dict[str, str]:
    """Frame code to the month of its newest inspection that the draw counted, from the sheets."""
    codes = _codes(reader, cycle)
    counted = set(cycle.counted_cycles)
    found: dict[str, str] = {}
    for event in of_type(reader, FindingsSubmitted.TYPE):
        code = codes.get(event.stream)
        if code is None or event.data["kind"] != MONTHLY:
            continue
        month = event.data["period"]
        if cycle_stream(event.data["scope"], month) in counted:
            found[code] = max(month, found.get(code, ""))
    for code, month in cycle.open_inspections.items():
        found[code] = max(month, found.get(code, ""))
    return found


def _codes(reader: Reader, cycle: Cycle) -> dict[str, str]:
    """Stream to frame code, from the registrations and the changes of codes."""
    recoded = {
        event.data["code"]: event.stream for event in of_type(reader, OrganizationRecoded.TYPE)
    }
    return {
        recoded.get(code, PREFIX + code): code for codes in cycle.frame.values() for code in codes
    }


def _inspections(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    """Inspections of cycles that had not closed are named one by one; each must have a sheet."""
    streams = {code: stream for stream, code in _codes(reader, cycle).items()}
    for code, month in cycle.open_inspections.items():
        sheets = [
            event
            for event in reader.stream(streams[code])
            if event.type == FindingsSubmitted.TYPE and event.data["period"] == month
        ]
        if not sheets:
            yield Problem(code, f"counts as inspected in {month}, but no sheet stands for it")


def _draws(reader: Reader, cycle: Cycle) -> Iterator[Problem]:
    excluded = {one["organization"] for one in cycle.exclusions if one["stage"] == "draw"}
    assert cycle.seed is not None
    draws = draw_strata(cycle, cycle.seed, excluded, months_inspected(reader, cycle))
    told = {one["organization"]: one for one in cycle.sample}
    for stratum, repeated in draws.items():
        yield from _compare(stratum, repeated, cycle, told)
    drawn = {code for one in draws.values() for code in one.codes}
    for code in sorted(told.keys() - drawn):
        yield Problem(code, "stands in the sample and was not drawn")
    if frame_digest(drawn) != cycle.sample_digest:
        yield Problem("sample_digest", "does not follow from the draw")


def _compare(
    stratum: str, repeated: Draw, cycle: Cycle, told: dict[str, dict[str, str]]
) -> Iterator[Problem]:
    counts = {one["stratum"]: (one["N"], one["n"]) for one in cycle.strata}
    if counts.get(stratum) != (repeated.population, len(repeated.drawn)):
        yield Problem(stratum, "N and n do not follow from the frame and the plan")
    for one in repeated.drawn:
        found = told.get(one.code)
        if found is None:
            yield Problem(one.code, "was drawn and does not stand in the sample")
        elif (found["stratum"], found["key"], found["why"]) != (stratum, one.key, str(one.why)):
            yield Problem(one.code, "stands in the sample with another stratum, key or reason")
