"""A list behind a figure: paged, with the time it was made, and as a file with the same filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from tracker.export.tables import FORMATS, table_response
from tracker.http import exports
from tracker.http.picking import find_organization_typed
from tracker.web.page.picker import pick_organization, typed_text
from tracker.web.page.rendering import page

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from events.log.reader import Reader
    from projections.organizations.picking import OrganizationCandidate
    from tracker.http.context import RequestContext
    from tracker.web.page.forms import FilledForm

PAGE = 50
"""Rows on a page."""
LAST_PAGE = 2000
"""The highest page number accepted, so that nobody asks the database for a huge offset."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, its link, whether it is a figure, and the state that it names."""

    text: Any
    link: str = ""
    number: bool = False
    state: str = ""


Row = Sequence[Cell]
Make = Callable[["Reader", int, int], list[Row]]
"""Reads at most ``limit`` rows from an offset: (reader, limit, offset)."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list to show: its name, its subject (``said``), a hint, the column heads and the rows.

    ``key`` is the key of the cached rows and contains the reader's scope, so that nobody sees rows
    of another scope. ``back`` is the address and name of the page above, ``asked`` the filter.
    """

    name: str
    said: str
    hint: str
    heads: Sequence[str]
    key: str
    make: Make
    back: tuple[str, str] = ("/", "")
    asked: dict[str, str] = field(default_factory=dict)


class FilterField(NamedTuple):
    """A field of a filter that names an organization within the scope of an action."""

    name: str
    action: str


def read_page_number(request: Request) -> int:
    """Return the page number of a request, from 1; 1 for anything else than a number."""
    given = request.query_params.get("page", "1")
    return min(LAST_PAGE, max(1, int(given))) if given.isdecimal() and len(given) < 6 else 1


def read_file_format(request: Request) -> str:
    """Return the file format of a request, empty for a page."""
    given = request.query_params.get("format", "")
    return given if given in FORMATS else ""


def pick_filter(
    context: RequestContext,
    filled: FilledForm,
    asked: dict[str, str],
    field: FilterField,
    reader: Reader,
) -> OrganizationCandidate | None:
    """Return the organization that a filter names, or None; closed ones too.

    ``asked`` then has its code, for the links of the page; the form shows its name, or the fault
    and the choice. A request for a file raises ``Refused`` instead: a file must not have another
    filter.
    """
    if read_file_format(context.request) and typed_text(filled, field.name):
        text = typed_text(filled, field.name)
        return find_organization_typed(context, reader, text, field.action, closed=True)
    picked = pick_organization(context, reader, filled, field.name, field.action, closed=True)
    if picked is not None:
        asked[field.name] = picked.code
    return picked


def make_organization_cell(name: str, code: str) -> Cell:
    """Return a cell with the name of an organization that links to its electronic file."""
    return Cell(name, f"/organizations/{quote(code)}")


def answer_list(context: RequestContext, request: Request, listing: ListPage) -> Response:
    """Return the list as a page of 50 rows, cached for a minute, or as an uncached file."""
    form = read_file_format(request)
    if form:
        with context.read() as reader:
            rows = listing.make(reader, exports.MOST_ROWS + 1, 0)
            cells = [[one.text for one in row] for row in rows]
            table = exports.make_table(
                context, reader, listing.name, listing.said, listing.heads, cells
            )
        return table_response(table, form)
    place = read_page_number(request)
    made = context.figures.get(
        f"{listing.key}:{context.language}:{place}",
        lambda reader: listing.make(reader, PAGE + 1, (place - 1) * PAGE),
    )
    return page(
        context,
        "page/list.html",
        listing=listing,
        rows=made.value[:PAGE],
        more=len(made.value) > PAGE,
        place=place,
        made_at=made.made_at,
    )
