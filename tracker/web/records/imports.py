"""Importing a file by upload: checked dry first, all bad lines in one table, then recorded.

A file that was checked is held for a day, so that it is sent only once. A long import goes on
behind the page; what became of it stands among the newest imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import Refused
from projections.records.imports import newest_imports
from tracker.accounts.credentials import names_of
from tracker.export.tables import FORMATS, Table, exported
from tracker.health import unfinished
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.imports.csv_rows import columns_of
from tracker.imports.held_files import held, hold, let_go
from tracker.imports.importing import (
    DEFAULT_REASON,
    File,
    check_file,
    finish_unfinished,
    import_file,
)
from tracker.imports.lines import KINDS
from tracker.web.page.event_fields import FIELD_NAMES, INSIDE
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import page, redirect
from tracker.web.page.uploaded import uploaded
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tracker.http.context import RequestContext
    from tracker.imports.importing import Report

router = APIRouter(include_in_schema=False)
LARGEST_BYTES = 50_000_000
MOST_SHOWN = 200
"""Bad lines in the table; how many more there are is said, and all of them are in the file."""
NEWEST = 10
SAMPLE_LINES, SAMPLE_WIDTH = 3, 160
SUFFIXES = (".jsonl", ".csv")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
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
"""What the kinds of lines are called."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file at hand: its name, its bytes, whether they were GBK, and what it is held under."""

    name: str
    payload: bytes
    converted: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a file; ``dry`` where nothing was to be recorded, None while it goes on."""

    sent: UploadedFile
    report: Report | None
    dry: bool


@router.get("/import")
def begin(context: Context, request: Request) -> Response:
    """The form; with ``held`` what the check of a held file found, also as a file."""
    asked = dict(request.query_params)
    if "held" not in asked:
        return _page(context, FilledForm(), None)
    sent = _held(context, asked["held"], asked.get("name", ""))
    if sent is None:
        raise Refused("not_held")
    report = _check(context, sent, asked)
    if asked.get("format") in FORMATS:
        return exported(_bad_lines(context, sent, report), asked["format"])
    return _page(context, FilledForm(asked), ImportOutcome(sent, report, dry=True))


@router.post("/import")
def take(context: Context) -> Response:
    """Check the file, or record it; with a bad line nothing is recorded, unless that is wanted."""
    filled = FilledForm(context.typed())
    try:
        sent = _sent(context)
        if context.value("do") != "record":
            answer = ImportOutcome(
                _kept(context, sent), _check(context, sent, filled.values), dry=True
            )
        else:
            answer = _record(context, sent)
    except Refused as refused:
        filled.errors["file"] = say(refused, context.language)
        return _page(context, filled, None, 422)
    if answer.report is None:
        return _page(context, filled, answer)
    bad = answer.report.refused and not answer.dry and not context.value("partial")
    return _page(context, filled, answer, 422 if bad else 200)


@router.post("/import/finish")
def finish(context: Context) -> Response:
    """Go on with every import that was broken off."""
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    store, who, fresh = context.tools.store, context.account.account, context.fresh

    def work() -> bool:
        reports = finish_unfinished(store, actor=who, today=today)
        fresh.clear()
        return bool(reports)

    underway: BackgroundJobs = context.request.app.state.underway
    outcome = underway.begin("import:unfinished", work)
    return redirect(f"/import?done={'running' if outcome.changed is None else 'finished'}")


@router.get("/import/template/{kind}")
def template(kind: str) -> Response:
    """An empty table of one kind of line, to be filled in with Excel or WPS."""
    if kind not in KINDS:
        raise Refused("unknown_line_kind")
    return Response(
        BYTE_ORDER_MARK + ",".join(columns_of(kind)).encode() + b"\r\n",
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{kind}.csv"'},
    )


def _page(
    context: RequestContext, filled: FilledForm, answer: ImportOutcome | None, status: int = 200
) -> Response:
    with context.read() as reader:
        imports = newest_imports(reader, NEWEST)
        broken_off = {one.import_id: one.name for one in unfinished(reader)}
        names = names_of(reader, [one.actor for one in imports])
    report = answer.report if answer is not None else None
    return page(
        context,
        "records/imports.html",
        status,
        filled=filled,
        answer=answer,
        sample=_sample(answer),
        reasons=[] if report is None else _reasons(context, report)[:MOST_SHOWN],
        most=MOST_SHOWN,
        default_reason=DEFAULT_REASON,
        megabytes=LARGEST_BYTES // 1_000_000,
        imports=imports,
        broken_off=broken_off,
        names=names,
        kinds={name: context.t(*said) for name, said in KIND_NAMES.items()},
        columns={
            kind: [(one, _column(context, one)) for one in columns_of(kind)] for kind in KINDS
        },
    )


def _sample(answer: ImportOutcome | None) -> str:
    """The first lines of a file that was converted, to see that its words are right."""
    if answer is None or not answer.sent.converted:
        return ""
    lines = answer.sent.payload.decode().splitlines()[:SAMPLE_LINES]
    return "\n".join(one[:SAMPLE_WIDTH] for one in lines)


def _column(context: RequestContext, name: str) -> str:
    """What a column holds, in words; a nested one is said by its parts."""
    parts = [FIELD_NAMES.get(part, INSIDE.get(part, (part, part))) for part in name.split(".")]
    return context.t("", " ").join(context.t(*part) for part in parts)


def _reasons(context: RequestContext, report: Report) -> list[tuple[int, str, str]]:
    """The number, field and reason of every bad line, in the reader's language."""
    return [(one.line, one.field, one.say(context.language)) for one in report.refused]


def _bad_lines(context: RequestContext, sent: UploadedFile, report: Report) -> Table:
    """The bad lines as a file, each with its content, to be mended beside it."""
    lines = sent.payload.split(b"\n")
    heads = (context.t("行", "line"), context.t("字段", "field"), context.t("原因", "reason"),
             context.t("原文", "content"))  # fmt: skip
    rows = [
        (number, name, reason, lines[number - 1].decode("utf-8", "replace").strip()[:2000])
        for number, name, reason in _reasons(context, report)
    ]
    return Table(context.t("错误的行", "bad lines"), sent.name, context.now(), heads, rows)


def _folder(context: RequestContext) -> Path:
    return context.tools.settings.evidence_folder / "held"


def _held(context: RequestContext, digest: str, name: str) -> UploadedFile | None:
    payload = held(_folder(context), digest)
    return (
        None if payload is None else UploadedFile(PurePath(name).name[:100], payload, digest=digest)
    )


def _kept(context: RequestContext, sent: UploadedFile) -> UploadedFile:
    """The file, held for a day."""
    digest = hold(_folder(context), sent.payload, context.now())
    return UploadedFile(sent.name, sent.payload, sent.converted, digest)


def _sent(context: RequestContext) -> UploadedFile:
    """The file that was chosen, or else the one that was checked; ``Refused`` at ``file``."""
    found = uploaded(context, "file", LARGEST_BYTES)
    if found is None:
        checked = _held(context, context.value("held"), context.value("name"))
        if checked is not None:
            return checked
        raise Refused("no_file_chosen", field="file")
    name, payload = found
    if not name.lower().endswith(SUFFIXES):
        raise Refused("unknown_format", field="file", name=name)
    if len(payload) > LARGEST_BYTES:
        raise Refused("import_too_large", field="file", megabytes=LARGEST_BYTES // 1_000_000)
    return in_utf8(UploadedFile(name, payload))


def in_utf8(sent: UploadedFile) -> UploadedFile:
    """A table as programs of an office in China save it (GBK) in UTF-8; others as they are."""
    if sent.name.lower().endswith(".csv"):
        try:
            sent.payload.decode()
        except UnicodeDecodeError:
            try:
                text = sent.payload.decode("gb18030")
            except UnicodeDecodeError:
                return sent
            return UploadedFile(sent.name, text.encode(), converted=True)
    return sent


def _check(context: RequestContext, sent: UploadedFile, asked: Mapping[str, Any]) -> Report:
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    return check_file(
        context.tools.store,
        sent.payload,
        sent.name,
        actor=context.account.account,
        today=today,
        historical=asked.get("historical") == "1",
    )


def _record(context: RequestContext, sent: UploadedFile) -> ImportOutcome:
    """Record a file; where it takes long it goes on behind the page."""
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    historical = context.value("historical") == "1"
    store, who, fresh = context.tools.store, context.account.account, context.fresh
    reason, partial = context.value("reason") or None, context.value("partial") == "1"
    done: list[Report] = []

    def work() -> bool:
        report = import_file(
            store, sent.payload, sent.name, actor=who, today=today, historical=historical,
            reason=reason, partial=partial,
        )  # fmt: skip
        if report.recorded:
            fresh.clear()
        done.append(report)
        return bool(report.recorded)

    underway: BackgroundJobs = context.request.app.state.underway
    import_id = File(sent.payload, sent.name, historical).import_id
    outcome = underway.begin(f"import:{import_id}", work)
    if outcome.refused is not None:
        raise outcome.refused
    if done and not done[0].refused:
        let_go(_folder(context), context.value("held"))
    elif done:
        sent = _kept(context, sent)
    return ImportOutcome(sent, done[0] if done else None, dry=False)
