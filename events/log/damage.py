"""The first event of a stream that does not match its hash, named before its content is shown.

Events are trusted when they are decided on and folded, because hashing every one of them costs more
than reading. The electronic file and the pages and answers that show what was recorded ask first.
Where something fails that never fails, it is asked before that is called a fault of the program.
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
        # SQLite gives a text where somebody put one in the place of the bytes.
        previous = link(previous, body.encode() if isinstance(body, str) else bytes(body))
        if previous != bytes(digest):
            return DamagedEvent(stream, version)
    return None


def refuse_damage(reader: Reader, stream: str) -> None:
    """Raise ``DamagedEvent`` for the first event of a stream that does not match its hash."""
    damaged = find_damage(reader, stream)
    if damaged is not None:
        raise damaged
