"""(g) An append to a long stream compared with one to a new stream."""

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
from benchmarks.measure import (
    Sizes,
    Table,
    format_figure,
    format_range,
    format_ratio,
    measure_seconds,
    median_ratio,
    take_turns,
)
from benchmarks.places import Place, check_durability, durability

DAY = date(2026, 9, 12)


def run(place: Place, sizes: Sizes) -> Table:
    """Measure the milliseconds of one append to each kind of stream in turn."""
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
        f"a stream of {sizes.stream_events:,} events": lambda: measure_seconds(
            lambda: [record(bench, next(longs)) for _ in range(each)]
        ),
        "a stream of one event, its registration": lambda: measure_seconds(
            lambda: [record(bench, next(fresh)) for _ in range(each)]
        ),
    }
    results = take_turns(contenders, sizes.rounds)
    short = results["a stream of one event, its registration"]
    note = check_durability("tracker", durability(bench.engine))
    bench.dispose()
    return Table(
        "g",
        f"An append to a long stream and to a new one, {place.kind}",
        ("to", "ms an append, median", "rounds", "costs"),
        [
            (
                name,
                format_figure(median(figures) / each * 1000),
                format_range([one / each * 1000 for one in figures]),
                format_ratio(median_ratio(figures, short)),
            )
            for name, figures in results.items()
        ],
        [note, f"{each} appends a round"],
    )


def _document(code: str, record_id: str) -> Line:
    return as_document(activity(code, record_id, community_duties()[0], DAY))
