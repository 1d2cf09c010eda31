"""Rectification orders: the ledger, one with its replies, and replying to it."""

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
    etag_of,
    marked,
    matches,
    require_seen,
    unchanged,
)
from tracker.api.protocol.identities import IdempotencyKey, appended, identity_of
from tracker.api.protocol.lists import FILES, Column, ListDefinition, Paged, listed
from tracker.api.protocol.parameters import Category, Under, known, seen_stream
from tracker.api.protocol.problems import READING, WRITING, refusals
from tracker.api.shapes.figures import Page
from tracker.api.shapes.records import AppendedReply, OrderDocument, OrderRow
from tracker.commands.rectifications import reply
from tracker.http.context import Context
from tracker.http.uploads import require

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry
    from projections.rectifications.ledger import RectificationOrder, RectificationReply
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["rectifications"])
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


class ReplyGiven(FrozenModel):
    """What was done about a problem, and on which day."""

    reply_id: Identity | None = Field(
        default=None, description="Its identity; without it the Idempotency-Key is."
    )
    measures: Reason
    done_on: Day
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


@router.get("/rectifications", response_model=Page[OrderRow], responses=FILES | READING)
def list_orders(
    context: Context,
    paging: Paged,
    state: Annotated[
        Literal["open", "overdue", "replied"] | None, Query(description="How it stands today.")
    ] = None,
    category: Category = None,
    under: Under = None,
) -> Response:
    """Every order within what the account may see: those without a reply by their last day."""
    with context.read() as reader:
        scope, today = context.scope(reader, "see_file"), context.today(reader)
        above = seen_stream(context, reader, under, "see_file")
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
        return listed(context, reader, paging, LISTING, [_row(order) for order in rows])


def _row(order: RectificationOrder) -> dict[str, Any]:
    return {name: getattr(order, name) for name in OrderRow.model_fields}


@router.get(PLACE, response_model=OrderDocument, responses=READING)
def show_order(
    context: Context, code: str, rectification_id: str, if_none_match: IfNoneMatch = None
) -> Response:
    """One order: the problem, its last day, who ordered it, and the replies."""
    with context.read() as reader:
        entry = known(reader, code)
        etag = _etag(context, reader, entry)
        if matches(if_none_match, etag):
            return unchanged(etag)
        found = read_order(reader, entry.stream, rectification_id, context.today(reader))
        if found is None:
            raise _unknown(rectification_id)
        told = read_replies(reader, entry.stream).get(rectification_id, [])
        people = inspectors_of(reader, entry.stream, found.order.period)
    head = {"version": found.order.version, "hash": found.hash, "actor": found.actor}
    rest = {"inspectors": people, "replies": [_reply(reply) for reply in told]}
    return marked(_row(found.order) | head | rest, etag)


def _reply(reply: RectificationReply) -> dict[str, Any]:
    evidence = [{"kind": kind["kind"], "file": kind.get("file")} for kind in reply.evidence]
    return reply._asdict() | {"evidence": evidence}


def _etag(context: RequestContext, reader: Reader, entry: OrganizationEntry) -> str:
    """The mark of an order: of its organization's stream, and the day that makes it overdue."""
    return etag_of(reader, [entry.stream], "order", context.today(reader))


def _unknown(rectification_id: str) -> Refused:
    return Refused(
        "unknown_rectification", field="rectification_id", rectification_id=rectification_id
    )


@router.post(
    PLACE + "/replies",
    status_code=201,
    response_model=AppendedReply,
    responses=WRITING | refusals(412),
)
def reply_to_order(
    context: Context,
    code: str,
    rectification_id: str,
    given: ReplyGiven,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Reply to an order: what was done, on which day, with evidence."""
    reply_id = identity_of(key, given.reply_id, "reply_id")
    command = ReplyRectification.model_construct(
        rectification_id=rectification_id,
        reply_id=reply_id,
        measures=given.measures,
        done_on=given.done_on,
        evidence=given.evidence,
    )
    with context.read() as reader:
        entry = known(reader, code)
        repeated = reader.has_event(entry.stream, f"reply/{reply_id}")
        require(context, reader, given.evidence)
        if not repeated:
            require_seen(if_match, _etag(context, reader, entry))
    done = reply(context.tools.store, code, command, context.metadata())
    answer = {
        "organization": code,
        "rectification_id": rectification_id,
        "reply_id": reply_id,
        "version": done.version,
    }
    return appended(answer, changed=done.changed)
