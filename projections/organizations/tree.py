"""The tree over time, pure: who was above whom on which days, from everybody's list of parents.

A list of parents has each parent with its first day. The first parent is taken to reach back for
ever; the order in which changes were recorded does not matter.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Parents = list[tuple[str, str | None]]
"""Each parent (None: a root) with its first day, in the order of the days (ISO texts)."""


class AncestorSpan(NamedTuple):
    """One ancestor over days (ISO); ``start`` is empty and ``end`` None where it is open."""

    ancestor: str
    depth: int
    start: str
    end: str | None


class Tree:
    """The chains of ancestors over all time, each computed once."""

    def __init__(self, parents: Callable[[str], Parents]) -> None:
        """Take a function that returns an organization's list of parents, empty if unknown."""
        self._parents = parents
        self._chains: dict[str, list[AncestorSpan]] = {}

    def chain(self, stream: str) -> list[AncestorSpan]:
        """Return the ancestors of an organization with their days, itself at depth 0."""
        chain = self._chains.get(stream)
        if chain is None:
            # Commands refuse circles; if a log had one, this empty chain would end the recursion.
            self._chains[stream] = []
            chain = self._chains[stream] = _join_spans(self._spans(stream))
        return chain

    def _spans(self, stream: str) -> Iterator[AncestorSpan]:
        yield AncestorSpan(stream, 0, "", None)
        for start, end, parent in _parent_spans(self._parents(stream)):
            for span in self.chain(parent):
                begin = max(start, span.start)
                until = min((day for day in (end, span.end) if day is not None), default=None)
                if until is None or begin <= until:
                    yield AncestorSpan(span.ancestor, span.depth + 1, begin, until)


def _parent_spans(parents: Parents) -> Iterator[tuple[str, str | None, str]]:
    """Yield each parent with its first and last day, as in ``AncestorSpan``."""
    for place, (on, parent) in enumerate(parents):
        end = None
        for next_on, _ in parents[place + 1 : place + 2]:
            end = _day_before(next_on)
        if parent is not None:
            yield on if place else "", end, parent


def _join_spans(spans: Iterable[AncestorSpan]) -> list[AncestorSpan]:
    """Join the spans of one ancestor and depth where one follows the other."""
    joined: list[AncestorSpan] = []
    for span in sorted(spans, key=attrgetter("ancestor", "depth", "start")):
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.ancestor, last.depth) == (span.ancestor, span.depth)
            and last.end is not None
            and last.end == _day_before(span.start)
        ):
            joined[-1] = last._replace(end=span.end)
        else:
            joined.append(span)
    return sorted(joined, key=attrgetter("depth", "start"))


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


@lru_cache(maxsize=4096)
def category_on(categories: str, day: str) -> str:
    """Return the category on a date, of the list that the directory keeps as JSON text.

    Many organizations share one text, so answers are cached.
    """
    known = orjson.loads(categories)
    _, first = known[0]
    then: str = first
    for on, category in known:
        if on <= day:
            then = category
    return then
