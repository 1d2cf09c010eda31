"""(a) One durable append through the whole public API, beside the peer's save and projection."""

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
from benchmarks.measure import Sizes, Table, interleaved, ratio, seconds, shown, spread, times
from benchmarks.peer import Peer
from benchmarks.places import Place, durability, told

DAY = date(2026, 9, 12)
OURS = "tracker: checked, decided, chained, projected, one commit"
PEER = "eventsourcing: save, then the projection of what save returned"
PEER_ONE = "eventsourcing: rows written inside save by a recorder of one's own"


class Documents:
    """Ever new records, one organization after another."""

    def __init__(self, organizations: int) -> None:
        """Spread over so many organizations."""
        self._duty = community_duties()[0]
        self._organizations = organizations
        self._numbers = count()

    def next(self, size: int) -> list[Line]:
        """So many documents that nobody recorded yet."""
        found = []
        for _ in range(size):
            number = next(self._numbers)
            line = activity(code_of(number % self._organizations), f"n-{number}", self._duty, DAY)
            found.append(as_document(line))
        return found


def run(place: Place, sizes: Sizes) -> Table:
    """The seconds of one append, contender by contender in turn."""
    bench = Bench(place.fresh())
    bench.begin(sizes.organizations)
    peers = {PEER: Peer(place.fresh()), PEER_ONE: Peer(place.fresh(), one_transaction=True)}
    for peer in peers.values():
        peer.register(sizes.organizations)
    sources = {name: Documents(sizes.organizations) for name in (OURS, *peers)}

    def ours() -> float:
        documents = sources[OURS].next(sizes.appends)
        return seconds(lambda: [record(bench, one) for one in documents]) / sizes.appends

    def theirs(name: str) -> float:
        documents = sources[name].next(sizes.appends)
        return seconds(lambda: [peers[name].record(one) for one in documents]) / sizes.appends

    contenders = {OURS: ours, PEER: lambda: theirs(PEER), PEER_ONE: lambda: theirs(PEER_ONE)}
    found = interleaved(contenders, sizes.rounds)
    notes = [
        told("tracker", durability(bench.engine)),
        told("eventsourcing", peers[PEER].durability()),
        f"{sizes.appends} appends a round over {sizes.organizations} organizations",
    ]
    for peer in peers.values():
        peer.check((sizes.rounds + 1) * sizes.appends)
        peer.close()
    bench.dispose()
    rows = [
        (
            name,
            shown(1 / median(figures)),
            spread([1 / one for one in figures]),
            times(ratio(figures, found[OURS])),
        )
        for name, figures in found.items()
    ]
    return Table(
        "a",
        f"A single durable append, {place.kind}",
        ("contender", "appends/s, median", "rounds", "tracker is faster by"),
        rows,
        notes,
    )
