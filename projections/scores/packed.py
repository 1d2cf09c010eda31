"""Many short texts packed into one piece of memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence


class PackedStrings:
    """Many short texts in one piece; reads like a tuple of them."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self, texts: Sequence[str]) -> None:
        """Pack the texts."""
        encoded = [one.encode() for one in texts]
        self._bytes = b"".join(encoded)
        self._ends = array("I", [0])
        end = 0
        for one in encoded:
            end += len(one)
            self._ends.append(end)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        """The text at a place, from 0."""
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()
