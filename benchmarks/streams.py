"""(g) An append to a long stream beside one to a new stream."""

from __future__ import annotations

from datetime import date
from statistics import median

from benchmarks.district import (
    Bench,
    Line,
    activity,
    as_document,
    code_of,
    community_duties,
    record,
)
from benchmarks.measure import Sizes, Table, interleaved, ratio, seconds, shown, spread, times
from benchmarks.places import Place, durability, told

DAY = date(2026, 9, 12)


def run(place: Place, sizes: Sizes) -> Table:
    """The seconds of one append to either, in turn."""
    each, rounds = sizes.stream_appends, sizes.rounds + 1
    bench = Bench(place.fresh())
    bench.begin(1 + each * rounds)
    duty = community_duties()[0]
    long_code = code_of(0)
    bench.take(
        [activity(long_code, f"old-{number}", duty, DAY) for number in range(sizes.stream_events)]
    )
    longs = iter([_document(long_code, f"n-{number}") for number in range(each * rounds)])
    fresh = iter([_document(code_of(1 + number), "n-0") for number in range(each * rounds)])
    contenders = {
        f"a stream of {sizes.stream_events:,} events": lambda: seconds(
            lambda: [record(bench, next(longs)) for _ in range(each)]
        ),
        "a stream of one event, its registration": lambda: seconds(
            lambda: [record(bench, next(fresh)) for _ in range(each)]
        ),
    }
    found = interleaved(contenders, sizes.rounds)
    short = found["a stream of one event, its registration"]
    note = told("tracker", durability(bench.engine))
    bench.dispose()
    return Table(
        "g",
        f"An append to a long stream and to a new one, {place.kind}",
        ("to", "ms an append, median", "rounds", "costs"),
        [
            (
                name,
                shown(median(figures) / each * 1000),
                spread([one / each * 1000 for one in figures]),
                times(ratio(figures, short)),
            )
            for name, figures in found.items()
        ],
        [note, f"{each} appends a round"],
    )


def _document(code: str, record_id: str) -> Line:
    return as_document(activity(code, record_id, community_duties()[0], DAY))
