"""A seal is a cut by versions over all heads, chained to the seal before."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from events.log.store import Store
from events.proofs import merkle
from events.proofs.seals import (
    NO_ROOT,
    STREAM,
    Sealed,
    leaf_bytes,
    newest_root,
    pack_leaves,
    root_over_heads,
    seal_log,
    unpack_leaves,
)
from events.proofs.verify import verify_log
from tests.support.logs import ACTOR, append, pending, rows

HEADS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1),
    st.integers(1, 10**9),
    max_size=20,
)


def sealed(store: Store, occasion: str) -> Sealed:
    """Seal in a separate transaction."""
    with store.append() as log:
        return seal_log(log, ACTOR, occasion)


def test_a_seal_covers_every_head_but_its_own(store: Store) -> None:
    """Its root is the tree over (stream, version, hash) by name; the next one names it."""
    done = append(
        store, pending("b", "1"), pending("a", "1"), pending("社", "1"), pending("a", "2")
    )
    first = sealed(store, "one")
    hashes = {event.stream: (event.version, event.hash) for event in done}
    heads = [(name, *hashes[name]) for name in ("a", "b", "社")]
    leaves = [f"{name}\n{version}\n{hash_.hex()}".encode() for name, version, hash_ in heads]
    assert first.root == merkle.root(leaves).hex() == root_over_heads(heads)
    assert (first.seal, first.streams, first.events) == (1, 3, 4)
    assert first.previous_root == NO_ROOT
    append(store, pending("b", "2"))
    second = sealed(store, "two")
    assert (second.seal, second.streams, second.events) == (2, 3, 5)
    assert second.previous_root == first.root
    assert second.root != first.root
    verdict = verify_log(store.engine)
    assert (verdict.ok, verdict.seals) == (True, 2)


def test_the_cut_is_kept_under_its_digest(store: Store) -> None:
    """The leaves can be read again and are those that the event commits to."""
    append(store, pending("a", "1"), pending("b", "1"))
    first = sealed(store, "one")
    ((number, leaves),) = rows(store.engine, "SELECT seal, leaves FROM seal_leaves")
    assert number == 1
    assert hashlib.sha256(bytes(leaves)).hexdigest() == first.leaves_digest
    assert unpack_leaves(bytes(leaves)) == [("a", 1), ("b", 1)]


def test_an_occasion_is_sealed_once(store: Store) -> None:
    """The same occasion again answers its first seal and writes nothing."""
    append(store, pending("a", "1"))
    first = sealed(store, "one")
    append(store, pending("a", "2"))
    assert sealed(store, "one") == first
    assert rows(store.engine, "SELECT seal FROM seal_leaves") == [(1,)]


def test_the_last_root_is_that_of_the_newest_seal(store: Store) -> None:
    """64 zeros where there is none; an empty log has a root too."""
    with store.read() as log:
        assert newest_root(log) == NO_ROOT == "0" * 64
    empty = sealed(store, "nothing yet")
    assert empty.root == hashlib.sha256(b"").hexdigest()
    append(store, pending("a", "1"))
    newest = sealed(store, "one")
    with store.read() as log:
        assert newest_root(log) == newest.root
        assert [event.type for event in log.stream(STREAM)] == ["Sealed", "Sealed"]


def test_a_head_without_events_is_not_sealed(store: Store) -> None:
    """A stream that was only locked has nothing to seal."""
    with store.append() as log:
        log.lock(["only-locked"])
    assert sealed(store, "one").streams == 0


@given(HEADS)
def test_a_kept_cut_is_read_as_it_was_packed(heads: dict[str, int]) -> None:
    """Any characters in the names of streams come back, line separators too."""
    packed = pack_leaves((stream, version, b"") for stream, version in heads.items())
    assert unpack_leaves(packed) == list(heads.items())


def test_a_leaf_names_stream_version_and_hash() -> None:
    """Another of the three is another leaf."""
    leaves = {leaf_bytes("a", 1, b"\x01"), leaf_bytes("b", 1, b"\x01"), leaf_bytes("a", 2, b"\x01")}
    assert len(leaves | {leaf_bytes("a", 1, b"\x02")}) == 4
    assert leaf_bytes("a", 1, b"\x01") == b"a\n1\n01"
