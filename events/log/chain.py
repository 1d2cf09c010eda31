"""The hash chain of a stream: each event's hash covers its bytes and the hash before it."""

from __future__ import annotations

import hashlib

HASH_BYTES = 32
EVENT_TAG = b"ev1"
GENESIS_TAG = b"gen1"


def genesis(stream: str) -> bytes:
    """The hash that stands before a stream's first event; it names the stream."""
    name = stream.encode()
    return hashlib.sha256(GENESIS_TAG + len(name).to_bytes(8, "big") + name).digest()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of an event: tag, previous hash, length and bytes, so that nothing is ambiguous."""
    return hashlib.sha256(EVENT_TAG + previous + len(body).to_bytes(8, "big") + body).digest()
