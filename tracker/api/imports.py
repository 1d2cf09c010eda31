"""Many lines at once: a batch of records as JSON, and whole import files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from events.documents.publication import FaultyDocument
from events.refusals.errors import Kind, Problem, Refused
from events.values import Day, FrozenModel
from projections.organizations.directory import streams_of
from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.bodies import LINES, RawBody
from tracker.api.protocol.identities import IdempotencyKey, choose_identity
from tracker.api.protocol.problems import WRITING
from tracker.api.shapes.figures import ImportAnswer
from tracker.http.context import Context
from tracker.http.json_routes import JsonRoute, write_json
from tracker.imports.importing import check_file, import_file
from tracker.imports.tables.importing import check_table, import_table, read_table_file
from tracker.imports.tables.proposal import TableChoice
from tracker.imports.tables.reading import TableFile, holds_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.http.context import RequestContext
    from tracker.imports.importing import ImportResult
    from tracker.imports.lines import LineFault
    from tracker.wording.refusals import Language

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=JsonRoute)
TableKind = Literal[
    "organization", "activity", "condition", "measure", "inspector", "recusal", "conditions",
    "measures",
]  # fmt: skip
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
    return _import(context, payload, "lines.jsonl", ImportWay(partial=body.partial))


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


@dataclass(frozen=True, slots=True)
class ImportWay:
    """How a file is imported."""

    historical: bool = False
    reason: str | None = None
    partial: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What a program says of a table; what it leaves out is recognized by the headings."""

    sheet: Annotated[str | None, Query(max_length=100, description="The sheet to read.")] = None
    kind: Annotated[
        TableKind | None, Query(description="The kind of list, if its headings do not tell.")
    ] = None
    day: Annotated[
        Day | None, Query(description="The day of a wide table without a column for it.")
    ] = None
    correct: Annotated[
        str | None,
        Query(max_length=500, description="The reason for correcting records that differ."),
    ] = None


@router.post("/imports", response_model=ImportAnswer, responses=WRITING, openapi_extra=LINES)
def import_lines(
    context: Context,
    body: RawBody,
    table: Annotated[TableQuery, Depends()],
    *,
    name: Annotated[
        str,
        Query(
            max_length=200,
            description="The file's name; its suffix gives the format: .jsonl, .csv, or a table "
            "(.xlsx, .xls, .ods, .tsv, or .csv with headings of an office).",
        ),
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
    dry_run: Annotated[
        bool, Query(description="Check only: answer what would be recorded, and record nothing.")
    ] = False,
) -> Response:
    """Import a whole file; importing the same file again changes nothing.

    Of a table, faults are named at its rows and headings. Rows that differ from their records are
    refused unless ``correct`` gives the reason for correcting them.
    """
    if reason is not None and not historical:
        raise Refused("reason_alone", field="reason")
    way = ImportWay(historical, reason, partial, dry_run)
    if not holds_table(body, name):
        return _import(context, body, name, way)
    day = None if table.day is None else table.day.isoformat()
    choice = TableChoice(sheet=table.sheet, kind=table.kind, day=day)
    lines = read_table_file(context.app.store, body, name, choice)
    return _import(context, lines, name, way, table.correct)


def _import(
    context: RequestContext,
    content: bytes | TableFile,
    name: str,
    way: ImportWay,
    correct: str | None = None,
) -> Response:
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    store = context.app.store
    options: dict[str, Any] = {
        "actor": context.account.account,
        "today": today,
        "historical": way.historical,
        "reason": way.reason,
    }
    if isinstance(content, bytes):
        if way.dry_run:
            report = check_file(store, content, name, **options)
        else:
            report = import_file(store, content, name, partial=way.partial, **options)
    elif way.dry_run:
        report = check_table(store, content, name, **options).result
    else:
        report = import_table(store, content, name, partial=way.partial, correct=correct, **options)
    if report.refused and not way.partial and not way.dry_run:
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
