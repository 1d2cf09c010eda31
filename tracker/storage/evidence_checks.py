"""Evidence files compared with their SHA-256, and the state of the folder that stores them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from events.refusals.errors import Message, Refused
from projections.records.evidence import all_files_used
from tracker.storage.evidence import LARGEST, count_stored, list_stored, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from events.log.reader import Reader
    from events.log.store import Store

PIECE = 1 << 20
"""In bytes, read at once."""


class FileState(StrEnum):
    """Whether a stored file is there and has the bytes that its name promises."""

    INTACT = "intact"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """The result of comparing files with their names: the number of files, and the faulty ones."""

    files: int
    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every file is there and unchanged."""
        return not (self.missing or self.altered)

    def counts(self) -> dict[str, int]:
        """Return the numbers of files, of missing and of altered ones, as JSON values."""
        return {
            "files": self.files,
            "missing": len(self.missing),
            "altered": len(self.altered),
        }

    def log_faults(self) -> list[dict[str, str | int]]:
        """Return each faulty file as a fault of the log's verification, at ``evidence-SHA-256``."""
        return [
            {"stream": f"evidence-{file}", "version": 0, "fault": fault}
            for fault, files in ((MISSING_FAULT, self.missing), (ALTERED_FAULT, self.altered))
            for file in files
        ]


MISSING_FAULT = "the evidence file is missing or cannot be read"
ALTERED_FAULT = "the evidence file does not match its SHA-256"


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size in bytes; ``OSError`` where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while piece := opened.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def file_state(folder: Path, file: str) -> FileState:
    """Return the state of a stored file; one that cannot be read counts as missing."""
    try:
        digest, _ = digest_of(path_of(folder, file))
    except OSError:
        return FileState.MISSING
    return FileState.INTACT if digest == file else FileState.ALTERED


def check_files(folder: Path, files: Iterable[str]) -> EvidenceCheck:
    """Compare files of a folder with their SHA-256; all of them are read."""
    states = {file: file_state(folder, file) for file in sorted(set(files))}
    return EvidenceCheck(
        len(states),
        tuple(file for file, state in states.items() if state is FileState.MISSING),
        tuple(file for file, state in states.items() if state is FileState.ALTERED),
    )


def check_all_files(store: Store, folder: Path) -> EvidenceCheck:
    """Compare every file that was stored or that an event names with its SHA-256."""
    with store.read() as reader:
        files = {*list_stored(reader), *all_files_used(reader)}
    return check_files(folder, files)


def require_folder(reader: Reader, folder: Path) -> None:
    """Refuse a folder that is missing or empty while files are registered.

    It is somewhere else or its disk is not mounted: creating it would hide that. ``Refused`` too
    where a file is in the folder's place.
    """
    problem = _missing_folder(reader, folder)
    if problem is not None:
        raise Refused(problem.key, **problem.params)


def _missing_folder(reader: Reader, folder: Path) -> Message | None:
    if folder.exists() and not folder.is_dir():
        return Message("evidence_folder_missing.file", folder=folder.absolute())
    if folder.is_dir() and any(folder.glob("[0-9a-f][0-9a-f]")):
        return None
    count, _ = count_stored(reader)
    if not count:
        return None
    return Message("evidence_folder_missing", folder=folder.absolute(), count=count)


def folder_problem(reader: Reader, folder: Path) -> Message | None:
    """Return why the folder of evidence files cannot take files now, None where it can."""
    problem = _missing_folder(reader, folder)
    if problem is not None:
        return problem
    place = next(place for place in (folder.absolute(), *folder.absolute().parents)
                 if place.exists())  # fmt: skip
    state = os.statvfs(place)
    if state.f_flag & os.ST_RDONLY or not os.access(place, os.W_OK | os.X_OK):
        return Message("evidence_folder_read_only", folder=folder.absolute())
    free = state.f_bavail * state.f_frsize
    if free < LARGEST:
        return Message("evidence_folder_full", folder=folder.absolute(), megabytes=free >> 20)
    return None
