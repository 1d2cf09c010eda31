"""Evidence files in a content-addressed store: written and synced before the event that names them.

A file's name is the SHA-256 of its bytes; the same file twice is kept once. What it is, is told by
its first bytes, not by its name.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from events.periods import instant_text
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from events.log.reader import Reader
    from events.log.store import Append, Store
    from events.values import Evidence

LARGEST = 20 << 20
"""Bytes of one file."""
HEAD_BYTES = 64
SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
"""Where in a file which bytes tell its type: pictures, PDF, and the files of office programs."""
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})
"""The types that a browser shows by itself; others are handed over to be saved."""
COLUMNS = "file, media_type, size, name, account, stored_at"


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """One stored file; ``file`` is its SHA-256, ``name`` what its owner called it."""

    file: str
    media_type: str
    size: int
    name: str
    account: str
    stored_at: str


def media_type(head: bytes) -> str | None:
    """The type that a file's first bytes tell, or None for one that is not taken."""
    for at, sign, found in SIGNS:
        if head[at : at + len(sign)] == sign:
            return found
    return None


class IncomingFile:
    """A file that is being sent: written aside, and kept only where all of it is good."""

    def __init__(self, folder: Path) -> None:
        """Begin a file in the store's folder."""
        (folder / "incoming").mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / "incoming" / uuid.uuid4().hex
        self._file = self._path.open("xb")
        self._digest = hashlib.sha256()
        self.head = b""
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Take more bytes; ``Refused`` where there are too many."""
        self.size += len(chunk)
        check_size(self.size)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + chunk)[:HEAD_BYTES]
        self._digest.update(chunk)
        self._file.write(chunk)

    def keep(self) -> tuple[str, str]:
        """Put the whole file in its place, synced; answers its SHA-256 and its type.

        ``Refused`` for an empty file and for a type that is not taken.
        """
        if not self.size:
            raise Refused("empty_file", field="file")
        kind = media_type(self.head)
        if kind is None:
            raise Refused("wrong_file_type", field="file")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        file = self._digest.hexdigest()
        place = path_of(self._folder, file)
        place.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(place)
        sync_folder(place.parent)
        return file, kind

    def drop(self) -> None:
        """Forget what came so far; nothing where it was kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def check_size(size: int) -> None:
    """Refuse a file of so many bytes where they are too many."""
    if size > LARGEST:
        raise Refused("file_too_large", field="file", megabytes=LARGEST >> 20)


def store_bytes(folder: Path, chunks: Iterable[bytes]) -> tuple[str, str, int]:
    """Store a file that is at hand: its SHA-256, type and size."""
    incoming = IncomingFile(folder)
    try:
        for chunk in chunks:
            incoming.write(chunk)
        file, kind = incoming.keep()
    finally:
        incoming.drop()
    return file, kind, incoming.size


def path_of(folder: Path, file: str) -> Path:
    """Where a file of the store lies."""
    return folder / file[:2] / file[2:4] / file


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, as a file's own sync does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def register(store: Store, one: StoredEvidence) -> None:
    """Note a stored file; the first who stored it stays, and everybody who sent it."""
    with store.append() as log:
        write_row(log, one)


def write_row(log: Append, one: StoredEvidence) -> None:
    """Note a stored file in an open transaction."""
    log.write(
        f"INSERT INTO evidence_files ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (file) DO NOTHING",
        [(one.file, one.media_type, one.size, one.name, one.account, one.stored_at)],
    )
    log.write(
        "INSERT INTO evidence_senders (file, account) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(one.file, one.account)],
    )


def stored(reader: Reader, files: Iterable[str]) -> dict[str, StoredEvidence]:
    """The stored files of some SHA-256, by it."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM evidence_files WHERE file", sorted(set(files)))
    return {one.file: one for one in (StoredEvidence(*row) for row in rows)}


def stored_size(reader: Reader) -> tuple[int, int]:
    """How many files are stored, and their bytes."""
    rows = reader.rows("SELECT count(*), COALESCE(sum(size), 0) FROM evidence_files")
    count, size = rows[0]
    return int(count), int(size)


def sent_by(reader: Reader, files: Iterable[str], account: str) -> set[str]:
    """Those of some files that an account sent itself."""
    rows = reader.select_in(
        "SELECT file FROM evidence_senders WHERE account = ? AND file",
        sorted(set(files)),
        given=[account],
    )
    return {file for (file,) in rows}


def files_of(named: Iterable[Evidence]) -> set[str]:
    """The files that pieces of evidence name."""
    return {one.file for one in named if one.file is not None}


def require(reader: Reader, files: Iterable[str]) -> None:
    """Refuse files that were never stored: an event names only what is there."""
    wanted = set(files)
    refuse_missing(wanted - stored(reader, wanted).keys())


def refuse_missing(files: set[str]) -> None:
    """Refuse the first of these files as not there."""
    for file in sorted(files):
        raise Refused("no_such_file", field="evidence", file=file[:12])


def described(
    name: str, file: str, kind: str, size: int, account: str, now: datetime
) -> StoredEvidence:
    """The row of a file that was just stored."""
    plain = "".join(one for one in name if one.isprintable())[:200]
    return StoredEvidence(file, kind, size, plain or file[:12], account, instant_text(now))
