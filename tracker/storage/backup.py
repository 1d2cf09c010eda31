"""A consistent copy of the database with a manifest beside it, and the check that it is whole.

On SQLite the copy is made by the online backup while others read and write: one snapshot, in one
file. On PostgreSQL ``pg_dump`` does that, and better than we could. Evidence files never change, so
their folder is copied by any program that copies folders.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.engine import URL, make_url

from events.periods import instant_text
from events.proofs import seals
from events.refusals.errors import Refused
from tracker.storage.database import sqlite_file
from tracker.storage.evidence import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SUFFIX = ".db"
MANIFEST = ".manifest.json"
CHECK = ".check.json"
UNFINISHED = ".part"
PIECE = 1 << 20
"""Bytes read at once."""
OWNER_ALONE = 0o600
"""Nobody else reads a copy: it holds the digests of passwords."""
MOST_LISTED = 50
PG_DUMP = "pg_dump --format=custom --no-owner --file=tracker.dump {url}"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says of a copy: ``root`` is over the newest hash of every stream."""

    name: str
    made_at: str
    made_by: str
    events: int
    streams: int
    root: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of a copy came to; without faults it can be put in place as it is."""

    checked_at: str
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A copy in the folder with its newest check."""

    backup: Backup
    check: Check | None = None


def by_pg_dump(url: str) -> str:
    """The command line that copies a PostgreSQL database; its password is asked, not written."""
    found = make_url(url)
    plain = URL.create(
        "postgresql",
        found.username,
        host=found.host,
        port=found.port,
        database=found.database,
        query={name: one for name, one in found.query.items() if name != "password"},
    )
    return PG_DUMP.format(url=plain.render_as_string(hide_password=False))


def make(url: str, folder: Path, who: str, now: datetime) -> StoredBackup:
    """Copy a SQLite database into a folder, write its manifest, and check what was written.

    Others go on reading and writing. ``Refused`` on PostgreSQL, naming the command that copies it,
    and where the copy cannot be written; then nothing stays behind.
    """
    file = sqlite_file(url)
    if file is None:
        raise Refused("backup_by_pg_dump", command=by_pg_dump(url))
    name = f"tracker-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    part = folder / (name + UNFINISHED)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _begun(folder / name, part):
            raise Refused("backup_running")
        backup = _copy(file, part, name, who, now)
        part.replace(folder / name)
        _write(folder / (name + MANIFEST), asdict(backup))
    except (OSError, sqlite3.Error) as error:
        _drop(part)
        raise Refused("backup_failed", problem=str(error)) from error
    return StoredBackup(backup, check(folder, name, now))


def _begun(place: Path, part: Path) -> bool:
    """Begin a file that its owner alone reads; False where somebody else did."""
    if place.exists():
        return False
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ALONE))
    except FileExistsError:
        return False
    return True


def _copy(file: Path, part: Path, name: str, who: str, now: datetime) -> Backup:
    """Copy one snapshot in one step, as one file, synced; what its manifest says."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        events, streams, root = _content(target)
    digest, size = _digest(part)
    with part.open("rb") as copied:
        os.fsync(copied.fileno())
    return Backup(name, instant_text(now), who, events, streams, root, digest, size)


def _content(database: sqlite3.Connection) -> tuple[int, int, str]:
    """How many events, how many streams, and the root over their newest hashes."""
    (events,) = database.execute("SELECT count(*) FROM events").fetchone()
    heads = sorted(
        (
            (stream, version, bytes(hash_))
            for stream, version, hash_ in database.execute(
                "SELECT stream, version, hash FROM heads WHERE version > 0"
            )
        ),
        key=lambda head: head[0].encode(),
    )
    return events, len(heads), seals.root_over_heads(heads)


def _digest(file: Path) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def _write(place: Path, document: dict[str, Any]) -> None:
    """Write a small document whole or not at all, synced."""
    part = place.with_name(place.name + UNFINISHED)
    with part.open("wb") as opened:
        opened.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(place)
    sync_folder(place.parent)


def _drop(part: Path) -> None:
    """Leave nothing of a copy that could not be finished."""
    for place in (part, part.with_name(part.name + "-journal")):
        with suppress(OSError):
            place.unlink()


def check(folder: Path, name: str, now: datetime) -> Check:
    """Open a copy and hold it against its manifest; what was found is kept beside it.

    Its bytes, the database's own check, the count of events, each stream's newest hash and their
    root. ``Refused`` for a name that is no backup of the folder.
    """
    backup = find(folder, name)
    found = Check(instant_text(now), tuple(_faults(folder / name, backup)))
    _write(folder / (name + CHECK), {"checked_at": found.checked_at, "faults": list(found.faults)})
    return found


def _faults(file: Path, backup: Backup) -> Iterator[str]:
    """What is wrong with a copy, as codes of ``FAULTS``."""
    if not file.is_file():
        yield "missing"
        return
    if _digest(file) != (backup.sha256, backup.size):
        yield "changed"
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as opened:
            yield from _wrong(opened, backup)
    except sqlite3.Error:
        yield "unreadable"


def _wrong(opened: sqlite3.Connection, backup: Backup) -> Iterator[str]:
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


FAULTS: dict[str, tuple[str, str]] = {
    "missing": ("副本文件不在了", "the copy is not there any more"),
    "changed": ("内容与清单中的 SHA-256 不符", "its bytes are not those of the manifest"),
    "unreadable": ("打不开，或数据库已损坏", "it does not open, or is broken inside"),
    "events": ("事件数与清单不符", "its count of events is not that of the manifest"),
    "root": ("各流最新哈希与清单不符", "its newest hashes are not those of the manifest"),
    "heads": ("最新哈希与事件不符", "its newest hashes are not those of its events"),
}
"""What a check can find wrong, in both languages."""


def listed(folder: Path) -> list[StoredBackup]:
    """The newest copies of a folder by their manifests, newest first; a broken one is left out."""
    names = sorted((one.name for one in folder.glob("*" + MANIFEST)), reverse=True)
    found = []
    for name in names[:MOST_LISTED]:
        with suppress(Refused):
            found.append(_kept(folder, name.removesuffix(MANIFEST)))
    return found


def find(folder: Path, name: str) -> Backup:
    """The copy of a name by its manifest, or ``Refused``."""
    if name != Path(name).name or not name.endswith(SUFFIX):
        raise _unknown(name)
    try:
        return Backup(**orjson.loads((folder / (name + MANIFEST)).read_bytes()))
    except (OSError, ValueError, TypeError):
        raise _unknown(name) from None


def _kept(folder: Path, name: str) -> StoredBackup:
    backup = find(folder, name)
    try:
        found = orjson.loads((folder / (name + CHECK)).read_bytes())
        return StoredBackup(backup, Check(found["checked_at"], tuple(found["faults"])))
    except (OSError, ValueError, KeyError, TypeError):
        return StoredBackup(backup)


def _unknown(name: str) -> Refused:
    return Refused("unknown_backup", name=name[:100])
