"""Where the time goes: cProfile of one append, one import, and one page of a closing."""

from __future__ import annotations

import cProfile
import io
import os
import pstats
from collections.abc import Callable

from benchmarks.appends import Documents
from benchmarks.closing import CLOSES, DRAWS, OPENS, PERIOD, SCOPE, fill, hand_in
from benchmarks.district import METADATA, Bench, as_file, record, record_lines
from benchmarks.measure import Sizes
from benchmarks.places import Place
from events.periods import parse_month
from projections.cycles.reading import read_cycle
from projections.organizations.directory import roots
from scheduler.closing import begin_closing, end_inspections, post, shares, work_out
from scheduler.runner import Runner

LINES = 25


def run(place: Place, sizes: Sizes) -> str:
    """The profiles as text."""
    return "\n".join([*_appends(place, sizes), *_imports(place, sizes), *_closing(place, sizes)])


def _profiled(title: str, work: Callable[[], object]) -> str:
    profile = cProfile.Profile()
    profile.runcall(work)
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.strip_dirs().sort_stats("cumulative").print_stats(LINES)
    stats.sort_stats("tottime").print_stats(LINES)
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join([f"== {title}", *lines])


def _appends(place: Place, sizes: Sizes) -> list[str]:
    bench = Bench(place.fresh())
    bench.begin(sizes.organizations)
    documents = Documents(sizes.organizations).next(2 * sizes.appends)
    for one in documents[: sizes.appends]:
        record(bench, one)

    def work() -> None:
        for one in documents[sizes.appends :]:
            record(bench, one)

    found = _profiled(f"(a) {sizes.appends} appends, {place.kind}", work)
    bench.dispose()
    return [found]


def _imports(place: Place, sizes: Sizes) -> list[str]:
    bench = Bench(place.fresh())
    count = sizes.record_organizations
    bench.begin(count)
    payload = as_file(list(record_lines(0, count, sizes.peer_records // count)))
    found = _profiled(
        f"(b) {sizes.peer_records:,} records imported, {place.kind}",
        lambda: bench.take_bytes(payload),
    )
    bench.dispose()
    return [found]


def _closing(place: Place, sizes: Sizes) -> list[str]:
    """``work_out`` and ``post`` of one page."""
    url = place.fresh()
    fill(url, sizes.closings[-1])
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom, None, 1)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    runner.open(root, parse_month(PERIOD), METADATA)
    bench.now = DRAWS
    runner.draw(SCOPE, PERIOD, METADATA, None, by_hand=False)
    hand_in(bench)
    bench.now = CLOSES
    by = runner.by(METADATA)
    with bench.store.read() as reader:
        closes_on = read_cycle(reader, SCOPE, PERIOD).closes_on
    with bench.store.append() as log:
        begin_closing(log, SCOPE, PERIOD, by, closes_on, reason=None)
    with bench.store.read() as reader:
        cycle = read_cycle(reader, SCOPE, PERIOD)
        pages = shares(reader, cycle)
    with bench.store.append() as log:
        end_inspections(log, cycle, by)
    postings = [(share, work_out(bench.engine, share)) for share in pages[:1]]

    def posting() -> None:
        for share, worked_out in postings:
            with bench.store.append() as log:
                post(log, share, worked_out, by)

    size = len(pages[0].streams)
    found = [
        _profiled(
            f"(d) work_out of a page of {size}, {place.kind}",
            lambda: work_out(bench.engine, pages[0]),
        ),
        _profiled(f"(d) post of a page of {size}, {place.kind}", posting),
    ]
    bench.dispose()
    return found
