"""Many lines at once: a batch of records as JSON, and whole import files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.documents.publication import FaultyDocument
from events.refusals.errors import Kind, Problem, Refused
from events.values import FrozenModel
from projections.organizations.directory import streams_of
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.bodies import LINES, RawBody
from tracker.api.protocol.identities import IdempotencyKey, choose_identity
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import ImportAnswer
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute, write_json
from tracker.imports.importing import import_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.http.context import RequestContext
    from tracker.imports.importing import ImportResult
    from tracker.imports.lines import LineFault
    from tracker.wording.refusals import Language

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=JsonRoute)
MOST_LINES = 500
"""Lines of one batch; more belong into a file."""
RECORDS = frozenset({"activity", "correction", "retraction", "condition", "measure"})
"""The kinds of line that a user who may record may send in a batch."""


class LinesInput(FrozenModel):
    """At most 500 import lines of records, of organizations for which the account may record."""

    lines: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST_LINES)
    partial: bool = Field(
        default=False, description="Record the valid lines even if others are refused."
    )


@router.post("/lines", response_model=ImportAnswer, responses=WRITING)
def record_lines(context: Context, body: LinesInput, key: IdempotencyKey = None) -> Response:
    """Record up to 500 lines (activity, correction, retraction, condition, measure) as one batch.

    If a line is refused, nothing is recorded, unless ``partial``. The Idempotency-Key is needed if
    a line has neither ``record_id`` nor ``id``: its identity is then ``KEY/PLACE``, places from 1.
    """
    lines = [_identify(line, place, key) for place, line in enumerate(body.lines, start=1)]
    _check_lines(context, lines)
    payload = b"\n".join(write_json(line).encode() for line in lines)
    return _import(context, payload, "lines.jsonl", partial=body.partial)


def _identify(line: dict[str, Any], place: int, key: str | None) -> dict[str, Any]:
    """Return a line with its identity: its own, else one made of the key and its place."""
    own = line.get("record_id") if line.get("kind") == "activity" else line.get("id")
    if own is not None:
        return line
    name = "record_id" if line.get("kind") == "activity" else "id"
    return line | {name: f"{choose_identity(key, None, name)}/{place}"}


def _check_lines(context: RequestContext, lines: list[dict[str, Any]]) -> None:
    """Refuse lines of other kinds, and of organizations for which the user may not record."""
    codes = {line["organization"] for line in lines if isinstance(line.get("organization"), str)}
    with context.read() as reader:
        streams = streams_of(reader, sorted(codes))
        scope = context.scope(reader, "record")
        allowed = scope.streams_among(reader, sorted(set(streams.values())))
    for place, line in enumerate(lines, start=1):
        kind = line.get("kind")
        if not isinstance(kind, str) or kind not in RECORDS:
            raise Refused("line_kind", field=f"lines.{place}.kind", value=str(kind)[:64])
        code = line.get("organization")
        if not isinstance(code, str) or streams.get(code) not in allowed:
            where = f"lines.{place}.organization"
            raise Refused("line_organization", field=where, value=str(code)[:64])


@router.post("/imports", response_model=ImportAnswer, responses=WRITING, openapi_extra=LINES)
def import_lines(
    context: Context,
    body: RawBody,
    *,
    name: Annotated[
        str, Query(max_length=200, description="The file's name, ending with .jsonl or .csv.")
    ],
    historical: Annotated[
        bool, Query(description="Historical import: lines may have recorded_on.")
    ] = False,
    partial: Annotated[
        bool, Query(description="Record the valid lines even if others are refused.")
    ] = False,
    reason: Annotated[
        str | None, Query(max_length=500, description="The reason of a historical import.")
    ] = None,
) -> Response:
    """Import a whole file; importing the same file again changes nothing."""
    if reason is not None and not historical:
        raise Refused("reason_alone", field="reason")
    return _import(context, body, name, partial=partial, historical=historical, reason=reason)


def _import(
    context: RequestContext,
    payload: bytes,
    name: str,
    *,
    partial: bool,
    historical: bool = False,
    reason: str | None = None,
) -> Response:
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    report = import_file(
        context.app.store,
        payload,
        name,
        actor=context.account.account,
        today=today,
        historical=historical,
        reason=reason,
        partial=partial,
    )
    if report.refused and not partial:
        raise _faulty(report.refused)
    return json_answer(_report_answer(report, context.language))


def _faulty(refused: Sequence[LineFault]) -> FaultyDocument:
    """Return the refusal of lines of which none was recorded, each fault at its line and field."""
    problems = (
        Problem(f"lines.{line.line}.{fault.field}".rstrip("."), fault.message)
        for line in refused
        for fault in line.faults
    )
    error = FaultyDocument("lines", tuple(problems))
    if any(line.message.key.startswith("identity_conflict") for line in refused):
        # A program that repeats a key with other content gets 409, as from the other routes.
        error.kind, error.code = Kind.CONFLICT, "identity_conflict"
    return error


def _report_answer(report: ImportResult, language: Language) -> dict[str, Any]:
    return {
        "lines": report.lines,
        "recorded": report.recorded,
        "unchanged": report.unchanged,
        "superseded": [
            {"line": line.line, "field": line.field, "reason": line.say(language)}
            for line in report.superseded
        ],
        "roots": report.roots,
        "refused": [
            {"line": refused.line, "field": refused.field, "reason": refused.say(language)}
            for refused in report.refused
        ],
    }
