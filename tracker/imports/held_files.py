"""Files between their check and their recording: kept for a day under their SHA-256.

Whoever imports a file looks at what was found first, and sends it only once.
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

KEPT = timedelta(days=1)
DIGEST = re.compile(r"[0-9a-f]{64}")


def hold(folder: Path, payload: bytes, now: datetime) -> str:
    """Keep a file's bytes for a day; answers its SHA-256. What is older is let go of."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder, now)
    digest = hashlib.sha256(payload).hexdigest()
    part = folder / f"{uuid.uuid4().hex}.part"
    part.write_bytes(payload)
    os.utime(part, (now.timestamp(), now.timestamp()))
    part.replace(folder / digest)
    return digest


def held(folder: Path, digest: str) -> bytes | None:
    """The bytes of a file that is kept, or None."""
    if DIGEST.fullmatch(digest) is None:
        return None
    try:
        return (folder / digest).read_bytes()
    except FileNotFoundError:
        return None


def let_go(folder: Path, digest: str) -> None:
    """Keep a file no longer; it was recorded."""
    if DIGEST.fullmatch(digest) is not None:
        (folder / digest).unlink(missing_ok=True)


def _sweep(folder: Path, now: datetime) -> None:
    for one in folder.iterdir():
        with suppress(FileNotFoundError):
            if one.stat().st_mtime < (now - KEPT).timestamp():
                one.unlink()
