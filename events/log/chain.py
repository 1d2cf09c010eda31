"""The hash chain of a stream: each event's hash covers its bytes and the previous hash."""

from __future__ import annotations

import hashlib

HASH_BYTES = 32
EVENT_TAG = b"ev1"
GENESIS_TAG = b"gen1"


def genesis(stream: str) -> bytes:
    """Return the hash before a stream's first event; it depends on the stream's name."""
    name = stream.encode()
    return hashlib.sha256(GENESIS_TAG + len(name).to_bytes(8, "big") + name).digest()


def link(previous: bytes, body: bytes) -> bytes:
    """Return the hash of an event over a tag, the previous hash, the length and the bytes."""
    # with the length in it, no two different inputs are the same sequence of bytes
    return hashlib.sha256(EVENT_TAG + previous + len(body).to_bytes(8, "big") + body).digest()
