"""Evidence files copied from one folder to another, each verified by its SHA-256."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from tracker.storage.evidence import INCOMING, path_of, sync_folder
from tracker.storage.evidence_checks import EvidenceCheck, FileState, digest_of, file_state

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ASIDE = ".altered"
"""How an altered file is named after an intact one took its place."""


def copy_files(source: Path, target: Path, files: Iterable[str]) -> EvidenceCheck:
    """Copy those files that the target lacks or has altered; return the state of all of them.

    A file is replaced only by an intact one, and the altered one is kept next to it. ``OSError``
    where the target cannot be written.
    """
    states = {file: _copy_file(source, target, file) for file in sorted(set(files))}
    return EvidenceCheck(
        len(states),
        tuple(file for file, state in states.items() if state is FileState.MISSING),
        tuple(file for file, state in states.items() if state is FileState.ALTERED),
    )


def _copy_file(source: Path, target: Path, file: str) -> FileState:
    there = file_state(target, file)
    if there is FileState.INTACT:
        return there
    original = path_of(source, file)
    if not original.is_file():
        return there
    part = target / INCOMING / uuid.uuid4().hex
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(original, part)
        if digest_of(part)[0] != file:
            return FileState.ALTERED
        _put_in_place(part, path_of(target, file))
    finally:
        with suppress(OSError):
            part.unlink()
    return FileState.INTACT


def _put_in_place(part: Path, place: Path) -> None:
    """Move a complete file to its place, synced; an altered file there is renamed."""
    with part.open("rb") as opened:
        os.fsync(opened.fileno())
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.replace(place.with_name(place.name + ASIDE))
    part.replace(place)
    sync_folder(place.parent)
