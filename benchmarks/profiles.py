"""Profiles of appends, an import, and a page of a closing, by cProfile."""

from __future__ import annotations

import cProfile
import io
import os
import pstats
from collections.abc import Callable

from benchmarks.appends import Documents
from benchmarks.closing import CLOSES, DRAWS, OPENS, PERIOD, SCOPE, fill, submit_sheets
from benchmarks.district import METADATA, Bench, as_file, record, record_lines
from benchmarks.measure import Sizes
from benchmarks.places import Place
from events.periods import parse_month
from projections.cycles.reading import read_cycle
from projections.organizations.directory import roots
from scheduler.closing import (
    begin_closing,
    compute_in_snapshot,
    end_inspections,
    post_page,
    read_closing_pages,
)
from scheduler.runner import Runner

LINES = 25


def run(place: Place, sizes: Sizes) -> str:
    """Return the profiles as text."""
    return "\n".join(
        [
            *_profile_appends(place, sizes),
            *_profile_import(place, sizes),
            *_profile_closing(place, sizes),
        ]
    )


def _profile(title: str, work: Callable[[], object]) -> str:
    profile = cProfile.Profile()
    profile.runcall(work)
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.strip_dirs().sort_stats("cumulative").print_stats(LINES)
    stats.sort_stats("tottime").print_stats(LINES)
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join([f"== {title}", *lines])


def _profile_appends(place: Place, sizes: Sizes) -> list[str]:
    bench = Bench(place.fresh())
    bench.begin(sizes.organizations)
    documents = Documents(sizes.organizations).next(2 * sizes.appends)
    for document in documents[: sizes.appends]:  # warm-up
        record(bench, document)

    def work() -> None:
        for document in documents[sizes.appends :]:
            record(bench, document)

    text = _profile(f"(a) {sizes.appends} appends, {place.kind}", work)
    bench.dispose()
    return [text]


def _profile_import(place: Place, sizes: Sizes) -> list[str]:
    bench = Bench(place.fresh())
    count = sizes.record_organizations
    bench.begin(count)
    payload = as_file(list(record_lines(0, count, sizes.peer_records // count)))
    text = _profile(
        f"(b) {sizes.peer_records:,} records imported, {place.kind}",
        lambda: bench.take_bytes(payload),
    )
    bench.dispose()
    return [text]


def _profile_closing(place: Place, sizes: Sizes) -> list[str]:
    """Return the profiles of computing and posting one page."""
    url = place.fresh()
    fill(url, sizes.closings[-1])
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom, None, 1)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    runner.open(root, parse_month(PERIOD), METADATA)
    bench.now = DRAWS
    runner.draw(SCOPE, PERIOD, METADATA, None, by_hand=False)
    submit_sheets(bench)
    bench.now = CLOSES
    by = runner.make_actor(METADATA)
    with bench.store.read() as reader:
        closes_on = read_cycle(reader, SCOPE, PERIOD).closes_on
    with bench.store.append() as log:
        begin_closing(log, SCOPE, PERIOD, by, closes_on, reason=None)
    with bench.store.read() as reader:
        cycle = read_cycle(reader, SCOPE, PERIOD)
        pages = read_closing_pages(reader, cycle)
    with bench.store.append() as log:
        end_inspections(log, cycle, by)
    page = pages[0]
    postings = compute_in_snapshot(bench.engine, page)

    def post() -> None:
        with bench.store.append() as log:
            post_page(log, page, postings, by)

    size = len(page.streams)
    texts = [
        _profile(
            f"(d) computing a page of {size}, {place.kind}",
            lambda: compute_in_snapshot(bench.engine, page),
        ),
        _profile(f"(d) posting a page of {size}, {place.kind}", post),
    ]
    bench.dispose()
    return texts
