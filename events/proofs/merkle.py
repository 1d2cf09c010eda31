"""Merkle tree hashes as RFC 9162 section 2.1 defines them, with SHA-256.

Leaf and node hashes have different prefixes, so that a node cannot pass for a leaf; an odd node is
promoted to the next level, never doubled.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree head over leaf data in order; without leaves, the hash of no bytes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        paired = [
            hashlib.sha256(NODE_PREFIX + level[index] + level[index + 1]).digest()
            for index in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the sibling hashes from leaf ``index`` up to the root (RFC 9162, 2.1.3.1)."""
    level = [leaf_hash(leaf) for leaf in leaves]
    path: list[bytes] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [
            hashlib.sha256(NODE_PREFIX + level[left] + level[left + 1]).digest()
            for left in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level, index = paired, index // 2
    return path
