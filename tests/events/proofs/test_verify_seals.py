"""A seal that was forged through the store itself is found against the events."""

import hashlib
import random  # noqa: TID251 - its seed is fixed
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from events.event import PendingEvent
from events.log.store import Store
from events.proofs import merkle
from events.proofs.seals import (
    NO_ROOT,
    STREAM,
    Sealed,
    leaf_bytes,
    pack_leaves,
    root_over_heads,
    seal_log,
)
from events.proofs.verify import verify_log
from events.proofs.verify_seals import Tree, hash_leaf
from tests.support.logs import ACTOR, Clock, append, opened, pending

Heads = list[tuple[str, int, bytes]]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A log of two streams, sealed once at versions 2 and 1."""
    engine = opened(database_url)
    store = Store(engine, Clock())
    append(store, pending("a", "1"), pending("a", "2"), pending("b", "1"))
    with store.append() as log:
        seal_log(log, ACTOR, "one")
    append(store, pending("b", "2"))
    yield store
    engine.dispose()


def heads_of(store: Store) -> Heads:
    """Where the streams stand."""
    with store.read() as log:
        return [
            (event.stream, event.version, event.hash)
            for event in (log.stream(name)[-1] for name in ("a", "b"))
        ]


def forge(store: Store, heads: Heads, leaves: bytes | None = None, **changes: Any) -> list[str]:
    """Append a second seal as it should be but for some changes; the faults that are found."""
    leaves = pack_leaves(heads) if leaves is None else leaves
    with store.append() as log:
        first = log.stream(STREAM)[0]
        true = {
            "seal": 2,
            "root": root_over_heads(heads),
            "previous_root": first.data["root"],
            "streams": len(heads),
            "events": sum(version for _, version, _ in heads),
            "leaves_digest": hashlib.sha256(leaves).hexdigest(),
            "occasion": "two",
        }
        sealed = Sealed.model_validate(true | changes)
        log.write("INSERT INTO seal_leaves (seal, leaves) VALUES (?, ?)", [(2, leaves)])
        log.append([PendingEvent(STREAM, "two", sealed, ACTOR)])
    return [fault.fault for fault in verify_log(store.engine).faults]


def test_a_seal_as_it_should_be_has_no_fault(store: Store) -> None:
    """What the others are changed from is whole."""
    assert forge(store, heads_of(store)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"seal": 3}, "its number is out of order"),
        ({"previous_root": NO_ROOT}, "it does not name the root of the seal before"),
        ({"root": NO_ROOT}, "its root does not follow from the events"),
        ({"streams": 3}, "its counts do not equal its leaves"),
        ({"events": 3}, "its counts do not equal its leaves"),
        ({"leaves_digest": NO_ROOT}, "its leaves do not equal their digest"),
    ],
)
def test_a_seal_that_says_something_else_is_found(
    store: Store, changes: dict[str, Any], fault: str
) -> None:
    """Each field of the event is compared with the log."""
    assert forge(store, heads_of(store), **changes) == [f"seal 2: {fault}"]


CUTS: dict[str, tuple[Callable[[Heads], Heads], str]] = {
    "out of order": (lambda heads: heads[::-1], "its leaves are not in order"),
    "behind": (
        lambda heads: [("a", 1, b""), heads[1]],
        "a is behind the seal before",
    ),
    "left out": (lambda heads: heads[1:], "a is behind the seal before"),
    "ahead": (lambda heads: [heads[0], ("b", 3, b"")], "b has no version 3"),
    "another hash": (
        lambda heads: [heads[0], ("b", 2, b"\x00" * 32)],
        "its root does not follow from the events",
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_that_is_not_that_of_the_log_is_found(store: Store, name: str) -> None:
    """Its order, versions and hashes are compared with the events and the seal before."""
    cut, fault = CUTS[name]
    assert f"seal 2: {fault}" in forge(store, cut(heads_of(store)))


@pytest.mark.parametrize(
    "leaves", [b"no compressed text", zlib.compress(b"a one\n"), zlib.compress(b"\xff 1\n")]
)
def test_a_cut_that_cannot_be_read_is_found(store: Store, leaves: bytes) -> None:
    """Neither text nor versions: a fault and no crash."""
    assert forge(store, heads_of(store), leaves) == ["seal 2: its leaves cannot be read"]


def test_an_empty_log_can_be_sealed(database_url: str) -> None:
    """The root of no leaves is the hash of nothing."""
    engine = opened(database_url)
    store = Store(engine, Clock())
    with store.append() as log:
        seal_log(log, ACTOR, "nothing yet")
    verdict = verify_log(engine)
    assert (verdict.ok, verdict.seals) == (True, 1)
    engine.dispose()


@pytest.mark.parametrize("streams", [0, 1, 2, 3, 5, 8, 13, 100])
def test_a_tree_that_goes_on_equals_one_from_the_beginning(streams: int) -> None:
    """Whatever changes between two cuts, a leaf or the set of streams, the root is the same."""
    chance, tree = random.Random(streams), Tree()
    heads = {f"s{number:03}": (1, bytes(32)) for number in range(streams)}
    for day in range(8):
        if day in {3, 6}:
            heads[f"s{chance.randrange(100):03}-new"] = (1, chance.randbytes(32))
        for stream in chance.sample(sorted(heads), min(3, len(heads))):
            heads[stream] = (heads[stream][0] + 1, chance.randbytes(32))
        cut = [(stream, *heads[stream]) for stream in sorted(heads)]
        leaves = {stream: hash_leaf(stream, version, head) for stream, version, head in cut}
        assert tree.compute_root(leaves) == merkle.root([leaf_bytes(*head) for head in cut]).hex()
