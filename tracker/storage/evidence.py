"""Evidence files in a content-addressed store: written and synced before the event that names them.

A file's name is the SHA-256 of its bytes; the same file twice is stored once. Its first bytes, not
its name, decide its type.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from events.periods import instant_text
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from events.log.reader import Reader
    from events.log.store import Append
    from events.values import Evidence

LARGEST = 20 << 20
"""In bytes, of one file."""
HEAD_BYTES = 64
"""Bytes from a file's start that its type is read from."""
LONGEST_NAME = 200
INCOMING = "incoming"
"""The folder of files that are being uploaded."""
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
HEIC_BRANDS = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1",
)  # fmt: skip
"""The brands of pictures in ISO 23008-12, as telephones and document cameras write them."""
BITMAP = re.compile(rb"BM.{4}\0{4}", re.DOTALL)
"""A bitmap's start: its letters, its size, four bytes that are always 0."""
SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    *((4, b"ftyp" + brand, "image/heic") for brand in HEIC_BRANDS),
    *((4, b"ftyp" + brand, "image/avif") for brand in (b"avif", b"avis")),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
"""Offset, bytes and media type: pictures, PDF, and the files of office programs."""
SHOWN_INLINE = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "application/pdf"}
)
"""The types that a browser may show; others are offered as downloads."""
COLUMNS = "file, media_type, size, name, account, stored_at"


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """One stored file; ``file`` is its SHA-256, ``name`` its name on the uploader's computer."""

    file: str
    media_type: str
    size: int
    name: str
    account: str
    stored_at: str


def media_type(head: bytes) -> str | None:
    """Return the type of a file with these first bytes; None where it is not accepted."""
    for at, sign, kind in SIGNS:
        if head[at : at + len(sign)] == sign:
            return kind
    return "image/bmp" if BITMAP.match(head) else None


class IncomingFile:
    """A file that is being uploaded, in a temporary place until it is complete and valid."""

    def __init__(self, folder: Path) -> None:
        """Open and lock a temporary file in the store's folder; ``Refused`` as ``write``."""
        self._folder = folder
        self._path = folder / INCOMING / uuid.uuid4().hex
        with disk_faults():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")
            # The lock ends with the process, so a part without a lock belongs to nobody.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._digest = hashlib.sha256()
        self.head = b""
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Write more bytes.

        ``Refused`` where the file is too large, the disk is full or the folder cannot be written.
        """
        self.size += len(chunk)
        refuse_large(self.size)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + chunk)[:HEAD_BYTES]
        self._digest.update(chunk)
        with disk_faults():
            self._file.write(chunk)

    def seal(self) -> str:
        """Sync the bytes to disk and return the type of the file.

        ``Refused`` for an empty file, for a type that is not accepted, and as ``write``.
        """
        if not self.size:
            raise Refused("empty_file", field="file")
        kind = media_type(self.head)
        if kind is None:
            raise Refused("wrong_file_type", field="file")
        with disk_faults():
            self._file.flush()
            os.fsync(self._file.fileno())
        return kind

    def complete(self) -> tuple[str, str]:
        """Move the file to its final place, synced; return its SHA-256 and its type.

        ``Refused`` as ``seal``. After it, this is quick enough for an open transaction.
        """
        kind = self.seal()
        file = self._digest.hexdigest()
        place = path_of(self._folder, file)
        with disk_faults():
            place.parent.mkdir(parents=True, exist_ok=True)
            self._path.replace(place)
            self._file.close()
            sync_folder(place.parent)
        return file, kind

    def discard(self) -> None:
        """Delete the temporary file; does nothing after ``complete``.

        The file is unlinked first: closing it writes the last buffered bytes, which fails on a full
        disk.
        """
        with suppress(OSError):
            self._path.unlink()
        with suppress(OSError):
            self._file.close()


@contextmanager
def disk_faults() -> Iterator[None]:
    """Turn an error of the disk into ``Refused``: no space left, or a folder that is not usable."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        if error.errno in NO_SPACE:
            raise Refused("disk_full", problem=problem) from error
        raise Refused("storage_unusable", problem=problem) from error


def delete_old_parts(folder: Path) -> int:
    """Delete the parts of uploads whose process is gone; return their number.

    A part of a running upload is locked and stays.
    """
    deleted = 0
    for part in sorted((folder / INCOMING).glob("*")):
        with suppress(OSError), part.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
            deleted += 1
    return deleted


def refuse_large(size: int) -> None:
    """Refuse a file that is too large; ``size`` is in bytes."""
    if size > LARGEST:
        raise Refused("file_too_large", field="file", megabytes=LARGEST >> 20)


def store_bytes(folder: Path, chunks: Iterable[bytes]) -> tuple[str, str, int]:
    """Store a file given as chunks; return its SHA-256, type and size in bytes."""
    incoming = IncomingFile(folder)
    try:
        for chunk in chunks:
            incoming.write(chunk)
        file, kind = incoming.complete()
    finally:
        incoming.discard()
    return file, kind, incoming.size


def path_of(folder: Path, file: str) -> Path:
    """Return the path of a stored file; two levels keep folders small."""
    return folder / file[:2] / file[2:4] / file


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to disk; syncing a file does not sync its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file_row(log: Append, file: StoredEvidence) -> None:
    """Register a stored file in an open transaction.

    Its first uploader stays, all uploaders are listed as senders.
    """
    log.write(
        f"INSERT INTO evidence_files ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (file) DO NOTHING",
        [(file.file, file.media_type, file.size, file.name, file.account, file.stored_at)],
    )
    log.write(
        "INSERT INTO evidence_senders (file, account) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(file.file, file.account)],
    )


def read_stored_files(reader: Reader, files: Iterable[str]) -> dict[str, StoredEvidence]:
    """Return the stored files with these SHA-256, by SHA-256."""
    rows = reader.select_in(f"SELECT {COLUMNS} FROM evidence_files WHERE file", sorted(set(files)))
    return {file.file: file for file in (StoredEvidence(*row) for row in rows)}


def list_stored(reader: Reader) -> list[str]:
    """Return the SHA-256 of every stored file, in order."""
    return [file for (file,) in reader.rows("SELECT file FROM evidence_files ORDER BY file")]


def count_stored(reader: Reader) -> tuple[int, int]:
    """Return the number of stored files, and their bytes."""
    rows = reader.rows("SELECT count(*), COALESCE(sum(size), 0) FROM evidence_files")
    ((count, size),) = rows
    return int(count), int(size)


def files_sent_by(reader: Reader, files: Iterable[str], account: str) -> set[str]:
    """Return those of these files that an account uploaded."""
    rows = reader.select_in(
        "SELECT file FROM evidence_senders WHERE account = ? AND file",
        sorted(set(files)),
        given=[account],
    )
    return {file for (file,) in rows}


def named_files(named: Iterable[Evidence]) -> set[str]:
    """Return the files that pieces of evidence name."""
    return {evidence.file for evidence in named if evidence.file is not None}


def require_stored(reader: Reader, files: Iterable[str]) -> None:
    """Refuse files that were never stored: an event names only stored files."""
    wanted = set(files)
    refuse_missing(wanted - read_stored_files(reader, wanted).keys())


def refuse_missing(files: set[str]) -> None:
    """Refuse the first of these files as not stored; none where the set is empty."""
    for file in sorted(files):
        raise Refused("no_such_file", field="evidence", file=file[:12])


def describe_file(
    name: str, file: str, kind: str, size: int, account: str, now: datetime
) -> StoredEvidence:
    """Return the row of a file that was just stored; its name is made safe to show."""
    plain = "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    return StoredEvidence(file, kind, size, plain or file[:12], account, instant_text(now))
