"""Backups: copies of database and evidence, each with a manifest, and their verification.

One snapshot is copied to one file while others read and write: on SQLite by its online backup, on
PostgreSQL by ``pg_dump``. Evidence files never change, so all backups of a folder share one pool of
them, to which each backup adds the files that are new.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from events.periods import instant_text
from events.refusals.errors import Message, Refused
from tracker.storage.contents import DatabaseContents, read_contents
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import sync_folder
from tracker.storage.evidence_checks import check_files, digest_of
from tracker.storage.evidence_copies import copy_files
from tracker.storage.postgres_programs import (
    DUMP_SUFFIX,
    PG_DUMP,
    PG_RESTORE,
    dump_database,
    find_program,
    read_dump,
)
from tracker.storage.versions import program_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SQLITE_SUFFIX = ".db"
SUFFIXES = (SQLITE_SUFFIX, DUMP_SUFFIX)
"""How the copy of a SQLite and of a PostgreSQL database is named."""
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

    ``missing`` and ``altered`` are the numbers of its evidence files that are so. ``stored`` is
    False where the result could not be written next to the backup.
    """

    checked_at: str
    faults: tuple[str, ...] = ()
    missing: int = 0
    altered: int = 0
    stored: bool = True

    @property
    def ok(self) -> bool:
        """Whether there are no faults."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A backup in the folder with its newest verification."""

    backup: Backup
    check: BackupCheck | None = None


def make_backup(url: str, evidence: Path, folder: Path, who: str, now: datetime) -> StoredBackup:
    """Copy a database and its evidence to a folder, with a manifest; verify the copy.

    ``evidence`` is the folder of evidence files, read after the database: files are stored before
    an event names them, so none that the snapshot names can be newer. Others can read and write
    meanwhile. ``Refused`` where the copy cannot be written, and for PostgreSQL where its programs
    are missing or too old; then no unfinished file is left.
    """
    file = sqlite_file(url)
    if file is None:
        find_program(PG_DUMP)
        find_program(PG_RESTORE)  # without it the copy could not be verified
    name = f"{now:{MADE_AT}}{DUMP_SUFFIX if file is None else SQLITE_SUFFIX}"
    part = folder / (name + UNFINISHED)
    with _copy_faults(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_old_parts(folder, now)
        if not _create_part(folder / name, part):
            raise Refused("backup_running")
        try:
            contents = dump_database(url, part) if file is None else _copy(file, part)
            backup = _describe(part, contents, name, who, now)
            copy_files(evidence, folder / POOL, contents.files)
            part.replace(folder / name)
            _write(folder / (name + MANIFEST), asdict(backup))
        except BaseException:
            _delete_unfinished(folder, name)
            raise
    return StoredBackup(backup, check_backup(folder, name, now))


@contextmanager
def _copy_faults(folder: Path) -> Iterator[None]:
    """Turn an error of the disk or of the copied SQLite database into ``Refused``."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise Refused("backup_failed", problem=disk_reason(error), folder=folder) from error
    except sqlite3.Error as error:
        raise Refused("backup_failed.source", problem=disk_reason(error)) from error


def disk_reason(error: OSError | sqlite3.Error) -> str:
    """Return what the system or SQLite said, in words and without an error number."""
    reason = getattr(error, "strerror", None) or str(error)
    # Of a copy both files are named, and the second one is what could not be written.
    file = getattr(error, "filename2", None) or getattr(error, "filename", None)
    return reason if file is None else f"{file}: {reason}"


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


def _copy(file: Path, part: Path) -> DatabaseContents:
    """Copy one snapshot of a SQLite database to one file; return what it holds."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        # Without a write-ahead log the copy is one file, which can be opened as immutable.
        target.execute("PRAGMA journal_mode = DELETE")
        return contents_of(target)


def contents_of(opened: sqlite3.Connection) -> DatabaseContents:
    """Return what an open SQLite database holds."""
    tables = opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return read_contents(opened.execute, [name for (name,) in tables])


def _describe(part: Path, contents: DatabaseContents, name: str, who: str, now: datetime) -> Backup:
    """Sync a copy and return its manifest."""
    digest, size = digest_of(part)
    with part.open("rb") as copied:
        os.fsync(copied.fileno())
    return Backup(
        name, instant_text(now), who, contents.events, contents.streams, contents.root, digest,
        size, program_version(), contents.schema, len(contents.files), contents.files_digest,
    )  # fmt: skip


def _write(place: Path, document: dict[str, Any]) -> None:
    """Write a small document atomically and synced."""
    part = place.with_name(place.name + UNFINISHED)
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        with part.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(place)
    except OSError:
        _delete_part(part)
        raise
    sync_folder(place.parent)


def _delete_unfinished(folder: Path, name: str) -> None:
    """Delete a copy that could not be finished: one without a manifest is no backup."""
    _delete_part(folder / (name + UNFINISHED))
    if not (folder / (name + MANIFEST)).exists():
        _delete_part(folder / name)


def _delete_part(part: Path) -> None:
    """Delete a copy that could not be finished."""
    for place in (part, part.with_name(part.name + "-journal")):
        with suppress(OSError):
            place.unlink()


def check_backup(folder: Path, name: str, now: datetime) -> BackupCheck:
    """Verify a backup against its manifest and store the result next to it.

    Where the result cannot be stored, it says so. Compared are the backup's bytes, the number of
    events, each stream's newest hash and their root, and every evidence file with its SHA-256;
    SQLite checks the file. ``Refused`` for a name that is no backup of the folder.
    """
    checked = replace(find_faults(folder, find_backup(folder, name)), checked_at=instant_text(now))
    try:
        _write(folder / (name + CHECK), asdict(checked))
    except OSError:  # a backup on read-only media can be verified too
        return replace(checked, stored=False)
    return checked


def find_faults(folder: Path, backup: Backup) -> BackupCheck:
    """Verify a backup of a folder and write nothing; the result has no instant.

    ``Refused`` for a dump of PostgreSQL without pg_restore, which reads it.
    """
    file = folder / backup.name
    if not file.is_file():
        return BackupCheck("", ("missing",))
    faults = [] if digest_of(file) == (backup.sha256, backup.size) else ["changed"]
    try:
        contents = read_dump(file) if file.suffix == DUMP_SUFFIX else _read_copy(file)
    except (OSError, ValueError, KeyError, sqlite3.Error):
        return BackupCheck("", (*faults, "unreadable"))
    if contents.events != backup.events:
        faults.append("events")
    if (contents.streams, contents.root) != (backup.streams, backup.root):
        faults.append("root")
    if contents.apart:
        faults.append("heads")
    if not backup.evidence_digest:
        return BackupCheck("", tuple(faults))
    if contents.files_digest != backup.evidence_digest:
        faults.append("evidence_list")
    check = check_files(folder / POOL, contents.files)
    missing, altered = len(check.missing), len(check.altered)
    faults += [
        fault
        for fault, count in (("evidence_missing", missing), ("evidence_altered", altered))
        if count
    ]
    return BackupCheck("", tuple(faults), missing, altered)


def _read_copy(file: Path) -> DatabaseContents:
    """Return what the copy of a SQLite database holds; ``sqlite3.Error`` where it is damaged."""
    with closing(open_copy(file)) as opened:
        if opened.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError
        return contents_of(opened)


def open_copy(file: Path) -> sqlite3.Connection:
    """Open the copy of a SQLite database for reading; nothing is created next to it."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


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
    if name != Path(name).name or not name.endswith(SUFFIXES):
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
