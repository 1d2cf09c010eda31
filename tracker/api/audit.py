"""The log for programs: searched as the command line does, and one event with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from projections.audit.event_story import story
from projections.audit.trail import may_see, search
from tracker.api.protocol.answers import IfNoneMatch, json_answer, marked, matches, unchanged
from tracker.api.protocol.lists import (
    FILES,
    LARGEST_FILE,
    ListDefinition,
    Paged,
    as_file,
    link_to_next,
)
from tracker.api.protocol.problems import READING, WRITING
from tracker.api.shapes.audit import EventShown, Verification
from tracker.api.shapes.figures import LogEntry
from tracker.http.audit_query import query_of, unknown_event
from tracker.http.context import Context
from tracker.http.verification import Verifier

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

router = APIRouter(prefix="/api/v1", tags=["audit"])
LISTING = ListDefinition(
    "审计日志",
    "Audit log",
    (
        ("recorded_at", "记录时间", "recorded at"),
        ("stream", "流", "stream"),
        ("version", "序号", "version"),
        ("type", "事件", "type"),
        ("actor", "操作人", "actor"),
        ("channel", "渠道", "channel"),
        ("occurred_on", "发生日期", "occurred on"),
        ("data", "内容", "data"),
        ("hash", "哈希", "hash"),
    ),
    lambda row: [row["cursor"]],
    bare=True,
)
Text = Annotated[str, Query(max_length=128)]


def _text(description: str) -> Any:
    return Query(max_length=128, description=description)


@router.get("/audit", response_model=list[LogEntry], responses=FILES | READING)
def audit_log(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    context: Context,
    paging: Paged,
    organization: Annotated[str, _text("Of this organization.")] = "",
    under: Annotated[str, _text("Of it and all that stand or stood under it.")] = "",
    kind: Annotated[str, Query(alias="type", max_length=64, description="Of this type.")] = "",
    actor: Annotated[str, _text("By this actor: an id, or the name of an account.")] = "",
    since: Annotated[str, Query(alias="from", description="Recorded on or after.")] = "",
    until: Annotated[str, Query(alias="to", description="Recorded on or before.")] = "",
    occurred_from: Annotated[str, _text("Occurred on or after.")] = "",
    occurred_to: Annotated[str, _text("Occurred on or before.")] = "",
) -> Response:
    """Who did what, when, in the log's reading order, within what the account may see.

    A bare list as docs/contracts.md fixes it: give the cursor of the last event as ``after``, or
    follow the header ``Link``. A cursor never skips an event that commits later.
    """
    asked = {
        "organization": organization,
        "under": under,
        "type": kind,
        "actor": actor,
        "from": since,
        "to": until,
        "occurred_from": occurred_from,
        "occurred_to": occurred_to,
    }
    limit = LARGEST_FILE if paging.whole else paging.limit
    with context.read() as reader:
        scope = context.scope(reader, "audit")
        after = None if paging.whole else paging.after
        found = search(reader, query_of(reader, scope, asked, limit, after))
        if paging.whole:
            return as_file(context, reader, paging.format, LISTING, found)
    after = found[-1]["cursor"] if len(found) == limit else None
    return json_answer(found, 200, link_to_next(context, after))


@router.get("/audit/verification", response_model=Verification, responses=READING)
def show_verification(context: Context) -> Response:
    """What the newest check of the whole log came to, and whether one is running."""
    return json_answer(_verification(context))


@router.post("/audit/verification", status_code=202, response_model=Verification, responses=WRITING)
def begin_verification(context: Context) -> Response:
    """Check the whole log in the background; one that is running already is left to run."""
    verifier_of(context).begin()
    return json_answer(_verification(context), 202)


def verifier_of(context: RequestContext) -> Verifier:
    """The verifier of the application."""
    found: Verifier = context.request.app.state.verifier
    return found


def _verification(context: RequestContext) -> dict[str, Any]:
    return verifier_of(context).state().to_json()


@router.get("/audit/{stream}/{version}", response_model=EventShown, responses=READING)
def show_event(
    context: Context, stream: str, version: int, if_none_match: IfNoneMatch = None
) -> Response:
    """One event: its data, its subject before and after, its stored bytes and their hash."""
    with context.read() as reader:
        allowed = may_see(reader, context.scope(reader, "audit"), stream)
        found = story(reader, stream, version) if allowed and 0 < version < 1 << 53 else None
    if found is None:
        raise unknown_event(stream, version)
    event = found.event
    etag = f'"{event.hash.hex()}-{int(found.intact)}"'
    if matches(if_none_match, etag):
        return unchanged(etag)
    document = {
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "actor": event.actor,
        "channel": event.channel,
        "occurred_on": event.occurred_on,
        "recorded_at": event.recorded_at,
        "recorded_on": event.recorded_on,
        "data": found.data,
        "before": found.before,
        "after": found.after,
        "changed": found.changed,
        "body": event.body.decode(),
        "previous_hash": found.previous,
        "hash": event.hash.hex(),
        "expected_hash": found.expected,
        "intact": found.intact,
    }
    return marked(document, etag)
