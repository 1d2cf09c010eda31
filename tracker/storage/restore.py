"""A backup put in the place of the database, with its evidence; nothing is overwritten."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from events.refusals.errors import Refused
from tracker.storage.backup import (
    EVIDENCE_FAULTS,
    FAULTS,
    POOL,
    Backup,
    contents_of,
    disk_reason,
    find_backup,
    find_faults,
    open_copy,
)
from tracker.storage.contents import count_events
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import sync_folder
from tracker.storage.evidence_checks import digest_of
from tracker.storage.evidence_copies import copy_files
from tracker.storage.postgres_programs import DUMP_SUFFIX
from tracker.storage.server_restore import RestoreServer
from tracker.storage.versions import newest_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tracker.storage.evidence_checks import EvidenceCheck

UNFINISHED = ".restoring"
COMPANIONS = ("-wal", "-shm", "-journal")
"""The files that SQLite keeps next to a database; those of another database would damage it."""
SHARED_FIRST = 0x40000002
SHARED_SIZE = 510
"""The bytes of a SQLite file that every open connection in WAL mode locks."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore will do: the backup, the database it replaces, the number of its events.

    ``database`` is the SQLite file, or the name of the database on the PostgreSQL server.
    ``events`` is None where there is no database yet or where it cannot be read.
    """

    folder: Path
    backup: Backup
    url: str
    database: str
    exists: bool
    events: int | None


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of a restore: the files or database kept of the earlier one, and the evidence."""

    kept: tuple[str, ...]
    evidence: EvidenceCheck


def plan_restore(url: str, folder: Path, named: str) -> RestorePlan:
    """Verify a backup and return what restoring it will do; ``named`` is a name or a path.

    ``Refused`` for an unknown or damaged backup, one of a newer program or of the other kind of
    database, and for PostgreSQL without its programs. Faults of evidence do not prevent a restore:
    the database and all other files are worth having.
    """
    file = sqlite_file(url)
    database = make_url(url).database or "" if file is None else str(file.absolute())
    if Path(named).name != named:
        folder, named = Path(named).parent, Path(named).name
    backup = find_backup(folder, named)
    if (file is None) != named.endswith(DUMP_SUFFIX):
        raise Refused("restore_other_kind", name=named, database=database)
    faults = [fault for fault in find_faults(folder, backup).faults if fault not in EVIDENCE_FAULTS]
    if faults:
        problem = "; ".join(str(FAULTS[fault]) for fault in faults)
        raise Refused("restore_faulty", name=named, problem=problem)
    if backup.schema > newest_schema():
        raise Refused("restore_newer", name=named, version=backup.version)
    if file is None:
        with RestoreServer(url) as server:
            return RestorePlan(folder, backup, url, database, server.exists(), server.count())
    return RestorePlan(folder, backup, url, database, file.exists(), _count_events(file))


def _count_events(file: Path) -> int | None:
    """Return the number of events of the present database, None where it cannot be read."""
    if not file.is_file():
        return None
    with suppress(sqlite3.Error):
        address = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=1)) as opened:
            return count_events(opened.execute)
    return None


def carry_out(plan: RestorePlan, evidence: Path, now: datetime) -> RestoreResult:
    """Put a backup in the place of the database and its files into the evidence folder.

    The earlier database is kept under another name. At every instant the database is the earlier
    one or the restored one, both complete; stopped anywhere, it can be repeated. ``Refused`` while
    another process has the database open, and where the disk cannot be written.
    """
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    file = sqlite_file(plan.url)
    if file is None:
        return _restore_on_server(plan, evidence, moment)
    return _restore_file(plan, file.absolute(), evidence, moment)


def _restore_on_server(plan: RestorePlan, evidence: Path, moment: str) -> RestoreResult:
    """Restore next to the database, verify, then rename both at once."""
    dump = plan.folder / plan.backup.name
    with RestoreServer(plan.url) as server:
        server.refuse_use()
        with _disk_faults(dump.parent), server.restored(dump, moment) as restored:
            contents = restored.contents
            if (contents.events, contents.root) != (plan.backup.events, plan.backup.root):
                raise Refused("restore_faulty", name=plan.backup.name, problem=FAULTS["root"])
            result = copy_files(plan.folder / POOL, evidence, contents.files)
            kept = restored.put_in_place()
    return RestoreResult(kept, result)


def _restore_file(plan: RestorePlan, file: Path, evidence: Path, moment: str) -> RestoreResult:
    """Restore a SQLite file.

    The earlier one is kept together with its write-ahead log, which must not be applied to the
    restored one.
    """
    part = file.with_name(file.name + UNFINISHED)
    with _disk_faults(file.parent), _locked(file) as lock:
        try:
            _copy_verified(plan, part)
            _prepare(part, file)
            with closing(open_copy(part)) as opened:
                files = contents_of(opened).files
            result = copy_files(plan.folder / POOL, evidence, files)
            kept = _keep_aside(file, moment)
            _remove_companions(file)
            lock()
            part.replace(file)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        sync_folder(file.parent)
    return RestoreResult(tuple(map(str, kept)), result)


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    """Turn an error of the disk, of SQLite or of pg_restore into ``Refused``."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise Refused("restore_failed", problem=disk_reason(error), folder=folder) from error


@contextmanager
def _locked(file: Path) -> Iterator[Callable[[], None]]:
    """Lock a database against every other process; ``Refused`` where one has it open.

    Yield a function that locks again: closing the file anywhere in this process ends the lock.
    """
    if not file.exists():
        yield lambda: None
        return
    with file.open("r+b") as opened:

        def lock() -> None:
            try:
                fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
            except (BlockingIOError, PermissionError):
                raise Refused("database_in_use", file=file) from None

        lock()
        yield lock


def _copy_verified(plan: RestorePlan, part: Path) -> None:
    """Copy the backup; ``Refused`` where it is not what was verified."""
    shutil.copyfile(plan.folder / plan.backup.name, part)
    if digest_of(part)[0] != plan.backup.sha256:
        raise Refused("restore_faulty", name=plan.backup.name, problem=FAULTS["changed"])


def _prepare(part: Path, file: Path) -> None:
    """Sync the copy, with the owner and mode of the file that it replaces."""
    if file.exists():
        state = file.stat()
        part.chmod(state.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(part, state.st_uid, state.st_gid)
    else:
        part.chmod(0o600)
    with part.open("rb") as opened:
        os.fsync(opened.fileno())


def _keep_aside(file: Path, moment: str) -> tuple[Path, ...]:
    """Keep a database and its companions under names of their own, so that they open together.

    Without companions the file gets a second name; with some it is copied, because they are about
    to be written into it.
    """
    aside = file.with_name(f"{file.name}.before-{moment}")
    pairs = [
        (file.with_name(file.name + suffix), aside.with_name(aside.name + suffix))
        for suffix in ("", *COMPANIONS)
    ]
    pairs = [(old, new) for old, new in pairs if old.exists()]
    for _, new in pairs:
        if new.exists():
            raise Refused("restore_failed", problem=f"{new} exists already", folder=file.parent)
    try:
        for old, new in pairs:
            if len(pairs) > 1 or not _linked(old, new):
                shutil.copy2(old, new)
                with new.open("rb") as copied:
                    os.fsync(copied.fileno())
        sync_folder(file.parent)
    except OSError:
        for _, new in pairs:  # half a copy would pass for the earlier database
            new.unlink(missing_ok=True)
        raise
    return tuple(new for _, new in pairs)


def _linked(old: Path, new: Path) -> bool:
    """Give a file a second name; False on a file system without such names."""
    try:
        new.hardlink_to(old)
    except OSError:
        return False
    return True


def _remove_companions(file: Path) -> None:
    """Write a write-ahead log or journal into its database, so that nothing is left next to it.

    Where the database is damaged they are deleted: copies of all were kept.
    """
    companions = [file.with_name(file.name + suffix) for suffix in COMPANIONS]
    if not any(companion.exists() for companion in companions):
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=1)) as opened:
        opened.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        opened.execute("PRAGMA journal_mode = DELETE").fetchone()
    for companion in companions:
        companion.unlink(missing_ok=True)
