"""Backups: copies of database and evidence, each with a manifest, and their verification.

On SQLite the online backup copies one snapshot to one file while others read and write. On
PostgreSQL that is the task of ``pg_dump``. Evidence files never change, so all backups of a folder
share one pool of them, to which each backup adds the files that are new.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.engine import URL, make_url

from events.periods import instant_text
from events.proofs import seals
from events.refusals.errors import Message, Refused
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import sync_folder
from tracker.storage.evidence_checks import check_files, digest_of
from tracker.storage.evidence_copies import copy_files
from tracker.storage.versions import program_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SUFFIX = ".db"
MANIFEST = ".manifest.json"
CHECK = ".check.json"
UNFINISHED = ".part"
POOL = "evidence-copies"
"""The folder of the copied evidence files, inside the folder of backups."""
MADE_AT = "tracker-%Y%m%dT%H%M%SZ"
OLD_PART = timedelta(days=1)
"""A part older than this was left by a process that is gone."""
OWNER_ALONE = 0o600
"""File mode: a copy has password hashes, so only its owner may read it."""
MOST_LISTED = 50
PG_DUMP = "pg_dump --format=custom --no-owner --file=tracker.dump {url}"


@dataclass(frozen=True, slots=True)
class Backup:
    """The manifest of a backup; ``root`` is the Merkle root of the newest hash of every stream.

    ``version`` is the program's, ``schema`` the newest migration of the copy. ``evidence_digest``
    is the SHA-256 over the names of its evidence files, each of which is a SHA-256 itself. The last
    four are empty in a backup of the versions up to 0.3.0, which held no evidence.
    """

    name: str
    made_at: str
    made_by: str
    events: int
    streams: int
    root: str
    sha256: str
    size: int
    version: str = ""
    schema: str = ""
    evidence_files: int = 0
    evidence_digest: str = ""


@dataclass(frozen=True, slots=True)
class BackupCheck:
    """The result of verifying a backup: codes of ``FAULTS``; without any it can be restored.

    ``missing`` and ``altered`` are the numbers of its evidence files that are so.
    """

    checked_at: str
    faults: tuple[str, ...] = ()
    missing: int = 0
    altered: int = 0

    @property
    def ok(self) -> bool:
        """Whether there are no faults."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A backup in the folder with its newest verification."""

    backup: Backup
    check: BackupCheck | None = None


def pg_dump_command(url: str) -> str:
    """Return the command line that copies a PostgreSQL database, without the password."""
    parsed = make_url(url)
    plain = URL.create(
        "postgresql",
        parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
        query={name: value for name, value in parsed.query.items() if name != "password"},
    )
    return PG_DUMP.format(url=plain.render_as_string(hide_password=False))


def make_backup(url: str, evidence: Path, folder: Path, who: str, now: datetime) -> StoredBackup:
    """Copy a SQLite database and its evidence to a folder, with a manifest; verify the copy.

    ``evidence`` is the folder of evidence files, read after the database: files are stored before
    an event names them, so none that the snapshot names can be newer. Others can read and write
    meanwhile. ``Refused`` on PostgreSQL, naming the command to use, and where the copy cannot be
    written; then no unfinished file is left.
    """
    file = sqlite_file(url)
    if file is None:
        raise Refused("backup_by_pg_dump", command=pg_dump_command(url))
    name = f"{now:{MADE_AT}}{SUFFIX}"
    part = folder / (name + UNFINISHED)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_old_parts(folder, now)
        if not _create_part(folder / name, part):
            raise Refused("backup_running")
        backup, files = _copy(file, part, name, who, now)
        copy_files(evidence, folder / POOL, files)
        part.replace(folder / name)
        _write(folder / (name + MANIFEST), asdict(backup))
    except (OSError, sqlite3.Error) as error:
        _delete_part(part)
        raise Refused("backup_failed", problem=str(error)) from error
    return StoredBackup(backup, check_backup(folder, name, now))


def _delete_old_parts(folder: Path, now: datetime) -> None:
    """Delete what a backup left that was killed, after a day."""
    newest = f"{now - OLD_PART:{MADE_AT}}"
    for part in folder.glob("tracker-*" + UNFINISHED):
        if part.name < newest:
            _delete_part(part)


def _create_part(place: Path, part: Path) -> bool:
    """Create a file that only its owner can read; False where another process did."""
    if place.exists():
        return False
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ALONE))
    except FileExistsError:
        return False
    return True


def _copy(file: Path, part: Path, name: str, who: str, now: datetime) -> tuple[Backup, list[str]]:
    """Copy one snapshot to one synced file; return its manifest and its evidence files."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        # Without a write-ahead log the copy is one file, which can be opened as immutable.
        target.execute("PRAGMA journal_mode = DELETE")
        events, streams, root = _content(target)
        files, schema = evidence_named(target), _schema(target)
    digest, size = digest_of(part)
    with part.open("rb") as copied:
        os.fsync(copied.fileno())
    backup = Backup(
        name, instant_text(now), who, events, streams, root, digest, size,
        program_version(), schema, len(files), _digest_of_names(files),
    )  # fmt: skip
    return backup, files


def evidence_named(database: sqlite3.Connection) -> list[str]:
    """Return the SHA-256 of every file that a database has stored or that its events use."""
    queries = {
        "evidence_files": "SELECT file FROM evidence_files",
        "evidence_uses": "SELECT file FROM evidence_uses",
    }
    known = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    files = {
        file
        for table, query in queries.items()
        if (table,) in known
        for (file,) in database.execute(query)
    }
    return sorted(files)


def _digest_of_names(files: list[str]) -> str:
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def _schema(database: sqlite3.Connection) -> str:
    """Return the newest migration of a database; empty where none is noted."""
    try:
        (schema,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.OperationalError, TypeError):
        return ""
    return str(schema)


def count_events(database: sqlite3.Connection) -> int:
    """Return the number of events of a database."""
    (events,) = database.execute("SELECT count(*) FROM events").fetchone()
    return int(events)


def _content(database: sqlite3.Connection) -> tuple[int, int, str]:
    """Return the numbers of events and streams, and the root of their newest hashes."""
    heads = sorted(
        (
            (stream, version, bytes(hash_))
            for stream, version, hash_ in database.execute(
                "SELECT stream, version, hash FROM heads WHERE version > 0"
            )
        ),
        key=lambda head: head[0].encode(),
    )
    return count_events(database), len(heads), seals.root_over_heads(heads)


def _write(place: Path, document: dict[str, Any]) -> None:
    """Write a small document atomically and synced."""
    part = place.with_name(place.name + UNFINISHED)
    with part.open("wb") as opened:
        opened.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(place)
    sync_folder(place.parent)


def _delete_part(part: Path) -> None:
    """Delete a copy that could not be finished."""
    for place in (part, part.with_name(part.name + "-journal")):
        with suppress(OSError):
            place.unlink()


def check_backup(folder: Path, name: str, now: datetime) -> BackupCheck:
    """Verify a backup against its manifest and store the result next to it.

    Compared are its bytes, the number of events, each stream's newest hash and their root, and
    every evidence file with its SHA-256; SQLite checks the file. ``Refused`` for a name that is no
    backup of the folder.
    """
    checked = replace(find_faults(folder, find_backup(folder, name)), checked_at=instant_text(now))
    _write(folder / (name + CHECK), asdict(checked))
    return checked


def find_faults(folder: Path, backup: Backup) -> BackupCheck:
    """Verify a backup of a folder and write nothing; the result has no instant."""
    faults = list(_faults(folder / backup.name, backup))
    if {"missing", "unreadable"} & set(faults) or not backup.evidence_digest:
        return BackupCheck("", tuple(faults))
    address = f"{(folder / backup.name).absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as opened:
        files = evidence_named(opened)
    if _digest_of_names(files) != backup.evidence_digest:
        faults.append("evidence_list")
    check = check_files(folder / POOL, files)
    missing, altered = len(check.missing), len(check.altered)
    faults += [
        fault
        for fault, count in (("evidence_missing", missing), ("evidence_altered", altered))
        if count
    ]
    return BackupCheck("", tuple(faults), missing, altered)


def _faults(file: Path, backup: Backup) -> Iterator[str]:
    """Yield the faults of a backup, as codes of ``FAULTS``."""
    if not file.is_file():
        yield "missing"
        return
    if digest_of(file) != (backup.sha256, backup.size):
        yield "changed"
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as opened:
            yield from _database_faults(opened, backup)
    except sqlite3.Error:
        yield "unreadable"


def _database_faults(opened: sqlite3.Connection, backup: Backup) -> Iterator[str]:
    if opened.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        yield "unreadable"
        return
    events, streams, root = _content(opened)
    if events != backup.events:
        yield "events"
    if (streams, root) != (backup.streams, backup.root):
        yield "root"
    (apart,) = opened.execute(
        "SELECT count(*) FROM heads h LEFT JOIN events e ON e.stream = h.stream"
        " AND e.version = h.version WHERE h.version > 0 AND (e.hash IS NULL OR e.hash <> h.hash)"
    ).fetchone()
    if apart:
        yield "heads"


FAULTS = {
    "missing": Message("backup_missing"),
    "changed": Message("backup_changed"),
    "unreadable": Message("backup_unreadable"),
    "events": Message("backup_events"),
    "root": Message("backup_root"),
    "heads": Message("backup_heads"),
    "evidence_list": Message("backup_evidence_list"),
    "evidence_missing": Message("backup_evidence_missing"),
    "evidence_altered": Message("backup_evidence_altered"),
}
"""The faults of a backup by the code under which its verification is stored."""
EVIDENCE_FAULTS = frozenset({"evidence_missing", "evidence_altered"})
"""The faults that leave the database of a backup intact."""


def list_backups(folder: Path) -> list[StoredBackup]:
    """Return the newest backups of a folder, newest first; broken manifests are left out."""
    names = sorted((file.name for file in folder.glob("*" + MANIFEST)), reverse=True)
    backups = []
    for name in names[:MOST_LISTED]:
        with suppress(Refused):
            backups.append(_read_stored(folder, name.removesuffix(MANIFEST)))
    return backups


def find_backup(folder: Path, name: str) -> Backup:
    """Return the manifest of a backup; ``Refused`` where there is none."""
    if name != Path(name).name or not name.endswith(SUFFIX):
        raise _unknown(name)
    try:
        return Backup(**orjson.loads((folder / (name + MANIFEST)).read_bytes()))
    except (OSError, ValueError, TypeError):
        raise _unknown(name) from None


def _read_stored(folder: Path, name: str) -> StoredBackup:
    backup = find_backup(folder, name)
    try:
        checked = orjson.loads((folder / (name + CHECK)).read_bytes())
        counts = (checked.get("missing", 0), checked.get("altered", 0))
        return StoredBackup(
            backup, BackupCheck(checked["checked_at"], tuple(checked["faults"]), *counts)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return StoredBackup(backup)


def _unknown(name: str) -> Refused:
    return Refused("unknown_backup", name=name[:100])
