"""Many lines at once: a batch of records as JSON, and whole files of import lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from events.documents.publication import FaultyDocument
from events.refusals.errors import Kind, Problem, Refused
from events.values import FrozenModel
from projections.organizations.directory import streams_of
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.bodies import LINES, Raw
from tracker.api.protocol.identities import IdempotencyKey, identity_of
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import ImportReport
from tracker.http.context import Context
from tracker.imports.importing import import_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.http.context import RequestContext
    from tracker.imports.importing import Report
    from tracker.imports.lines import LineFault
    from tracker.wording.refusals import Language

router = APIRouter(prefix="/api/v1", tags=["imports"])
MOST_LINES = 500
"""How the reason ends why a line under a used identity was refused."""
RECORDS = frozenset({"activity", "correction", "retraction", "condition", "measure"})
"""The kinds of line that whoever may record may send."""


class Batch(FrozenModel):
    """At most 500 lines of records, as the import takes them, of any organizations in reach."""

    lines: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST_LINES)
    partial: bool = Field(default=False, description="Take the good lines all the same.")


@router.post("/lines", response_model=ImportReport, responses=WRITING)
def record_lines(context: Context, given: Batch, key: IdempotencyKey = None) -> Response:
    """Record up to 500 lines (activity, correction, retraction, condition, measure) as one.

    With a bad line nothing is recorded, unless ``partial``. The Idempotency-Key is needed where a
    line has neither ``record_id`` nor ``id``: the line then is ``KEY/PLACE``, places from 1.
    """
    lines = [_identified(one, place, key) for place, one in enumerate(given.lines, start=1)]
    _within(context, lines)
    payload = b"\n".join(orjson.dumps(one) for one in lines)
    return _take(context, payload, "lines.jsonl", partial=given.partial)


def _identified(line: dict[str, Any], place: int, key: str | None) -> dict[str, Any]:
    """A line with its identity: its own, else one made of the key and its place."""
    own = line.get("record_id") if line.get("kind") == "activity" else line.get("id")
    if own is not None:
        return line
    name = "record_id" if line.get("kind") == "activity" else "id"
    return line | {name: f"{identity_of(key, None, name)}/{place}"}


def _within(context: RequestContext, lines: list[dict[str, Any]]) -> None:
    """Refuse lines of other kinds, and of organizations over which who asks records nothing."""
    named = {one["organization"] for one in lines if isinstance(one.get("organization"), str)}
    with context.read() as reader:
        streams = streams_of(reader, sorted(named))
        scope = context.scope(reader, "record")
        reach = scope.streams_among(reader, sorted(set(streams.values())))
    for place, one in enumerate(lines, start=1):
        if one.get("kind") not in RECORDS:
            raise Refused("line_kind", field=f"lines.{place}.kind", value=str(one.get("kind"))[:64])
        code = one.get("organization")
        if not isinstance(code, str) or streams.get(code) not in reach:
            where = f"lines.{place}.organization"
            raise Refused("line_organization", field=where, value=str(code)[:64])


@router.post("/imports", response_model=ImportReport, responses=WRITING, openapi_extra=LINES)
def import_lines(
    context: Context,
    body: Raw,
    *,
    name: Annotated[str, Query(max_length=200, description="The file's name: .jsonl or .csv.")],
    historical: Annotated[bool, Query(description="Lines may carry recorded_on.")] = False,
    partial: Annotated[bool, Query(description="Take the good lines all the same.")] = False,
    reason: Annotated[str | None, Query(max_length=500, description="Why history.")] = None,
) -> Response:
    """Import a whole file; the same file again is the same import and changes nothing."""
    if reason is not None and not historical:
        raise Refused("reason_alone", field="reason")
    return _take(context, body, name, partial=partial, historical=historical, reason=reason)


def _take(
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
        context.tools.store,
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
    return json_answer(_answer(report, context.language))


def _faulty(refused: Sequence[LineFault]) -> FaultyDocument:
    """The refusal of lines of which none was recorded, each fault at its line and field."""
    problems = (
        Problem(f"lines.{line.line}.{fault.field}".rstrip("."), fault.message)
        for line in refused
        for fault in line.faults
    )
    error = FaultyDocument("lines", tuple(problems))
    if any(one.message.key.startswith("identity_conflict") for one in refused):
        error.kind, error.code = Kind.CONFLICT, "identity_conflict"
    return error


def _answer(report: Report, language: Language) -> dict[str, Any]:
    return {
        "lines": report.lines,
        "recorded": report.recorded,
        "unchanged": report.unchanged,
        "refused": [
            {"line": one.line, "field": one.field, "reason": one.say(language)}
            for one in report.refused
        ],
    }
