"""(a) One durable append through the whole public API, compared with the peer."""

from __future__ import annotations

from datetime import date
from itertools import count
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
from benchmarks.peer import Peer
from benchmarks.places import Place, check_durability, durability

DAY = date(2026, 9, 12)
OURS = "tracker: checked, decided, chained, projected, one commit"
PEER = "eventsourcing: save, then the projection of what save returned"
PEER_ONE = "eventsourcing: rows written inside save by a recorder of one's own"


class Documents:
    """An endless supply of new records, spread over the organizations in turn."""

    def __init__(self, organizations: int) -> None:
        """Spread the records over so many organizations."""
        self._duty = community_duties()[0]
        self._organizations = organizations
        self._numbers = count()

    def next(self, size: int) -> list[Line]:
        """Return so many documents that are not recorded yet."""
        documents = []
        for _ in range(size):
            number = next(self._numbers)
            line = activity(code_of(number % self._organizations), f"n-{number}", self._duty, DAY)
            documents.append(as_document(line))
        return documents


def run(place: Place, sizes: Sizes) -> Table:
    """Measure the seconds of one append of each contender in turn."""
    bench = Bench(place.fresh())
    bench.begin(sizes.organizations)
    peers = {PEER: Peer(place.fresh()), PEER_ONE: Peer(place.fresh(), one_transaction=True)}
    for peer in peers.values():
        peer.register(sizes.organizations)
    sources = {name: Documents(sizes.organizations) for name in (OURS, *peers)}

    def ours() -> float:
        documents = sources[OURS].next(sizes.appends)
        return measure_seconds(lambda: [record(bench, one) for one in documents]) / sizes.appends

    def theirs(name: str) -> float:
        documents = sources[name].next(sizes.appends)
        return (
            measure_seconds(lambda: [peers[name].record(one) for one in documents]) / sizes.appends
        )

    contenders = {OURS: ours, PEER: lambda: theirs(PEER), PEER_ONE: lambda: theirs(PEER_ONE)}
    results = take_turns(contenders, sizes.rounds)
    notes = [
        check_durability("tracker", durability(bench.engine)),
        check_durability("eventsourcing", peers[PEER].durability()),
        f"{sizes.appends} appends a round over {sizes.organizations} organizations",
    ]
    for peer in peers.values():
        peer.check((sizes.rounds + 1) * sizes.appends)
        peer.close()
    bench.dispose()
    rows = [
        (
            name,
            format_figure(1 / median(figures)),
            format_range([1 / figure for figure in figures]),
            format_ratio(median_ratio(figures, results[OURS])),
        )
        for name, figures in results.items()
    ]
    return Table(
        "a",
        f"A single durable append, {place.kind}",
        ("contender", "appends/s, median", "rounds", "tracker is faster by"),
        rows,
        notes,
    )
