"""Import of a table: what each column means is proposed, confirmed by a person, then checked.

The uploaded file is kept between the steps, so that it is sent once. Every step is a form post
that names the file and the choices; nothing is recorded before the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.refusals.errors import BadValue, Refused
from events.values import LONGEST_REASON, accept_text, parse_day
from projections.documents.in_force import vocabulary
from tracker.export.tables import WORKBOOK_TYPE
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.context import Context
from tracker.imports.held_files import delete_held_file, read_held_file
from tracker.imports.importing import DEFAULT_REASON
from tracker.imports.tables.columns import column_of
from tracker.imports.tables.importing import check_table, convert, import_table, propose
from tracker.imports.tables.mapping import WIDE_FAMILIES, shape_of
from tracker.imports.tables.proposal import FIELD, KINDS, WORD, TableChoice, options_of
from tracker.imports.tables.reading import read_sheets
from tracker.storage.table_mappings import recall_mapping, remember_mapping
from tracker.web.page.forms import PARTS, FilledForm
from tracker.web.page.rendering import page
from tracker.web.records.problem_workbook import make_problem_workbook
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from events.documents.vocabulary import Vocabulary
    from tracker.http.context import RequestContext
    from tracker.imports.importing import ImportResult
    from tracker.imports.tables.cells import Sheet
    from tracker.imports.tables.importing import TableCheck
    from tracker.imports.tables.mapping import Header
    from tracker.imports.tables.proposal import TableProposal
    from tracker.imports.tables.reading import TableFile

router = APIRouter(include_in_schema=False)
SHOWN_ROWS = 8
"""Rows below the header that the page shows."""
MOST_SHOWN = 200
"""Problems and corrections in a table of the page; the workbook to download has all problems."""
KIND_NAMES: dict[str, tuple[str, str]] = {
    "organization": ("组织名册", "roster of organizations"),
    "activity": ("活动台账", "ledger of activities"),
    "condition": ("达标情况（一行一项）", "conditions, one a row"),
    "measure": ("基础数据（一行一项）", "measures, one a row"),
    "inspector": ("检查人员名单", "inspectors"),
    "recusal": ("回避名单", "recusals"),
    "conditions": ("达标情况（一行一个组织，一列一项）", "conditions, one a column"),
    "measures": ("基础数据（一行一个组织，一列一项）", "measures, one a column"),
}
"""The names of the kinds of list."""


@dataclass(frozen=True, slots=True)
class TableOutcome:
    """What came of a check or an import; ``result`` is None while it goes on in the background."""

    result: ImportResult | None
    check: TableCheck | None = None

    @property
    def dry(self) -> bool:
        """Whether nothing was recorded: a check."""
        return self.check is not None


@dataclass(frozen=True, slots=True)
class HeldTable:
    """The kept file with its sheets."""

    digest: str
    name: str
    sheets: list[Sheet]


@router.get("/import/table")
def show(context: Context, request: Request) -> Response:
    """Show what a kept file is taken for; ``Refused`` if the file is not kept any more."""
    asked = dict(request.query_params)
    held = _read_held(context, asked.get("held", ""), asked.get("name", ""))
    return _show_page(context, held, FilledForm(asked), _propose(context, held, TableChoice()))


@router.post("/import/table")
def submit(context: Context) -> Response:
    """Propose again, check, record, or answer the table with its problems."""
    filled = FilledForm(context.typed())
    held = _read_held(context, context.value("held"), context.value("name"))
    proposal = _propose(context, held, TableChoice())
    try:
        proposal = _propose(context, held, _read_choice(filled.values))
        if filled["do"] == "show":
            return _show_page(context, held, filled, proposal)
        table = convert(context.app.store, proposal, held.name)
        if filled["do"] in ("record", "partial"):
            outcome = _record(context, held, table, proposal, filled)
        else:
            check = _check(context, held, table)
            if filled["do"] == "problems":
                return _problems(context, held, table, check)
            outcome = TableOutcome(check.result, check)
    except Refused as refused:
        filled.errors[refused.field or ""] = say(refused, context.language)
        return _show_page(context, held, filled, proposal, status=422)
    failed = outcome.dry and filled["do"] in ("record", "partial")
    status = 422 if failed else 200
    return _show_page(context, held, filled, proposal, outcome, status)


def _folder(context: RequestContext) -> Path:
    return context.app.settings.evidence_folder / "held"


def _read_held(context: RequestContext, digest: str, name: str) -> HeldTable:
    payload = read_held_file(_folder(context), digest)
    if payload is None:
        raise Refused("not_held")
    name = PurePath(name).name[:100]
    return HeldTable(digest, name, read_sheets(payload, name))


def _propose(context: RequestContext, held: HeldTable, choice: TableChoice) -> TableProposal:
    def recall(header: Header) -> tuple[str, Mapping[int, str]] | None:
        with context.read() as reader:
            return recall_mapping(reader, shape_of(header))

    return propose(context.app.store, held.sheets, choice, recall)


def _read_choice(typed: Mapping[str, Any]) -> TableChoice:
    """Return what the form chooses; ``Refused`` for a day that is none.

    Columns count only for the sheet, header and kind that they were shown for.
    """
    sheet, row, kind = (str(typed.get(name, "")).strip() for name in ("sheet", "row", "kind"))
    shown = tuple(str(typed.get(f"shown-{name}", "")) for name in ("sheet", "row", "kind"))
    columns = {
        int(name.removeprefix("c")): str(meaning)
        for name, meaning in typed.items()
        if name.startswith("c") and name[1:].isdecimal() and meaning
    }
    day = str(typed.get("day", "")).strip()
    return TableChoice(
        sheet=sheet or None,
        header_row=int(row) if row.isdecimal() and len(row) < 6 else None,
        kind=kind if kind in KINDS else None,
        columns=columns if (sheet, row, kind) == shown and kind else None,
        day=_parse_day(day).isoformat() if day else None,
    )


def _parse_day(text: str) -> date:
    try:
        return parse_day(text)
    except BadValue as error:
        raise Refused("bad_text", field="day", problem=error.message) from None


def _options(context: RequestContext) -> dict[str, Any]:
    assert context.account is not None
    with context.read() as reader:
        today = context.today(reader)
    historical = context.value("historical") == "1"
    return {
        "actor": context.account.account,
        "today": today,
        "historical": historical,
        "reason": (context.value("reason") or DEFAULT_REASON) if historical else None,
    }


def _check(context: RequestContext, held: HeldTable, table: TableFile) -> TableCheck:
    return check_table(context.app.store, table, held.name, **_options(context))


def _record(
    context: RequestContext,
    held: HeldTable,
    table: TableFile,
    proposal: TableProposal,
    filled: FilledForm,
) -> TableOutcome:
    """Record a table; an import that takes long continues in the background.

    Nothing is recorded where a problem or a reason for corrections is left: the check is shown.
    """
    correct = accept_text(context.value("correct"), "correct", LONGEST_REASON) or None
    check = _check(context, held, table)
    if check.corrections and correct is None:
        missing = Refused("correction_reason", field="correct", rows=len(check.corrections))
        filled.refuse(missing, context.language)
    if not filled.ok or (check.result.refused and context.value("do") != "partial"):
        return TableOutcome(check.result, check)
    store, fresh, options = context.app.store, context.figures, _options(context)
    done: list[ImportResult] = []

    def work() -> bool:
        result = import_table(store, table, held.name, correct=correct, partial=True, **options)
        if result.recorded:
            fresh.clear()
        done.append(result)
        return bool(result.recorded)

    with store.append() as log:
        remember_mapping(log, shape_of(table.header), table.mapping.kind, proposal.meanings())
    underway: BackgroundJobs = context.request.app.state.jobs
    outcome = underway.begin(f"import:table:{held.digest}", work)
    if outcome.refused is not None:
        raise outcome.refused
    if done:
        delete_held_file(_folder(context), held.digest)
    return TableOutcome(done[0] if done else None)


def _problems(
    context: RequestContext, held: HeldTable, table: TableFile, check: TableCheck
) -> Response:
    """Return the table with its problems as a workbook to save."""
    body = make_problem_workbook(
        held.sheets, table, check, context.language, context.t("问题", "problem")
    )
    name = f"{PurePath(held.name).stem}-{context.t('问题', 'problems')}.xlsx"
    return Response(
        body,
        media_type=WORKBOOK_TYPE,
        headers={"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"},
    )


def _show_page(
    context: RequestContext,
    held: HeldTable,
    filled: FilledForm,
    proposal: TableProposal,
    outcome: TableOutcome | None = None,
    status: int = 200,
) -> Response:
    with context.read() as reader:
        words = vocabulary(reader)
        today = context.today(reader)
    kind = None if proposal.mapping is None else proposal.mapping.kind
    meanings = proposal.meanings()
    options = [] if kind is None else options_of(kind, words)
    return page(
        context,
        "records/import_table.html",
        status,
        held=held,
        filled=filled,
        proposal=proposal,
        kind=kind,
        kinds={name: context.t(*KIND_NAMES[name]) for name in KINDS},
        columns=[
            (place, heading or str(place + 1), meanings.get(place, ""))
            for place, heading in enumerate(proposal.header.headings)
        ],
        options=[(name, _meaning_words(kind or "", name, words, context)) for name in options],
        rows=proposal.first_rows(SHOWN_ROWS),
        today=today.isoformat(),
        outcome=outcome,
        problems=[] if outcome is None else _list_problems(context, outcome)[:MOST_SHOWN],
        corrections=_list_corrections(kind, outcome, context)[:MOST_SHOWN],
        most=MOST_SHOWN,
        default_reason=DEFAULT_REASON,
    )


def _list_problems(context: RequestContext, outcome: TableOutcome) -> list[tuple[int, str, str]]:
    """Return row, heading and reason of every problem in the reader's language."""
    if outcome.result is None:
        return []
    return [(one.line, one.field, one.say(context.language)) for one in outcome.result.refused]


def _list_corrections(
    kind: str | None, outcome: TableOutcome | None, context: RequestContext
) -> list[tuple[int, str, str, str]]:
    """Return row, column, old and new value of every change that a table proposes."""
    if outcome is None or outcome.check is None or kind is None:
        return []
    return [
        (row.row, *change)
        for row in outcome.check.corrections
        for name, (old, new) in row.changes.items()
        for change in _change_words(kind, name, old, new, context)
    ]


def _meaning_words(kind: str, meaning: str, words: Vocabulary, context: RequestContext) -> str:
    """Return the name of what a column may mean, in the reader's language."""
    if meaning.startswith(WORD):
        word = meaning.removeprefix(WORD)
        family = words.conditions if kind == "conditions" else words.measures
        return family[word].in_language(context.language)
    return _field_words(kind, meaning.removeprefix(FIELD), context)


def _field_words(kind: str, name: str, context: RequestContext) -> str:
    column = column_of(WIDE_FAMILIES.get(kind, kind), name)
    return context.t(column.headings[0], name.replace("_", " ").replace(".", ": "))


def _change_words(
    kind: str, name: str, old: Any, new: Any, context: RequestContext
) -> list[tuple[str, str, str]]:
    """Return the column, old and new value of a change, an entry for each part of a value."""
    if name in PARTS:
        parts = [
            (f"{name}.{part}", (old or {}).get(part), (new or {}).get(part)) for part in PARTS[name]
        ]
        return [
            (_field_words(kind, field, context), _value_words(before), _value_words(after))
            for field, before, after in parts
            if _value_words(before) != _value_words(after)
        ]
    return [(_field_words(kind, name, context), _value_words(old), _value_words(new))]


def _value_words(value: Any) -> str:
    """Return a value of a record as one line."""
    match value:
        case None | "" | []:
            return "–"
        case list() | tuple():
            return ", ".join(one if isinstance(one, str) else one["kind"] for one in value)
        case _:
            return str(value)
