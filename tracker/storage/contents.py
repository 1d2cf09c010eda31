"""What a database holds, as the manifest of a backup counts it: events, heads, evidence, schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.proofs import seals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Rows = Callable[[str], Iterable[tuple[Any, ...]]]
    """Runs a statement and returns its rows."""

FILES = {
    "evidence_files": "SELECT file FROM evidence_files",
    "evidence_uses": "SELECT file FROM evidence_uses",
}
"""The tables that name evidence files: those that were stored, and those that events use."""


@dataclass(frozen=True, slots=True)
class DatabaseContents:
    """The contents of one snapshot of a database.

    ``root`` is the Merkle root of the newest hash of every stream, ``files`` the SHA-256 of every
    evidence file, ``schema`` the newest migration. ``apart`` is the number of streams whose newest
    event is missing or has another hash than their head.
    """

    events: int
    streams: int
    root: str
    files: tuple[str, ...]
    schema: str
    apart: int

    @property
    def files_digest(self) -> str:
        """The SHA-256 over the names of the evidence files, each of which is a SHA-256 itself."""
        return hashlib.sha256("\n".join(self.files).encode()).hexdigest()


def read_contents(rows: Rows, tables: Iterable[str]) -> DatabaseContents:
    """Return the contents of an open database that has these tables."""
    known = set(tables)
    heads = [
        (stream, version, bytes(hash_))
        for stream, version, hash_ in rows(
            "SELECT stream, version, hash FROM heads WHERE version > 0"
        )
    ]
    files = {file for table, sql in FILES.items() if table in known for (file,) in rows(sql)}
    versions = rows("SELECT version_num FROM alembic_version") if "alembic_version" in known else ()
    ((apart,),) = rows(
        "SELECT count(*) FROM heads h LEFT JOIN events e ON e.stream = h.stream"
        " AND e.version = h.version WHERE h.version > 0 AND (e.hash IS NULL OR e.hash <> h.hash)"
    )
    schema = next((str(version) for (version,) in versions), "")
    return DatabaseContents(
        count_events(rows), len(heads), root_of(heads), tuple(sorted(files)), schema, int(apart)
    )


def root_of(heads: Iterable[tuple[str, int, bytes]]) -> str:
    """Return the Merkle root over (stream, version, hash) of all streams, in any order."""
    return seals.root_over_heads(sorted(heads, key=lambda head: head[0].encode()))


def count_events(rows: Rows) -> int:
    """Return the number of events of a database."""
    ((events,),) = rows("SELECT count(*) FROM events")
    return int(events)
