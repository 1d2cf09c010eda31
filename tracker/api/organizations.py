"""Organizations: searched and listed, one with its tree, its file and its duties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from projections.compliance.tasks import todo
from projections.electronic_file.file import head_of, read_file
from projections.organizations.search import OrganizationQuery, search_organizations
from tracker.api.protocol.answers import (
    IfNoneMatch,
    etag_of,
    json_answer,
    marked,
    matches,
    unchanged,
)
from tracker.api.protocol.lists import FILES, Column, ListDefinition, Paged, as_file, listed
from tracker.api.protocol.parameters import Category, Code, Under, known, seen_stream
from tracker.api.protocol.problems import READING
from tracker.api.shapes.figures import (
    ElectronicFileAnswer,
    OrganizationHead,
    OrganizationRow,
    Page,
    Task,
)
from tracker.http.context import Context

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry

router = APIRouter(prefix="/api/v1", tags=["organizations"], responses=READING)

COLUMNS: tuple[Column, ...] = (
    ("code", "代码", "code"),
    ("name", "名称", "name"),
    ("category", "类别", "category"),
    ("parent", "上级", "parent"),
    ("registered_on", "成立日期", "registered on"),
    ("closed_on", "撤销日期", "closed on"),
    ("merged_into", "并入", "merged into"),
)
LISTING = ListDefinition("组织", "Organizations", COLUMNS, lambda row: [row["code"]])
TASKS = ListDefinition(
    "待办",
    "Duties",
    (
        ("criterion", "标准", "criterion"),
        ("text", "内容", "text"),
        ("kind", "种类", "kind"),
        ("name", "名称", "name"),
        ("window", "期间", "window"),
        ("required", "应完成", "required"),
        ("counted", "已计", "counted"),
        ("due_on", "截止", "due on"),
        ("state", "状态", "state"),
    ),
    lambda row: [row["criterion"]],
    bare=True,
)
Life = Annotated[
    Literal["open", "closed", "all"], Query(description="Standing today, closed, or both.")
]


@router.get("/organizations", response_model=Page[OrganizationRow], responses=FILES)
def list_organizations(
    context: Context,
    paging: Paged,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of the name, or how the code begins.")
    ] = None,
    category: Category = None,
    under: Under = None,
    parent: Code = None,
    life: Life = "all",
) -> Response:
    """Organizations within what the account may see, by code."""
    with context.read() as reader:
        scope = context.scope(reader, "see_file")
        above = seen_stream(context, reader, under, "see_file")
        directly = seen_stream(context, reader, parent, "see_file")
        wanted = OrganizationQuery(
            context.today(reader).isoformat(),
            q,
            category,
            above,
            directly,
            life,
        )
        rows = search_organizations(reader, scope, wanted, paging.code, paging.wanted)
        return listed(context, reader, paging, LISTING, [row._asdict() for row in rows])


@router.get("/organizations/{code}", response_model=OrganizationHead)
def show_organization(context: Context, code: str, if_none_match: IfNoneMatch = None) -> Response:
    """One organization as it stands, with every code that it bears or bore."""
    with context.read() as reader:
        entry = known(reader, code)
        etag = etag_of_organization(reader, entry)
        if matches(if_none_match, etag):
            return unchanged(etag)
        return marked(head_of(reader, entry), etag)


@router.get("/organizations/{code}/tree", response_model=Page[OrganizationRow], responses=FILES)
def show_tree(context: Context, code: str, paging: Paged, life: Life = "open") -> Response:
    """An organization and all under it today, by code, with ``depth`` below it."""
    with context.read() as reader:
        entry = known(reader, code)
        wanted = OrganizationQuery(context.today(reader).isoformat(), under=entry.stream, life=life)
        scope = context.scope(reader, "see_file")
        rows = search_organizations(reader, scope, wanted, paging.code, paging.wanted)
        return listed(context, reader, paging, LISTING, [row._asdict() for row in rows])


@router.get("/organizations/{code}/file", response_model=ElectronicFileAnswer)
def show_file(context: Context, code: str, if_none_match: IfNoneMatch = None) -> Response:
    """The electronic file: scores, inspections, rectifications, activities, and the head."""
    with context.read() as reader:
        entry = known(reader, code)
        etag = etag_of(reader, _named_by(entry), "file")
        if matches(if_none_match, etag):
            return unchanged(etag)
        return marked(read_file(reader, entry), etag)


@router.get("/organizations/{code}/todo", response_model=list[Task], responses=FILES)
def show_todo(
    context: Context,
    code: str,
    form: Annotated[
        Literal["json", "csv", "xlsx"], Query(alias="format", description="JSON or a file.")
    ] = "json",
) -> Response:
    """What is due, done and missing today, with the last days on which recording is in time."""
    with context.read() as reader:
        rows = todo(reader, known(reader, code), context.district(reader), context.today(reader))
        if form != "json":
            return as_file(context, reader, form, TASKS, rows)
    return json_answer(rows)


def etag_of_organization(reader: Reader, entry: OrganizationEntry) -> str:
    """The mark of an organization as it stands."""
    return etag_of(reader, _named_by(entry), "organization")


def _named_by(entry: OrganizationEntry) -> list[Any]:
    """The streams of an organization and of those whose codes its answer names."""
    return [entry.stream, entry.parent, entry.merged_into]
