"""A walk along the log that reads only the parts that may match all filters of a search.

The events that match a filter are found along an index that is ordered by position within a value:
a type, an actor, the month of occurrence, the hour of recording. The events of one organization, or
of a small part of the tree, are gathered in memory. A page is walked in stretches: parts of the log
that one filter rules out are jumped over, then the filter that gets furthest with few entries
drives the stretch, and the others are tested row by row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.log.reader import Reader

STRETCH = 250
"""Entries in a walk's first stretch; each one after it has twice as many."""
LONGEST = 1_000
"""Entries in a stretch at most."""
DRIVING = 12
"""Buckets of a filter that may drive a stretch; with more, the filter only says where to jump."""
SOUGHT = 16
"""Up to so many passed buckets are sought one by one; with more, all are read in one query."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """One filter: its SQL condition on an event, with its values."""

    condition: str
    values: tuple[Any, ...]
    expression: str = ""
    """The expression that an index orders before the position; empty without such an index."""
    bounds: tuple[str, str] = ("", "")
    """The first and the last value of the expression."""
    streams: tuple[str, ...] = ()
    """The streams whose events are few enough to gather."""
    drives: bool = True
    """Whether a walk along the index beats one along the log."""

    @property
    def exact(self) -> bool:
        """Return whether gathering or the index already finds exactly the matching events."""
        return bool(self.streams) or self.bounds == (*self.values, *self.values)


class _RowTests:
    """The conditions of filters, tested row by row."""

    def __init__(self, reader: Reader, filters: Iterable[AuditFilter]) -> None:
        self.reader = reader
        # A plus before a column keeps SQLite from choosing another index to drive the query.
        chosen = list(filters)
        plus = "" if reader.postgres else "+"
        self.condition = "".join(
            f" AND {'' if test.condition.startswith('EXISTS') else plus}"
            + test.condition.replace(" AND recorded", f" AND {plus}recorded")
            for test in chosen
        )
        self.values = [value for test in chosen for value in test.values]

    def between(
        self, driven: str, values: Sequence[Any], bounds: tuple[int, int], limit: int
    ) -> list[int]:
        """Return matching positions above the first bound up to the last, in order, along a key."""
        rows = self.reader.rows(
            f"SELECT position FROM events WHERE {driven} AND position > ? AND position <= ?"
            f"{self.condition} ORDER BY position LIMIT ?",
            [*values, *bounds, *self.values, limit],
        )
        return [position for (position,) in rows]

    def among(self, positions: list[int]) -> list[int]:
        """Return those of some positions that match, in order."""
        if not self.condition:
            return positions
        sql = f"SELECT position FROM events WHERE 1 = 1{self.condition} AND position"
        rows = self.reader.select_in(sql, positions, given=self.values)
        return sorted(position for (position,) in rows)


class _Log:
    """The whole log, driving a stretch without any index."""

    def __init__(self, reader: Reader, rows: _RowTests, settled: int) -> None:
        self.reader = reader
        self.rows = rows
        self.settled = settled

    def reach(self, position: int, count: int) -> int:
        """Return about the ``count``-th position after one, or the last settled one."""
        if not self.reader.postgres:
            return min(position + count, self.settled - 1)
        return _nth(self.reader, "1 = 1", (), (position, self.settled), count)

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """Return the matching positions of a stretch."""
        return self.rows.between("1 = 1", (), bounds, limit)


class _GatheredPositions:
    """The positions of some streams, gathered in memory."""

    drives = True

    def __init__(
        self, reader: Reader, rows: _RowTests, streams: Sequence[str], span: tuple[int, int]
    ) -> None:
        self.rows = rows
        # Whole streams: a condition on positions would keep SQLite off the index. Fetching one JSON
        # text instead of a row for each position is three times as fast.
        listed = "COALESCE(json_agg(position), '[]')::text"
        sql = listed if reader.postgres else "json_group_array(position)"
        texts = reader.select_in(f"SELECT {sql} FROM events WHERE stream", streams)
        gathered = sorted(position for (text,) in texts for position in orjson.loads(text))
        first, last = bisect_right(gathered, span[0]), bisect_left(gathered, span[1])
        self.positions: list[int] = gathered[first:last]

    def following(self, position: int) -> int | None:
        """Return the first entry after a position, None without one."""
        place = bisect_right(self.positions, position)
        return self.positions[place] if place < len(self.positions) else None

    def reach(self, position: int, count: int) -> int:
        """Return the position of the ``count``-th entry after one, or the last."""
        last = bisect_right(self.positions, position) + count - 1
        return self.positions[min(last, len(self.positions) - 1)]

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """Return the matching positions of a stretch."""
        first, last = (bisect_right(self.positions, bound) for bound in bounds)
        return self.rows.among(self.positions[first:last])[:limit]


class _Index:
    """The events that match a filter, or a few more: one or more buckets, each in log order."""

    def __init__(
        self, reader: Reader, rows: _RowTests, driving: AuditFilter, span: tuple[int, int]
    ) -> None:
        self.reader = reader
        self.rows = rows
        self.filter = driving
        self.key = f"{driving.expression} = ?"
        self.settled = span[1]
        first, last = driving.bounds
        self.starts: dict[str, int] = (
            self._seek([first], span[0]) if first == last else self._starts(span[0])
        )
        """The first position that was not passed yet, by bucket."""
        self.drives = driving.drives and len(self.starts) <= DRIVING

    def following(self, position: int) -> int | None:
        """Return the first entry after a position, None without one."""
        passed = [bucket for bucket, start in self.starts.items() if start <= position]
        if len(passed) > SOUGHT:
            self.starts = self._starts(position)
        elif passed:
            left = {bucket: start for bucket, start in self.starts.items() if start > position}
            self.starts = left | self._seek(passed, position)
        return min(self.starts.values(), default=None)

    def reach(self, position: int, count: int) -> int:
        """Return a position up to which no bucket has more than ``count`` entries."""
        span = (position, self.settled)
        return min(_nth(self.reader, self.key, (bucket,), span, count) for bucket in self.starts)

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """Return the matching positions of a stretch."""
        positions = [
            position
            for bucket, start in self.starts.items()
            if start <= bounds[1]
            for position in self.rows.between(self.key, (bucket,), bounds, limit)
        ]
        return sorted(positions)[:limit]

    def _seek(self, buckets: list[str], position: int) -> dict[str, int]:
        """Return the first entry after a position in each of some buckets, one query each."""
        starts: dict[str, int] = {}
        for bucket in buckets:
            rows = self.reader.rows(
                f"SELECT position FROM events WHERE {self.key} AND position > ? AND position < ?"
                " ORDER BY position LIMIT 1",
                [bucket, position, self.settled],
            )
            for (start,) in rows:
                starts[bucket] = start
        return starts

    def _starts(self, position: int) -> dict[str, int]:
        """Return the first entry after a position in each bucket that has one.

        The recursive query walks from one value of the expression to the next along the index: the
        cost is by the number of values, not of events.
        """
        bucket, (first, last) = self.filter.expression, self.filter.bounds
        rows = self.reader.rows(
            "WITH RECURSIVE b(x) AS ("
            f" SELECT * FROM (SELECT {bucket} AS x FROM events WHERE {bucket} >= ?"
            f" ORDER BY {bucket} LIMIT 1) s"
            f" UNION ALL SELECT (SELECT {bucket} FROM events WHERE {bucket} > b.x"
            f" ORDER BY {bucket} LIMIT 1) FROM b WHERE b.x < ?)"
            f" SELECT x, (SELECT position FROM events WHERE {bucket} = b.x AND position > ?"
            " AND position < ? ORDER BY position LIMIT 1) FROM b WHERE x <= ?",
            [first, last, position, self.settled, last],
        )
        return {value: start for value, start in rows if start is not None}


def _nth(reader: Reader, key: str, values: Sequence[Any], span: tuple[int, int], count: int) -> int:
    """Return the position of the ``count``-th entry of a key in a span, or the last settled one."""
    rows = reader.rows(
        f"SELECT position FROM events WHERE {key} AND position > ? AND position < ?"
        " ORDER BY position LIMIT 1 OFFSET ?",
        [*values, *span, count - 1],
    )
    reach: int = rows[0][0] if rows else span[1] - 1
    return reach


class AuditWalk:
    """The settled positions after a cursor that match all filters."""

    def __init__(
        self, reader: Reader, after: int, settled: int, filters: list[AuditFilter]
    ) -> None:
        self.after = after
        self.settled = settled
        self.log = _Log(reader, _RowTests(reader, filters), settled)
        span = (after, settled)
        self.sources: list[_GatheredPositions | _Index] = []
        for driving in filters:
            # a filter that drives exactly needs no test of the rows that it finds
            others = _RowTests(
                reader, (test for test in filters if test is not driving or not driving.exact)
            )
            if driving.streams:
                self.sources.append(_GatheredPositions(reader, others, driving.streams, span))
            elif driving.expression:
                self.sources.append(_Index(reader, others, driving, span))

    def positions(self, limit: int) -> list[int]:
        """Return the first ``limit`` positions, in order."""
        positions: list[int] = []
        position: int | None = self._jump(self.after)
        count = max(STRETCH, limit)
        while position is not None and len(positions) < limit:
            driver, reach = self._driver(position, count)
            positions += driver.matching((position, reach), limit - len(positions))
            position = self._jump(reach)
            count = min(2 * count, LONGEST)
        return positions

    def _jump(self, position: int) -> int | None:
        """Return the last position before which nothing can match any more; None at the end.

        Sources are asked twice: what a later one skips may let an earlier one skip more.
        """
        for source in (*self.sources, *self.sources):
            following = source.following(position)
            if following is None:
                return None
            position = max(position, following - 1)
        return position if position + 1 < self.settled else None

    def _driver(self, position: int, count: int) -> tuple[_Log | _GatheredPositions | _Index, int]:
        """Return the source that gets furthest with ``count`` entries, and its reach."""
        drivers = [self.log, *(source for source in self.sources if source.drives)]
        reaches = [source.reach(position, count) for source in drivers]
        reach = max(reaches)
        return drivers[reaches.index(reach)], reach
