"""Uploaded import files awaiting confirmation, stored for 24 hours under their SHA-256.

The user sees the result of the check first, and uploads the file only once.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

HELD_FOR = timedelta(days=1)
DIGEST = re.compile(r"[0-9a-f]{64}")


def hold_file(folder: Path, payload: bytes, now: datetime) -> str:
    """Store a file's bytes and return its SHA-256; files older than ``HELD_FOR`` are deleted.

    ``OSError`` where the disk is full or the folder cannot be written; then no part is left.
    """
    digest = hashlib.sha256(payload).hexdigest()
    # Renamed when complete: another process never reads half a file.
    part = folder / f"{uuid.uuid4().hex}.part"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _delete_expired(folder, now)
    try:
        part.write_bytes(payload)
        os.utime(part, (now.timestamp(), now.timestamp()))
        part.replace(folder / digest)
    finally:
        part.unlink(missing_ok=True)
    return digest


def read_held_file(folder: Path, digest: str) -> bytes | None:
    """Return the bytes of a held file, or None."""
    if DIGEST.fullmatch(digest) is None:
        return None
    try:
        return (folder / digest).read_bytes()
    except FileNotFoundError:
        return None


def delete_held_file(folder: Path, digest: str) -> None:
    """Delete a held file that was imported."""
    if DIGEST.fullmatch(digest) is not None:
        (folder / digest).unlink(missing_ok=True)


def _delete_expired(folder: Path, now: datetime) -> None:
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < (now - HELD_FOR).timestamp():
                file.unlink()
