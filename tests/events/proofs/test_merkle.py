"""The tree is that of RFC 9162, and a path to its root proves a leaf."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from events.proofs.merkle import LEAF_PREFIX, NODE_PREFIX, inclusion_path, leaf_hash, root

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def sha256(data: bytes) -> bytes:
    """The hash of bytes."""
    return hashlib.sha256(data).digest()


def tree_head(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(LEAF_PREFIX + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(NODE_PREFIX + tree_head(leaves[:split]) + tree_head(leaves[split:]))


def climbed(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2: the root that a path leads to; None where it has the wrong length."""
    number, last, digest = index, size - 1, leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            return None
        if number & 1 or number == last:
            digest = sha256(NODE_PREFIX + sibling + digest)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            digest = sha256(NODE_PREFIX + digest + sibling)
        number, last = number >> 1, last >> 1
    return digest if last == 0 else None


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_root_is_that_of_the_standard(leaves: list[bytes]) -> None:
    """Level by level gives what the recursive definition gives, of no leaves too."""
    assert root(leaves) == tree_head(leaves)


@given(LEAVES, st.data())
def test_an_inclusion_path_verifies(leaves: list[bytes], data: st.DataObject) -> None:
    """The path of any leaf leads to the root, and that of another leaf does not."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(leaves, index)
    assert climbed(leaves[index], index, len(leaves), path) == root(leaves)
    assert climbed(leaves[index] + b"!", index, len(leaves), path) != root(leaves)


@given(LEAVES, st.data())
def test_any_other_leaf_gives_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    """Changing, dropping or doubling one leaf changes the root."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    before, leaf, after = leaves[:index], leaves[index], leaves[index + 1 :]
    for other in ([*before, leaf + b"!", *after], [*before, *after], [*before, leaf, leaf, *after]):
        assert root(other) != root(leaves)
