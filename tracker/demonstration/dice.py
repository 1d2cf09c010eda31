"""Reproducible choices of the demonstration district.

Nothing is random here: a choice is SHA-256 over the seed and the words that name its place. So a
record can be made without those before it, and two machines make the same district.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

Option = TypeVar("Option")
THOUSAND = 1000


class Dice:
    """Choices at one place; ``at`` returns those at a place below it."""

    __slots__ = ("_place",)

    def __init__(self, seed: int | str, *place: object) -> None:
        """Name the place by the seed and words."""
        self._place = "|".join(map(str, (seed, *place)))

    def at(self, *place: object) -> Dice:
        """Return the dice at a place below this one."""
        return Dice(self._place, *place)

    def number(self, what: str) -> int:
        """Return a whole number from 0 to 2**64 - 1."""
        return int.from_bytes(sha256(f"{self._place}|{what}".encode()).digest()[:8], "big")

    def chance(self, per_mille: int, what: str) -> bool:
        """Return True in ``per_mille`` of a thousand places."""
        return self.number(what) % THOUSAND < per_mille

    def between(self, low: int, high: int, what: str) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + self.number(what) % (high - low + 1)

    def pick(self, options: Sequence[Option], what: str) -> Option:
        """Return one of the options."""
        return options[self.number(what) % len(options)]

    def shuffled(self, options: Sequence[Option], what: str) -> list[Option]:
        """Return all options in the order of this place."""
        keyed = [(self.at(what).number(str(index)), index) for index in range(len(options))]
        return [options[index] for _, index in sorted(keyed)]
