"""A list behind a figure: paged, with its age, and as a file with exactly the filter shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from events.refusals.errors import Refused
from tracker.export.tables import FORMATS, Table, exported
from tracker.web.page.rendering import page
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import Request
    from fastapi.responses import Response

    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from tracker.http.context import RequestContext

PAGE = 50
MOST_EXPORTED = 10_000
LAST_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, where it leads, whether it is a figure, the state that it names."""

    text: Any
    link: str = ""
    number: bool = False
    state: str = ""


Row = Sequence[Cell]
Make = Callable[["Reader", int, int], list[Row]]
"""Reads the rows from an offset on, at most so many: (reader, limit, offset)."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list to show: what it is called, what it is of, a hint, its heads, its rows.

    ``key`` names the question, with the scope of who asks; ``notes`` say where a file stops short.
    """

    name: str
    said: str
    hint: str
    heads: Sequence[str]
    key: str
    make: Make
    back: tuple[str, str] = ("/", "")
    asked: dict[str, str] = field(default_factory=dict)


def place_of(request: Request) -> int:
    """The page that was asked for, from 1."""
    given = request.query_params.get("page", "1")
    return min(LAST_PAGE, max(1, int(given))) if given.isdecimal() and len(given) < 6 else 1


def form_of(request: Request) -> str:
    """The kind of file that was asked for, empty for a page."""
    given = request.query_params.get("format", "")
    return given if given in FORMATS else ""


def organization_asked(
    context: RequestContext, reader: Reader, code: str, action: str
) -> tuple[OrganizationEntry | None, str]:
    """The organization that a filter names, else what is wrong with it, to stand at its field.

    A file with another filter than was asked for is none: ``Refused``.
    """
    if not code:
        return None, ""
    try:
        return context.organization(reader, code, action), ""
    except Refused as refused:
        if form_of(context.request):
            raise
        return None, say(refused, context.language)


def organization_cell(one: dict[str, Any]) -> Cell:
    """The name of an organization, which leads to its file."""
    return Cell(one["name"], f"/organizations/{quote(one['organization'])}")


def local_now(context: RequestContext, reader: Reader) -> datetime:
    """Now, in the district's zone, for the head of a file."""
    return context.now().astimezone(context.district(reader).zone)


def answer(context: RequestContext, request: Request, listing: ListPage) -> Response:
    """The list as a page of fifty rows that is kept for a minute, or as a file."""
    form = form_of(request)
    if form:
        with context.read() as reader:
            rows = listing.make(reader, MOST_EXPORTED + 1, 0)
            made_at = local_now(context, reader)
        said = listing.said + cut_short(context, len(rows))
        cells = [[one.text for one in row] for row in rows[:MOST_EXPORTED]]
        return exported(Table(listing.name, said, made_at, listing.heads, cells), form)
    place = place_of(request)
    made = context.fresh.get(
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


def cut_short(context: RequestContext, count: int) -> str:
    """What a file says where it does not hold all."""
    if count <= MOST_EXPORTED:
        return ""
    return context.t(f" （只含前 {MOST_EXPORTED} 行）", f" (the first {MOST_EXPORTED} rows only)")
