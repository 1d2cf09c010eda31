"""The draw of a cycle for pages: a packed snapshot, earlier inspections, detection chance."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING, Any

from projections.cycles.reading import read_cycle
from projections.organizations.directory import streams_of
from projections.scores.outcomes import last_inspections_before
from projections.scores.packed import PackedStrings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.periods import Period

BY_KEY = "by key"
"""The rule of those drawn by their keys, as the draw names it."""


@dataclass(frozen=True, slots=True)
class DrawSnapshot:
    """A draw packed for pages: organizations (their streams, sorted) with what the draw says.

    ``highest`` is the highest key by which anybody of a stratum was drawn.
    """

    frame: dict[str, tuple[PackedStrings, PackedStrings]]
    """By stratum the streams of the frame, and beside them the codes that it names."""
    sample: PackedStrings
    keys: PackedStrings
    why: PackedStrings
    highest: dict[str, str]

    def of(self, stream: str) -> dict[str, Any] | None:
        """How an organization stood in the draw, or None outside the frame.

        Its stratum with N, the code that the frame names, and, where it was drawn, key and rule.
        """
        for stratum, (streams, codes) in self.frame.items():
            place = bisect_left(streams, stream)
            if place < len(streams) and streams[place] == stream:
                drawn = bisect_left(self.sample, stream)
                was = drawn < len(self.sample) and self.sample[drawn] == stream
                return {
                    "stratum": stratum,
                    "N": len(streams),
                    "code": codes[place],
                    "key": self.keys[drawn] if was else None,
                    "why": self.why[drawn] if was else None,
                    "highest": self.highest.get(stratum),
                }
        return None


def draw_snapshot(reader: Reader, scope: str, period: str) -> DrawSnapshot:
    """The frame and the draw of a cycle as its events tell them."""
    cycle = read_cycle(reader, scope, period)
    streams = streams_of(reader, [code for codes in cycle.frame.values() for code in codes])
    frame = {
        name: sorted((streams[code], code) for code in codes) for name, codes in cycle.frame.items()
    }
    sample = sorted((streams[one["organization"]], one["key"], one["why"]) for one in cycle.sample)
    highest: dict[str, str] = {}
    for one in cycle.sample:
        if one["why"] == BY_KEY:
            highest[one["stratum"]] = max(one["key"], highest.get(one["stratum"], ""))
    return DrawSnapshot(
        {
            name: (
                PackedStrings([one[0] for one in pairs]),
                PackedStrings([one[1] for one in pairs]),
            )
            for name, pairs in frame.items()
        },
        PackedStrings([one[0] for one in sample]),
        PackedStrings([one[1] for one in sample]),
        PackedStrings([one[2] for one in sample]),
        highest,
    )


def last_inspections(
    reader: Reader, streams: Sequence[str], before: Period
) -> dict[str, str | None]:
    """The month of each organization's newest inspection before a month, None before the first."""
    newest = last_inspections_before(reader, str(before), streams)
    return {stream: newest.get(stream) for stream in streams}


@lru_cache(maxsize=256)
def detection_chance(population: int, size: int, bad_percent: int = 5) -> str | None:
    """The chance, in percent with one place, that a sample holds at least one of the bad.

    So many of a hundred are bad, rounded up; the chance is rounded down. None where nobody is.
    """
    if not population:
        return None
    bad = -(-bad_percent * population // 100)
    missed = Fraction(comb(population - size, bad), comb(population, bad))
    tenths = int((1 - missed) * 1000)
    return f"{tenths // 10}.{tenths % 10}"
