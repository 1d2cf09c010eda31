"""The health of the service, for its operators: jobs, imports, read models, sizes, backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import parse_instant
from projections.catalog import stale_streams
from projections.organizations.selection import count_open
from projections.people.accounts import count_accounts
from scheduler.leases import latest_end, read_leases
from tracker.imports.spool import read_spooled_imports
from tracker.storage.backup import StoredBackup, list_backups
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import count_stored
from tracker.storage.evidence_checks import folder_problem

if TYPE_CHECKING:
    from pathlib import Path

    from events.log.reader import Reader
    from events.refusals.errors import Message

STALE_SHOWN = 10
KILO = 1024


@dataclass(frozen=True, slots=True)
class LeaseState:
    """The lease of a job: its holder, its end (instant), and whether it is still in force."""

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
class ServiceHealth:
    """The health of the service; sizes in bytes, ``database`` is sqlite or postgresql.

    ``evidence_problem`` is why evidence files cannot be stored now, None where they can.
    """

    leases: list[LeaseState]
    imports: list[UnfinishedImport]
    stale: list[tuple[str, str]]
    stale_count: int
    database: str
    database_bytes: int
    evidence_files: int
    evidence_bytes: int
    evidence_problem: Message | None
    accounts: int
    organizations: int
    backups: list[StoredBackup]


def read_health(
    reader: Reader, database_url: str, evidence: Path, backups: Path, now: str
) -> ServiceHealth:
    """Return the health of the service at an instant (ISO text).

    ``evidence`` and ``backups`` are the folders of evidence files and of backups.
    """
    stale = stale_streams(reader)
    files, size = count_stored(reader)
    return ServiceHealth(
        [
            LeaseState(
                lease.name,
                lease.holder,
                lease.until,
                live=now < lease.until <= latest_end(parse_instant(now)),
            )
            for lease in read_leases(reader)
        ],
        read_unfinished_imports(reader),
        stale[:STALE_SHOWN],
        len(stale),
        reader.connection.dialect.name,
        database_size(reader, database_url),
        files,
        size,
        folder_problem(reader, evidence),
        count_accounts(reader),
        count_open(reader),
        list_backups(backups),
    )


def read_unfinished_imports(reader: Reader) -> list[UnfinishedImport]:
    """Return the imports whose bytes are still in the spool."""
    return [
        UnfinishedImport(import_id, header.name, header.historical)
        for import_id, header in read_spooled_imports(reader).items()
    ]


def database_size(reader: Reader, database_url: str) -> int:
    """Return the size of the database in bytes; on SQLite with its write-ahead log."""
    file = sqlite_file(database_url)
    if file is None:
        ((size,),) = reader.rows("SELECT pg_database_size(current_database())")
        return int(size)
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.is_file())


def format_bytes(size: int) -> str:
    """Return a size in bytes as people read it, such as ``12.5 MB``."""
    if size < KILO:
        return f"{size} B"
    scaled = float(size)
    for unit in ("KB", "MB", "GB"):
        scaled /= KILO
        if scaled < KILO:
            return f"{scaled:.1f} {unit}"
    return f"{scaled / KILO:.1f} TB"
