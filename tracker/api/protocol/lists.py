"""Lists: pages with opaque cursors, or the whole list as a file with the same filter."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query
from fastapi.responses import Response

from events.refusals.errors import Refused
from tracker.api.protocol.answers import json_answer
from tracker.http import exports
from tracker.http.exports import CSV_TYPE, LEFT_OUT, WORKBOOK_TYPE

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext
    from tracker.wording.clock import LocalClock

LARGEST_PAGE = 200
PAGING_PARAMETERS = frozenset({"limit", "after", "format"})
"""The parameters that are not part of a list's filter."""
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {CSV_TYPE.partition(";")[0]: {}, WORKBOOK_TYPE: {}},
        "headers": {
            LEFT_OUT: {
                "schema": {"type": "string"},
                "description": "In a file: some rows are left out; its first line says which.",
            }
        },
    }
}
"""The files that a list may also answer with, for the description of its route."""

Row = dict[str, Any]
Rows = Sequence[Row]
Column = tuple[str, str, str]
"""The key of a row's value, and the column's heading in Chinese and English."""


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list a request wants, and in which format."""

    limit: int
    after: str | None
    format: Literal["json", "csv", "xlsx"]

    @property
    def whole(self) -> bool:
        """Whether the request wants the whole list, as a file."""
        return self.format != "json"

    def key(self, *kinds: type) -> list[Any] | None:
        """Return the sort key of the last row of the page before, None for the first page.

        Its parts are of these types; ``Refused`` for another cursor.
        """
        return None if self.after is None or self.whole else read_cursor(self.after, *kinds)

    @property
    def code(self) -> str | None:
        """The sort key of the page before, for a list that is sorted by one text."""
        key = self.key(str)
        return None if key is None else str(key[0])

    @property
    def wanted(self) -> int:
        """How many rows to fetch: one more than are shown, to know whether there are more."""
        return (exports.MOST_ROWS if self.whole else self.limit) + 1


def read_paging(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Maximum number of rows.")] = 50,
    after: Annotated[
        str | None, Query(max_length=1000, description="Continue after this cursor (`next`).")
    ] = None,
    form: Annotated[
        Literal["json", "csv", "xlsx"],
        Query(alias="format", description="One page as JSON, or the list as a file."),
    ] = "json",
) -> PageQuery:
    """Return the paging that a list's parameters describe."""
    return PageQuery(limit, after, form)


PageParameters = Annotated[PageQuery, Depends(read_paging)]
"""The parameter by which a route gets its paging."""


def write_cursor(parts: Sequence[Any]) -> str:
    """Return a sort key as an opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(list(parts))).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[Any]:
    """Return the sort key of a cursor; its parts are of ``kinds``, numbers from 0 to 2**63 - 1.

    ``Refused`` for any other text: a forged number must not overflow a database's integer,
    and PostgreSQL has no text with NUL.
    """
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    if (
        isinstance(parts, list)
        and [type(part) for part in parts] == list(kinds)
        and all(0 <= part < 1 << 63 for part in parts if isinstance(part, int))
        and not any("\0" in part for part in parts if isinstance(part, str))
    ):
        return parts
    raise Refused("bad_cursor", field="after", text=text)


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A list: its name in both languages, its columns, and the sort key of a row."""

    zh: str
    en: str
    columns: tuple[Column, ...]
    key: Callable[[Row], Sequence[Any]]
    bare: bool = False
    """Whether docs/contracts.md fixes a bare list, whose next page is in the header ``Link``."""


def list_answer(
    context: RequestContext, reader: Reader, paging: PageQuery, listing: ListDefinition, rows: Rows
) -> Response:
    """Return one page of ``rows``, or all of them as a file.

    ``rows`` are at most ``paging.wanted``, from the row after the cursor on.
    """
    if paging.whole:
        return file_answer(context, reader, paging.format, listing, rows)
    shown = list(rows[: paging.limit])
    more = len(rows) > paging.limit
    after = write_cursor(listing.key(shown[-1])) if more else None
    if not listing.bare:
        return json_answer({"items": shown, "next": after})
    return json_answer(shown, 200, link_to_next(context, after))


def link_to_next(context: RequestContext, after: str | None) -> dict[str, str]:
    """Return the header ``Link`` that names the next page of a bare list; empty without one."""
    if after is None:
        return {}
    parameters = context.request.query_params.multi_items()
    kept = [(key, text) for key, text in parameters if key != "after"]
    address = f"{context.request.url.path}?{urlencode([*kept, ('after', after)])}"
    return {"link": f'<{address}>; rel="next"'}


def file_answer(
    context: RequestContext,
    reader: Reader,
    form: str,
    listing: ListDefinition,
    rows: Rows,
    left_out: str = "",
) -> Response:
    """Return a list as CSV or workbook; ``left_out`` names rows that are missing already.

    Its first line is the filter; its headings are in the user's language.
    """
    cells = list_cells(listing, exports.local_clock(context, reader), rows)
    table = exports.make_table(context, reader, *list_head(context, listing), cells, left_out)
    return exports.table_response(table, form)


def list_head(context: RequestContext, listing: ListDefinition) -> tuple[str, str, list[str]]:
    """Return the name of a list, its filter and the headings of its columns, for a file."""
    parameters = context.request.query_params.multi_items()
    filters = "  ".join(f"{key}={text}" for key, text in parameters if key not in PAGING_PARAMETERS)
    heads = [context.t(zh, en) for _, zh, en in listing.columns]
    return context.t(listing.zh, listing.en), filters, heads


def list_cells(listing: ListDefinition, clock: LocalClock, rows: Rows) -> list[list[Any]]:
    """Return rows as the cells of a file, with instants by the local clock."""
    return [[_cell(row, key, clock) for key, _, _ in listing.columns] for row in rows]


def _cell(row: Row, key: str, clock: LocalClock) -> Any:
    """Return one value as a cell.

    A key ``a.b`` is nested; lists of texts are joined, other lists and objects become JSON. What
    ends in ``_at`` is an instant, shown by the clock that the file names.
    """
    value: Any = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if key.endswith("_at"):
        return clock.show_seconds(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "; ".join(value)
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return value
