"""Import of an uploaded file: validated first, with all invalid lines in one table, then recorded.

A validated file is kept for a day, so that it is uploaded only once. A long import continues in the
background; its result appears in the list of the newest imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from projections.records.imports import newest_imports
from tracker.export.tables import FORMATS, Table, table_response
from tracker.health import read_unfinished_imports
from tracker.http import exports
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.http.uploads import require_evidence_folder
from tracker.imports.encoding import decode_file
from tracker.imports.held_files import delete_held_file, hold_file, read_held_file
from tracker.imports.importing import (
    DEFAULT_REASON,
    ImportFile,
    check_file,
    finish_unfinished,
    import_file,
)
from tracker.imports.lines import KINDS
from tracker.imports.parsing import read_lines
from tracker.imports.tables.reading import holds_table, read_sheets
from tracker.imports.tables.workbook import SUFFIXES, WPS_SUFFIXES
from tracker.storage.evidence import disk_faults
from tracker.web.page.forms import FilledForm
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page, redirect
from tracker.web.page.uploaded import read_uploaded_file
from tracker.web.records.import_columns import describe_list, make_template
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tracker.http.context import RequestContext
    from tracker.imports.importing import ImportResult

router = APIRouter(include_in_schema=False)
LARGEST_BYTES = 50_000_000
"""The largest file accepted, in bytes."""
MOST_SHOWN = 200
"""Invalid lines in the table; the page counts the others, and the exported file has all."""
NEWEST = 10
"""Imports in the list."""
SAMPLE_LINES, SAMPLE_WIDTH = 3, 160
"""Rows after the header, and characters of each, in the sample of a converted file."""
LINES_SUFFIXES = (".jsonl", ".csv")
PASTED = "pasted.tsv"
"""The name of rows that were pasted from a table."""
KIND_NAMES: dict[str, tuple[str, str]] = {
    "organization": ("组织登记", "organizations"),
    "organization_change": ("组织变更", "changes of organizations"),
    "activity": ("活动记录", "activities"),
    "correction": ("更正", "corrections"),
    "retraction": ("撤回", "retractions"),
    "condition": ("现状填报", "conditions"),
    "measure": ("数据填报", "measures"),
    "inspector": ("检查人员", "inspectors"),
    "recusal": ("回避", "recusals"),
}
"""The names of the kinds of lines."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An uploaded file: its name and bytes, and its digest if it is kept on the server.

    ``converted`` says that the file is in GBK (GB18030) and is read as such.
    """

    name: str
    payload: bytes
    converted: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The result of an import; ``dry`` for a validation only, no report while it is running."""

    sent: UploadedFile
    report: ImportResult | None
    dry: bool


@router.get("/import")
def show(context: Context, request: Request) -> Response:
    """Show the form; with ``held`` validate a kept file, with ``format`` return its invalid lines.

    Raises ``Refused`` if the file is not kept any more.
    """
    asked = dict(request.query_params)
    if "held" not in asked:
        return _show_page(context, FilledForm(), None)
    sent = _read_held_file(context, asked["held"], asked.get("name", ""))
    if sent is None:
        raise Refused("not_held")
    report = _check_file(context, sent, asked)
    if asked.get("format") in FORMATS:
        return table_response(_make_bad_lines_table(context, sent, report), asked["format"])
    return _show_page(context, FilledForm(asked), ImportOutcome(sent, report, dry=True))


@router.post("/import")
def submit(context: Context) -> Response:
    """Validate the file or record it; with an invalid line only a partial import is recorded."""
    filled = FilledForm(context.typed())
    try:
        sent = _read_sent_file(context)
        if holds_table(sent.payload, sent.name):
            # Refused here, at the field of the file, if it cannot be read as a table.
            read_sheets(sent.payload, sent.name)
            held = _hold_file(context, sent)
            asked = {"held": held.digest, "name": held.name} | {
                name: filled[name] for name in ("historical", "reason") if filled[name]
            }
            return redirect(f"/import/table?{urlencode(asked)}")
        if context.value("do") != "record":
            answer = ImportOutcome(
                _hold_file(context, sent), _check_file(context, sent, filled.values), dry=True
            )
        else:
            answer = _record_file(context, sent)
    except Refused as refused:
        filled.errors["file"] = say(refused, context.language)
        return _show_page(context, filled, None, 422)
    if answer.report is None:
        return _show_page(context, filled, answer)
    bad = answer.report.refused and not answer.dry and not context.value("partial")
    return _show_page(context, filled, answer, 422 if bad else 200)


@router.post("/import/finish")
def resume(context: Context) -> Response:
    """Resume every interrupted import in the background."""
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    store, who, fresh = context.app.store, context.account.account, context.figures

    def work() -> bool:
        reports = finish_unfinished(store, actor=who, today=today)
        fresh.clear()
        return bool(reports)

    underway: BackgroundJobs = context.request.app.state.jobs
    outcome = underway.begin("import:unfinished", work)
    return redirect(f"/import?done={'running' if outcome.changed is None else 'finished'}")


@router.get("/import/template/{kind}")
def download_template(kind: str) -> Response:
    """Return a table (CSV) of one list with an example row, to be filled in with Excel or WPS."""
    if kind not in KINDS:
        raise Refused("unknown_line_kind")
    return Response(
        make_template(kind),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{kind}.csv"'},
    )


def _show_page(
    context: RequestContext, filled: FilledForm, answer: ImportOutcome | None, status: int = 200
) -> Response:
    with context.read() as reader:
        imports = newest_imports(reader, NEWEST)
        broken_off = {one.import_id: one.name for one in read_unfinished_imports(reader)}
        names = read_people_names(reader, [one.actor for one in imports], context.language)
    report = answer.report if answer is not None else None
    return page(
        context,
        "records/imports.html",
        status,
        filled=filled,
        answer=answer,
        sample=_take_sample(answer),
        reasons=[] if report is None else _list_reasons(context, report)[:MOST_SHOWN],
        most=MOST_SHOWN,
        default_reason=DEFAULT_REASON,
        megabytes=LARGEST_BYTES // 1_000_000,
        imports=imports,
        broken_off=broken_off,
        names=names,
        kinds={name: context.t(*said) for name, said in KIND_NAMES.items()},
        columns={kind: describe_list(kind, context.t) for kind in KINDS},
    )


def _take_sample(answer: ImportOutcome | None) -> str:
    """Return the header of a converted file and its first rows that the encoding could spoil."""
    if answer is None or not answer.sent.converted:
        return ""
    header, *rows = decode_file(answer.sent.payload, answer.sent.name).payload.decode().split("\n")
    telling = [row for row in rows if not row.isascii()] or rows
    return "\n".join(row.strip()[:SAMPLE_WIDTH] for row in [header, *telling[:SAMPLE_LINES]])


def _list_reasons(context: RequestContext, report: ImportResult) -> list[tuple[int, str, str]]:
    """Return number, field and reason of every invalid line in the reader's language."""
    return [(one.line, one.field, one.say(context.language)) for one in report.refused]


def _make_bad_lines_table(
    context: RequestContext, sent: UploadedFile, report: ImportResult
) -> Table:
    """Return the invalid lines with their content as a table."""
    contents = read_lines(sent.payload, sent.name, [fault.line for fault in report.refused])
    heads = (context.t("行", "line"), context.t("字段", "field"), context.t("原因", "reason"),
             context.t("原文", "content"))  # fmt: skip
    rows = [
        (number, name, reason, contents[number])
        for number, name, reason in _list_reasons(context, report)
    ]
    name = context.t("错误的行", "invalid lines")
    with context.read() as reader:
        return exports.fill_table(context, reader, name, sent.name, heads, rows)


def _folder(context: RequestContext) -> Path:
    return context.app.settings.evidence_folder / "held"


def _read_held_file(context: RequestContext, digest: str, name: str) -> UploadedFile | None:
    payload = read_held_file(_folder(context), digest)
    return (
        None
        if payload is None
        else UploadedFile(
            PurePath(name).name[:100], payload, decode_file(payload, name).converted, digest
        )
    )


def _hold_file(context: RequestContext, sent: UploadedFile) -> UploadedFile:
    """Keep a file for a day and return it with its digest."""
    require_evidence_folder(context)
    with disk_faults():
        digest = hold_file(_folder(context), sent.payload, context.now())
    return UploadedFile(sent.name, sent.payload, sent.converted, digest)


def _read_sent_file(context: RequestContext) -> UploadedFile:
    """Return the uploaded file, else the kept one that was validated.

    Raises ``Refused`` at ``file``: no file, unknown format, too large.
    """
    chosen = read_uploaded_file(context, "file", LARGEST_BYTES)
    if chosen is None and context.value("pasted"):
        return UploadedFile(PASTED, context.value("pasted").encode())
    if chosen is None:
        checked = _read_held_file(context, context.value("held"), context.value("name"))
        if checked is not None:
            return checked
        raise Refused("no_file_chosen", field="file")
    name, payload = chosen
    if PurePath(name).suffix.lower() not in {*LINES_SUFFIXES, *SUFFIXES, *WPS_SUFFIXES, ".tsv"}:
        raise Refused("unknown_format", field="file", name=name)
    if len(payload) > LARGEST_BYTES:
        raise Refused("import_too_large", field="file", megabytes=LARGEST_BYTES // 1_000_000)
    converted = not holds_table(payload, name) and decode_file(payload, name).converted
    return UploadedFile(name, payload, converted)


def _check_file(
    context: RequestContext, sent: UploadedFile, asked: Mapping[str, Any]
) -> ImportResult:
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    return check_file(
        context.app.store,
        sent.payload,
        sent.name,
        actor=context.account.account,
        today=today,
        historical=asked.get("historical") == "1",
    )


def _record_file(context: RequestContext, sent: UploadedFile) -> ImportOutcome:
    """Record a file; an import that takes long continues in the background."""
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    historical = context.value("historical") == "1"
    store, who, fresh = context.app.store, context.account.account, context.figures
    reason, partial = context.value("reason") or None, context.value("partial") == "1"
    done: list[ImportResult] = []

    def work() -> bool:
        report = import_file(
            store, sent.payload, sent.name, actor=who, today=today, historical=historical,
            reason=reason, partial=partial,
        )  # fmt: skip
        if report.recorded:
            fresh.clear()
        done.append(report)
        return bool(report.recorded)

    underway: BackgroundJobs = context.request.app.state.jobs
    import_id = ImportFile(sent.payload, sent.name, historical).import_id
    outcome = underway.begin(f"import:{import_id}", work)
    if outcome.refused is not None:
        raise outcome.refused
    if done and not done[0].refused:
        delete_held_file(_folder(context), context.value("held"))
    elif done:
        sent = _hold_file(context, sent)
    return ImportOutcome(sent, done[0] if done else None, dry=False)
