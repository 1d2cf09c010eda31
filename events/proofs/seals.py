"""Seals: a Merkle tree over the heads of all streams, chained by the previous seal's root.

A seal is a cut through the log by versions, not by time: the heads are read in one snapshot. Each
leaf is (stream, version, hash); leaves are sorted by stream, and no version is below the one in
the previous seal.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, ClassVar

from events.event import Event, PendingEvent
from events.proofs import merkle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.event import Metadata, RecordedEvent
    from events.log.reader import Reader
    from events.log.store import Append

STREAM = "seals"
NO_ROOT = "0" * 64


class Sealed(Event):
    """The log was sealed: ``root`` covers ``streams`` heads with ``events`` events in all."""

    TYPE: ClassVar[str] = "Sealed"

    seal: int
    root: str
    previous_root: str
    streams: int
    events: int
    leaves_digest: str
    occasion: str


def leaf_bytes(stream: str, version: int, hash_: bytes) -> bytes:
    """Return the bytes of one leaf."""
    return f"{stream}\n{version}\n{hash_.hex()}".encode()


def root_over_heads(heads: Iterable[tuple[str, int, bytes]]) -> str:
    """Return the root over heads, which must be sorted by stream (UTF-8 bytes)."""
    return merkle.root([leaf_bytes(*head) for head in heads]).hex()


def pack_leaves(heads: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Return the leaves of a seal for storing: ``stream version`` lines, compressed."""
    return zlib.compress("".join(f"{stream} {version}\n" for stream, version, _ in heads).encode())


def unpack_leaves(leaves: bytes) -> list[tuple[str, int]]:
    """Return the (stream, version) pairs of stored leaves."""
    lines = zlib.decompress(leaves).decode().split("\n")[:-1]
    return [
        (stream, int(version)) for stream, _, version in (line.rpartition(" ") for line in lines)
    ]


def seal_log(log: Append, metadata: Metadata, occasion: str) -> Sealed:
    """Seal the log in an open write transaction; return the first seal if the occasion repeats."""
    log.lock([STREAM])
    earlier = log.known([(STREAM, occasion)]).get((STREAM, occasion))
    if earlier is not None:
        return Sealed(**earlier.data)
    before = log.stream(STREAM)
    heads = sorted(
        (
            (stream, int(version), bytes(digest))
            for stream, version, digest in log.rows(
                "SELECT stream, version, hash FROM heads WHERE version > 0 AND stream <> ?",
                [STREAM],
            )
        ),
        key=lambda head: head[0].encode(),
    )
    leaves = pack_leaves(heads)
    sealed = Sealed(
        seal=len(before) + 1,
        root=root_over_heads(heads),
        previous_root=before[-1].data["root"] if before else NO_ROOT,
        streams=len(heads),
        events=sum(version for _, version, _ in heads),
        leaves_digest=hashlib.sha256(leaves).hexdigest(),
        occasion=occasion,
    )
    log.write("INSERT INTO seal_leaves (seal, leaves) VALUES (?, ?)", [(sealed.seal, leaves)])
    log.append([PendingEvent(STREAM, occasion, sealed, metadata)])
    return sealed


def count_unsealed(reader: Reader) -> int:
    """Return the number of events after the newest seal, without those of the seals themselves."""
    ((events,),) = reader.rows(
        "SELECT COALESCE(sum(version), 0) FROM heads WHERE stream <> ?", [STREAM]
    )
    seal = newest_seal(reader)
    return int(events) - (0 if seal is None else seal.data["events"])


def newest_seal(reader: Reader) -> RecordedEvent | None:
    """Return the event of the newest seal, or None without one."""
    head = reader.head(STREAM)
    if head is None:
        return None
    place = (STREAM, head[0])
    return reader.events_at([place]).get(place)


def newest_leaves(reader: Reader) -> tuple[int, dict[str, int]] | None:
    """Return the newest seal's number and its version of each stream, or None without a seal."""
    rows = reader.rows("SELECT seal, leaves FROM seal_leaves ORDER BY seal DESC LIMIT 1")
    return next(
        ((int(number), dict(unpack_leaves(bytes(leaves)))) for number, leaves in rows), None
    )


def newest_root(log: Reader) -> str:
    """Return the newest seal's root, or 64 zeros without a seal."""
    events = log.stream(STREAM)
    return str(events[-1].data["root"]) if events else NO_ROOT
