"""The first event of a stream that does not match its hash: why a page about it cannot be made.

Events are trusted when they are read, because hashing every one of them costs more than reading.
Where something fails that never fails, this is asked before it is called a fault of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.log.chain import genesis, link
from events.refusals.errors import DamagedEvent

if TYPE_CHECKING:
    from events.log.reader import Reader


def find_damage(reader: Reader, stream: str) -> DamagedEvent | None:
    """Return the first event of a stream whose bytes do not match its hash, or None."""
    previous = genesis(stream)
    for version, body, digest in reader.rows(
        "SELECT version, body, hash FROM events WHERE stream = ? ORDER BY version", [stream]
    ):
        previous = link(previous, bytes(body))
        if previous != bytes(digest):
            return DamagedEvent(stream, version)
    return None
