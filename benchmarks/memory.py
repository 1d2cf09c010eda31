"""Peak memory of this process and of its children, from ``/proc``.

``ru_maxrss`` is no use here: on Linux a process inherits the peak of its parent.
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
    """The peak resident size in bytes of this process and of each of its children."""

    def __init__(self) -> None:
        """Start without children."""
        self.children: dict[int, int] = {}

    @property
    def own(self) -> int:
        """Return the peak of this process so far."""
        return peak(os.getpid())

    @property
    def all_children(self) -> int:
        """Return the sum of the children's peaks, as if all had occurred at once."""
        return sum(self.children.values())

    def look(self) -> None:
        """Read the peak of every running child; the kernel keeps the maximum of each."""
        for child in _children():
            self.children[child] = peak(child) or self.children.get(child, 0)


def peak(process: int) -> int:
    """Return the peak of a process in bytes; 0 if it has ended."""
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
def watch_children() -> Iterator[Peaks]:
    """Read the children's peaks every 0.1 s while the block runs."""
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
