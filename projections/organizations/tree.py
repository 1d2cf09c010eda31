"""The tree in time, pure: who stood above whom on which days, from everybody's list of parents.

A list of parents holds each parent with the date from which it is the parent. The first one is
taken to reach back for ever, and what was recorded first does not matter.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Parents = list[tuple[str, str | None]]
"""Each parent (None: a root) with its first day, in the order of the days (ISO texts)."""


class AncestorSpan(NamedTuple):
    """One ancestor over a span of days; ``start`` is empty from ever, ``end`` None for ever."""

    ancestor: str
    depth: int
    start: str
    end: str | None


class Tree:
    """The chains of ancestors over all time, each worked out once."""

    def __init__(self, parents: Callable[[str], Parents]) -> None:
        """``parents`` answers an organization's list, empty where nothing is known of it."""
        self._parents = parents
        self._chains: dict[str, list[AncestorSpan]] = {}

    def chain(self, stream: str) -> list[AncestorSpan]:
        """The ancestors of an organization with their days, itself at depth 0."""
        found = self._chains.get(stream)
        if found is None:
            self._chains[stream] = []  # a circle, which no door lets in, would end here
            found = self._chains[stream] = _joined(self._pieces(stream))
        return found

    def _pieces(self, stream: str) -> Iterator[AncestorSpan]:
        yield AncestorSpan(stream, 0, "", None)
        for start, end, parent in _spans(self._parents(stream)):
            for piece in self.chain(parent):
                begin = max(start, piece.start)
                until = min((one for one in (end, piece.end) if one is not None), default=None)
                if until is None or begin <= until:
                    yield AncestorSpan(piece.ancestor, piece.depth + 1, begin, until)


def _spans(parents: Parents) -> Iterator[tuple[str, str | None, str]]:
    for place, (on, parent) in enumerate(parents):
        end = _day_before(parents[place + 1][0]) if place + 1 < len(parents) else None
        if parent is not None:
            yield on if place else "", end, parent


def _joined(pieces: Iterable[AncestorSpan]) -> list[AncestorSpan]:
    """The pieces, those of one ancestor and depth joined where one follows the other."""
    found: list[AncestorSpan] = []
    for piece in sorted(pieces, key=lambda one: one[:3]):
        last = found[-1] if found else None
        if (
            last is not None
            and last[:2] == piece[:2]
            and last.end is not None
            and last.end == _day_before(piece.start)
        ):
            found[-1] = last._replace(end=piece.end)
        else:
            found.append(piece)
    return sorted(found, key=lambda one: (one.depth, one.start))


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


@lru_cache(maxsize=4096)
def category_on(categories: str, day: str) -> str:
    """The category on a date, of the list that the directory keeps as text."""
    known = orjson.loads(categories)
    found: str = known[0][1]
    for on, category in known:
        if on <= day:
            found = category
    return found
