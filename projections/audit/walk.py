"""A walk along the log that meets only what may match all filters of a question.

What a filter leaves is found along an index that is ordered by position within a value: a type, an
actor, the month an event occurred in, the hour it was recorded in; the events of one organization,
and of a small part of the tree, are gathered. A page is walked in stretches: whatever part of the
log one filter rules out is jumped over, then the filter that goes furthest with few entries drives
the stretch, and the others are looked at row by row.
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
"""Buckets of one filter that may drive a stretch; of more it tells only where to jump."""
SOUGHT = 16
"""Buckets whose next entries are sought one by one rather than all anew."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """One filter: its condition on a row, with its values."""

    condition: str
    values: tuple[Any, ...]
    expression: str = ""
    """What an index orders before the position; empty where none does."""
    bounds: tuple[str, str] = ("", "")
    """The first and the last value of the expression."""
    streams: tuple[str, ...] = ()
    """The streams whose events are few enough to gather."""
    drives: bool = True
    """Whether a walk along the index beats one along the log."""

    @property
    def exact(self) -> bool:
        """Whether what is gathered or found along the index is all there is to look at."""
        return bool(self.streams) or self.bounds == (*self.values, *self.values)


class _Rows:
    """The conditions of filters, looked at row by row."""

    def __init__(self, reader: Reader, filters: Iterable[AuditFilter]) -> None:
        self.reader = reader
        # Before a column a plus keeps SQLite from driving the query by an index of its own choice.
        wanted = list(filters)
        plus = "" if reader.postgres else "+"
        self.condition = "".join(
            f" AND {'' if one.condition.startswith('EXISTS') else plus}"
            + one.condition.replace(" AND recorded", f" AND {plus}recorded")
            for one in wanted
        )
        self.values = [value for one in wanted for value in one.values]

    def between(
        self, driven: str, values: Sequence[Any], bounds: tuple[int, int], limit: int
    ) -> list[int]:
        """Positions above the first bound up to the last that match, in order, driven by a key."""
        rows = self.reader.rows(
            f"SELECT position FROM events WHERE {driven} AND position > ? AND position <= ?"
            f"{self.condition} ORDER BY position LIMIT ?",
            [*values, *bounds, *self.values, limit],
        )
        return [position for (position,) in rows]

    def among(self, positions: list[int]) -> list[int]:
        """Those of some positions that match, in order."""
        if not self.condition:
            return positions
        sql = f"SELECT position FROM events WHERE 1 = 1{self.condition} AND position"
        rows = self.reader.select_in(sql, positions, given=self.values)
        return sorted(position for (position,) in rows)


class _Log:
    """The whole log as what drives a stretch."""

    def __init__(self, reader: Reader, rows: _Rows, settled: int) -> None:
        self.reader = reader
        self.rows = rows
        self.settled = settled

    def reach(self, position: int, count: int) -> int:
        """The position of about the ``count``-th entry after one, or the last that is settled."""
        if not self.reader.postgres:
            return min(position + count, self.settled - 1)
        return _nth(self.reader, "1 = 1", (), (position, self.settled), count)

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """The positions in a stretch that match."""
        return self.rows.between("1 = 1", (), bounds, limit)


class _Gathered:
    """The positions of some streams, all in memory."""

    drives = True

    def __init__(
        self, reader: Reader, rows: _Rows, streams: Sequence[str], span: tuple[int, int]
    ) -> None:
        self.rows = rows
        # Whole streams: a condition on positions would keep SQLite off the index. One text rather
        # than a row for each is three times as fast to fetch.
        listed = "COALESCE(json_agg(position), '[]')::text"
        sql = listed if reader.postgres else "json_group_array(position)"
        texts = reader.select_in(f"SELECT {sql} FROM events WHERE stream", streams)
        found = sorted(position for (text,) in texts for position in orjson.loads(text))
        self.positions: list[int] = found[
            bisect_right(found, span[0]) : bisect_left(found, span[1])
        ]

    def following(self, position: int) -> int | None:
        """The first entry after a position."""
        place = bisect_right(self.positions, position)
        return self.positions[place] if place < len(self.positions) else None

    def reach(self, position: int, count: int) -> int:
        """The position of the ``count``-th entry after one, or the last."""
        last = bisect_right(self.positions, position) + count - 1
        return self.positions[min(last, len(self.positions) - 1)]

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """The positions in a stretch that match."""
        first, last = (bisect_right(self.positions, bound) for bound in bounds)
        return self.rows.among(self.positions[first:last])[:limit]


class _Index:
    """What a filter leaves, or a little more: one or more buckets, each in reading order."""

    def __init__(
        self, reader: Reader, rows: _Rows, one: AuditFilter, span: tuple[int, int]
    ) -> None:
        self.reader = reader
        self.rows = rows
        self.filter = one
        self.key = f"{one.expression} = ?"
        self.settled = span[1]
        single = one.bounds[0] == one.bounds[1]
        self.starts: dict[str, int] = (
            self._seek([one.bounds[0]], span[0]) if single else self._starts(span[0])
        )
        """The first position that was not passed yet, by bucket."""
        self.drives = one.drives and len(self.starts) <= DRIVING

    def following(self, position: int) -> int | None:
        """The first entry after a position."""
        passed = [bucket for bucket, start in self.starts.items() if start <= position]
        if len(passed) > SOUGHT:
            self.starts = self._starts(position)
        elif passed:
            left = {bucket: start for bucket, start in self.starts.items() if start > position}
            self.starts = left | self._seek(passed, position)
        return min(self.starts.values(), default=None)

    def reach(self, position: int, count: int) -> int:
        """A position up to which no bucket has more than ``count`` entries."""
        span = (position, self.settled)
        return min(_nth(self.reader, self.key, (bucket,), span, count) for bucket in self.starts)

    def matching(self, bounds: tuple[int, int], limit: int) -> list[int]:
        """The positions in a stretch that match."""
        found = [
            position
            for bucket, start in self.starts.items()
            if start <= bounds[1]
            for position in self.rows.between(self.key, (bucket,), bounds, limit)
        ]
        return sorted(found)[:limit]

    def _seek(self, buckets: list[str], position: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for bucket in buckets:
            rows = self.reader.rows(
                f"SELECT position FROM events WHERE {self.key} AND position > ? AND position < ?"
                " ORDER BY position LIMIT 1",
                [bucket, position, self.settled],
            )
            if rows:
                found[bucket] = rows[0][0]
        return found

    def _starts(self, position: int) -> dict[str, int]:
        """The first entry after a position in each bucket that holds one."""
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
        return {start: first for start, first in rows if first is not None}


def _nth(reader: Reader, key: str, values: Sequence[Any], span: tuple[int, int], count: int) -> int:
    """The position of the ``count``-th entry of a key in a span, or the last that is settled."""
    rows = reader.rows(
        f"SELECT position FROM events WHERE {key} AND position > ? AND position < ?"
        " ORDER BY position LIMIT 1 OFFSET ?",
        [*values, *span, count - 1],
    )
    reach: int = rows[0][0] if rows else span[1] - 1
    return reach


class AuditWalk:
    """The positions after a cursor that match all filters, settled ones alone."""

    def __init__(
        self, reader: Reader, after: int, settled: int, filters: list[AuditFilter]
    ) -> None:
        self.after = after
        self.settled = settled
        self.log = _Log(reader, _Rows(reader, filters), settled)
        span = (after, settled)
        self.sources: list[_Gathered | _Index] = []
        for one in filters:
            others = _Rows(
                reader, (other for other in filters if other is not one or not one.exact)
            )
            if one.streams:
                self.sources.append(_Gathered(reader, others, one.streams, span))
            elif one.expression:
                self.sources.append(_Index(reader, others, one, span))

    def positions(self, limit: int) -> list[int]:
        """The first ``limit`` positions, in order."""
        found: list[int] = []
        position: int | None = self._jump(self.after)
        count = max(STRETCH, limit)
        while position is not None and len(found) < limit:
            driver, reach = self._driver(position, count)
            found += driver.matching((position, reach), limit - len(found))
            position = self._jump(reach)
            count = min(2 * count, LONGEST)
        return found

    def _jump(self, position: int) -> int | None:
        """The last position before which nothing is left to find; None at the end."""
        for one in (*self.sources, *self.sources):
            following = one.following(position)
            if following is None:
                return None
            position = max(position, following - 1)
        return position if position + 1 < self.settled else None

    def _driver(self, position: int, count: int) -> tuple[_Log | _Gathered | _Index, int]:
        """What goes furthest along the log with so many entries, and how far."""
        drivers = [self.log, *(one for one in self.sources if one.drives)]
        reaches = [(one.reach(position, count), one) for one in drivers]
        reach, driver = max(reaches, key=lambda one: one[0])
        return driver, reach
