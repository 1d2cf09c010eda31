"""Evidence files compared with their SHA-256, and the state of the folder that stores them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from projections.records.evidence import all_files_used
from tracker.storage.evidence import list_stored, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
