"""Peak memory of this process and of those that it started, from ``/proc``.

``ru_maxrss`` will not do: on Linux a process begins with the peak of the one that started it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAUSE_SECONDS = 0.1
PROC = Path("/proc")
KILOBYTE = 1024


class Peaks:
    """The greatest resident size in bytes of this process and of each of its children."""

    def __init__(self) -> None:
        """Nobody was looked at yet."""
        self.children: dict[int, int] = {}

    @property
    def own(self) -> int:
        """The peak of this process so far."""
        return peak(os.getpid())

    @property
    def all_children(self) -> int:
        """The peaks of the children together, as if all had come at once."""
        return sum(self.children.values())

    def look(self) -> None:
        """Look at every child that runs now; its newest peak counts all that it held before."""
        for child in _children():
            self.children[child] = peak(child) or self.children.get(child, 0)


def peak(process: int) -> int:
    """The peak of one process in bytes; 0 where it is gone."""
    with suppress(OSError):
        for line in (PROC / str(process) / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * KILOBYTE
    return 0


def _children() -> Iterator[int]:
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                stat = (folder / "stat").read_text(encoding="utf-8")
                if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
                    yield int(folder.name)


@contextmanager
def watched() -> Iterator[Peaks]:
    """Look at the children time and again while the block runs."""
    peaks, over = Peaks(), threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE_SECONDS):
            peaks.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()
