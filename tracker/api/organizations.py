"""Organizations: search and list; one with its subtree, its electronic file and its duties."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from projections.compliance.tasks import list_tasks
from projections.electronic_file.file import head_of, read_file
from projections.organizations.search import OrganizationQuery, search_organizations
from tracker.api.protocol.answers import (
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    json_answer,
    make_etag,
    not_modified,
)
from tracker.api.protocol.lists import (
    FILES,
    Column,
    ListDefinition,
    PageParameters,
    file_answer,
    list_answer,
)
from tracker.api.protocol.parameters import (
    Category,
    Code,
    Under,
    find_organization,
    find_visible_stream,
)
from tracker.api.protocol.problems import READING
from tracker.api.shapes.figures import (
    ElectronicFileAnswer,
    OrganizationRow,
    OrganizationSummary,
    Page,
    TaskRow,
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
    Literal["open", "closed", "all"], Query(description="Open today, closed, or both.")
]


@router.get("/organizations", response_model=Page[OrganizationRow], responses=FILES)
def list_organizations(
    context: Context,
    paging: PageParameters,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of the name, or a prefix of the code.")
    ] = None,
    category: Category = None,
    under: Under = None,
    parent: Code = None,
    life: Life = "all",
) -> Response:
    """List the organizations that the account may see, sorted by code."""
    with context.read() as reader:
        scope = context.scope(reader, "see_file")
        above = find_visible_stream(context, reader, under, "see_file")
        directly = find_visible_stream(context, reader, parent, "see_file")
        query = OrganizationQuery(
            context.today(reader).isoformat(),
            q,
            category,
            above,
            directly,
            life,
        )
        rows = search_organizations(reader, scope, query, paging.code, paging.wanted)
        return list_answer(context, reader, paging, LISTING, [row._asdict() for row in rows])


@router.get("/organizations/{code}", response_model=OrganizationSummary)
def show_organization(context: Context, code: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return one organization, with its current and former codes."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        etag = organization_etag(reader, entry)
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        return answer_with_etag(head_of(reader, entry), etag)


@router.get("/organizations/{code}/tree", response_model=Page[OrganizationRow], responses=FILES)
def show_tree(context: Context, code: str, paging: PageParameters, life: Life = "open") -> Response:
    """List an organization and its descendants today, sorted by code, with their ``depth``."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        query = OrganizationQuery(context.today(reader).isoformat(), under=entry.stream, life=life)
        scope = context.scope(reader, "see_file")
        rows = search_organizations(reader, scope, query, paging.code, paging.wanted)
        return list_answer(context, reader, paging, LISTING, [row._asdict() for row in rows])


@router.get("/organizations/{code}/file", response_model=ElectronicFileAnswer)
def show_file(context: Context, code: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return the electronic file: scores, inspections, rectifications, activities, and the head."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        etag = make_etag(reader, _source_streams(entry), "file")
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        return answer_with_etag(read_file(reader, entry), etag)


@router.get("/organizations/{code}/todo", response_model=list[TaskRow], responses=FILES)
def show_todo(
    context: Context,
    code: str,
    form: Annotated[
        Literal["json", "csv", "xlsx"], Query(alias="format", description="JSON or a file.")
    ] = "json",
) -> Response:
    """List what is due, done and missing today, with the last day on which recording is in time."""
    with context.read() as reader:
        rows = list_tasks(
            reader,
            find_organization(reader, code),
            context.district(reader),
            context.today(reader),
            context.language,
        )
        if form != "json":
            return file_answer(context, reader, form, TASKS, [asdict(task) for task in rows])
    return json_answer(rows)


def organization_etag(reader: Reader, entry: OrganizationEntry) -> str:
    """Return the ETag of an organization's own facts."""
    return make_etag(reader, _source_streams(entry), "organization")


def _source_streams(entry: OrganizationEntry) -> list[Any]:
    """The streams of an organization and of the organizations whose codes its answer names."""
    return [entry.stream, entry.parent, entry.merged_into]
