"""The chain covers the stream's name, every byte, and their order."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from events.log.chain import HASH_BYTES, genesis, link

BODIES = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def head(stream: str, bodies: list[bytes]) -> bytes:
    """The hash after the last body."""
    hash_ = genesis(stream)
    for body in bodies:
        hash_ = link(hash_, body)
    return hash_


def test_the_links_are_the_hashes_that_were_agreed() -> None:
    """Tag, previous hash, length of eight bytes and body, under SHA-256."""
    first = hashlib.sha256(b"gen1" + bytes(7) + b"\x01" + b"s").digest()
    assert genesis("s") == first
    expected = hashlib.sha256(b"ev1" + first + bytes(7) + b"\x02" + b"{}").digest()
    assert link(first, b"{}") == expected
    assert len(expected) == HASH_BYTES


@given(BODIES, BODIES)
def test_other_bodies_end_in_another_hash(first: list[bytes], second: list[bytes]) -> None:
    """Two streams of one name end in the same hash only where they are equal."""
    assert (head("s", first) == head("s", second)) == (first == second)


@given(BODIES, st.text(), st.text())
def test_another_name_ends_in_another_hash(bodies: list[bytes], first: str, second: str) -> None:
    """The same bodies under another name end elsewhere."""
    assert (head(first, bodies) == head(second, bodies)) == (first == second)
