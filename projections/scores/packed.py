"""Many short texts in one byte string, for caches over all organizations."""

from __future__ import annotations

from array import array
from collections.abc import Sequence


class PackedStrings:
    """A sequence of short texts; a tuple of them would take several times the memory."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self, texts: Sequence[str]) -> None:
        """Pack the texts."""
        encoded = [text.encode() for text in texts]
        self._bytes = b"".join(encoded)
        self._ends = array("I", [0])
        end = 0
        for piece in encoded:
            end += len(piece)
            self._ends.append(end)

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        """Return the text at a place, from 0."""
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()
