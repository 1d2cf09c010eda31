"""How the service stands, for whoever keeps it running: jobs, imports, read models, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.catalog import stale_streams
from projections.organizations.selection import count_open
from projections.people.accounts import count_accounts
from scheduler.leases import all_leases
from tracker.imports.spool import spooled_imports
from tracker.storage.backup import StoredBackup, listed
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import stored_size

if TYPE_CHECKING:
    from pathlib import Path

    from events.log.reader import Reader

STALE_SHOWN = 10
KILO = 1024


@dataclass(frozen=True, slots=True)
class LeaseState:
    """Who does a job on its own, until when (instant), and whether that has not run out."""

    name: str
    holder: str
    until: str
    live: bool


@dataclass(frozen=True, slots=True)
class UnfinishedImport:
    """An import that was started and not finished; the next start of the scheduler finishes it."""

    import_id: str
    name: str
    historical: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """How everything stands; sizes in bytes, ``database`` is sqlite or postgresql."""

    leases: list[LeaseState]
    imports: list[UnfinishedImport]
    stale: list[tuple[str, str]]
    stale_count: int
    database: str
    database_bytes: int
    evidence_files: int
    evidence_bytes: int
    accounts: int
    organizations: int
    backups: list[StoredBackup]


def condition(reader: Reader, database_url: str, backups: Path, now: str) -> Condition:
    """Return the state of the service at an instant (ISO text)."""
    stale = stale_streams(reader)
    files, size = stored_size(reader)
    return Condition(
        [
            LeaseState(one.name, one.holder, one.until, live=one.until > now)
            for one in all_leases(reader)
        ],
        unfinished(reader),
        stale[:STALE_SHOWN],
        len(stale),
        reader.connection.dialect.name,
        database_bytes(reader, database_url),
        files,
        size,
        count_accounts(reader),
        count_open(reader),
        listed(backups),
    )


def unfinished(reader: Reader) -> list[UnfinishedImport]:
    """The imports whose bytes still lie in the spool."""
    return [
        UnfinishedImport(import_id, header.name, header.historical)
        for import_id, header in spooled_imports(reader).items()
    ]


def database_bytes(reader: Reader, database_url: str) -> int:
    """The size of the database: on SQLite its file with the write-ahead log beside it."""
    file = sqlite_file(database_url)
    if file is None:
        return int(reader.rows("SELECT pg_database_size(current_database())")[0][0])
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(one.stat().st_size for one in parts if one.is_file())


def bytes_text(size: int) -> str:
    """A size as people read it, such as ``12.5 MB``."""
    if size < KILO:
        return f"{size} B"
    found = float(size)
    for unit in ("KB", "MB", "GB"):
        found /= KILO
        if found < KILO:
            return f"{found:.1f} {unit}"
    return f"{found / KILO:.1f} TB"
