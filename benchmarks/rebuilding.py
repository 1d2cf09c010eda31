"""(c) Rebuild of every read model from the events."""

from __future__ import annotations

from statistics import median

from benchmarks.district import Bench, record_lines
from benchmarks.measure import Sizes, Table, format_figure, format_range
from benchmarks.places import Place, check_durability, durability
from projections.rebuild import compare, rebuild

WORKERS = 2


def run(place: Place, sizes: Sizes) -> Table:
    """Measure the events per second, with one process and with two."""
    bench = Bench(place.fresh())
    count = sizes.record_organizations
    bench.begin(count)
    bench.take(list(record_lines(0, count, sizes.rebuild_records // count)))
    rates: dict[int, list[float]] = {1: [], WORKERS: []}
    events = 0
    for _ in range(sizes.rounds):
        for workers, figures in rates.items():
            done = rebuild(bench.engine, bench.reopen, workers)
            assert not done.stale
            events = done.events
            figures.append(done.events / done.seconds)
    assert compare(bench.engine) == []
    note = check_durability("tracker", durability(bench.engine))
    bench.dispose()
    return Table(
        "c",
        f"Rebuild of every read model, {place.kind}",
        ("processes", "events/s, median", "rounds"),
        [
            (str(workers), format_figure(median(figures)), format_range(figures))
            for workers, figures in rates.items()
        ],
        [note, f"{events:,} events; afterwards `compare` finds no row that differs"],
    )
