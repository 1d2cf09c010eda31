"""The event log: searched as on the command line, and one event with its proof."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from projections.audit.event_story import explain_event
from projections.audit.trail import AuditQuery, may_see, search
from tracker.api.protocol.answers import (
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    json_answer,
    not_modified,
)
from tracker.api.protocol.lists import (
    FILES,
    ListDefinition,
    PageParameters,
    PageQuery,
    file_answer,
    link_to_next,
    list_cells,
    list_head,
)
from tracker.api.protocol.problems import READING, WRITING
from tracker.api.shapes.audit import EventAnswer, VerificationStateAnswer
from tracker.api.shapes.figures import LogEntry
from tracker.http import exports
from tracker.http.audit_query import read_audit_query, read_rows, unknown_event
from tracker.http.context import Context
from tracker.http.verification import Verifier

if TYPE_CHECKING:
    from events.log.reader import Reader
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


def _filter(description: str) -> Any:
    return Query(max_length=128, description=description)


@router.get("/audit", response_model=list[LogEntry], responses=FILES | READING)
def audit_log(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    context: Context,
    paging: PageParameters,
    organization: Annotated[str, _filter("Events of this organization.")] = "",
    under: Annotated[
        str, _filter("Events of this organization and its descendants, past and present.")
    ] = "",
    kind: Annotated[
        str, Query(alias="type", max_length=64, description="Events of this type.")
    ] = "",
    actor: Annotated[
        str, _filter("Events of this actor: an id, or the name or log-in name of an account.")
    ] = "",
    since: Annotated[str, Query(alias="from", description="Recorded on or after this date.")] = "",
    until: Annotated[str, Query(alias="to", description="Recorded on or before this date.")] = "",
    occurred_from: Annotated[str, _filter("Occurred on or after this date.")] = "",
    occurred_to: Annotated[str, _filter("Occurred on or before this date.")] = "",
) -> Response:
    """Search the log: who did what, when, in reading order, within what the account may see.

    A bare list, as docs/contracts.md defines it: pass the cursor of the last event as ``after``, or
    follow the ``Link`` header. A cursor never skips an event that commits later. With
    ``format=csv`` the file has every event, with ``format=xlsx`` the first 10 000.
    """
    filters = {
        "organization": organization,
        "under": under,
        "type": kind,
        "actor": actor,
        "from": since,
        "to": until,
        "occurred_from": occurred_from,
        "occurred_to": occurred_to,
    }
    after = None if paging.whole else paging.after
    with context.read() as reader:
        scope = context.scope(reader, "audit")
        query = read_audit_query(reader, scope, filters, paging.limit, after)
        if paging.whole:
            return _log_file(context, reader, paging, query)
        entries = search(reader, query)
    after = entries[-1].cursor if len(entries) == paging.limit else None
    return json_answer(entries, 200, link_to_next(context, after))


def _log_file(
    context: RequestContext, reader: Reader, paging: PageQuery, query: AuditQuery
) -> Response:
    """Return the events as a file: CSV with all of them, a workbook with the first."""
    if paging.format == "xlsx":
        entries = search(reader, replace(query, limit=exports.MOST_ROWS))
        full = len(entries) == exports.MOST_ROWS
        more = full and search(reader, replace(query, limit=1, after=entries[-1].cursor))
        left_out = exports.note_first(context, exports.MOST_ROWS) if more else ""
        rows = [asdict(entry) for entry in entries]
        return file_answer(context, reader, paging.format, LISTING, rows, left_out)
    clock = exports.local_clock(context, reader)
    cells = read_rows(
        context,
        query,
        lambda _reader, entries: list_cells(LISTING, clock, [asdict(one) for one in entries]),
    )
    return exports.streamed_response(
        exports.fill_table(context, reader, *list_head(context, LISTING), cells)
    )


@router.get("/audit/verification", response_model=VerificationStateAnswer, responses=READING)
def show_verification(context: Context) -> Response:
    """Return the newest verification of the whole log, and whether one is running."""
    return json_answer(verifier_of(context).state().to_json())


@router.post(
    "/audit/verification",
    status_code=202,
    response_model=VerificationStateAnswer,
    responses=WRITING,
)
def begin_verification(context: Context) -> Response:
    """Verify the whole log in the background; if a verification is running, it continues."""
    verifier = verifier_of(context)
    return json_answer((verifier.begin() or verifier.state()).to_json(), 202)


def verifier_of(context: RequestContext) -> Verifier:
    """Return the verifier of the application."""
    verifier: Verifier = context.request.app.state.verifier
    return verifier


@router.get("/audit/{stream}/{version}", response_model=EventAnswer, responses=READING)
def show_event(
    context: Context, stream: str, version: int, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one event: its data, its subject before and after, its stored bytes and their hash."""
    with context.read() as reader:
        allowed = may_see(reader, context.scope(reader, "audit"), stream)
        # A number beyond 2**53 is no version, and may not fit the column it is compared with.
        event_story = (
            explain_event(reader, stream, version) if allowed and 0 < version < 1 << 53 else None
        )
    if event_story is None:
        raise unknown_event(stream, version)
    event = event_story.event
    etag = f'"{event.hash.hex()}-{int(event_story.intact)}"'
    if etag_matches(if_none_match, etag):
        return not_modified(etag)
    document = {
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "actor": event.actor,
        "channel": event.channel,
        "occurred_on": event.occurred_on,
        "recorded_at": event.recorded_at,
        "recorded_on": event.recorded_on,
        "data": event_story.data,
        "before": event_story.before,
        "after": event_story.after,
        "changed": event_story.changed,
        "body": event.body.decode(),
        "previous_hash": event_story.previous,
        "hash": event.hash.hex(),
        "expected_hash": event_story.expected,
        "intact": event_story.intact,
    }
    return answer_with_etag(document, etag)
