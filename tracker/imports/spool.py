"""The import spool: the bytes of a file from the start of its import until it is finished.

The first chunk of an import is its header, the others are its bytes in order. An interrupted import
is finished from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.log.store import Append


class SpooledHeader(NamedTuple):
    """The header of a spooled file: its name, and whether and why it is historical."""

    name: str
    historical: bool
    reason: str | None = None


def spool_file(log: Append, import_id: str, header: SpooledHeader, chunks: Iterable[bytes]) -> None:
    """Store the header and the bytes of a file."""
    rows = [orjson.dumps(header._asdict()), *chunks]
    log.write(
        "INSERT INTO import_spool (import_id, chunk, payload) VALUES (?, ?, ?)",
        [(import_id, chunk, payload) for chunk, payload in enumerate(rows)],
    )


def read_spooled_file(reader: Reader, import_id: str) -> tuple[SpooledHeader, bytes] | None:
    """Return the header and bytes of a file; None where its import is finished or never began."""
    rows = reader.rows(
        "SELECT payload FROM import_spool WHERE import_id = ? ORDER BY chunk", [import_id]
    )
    if not rows:
        return None
    header, *chunks = (bytes(payload) for (payload,) in rows)
    return SpooledHeader(**orjson.loads(header)), b"".join(chunks)


def read_spooled_imports(reader: Reader) -> dict[str, SpooledHeader]:
    """Return the headers of unfinished imports by id."""
    rows = reader.rows(
        "SELECT import_id, payload FROM import_spool WHERE chunk = 0 ORDER BY import_id"
    )
    return {import_id: SpooledHeader(**orjson.loads(bytes(payload))) for import_id, payload in rows}


def delete_spooled(log: Append, import_id: str) -> None:
    """Delete the file of a finished import."""
    log.write("DELETE FROM import_spool WHERE import_id = ?", [(import_id,)])
