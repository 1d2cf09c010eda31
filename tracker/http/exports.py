"""Lists as files, for pages and the API: one clock, one limit, and words where rows are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.export.tables import (
    CSV_TYPE,
    LEFT_OUT,
    WORKBOOK_TYPE,
    Table,
    streamed_response,
    table_response,
)
from tracker.wording.clock import LocalClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

__all__ = [
    "CSV_TYPE",
    "LEFT_OUT",
    "MOST_ROWS",
    "WORKBOOK_TYPE",
    "fill_table",
    "local_clock",
    "made_now",
    "make_table",
    "note_first",
    "streamed_response",
    "table_response",
]
MOST_ROWS = 10_000
"""Rows of a file that is made in memory; of a longer list it has the first ones and says so."""


def make_table(
    context: RequestContext,
    reader: Reader,
    name: str,
    asked: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    left_out: str = "",
) -> Table:
    """Return a list as a table with at most ``MOST_ROWS`` of its rows.

    ``rows`` has one more where there are more; ``left_out`` names another limit that the list has
    already reached.
    """
    if len(rows) > MOST_ROWS:
        left_out = note_first(context, MOST_ROWS)
    return fill_table(context, reader, name, asked, heads, rows[:MOST_ROWS], left_out)


def fill_table(
    context: RequestContext,
    reader: Reader,
    name: str,
    asked: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    left_out: str = "",
) -> Table:
    """Return a list as a table with all of its rows, which may be read while they are sent."""
    return Table(
        name, asked, made_now(context, reader), heads, rows, left_out, language=context.language
    )


def local_clock(context: RequestContext, reader: Reader) -> LocalClock:
    """Return the clock by which a file shows instants."""
    return LocalClock(context.district(reader).zone)


def made_now(context: RequestContext, reader: Reader) -> str:
    """Return the present local time and the name of the clock, for the head of a file."""
    clock = local_clock(context, reader)
    name = clock.name(context.language)
    return clock.show(context.now()) + context.t(f"（{name}）", f" ({name})")


def note_first(context: RequestContext, rows: int) -> str:
    """Return the words of a file that has only its list's first rows."""
    return context.t(
        f"只含前 {rows} 行，后面还有；请缩小范围后分次导出",
        f"only the first {rows} rows, there are more: narrow the filter and export in parts",
    )
