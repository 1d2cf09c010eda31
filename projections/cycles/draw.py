"""The draw of a cycle for pages: a packed snapshot, earlier inspections, detection chance."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

from projections.cycles.reading import read_cycle
from projections.organizations.directory import streams_of
from projections.scores.outcomes import last_inspections_before
from projections.scores.packed import PackedStrings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.periods import Period

BY_KEY = "by key"
"""The rule of those drawn by their keys, as stored in the draw's events."""


@dataclass(frozen=True, slots=True)
class DrawPlace:
    """The place of one organization in a draw.

    ``population`` counts the organizations of its stratum, ``code`` is the code that the frame
    names. ``key`` and ``why`` (the rule) are None where it was not drawn; ``highest`` is the
    highest key drawn in the stratum, None where nobody was drawn by key.
    """

    stratum: str
    population: int
    code: str
    key: str | None
    why: str | None
    highest: str | None


@dataclass(frozen=True, slots=True)
class DrawSnapshot:
    """A draw packed for pages: sorted streams of organizations with what was drawn for them.

    Packed strings keep a frame of very many organizations small while it is cached.
    """

    frame: dict[str, tuple[PackedStrings, PackedStrings]]
    """By stratum the streams of the frame, and in the same order the codes that it names."""
    sample: PackedStrings
    keys: PackedStrings
    why: PackedStrings
    highest: dict[str, str]
    """By stratum the highest key by which an organization was drawn."""

    def of(self, stream: str) -> DrawPlace | None:
        """Return the place of an organization in the draw, or None outside the frame."""
        for stratum, (streams, codes) in self.frame.items():
            place = bisect_left(streams, stream)
            if place < len(streams) and streams[place] == stream:
                drawn = bisect_left(self.sample, stream)
                was_drawn = drawn < len(self.sample) and self.sample[drawn] == stream
                return DrawPlace(
                    stratum,
                    len(streams),
                    codes[place],
                    self.keys[drawn] if was_drawn else None,
                    self.why[drawn] if was_drawn else None,
                    self.highest.get(stratum),
                )
        return None


def draw_snapshot(reader: Reader, scope: str, period: str) -> DrawSnapshot:
    """Read the frame and the draw of a cycle from its events."""
    cycle = read_cycle(reader, scope, period)
    streams = streams_of(reader, [code for codes in cycle.frame.values() for code in codes])
    frame = {
        stratum: sorted((streams[code], code) for code in codes)
        for stratum, codes in cycle.frame.items()
    }
    sample = sorted((streams[row["organization"]], row["key"], row["why"]) for row in cycle.sample)
    highest: dict[str, str] = {}
    for row in cycle.sample:
        if row["why"] == BY_KEY:
            highest[row["stratum"]] = max(row["key"], highest.get(row["stratum"], ""))
    return DrawSnapshot(
        {
            stratum: (
                PackedStrings([stream for stream, _ in pairs]),
                PackedStrings([code for _, code in pairs]),
            )
            for stratum, pairs in frame.items()
        },
        PackedStrings([stream for stream, _, _ in sample]),
        PackedStrings([key for _, key, _ in sample]),
        PackedStrings([why for _, _, why in sample]),
        highest,
    )


def last_inspections(
    reader: Reader, streams: Sequence[str], before: Period
) -> dict[str, str | None]:
    """Return the month of each organization's newest inspection before a month, None if never."""
    newest = last_inspections_before(reader, str(before), streams)
    return {stream: newest.get(stream) for stream in streams}


@lru_cache(maxsize=256)
def detection_chance(population: int, size: int, bad_percent: int = 5) -> str | None:
    """Return the chance that a sample holds at least one bad organization, as percent text.

    ``bad_percent`` of the population are bad, rounded up to whole organizations. The chance is
    hypergeometric, exact, and rounded down to one decimal. None for an empty population.
    """
    if not population:
        return None
    bad = -(-bad_percent * population // 100)
    missed = Fraction(comb(population - size, bad), comb(population, bad))
    tenths = int((1 - missed) * 1000)
    return f"{tenths // 10}.{tenths % 10}"
