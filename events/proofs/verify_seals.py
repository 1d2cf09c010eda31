"""Verification of seals: each seal's stored leaves, root over the events, and previous root.

The trees are computed here without ``merkle``, so that a bug there cannot hide itself.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from events.event import RecordedEvent
from events.log.reader import COLUMNS, DamagedEvent, Reader, event_from_row
from events.proofs.seals import NO_ROOT, STREAM, Sealed, leaf_bytes, unpack_leaves

PAIRS = 400

Complain = Callable[[Any, Any, str], None]


class Leaf(NamedTuple):
    """A sealed stream: its version and the hash of its leaf."""

    version: int
    hash: bytes


Leaves = dict[str, Leaf]
"""The leaves of a seal by stream."""


def check_seals(reader: Reader, complain: Complain) -> int:
    """Verify every seal in order, report faults to ``complain``; return the number of seals."""
    sealed = _sealed(reader, complain)
    rows = {seal for (seal,) in reader.rows("SELECT seal FROM seal_leaves")}
    leaves: Leaves = {}
    root, tree = NO_ROOT, Tree()
    for number, event in enumerate(sealed, 1):
        rows.discard(number)

        def wrong(fault: str, event: RecordedEvent = event, number: int = number) -> None:
            complain(STREAM, event.version, f"seal {number}: {fault}")

        if event.data.get("seal") != number:
            wrong("its number is out of order")
        if event.data.get("previous_root") != root:
            wrong("it does not name the root of the seal before")
        root = str(event.data.get("root"))
        leaves = _check_cut(reader, number, event, leaves, tree, wrong)
    for number in sorted(rows):
        complain(STREAM, 0, f"leaves of a seal {number} that was never made")
    return len(sealed)


def _sealed(reader: Reader, complain: Complain) -> list[RecordedEvent]:
    seals: list[RecordedEvent] = []
    for row in reader.rows(
        f"SELECT {COLUMNS} FROM events WHERE stream = ? ORDER BY version", [STREAM]
    ):
        try:
            event = event_from_row(row)
        except DamagedEvent:
            _, version, *_ = row
            complain(STREAM, version, "the seal cannot be read")
            continue
        if event.type == Sealed.TYPE and isinstance(event.data, dict):
            seals.append(event)
    return seals


def _check_cut(
    reader: Reader,
    number: int,
    event: RecordedEvent,
    before: Leaves,
    tree: Tree,
    wrong: Callable[[str], None],
) -> Leaves:
    rows = reader.rows("SELECT leaves FROM seal_leaves WHERE seal = ?", [number])
    packed = next((leaves for (leaves,) in rows), None)
    if not isinstance(packed, bytes):
        wrong("its leaves are gone")
        return before
    if hashlib.sha256(packed).hexdigest() != event.data.get("leaves_digest"):
        wrong("its leaves do not equal their digest")
        return before
    try:
        cut = unpack_leaves(packed)
    except (zlib.error, ValueError):
        wrong("its leaves cannot be read")
        return before
    names = [name.encode() for name, _ in cut]
    if any(first >= second for first, second in pairwise(names)):
        wrong("its leaves are not in order")
    counts = (len(cut), sum(version for _, version in cut))
    if counts != (event.data.get("streams"), event.data.get("events")):
        wrong("its counts do not equal its leaves")
    versions = dict(cut)
    for stream, (version, _) in before.items():
        if versions.get(stream, 0) < version:
            wrong(f"{stream} is behind the seal before")
    leaves = _hashed(reader, cut, before, wrong)
    if tree.compute_root(leaves) != event.data.get("root"):
        wrong("its root does not follow from the events")
    return leaves


def _hashed(
    reader: Reader, cut: list[tuple[str, int]], before: Leaves, wrong: Callable[[str], None]
) -> Leaves:
    """Return the leaves of a cut in its order, reading only those that changed since ``before``."""
    new = [
        (stream, version)
        for stream, version in cut
        if stream not in before or before[stream].version != version
    ]
    hashes: dict[tuple[str, int], bytes] = {}
    for start in range(0, len(new), PAIRS):
        page = new[start : start + PAIRS]
        marks = ", ".join(["(?, ?)"] * len(page))
        for stream, version, hash_ in reader.rows(
            f"SELECT stream, version, hash FROM events WHERE (stream, version) IN (VALUES {marks})",
            [value for pair in page for value in pair],
        ):
            hashes[(stream, version)] = bytes(hash_) if isinstance(hash_, bytes) else b""
    leaves: Leaves = {}
    for stream, version in cut:
        unchanged = before.get(stream)
        if unchanged is not None and unchanged.version == version:
            leaves[stream] = unchanged
            continue
        if (stream, version) not in hashes:
            wrong(f"{stream} has no version {version}")
        leaves[stream] = hash_leaf(stream, version, hashes.get((stream, version), b""))
    return leaves


def hash_leaf(stream: str, version: int, hash_: bytes) -> Leaf:
    """Return the leaf of a stream whose newest event has this version and hash."""
    data = leaf_bytes(stream, version, hash_)
    return Leaf(version, hashlib.sha256(b"\x00" + data).digest())


class Tree:
    """The Merkle tree of one cut after another, recomputed only above the leaves that changed.

    With a seal a day most leaves are those of the day before: a year of seals over 100 000 streams
    would otherwise be 73 million hashes.
    """

    def __init__(self) -> None:
        self._streams: list[str] = []
        self._levels: list[list[bytes]] = [[]]

    def compute_root(self, leaves: Leaves) -> str:
        """Return the root over the leaves, which are in order."""
        streams, level = list(leaves), [leaf.hash for leaf in leaves.values()]
        if not level:
            return hashlib.sha256(b"").hexdigest()
        if streams == self._streams:
            before = self._levels[0]
            changed = [place for place, leaf in enumerate(level) if leaf != before[place]]
            self._levels[0] = level
            self._climb(changed)
        else:
            self._streams, self._levels = streams, [level]
            while len(self._levels[-1]) > 1:
                below = self._levels[-1]
                self._levels.append([_parent(below, place) for place in range(0, len(below), 2)])
        return self._levels[-1][0].hex()

    def _climb(self, changed: list[int]) -> None:
        """Compute the nodes above changed ones, level by level."""
        for below, level in pairwise(self._levels):
            changed = sorted({place // 2 for place in changed})
            for place in changed:
                level[place] = _parent(below, 2 * place)


def _parent(below: list[bytes], left: int) -> bytes:
    """Return the node above two neighbours; the last of an odd level goes up as it is."""
    if left + 1 == len(below):
        return below[left]
    return hashlib.sha256(b"\x01" + below[left] + below[left + 1]).digest()
