"""Rectification orders: list, show one with its replies, reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.refusals.errors import Refused
from events.streams.rectifications import ReplyRectification
from events.values import Day, Evidence, FrozenModel, Identity, Reason
from projections.rectifications.ledger import (
    inspectors_of,
    place_of,
    read_order,
    read_orders,
    read_replies,
)
from tracker.api.protocol.answers import (
    IfMatch,
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    make_etag,
    not_modified,
    require_current,
)
from tracker.api.protocol.identities import IdempotencyKey, choose_identity, created_answer
from tracker.api.protocol.lists import FILES, Column, ListDefinition, PageParameters, list_answer
from tracker.api.protocol.parameters import Category, Under, find_organization, find_visible_stream
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page
from tracker.api.shapes.records import OrderDocument, OrderRow, ReplyAppendAnswer
from tracker.commands.rectifications import record_reply
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute
from tracker.http.uploads import require_files

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.rectifications.ledger import RectificationOrder, RectificationReply
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["rectifications"], route_class=JsonRoute)
PLACE = "/organizations/{code}/rectifications/{rectification_id:path}"
COLUMNS: tuple[Column, ...] = (
    ("organization", "代码", "code"),
    ("name", "名称", "name"),
    ("category", "类别", "category"),
    ("rectification_id", "通知单号", "order"),
    ("period", "月份", "month"),
    ("criterion", "标准", "criterion"),
    ("problem", "问题", "problem"),
    ("due", "期限", "due"),
    ("ordered_at", "下达时间", "ordered at"),
    ("replied_at", "回复时间", "replied at"),
    ("state", "状态", "state"),
)
LISTING = ListDefinition(
    "整改台账",
    "Rectifications",
    COLUMNS,
    lambda row: place_of(
        row["replied_at"], row["due"], row["organization"], row["rectification_id"]
    ),
)


class ReplyInput(FrozenModel):
    """What was done about a problem, and when."""

    reply_id: Identity | None = Field(
        default=None, description="The reply's identity; default: the Idempotency-Key."
    )
    measures: Reason
    done_on: Day
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


@router.get("/rectifications", response_model=Page[OrderRow], responses=FILES | READING)
def list_orders(
    context: Context,
    paging: PageParameters,
    state: Annotated[
        Literal["open", "overdue", "replied"] | None,
        Query(description="Orders in this state today."),
    ] = None,
    category: Category = None,
    under: Under = None,
) -> Response:
    """List the orders that the account may see: those without a reply first, by due date."""
    with context.read() as reader:
        scope, today = context.scope(reader, "see_file"), context.today(reader)
        above = find_visible_stream(context, reader, under, "see_file")
        rows = read_orders(
            reader,
            scope,
            today,
            state,
            paging.wanted,
            category=category,
            under=above,
            after=paging.key(int, str, str, str),
        )
        return list_answer(context, reader, paging, LISTING, [_order_row(order) for order in rows])


def _order_row(order: RectificationOrder) -> dict[str, Any]:
    return {name: getattr(order, name) for name in OrderRow.model_fields}


@router.get(PLACE, response_model=OrderDocument, responses=READING)
def show_order(
    context: Context, code: str, rectification_id: str, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one order: the problem, its due date, who ordered it, and the replies."""
    with context.read() as reader:
        entry = find_organization(reader, code)
        etag = _order_etag(context, reader, entry)
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        found = read_order(reader, entry.stream, rectification_id, context.today(reader))
        if found is None:
            raise Refused(
                "unknown_rectification", field="rectification_id", rectification_id=rectification_id
            )
        order_replies = read_replies(reader, entry.stream).get(rectification_id, [])
        people = inspectors_of(reader, entry.stream, found.order.period)
    head = {"version": found.order.version, "hash": found.hash, "actor": found.actor}
    rest = {"inspectors": people, "replies": [_reply_answer(reply) for reply in order_replies]}
    return answer_with_etag(_order_row(found.order) | head | rest, etag)


def _reply_answer(reply: RectificationReply) -> dict[str, Any]:
    evidence = [{"kind": piece["kind"], "file": piece.get("file")} for piece in reply.evidence]
    return reply._asdict() | {"evidence": evidence}


def _order_etag(context: RequestContext, reader: Reader, entry: OrganizationEntry) -> str:
    """The ETag of an order: its organization's stream, and today, which may make it overdue."""
    return make_etag(reader, [entry.stream], "order", context.today(reader))


@router.post(
    PLACE + "/replies",
    status_code=201,
    response_model=ReplyAppendAnswer,
    responses=WRITING | refusals(412),
)
def reply_to_order(
    context: Context,
    code: str,
    rectification_id: str,
    body: ReplyInput,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Reply to an order: what was done, on which day, with evidence."""
    reply_id = choose_identity(key, body.reply_id, "reply_id")
    command = ReplyRectification.model_construct(
        rectification_id=rectification_id,
        reply_id=reply_id,
        measures=body.measures,
        done_on=body.done_on,
        evidence=body.evidence,
    )
    with context.read() as reader:
        entry = find_organization(reader, code)
        repeated = reader.has_event(entry.stream, f"reply/{reply_id}")
        require_files(context, reader, body.evidence)
        if not repeated:
            require_current(if_match, _order_etag(context, reader, entry))
    result = record_reply(context.app.store, code, command, context.metadata())
    answer = {
        "organization": code,
        "rectification_id": rectification_id,
        "reply_id": reply_id,
        "version": result.version,
    }
    return created_answer(answer, changed=result.changed)
