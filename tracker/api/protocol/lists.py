"""Lists: page by page behind opaque cursors, or whole as a file with exactly the same filter."""

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
from tracker.export.tables import CSV_TYPE, WORKBOOK_TYPE, Table, exported

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

LARGEST_PAGE = 200
LARGEST_FILE = 10_000
"""Rows of one file; what is longer says so in its first line."""
OWN = frozenset({"limit", "after", "format"})
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV_TYPE.partition(";")[0]: {}, WORKBOOK_TYPE: {}}}
}
"""What a list may also answer with, for the description of its route."""

Row = dict[str, Any]
Rows = Sequence[Row]
Column = tuple[str, str, str]
"""The key of a row's value, and the head of its column in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list, and in which form."""

    limit: int
    after: str | None
    format: Literal["json", "csv", "xlsx"]

    @property
    def whole(self) -> bool:
        """Whether the whole list is asked for, as a file."""
        return self.format != "json"

    def key(self, *kinds: type) -> list[Any] | None:
        """What the cursor says: the sorting key of the last row that was seen, of these types."""
        return None if self.after is None or self.whole else read_cursor(self.after, *kinds)

    @property
    def code(self) -> str | None:
        """The same where a list is sorted by one text."""
        found = self.key(str)
        return None if found is None else str(found[0])

    @property
    def wanted(self) -> int:
        """How many rows to fetch: one more than are shown tells whether there are more."""
        return (LARGEST_FILE if self.whole else self.limit) + 1


def paging_of(
    limit: Annotated[
        int, Query(ge=1, le=LARGEST_PAGE, description="How many rows a page holds.")
    ] = 50,
    after: Annotated[
        str | None, Query(max_length=1000, description="The cursor ``next`` of the page before.")
    ] = None,
    form: Annotated[
        Literal["json", "csv", "xlsx"],
        Query(alias="format", description="A page as JSON, or the whole list as a file."),
    ] = "json",
) -> Paging:
    """Read the parameters that every list has."""
    return Paging(limit, after, form)


Paged = Annotated[Paging, Depends(paging_of)]


def cursor(parts: Sequence[Any]) -> str:
    """The opaque text of a sorting key."""
    return base64.urlsafe_b64encode(orjson.dumps(list(parts))).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[Any]:
    """The sorting key that a cursor stands for, its parts of ``kinds``, numbers from 0.

    ``Refused`` for a text that is none.
    """
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        found = None
    if (
        isinstance(found, list)
        and [type(one) for one in found] == list(kinds)
        and all(0 <= one < 1 << 63 for one in found if isinstance(one, int))
    ):
        return found
    raise Refused("bad_cursor", field="after", text=text)


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A list: its name in both languages, its columns, and the sorting key of a row."""

    zh: str
    en: str
    columns: tuple[Column, ...]
    key: Callable[[Row], Sequence[Any]]
    bare: bool = False
    """Whether docs/contracts.md fixes a bare list, whose next page a Link header tells."""


def listed(
    context: RequestContext, reader: Reader, paging: Paging, listing: ListDefinition, rows: Rows
) -> Response:
    """One page of ``rows``, fetched as ``paging`` wanted them, or all of them as a file."""
    if paging.whole:
        return as_file(context, reader, paging.format, listing, rows)
    shown = list(rows[: paging.limit])
    more = len(rows) > paging.limit
    after = cursor(listing.key(shown[-1])) if more else None
    if not listing.bare:
        return json_answer({"items": shown, "next": after})
    return json_answer(shown, 200, link_to_next(context, after))


def link_to_next(context: RequestContext, after: str | None) -> dict[str, str]:
    """The header that names the next page of a bare list."""
    if after is None:
        return {}
    known = [
        (key, one) for key, one in context.request.query_params.multi_items() if key != "after"
    ]
    address = f"{context.request.url.path}?{urlencode([*known, ('after', after)])}"
    return {"link": f'<{address}>; rel="next"'}


def as_file(
    context: RequestContext, reader: Reader, form: str, listing: ListDefinition, rows: Rows
) -> Response:
    """A list as CSV or workbook: the filter in its first line, its heads in the language."""
    asked = "  ".join(
        f"{key}={one}" for key, one in context.request.query_params.multi_items() if key not in OWN
    )
    if len(rows) > LARGEST_FILE:
        asked += context.t(f"（仅前 {LARGEST_FILE} 行）", f" (the first {LARGEST_FILE} rows alone)")
    zone = context.district(reader).zone
    table = Table(
        context.t(listing.zh, listing.en),
        asked,
        context.now().astimezone(zone),
        [context.t(zh, en) for _, zh, en in listing.columns],
        [[_cell(row, key) for key, _, _ in listing.columns] for row in rows[:LARGEST_FILE]],
    )
    return exported(table, form)


def _cell(row: Row, key: str) -> Any:
    """One value as a cell: ``a.b`` looks inside; lists are joined, objects written as JSON."""
    value: Any = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return value
