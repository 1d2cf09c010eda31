"""The chain covers the stream's name, every byte, and their order."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from events.log.chain import HASH_BYTES, genesis, link

BODIES = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def head(stream: str, bodies: list[bytes]) -> bytes:
    """The hash after the last body."""
    found = genesis(stream)
    for body in bodies:
        found = link(found, body)
    return found


def test_the_links_are_the_hashes_that_were_agreed() -> None:
    """Tag, previous hash, length of eight bytes and body, under SHA-256."""
    first = hashlib.sha256(b"gen1" + bytes(7) + b"\x01" + b"s").digest()
    assert genesis("s") == first
    expected = hashlib.sha256(b"ev1" + first + bytes(7) + b"\x02" + b"{}").digest()
    assert link(first, b"{}") == expected
    assert len(expected) == HASH_BYTES


@given(BODIES, BODIES)
def test_other_bodies_end_in_another_hash(one: list[bytes], two: list[bytes]) -> None:
    """Two streams of one name end in the same hash only where they are equal."""
    assert (head("s", one) == head("s", two)) == (one == two)


@given(BODIES, st.text(), st.text())
def test_another_name_ends_in_another_hash(bodies: list[bytes], one: str, two: str) -> None:
    """The same bodies under another name end elsewhere."""
    assert (head(one, bodies) == head(two, bodies)) == (one == two)
