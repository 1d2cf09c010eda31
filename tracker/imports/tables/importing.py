"""A file with a table imported: read as lines, then imported as every other file of lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from events.refusals.errors import Message
from projections.documents.in_force import vocabulary
from projections.organizations.directory import all_entries
from tracker.imports.importing import ImportResult, check_file, import_file
from tracker.imports.lines import LineFault
from tracker.imports.tables.corrections import ChangedRow, apply_corrections, find_changed_rows
from tracker.imports.tables.proposal import TableChoice, propose_table
from tracker.imports.tables.reading import TableFile, convert_proposal, convert_table, read_sheets

if TYPE_CHECKING:
    from events.log.store import Store
    from tracker.imports.tables.cells import Sheet
    from tracker.imports.tables.proposal import Recall, TableProposal

LINES_SUFFIX = ".jsonl"
"""Added to the name of a table's file: its lines are what is imported, and stored until done."""


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What importing a table would do; ``changed`` are its rows that would be corrections.

    ``result`` names faults at rows and headings; it counts no changed row as refused, and rows
    that say what a record was corrected to as unchanged.
    """

    result: ImportResult
    changed: list[ChangedRow] = field(default_factory=list)

    @property
    def corrections(self) -> list[ChangedRow]:
        """The changed rows that need a reason."""
        return [row for row in self.changed if row.changes]


def read_table_file(
    store: Store, payload: bytes, name: str, choice: TableChoice | None = None
) -> TableFile:
    """Return the lines of a table, its organizations and words looked up as they are now.

    ``Refused`` where the file is no table, or no known kind of list.
    """
    # Read before the transaction: a workbook may take a second.
    sheets = read_sheets(payload, name)
    with store.read() as reader:
        organizations = [(entry.code, entry.name) for entry in all_entries(reader)]
        words = vocabulary(reader)
    return convert_table(sheets, name, words, organizations, choice)


def propose(
    store: Store, sheets: list[Sheet], choice: TableChoice, recall: Recall | None = None
) -> TableProposal:
    """Return what a table is taken for, with the words of the district as they are now."""
    with store.read() as reader:
        words = vocabulary(reader)
    return propose_table(sheets, words, choice, recall)


def convert(store: Store, proposal: TableProposal, name: str) -> TableFile:
    """Return the lines of a table by a proposal that a person confirmed; ``Refused`` as there."""
    with store.read() as reader:
        organizations = [(entry.code, entry.name) for entry in all_entries(reader)]
        words = vocabulary(reader)
    return convert_proposal(proposal, name, words, organizations)


def check_table(
    store: Store,
    table: TableFile,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
) -> TableCheck:
    """Return what importing a table would do now, faults at rows and headings of the sheet."""
    checked = check_file(
        store, table.payload, name + LINES_SUFFIX, actor=actor, today=today,
        historical=historical, reason=reason,
    )  # fmt: skip
    with store.read() as reader:
        changed = find_changed_rows(reader, table, checked.refused)
    lines = {row.line for row in changed}
    rest = [fault for fault in checked.refused if fault.line not in lines]
    corrected = sum(not row.changes for row in changed)
    result = replace(checked, refused=rest, unchanged=checked.unchanged + corrected)
    return TableCheck(_at_rows(result, table), changed)


def import_table(  # noqa: PLR0913 - the options of `tracker import`
    store: Store,
    table: TableFile,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
    correct: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Import the lines of a table; with a faulty cell nothing is recorded unless ``partial``.

    Changed rows are recorded as corrections for the reason ``correct``; without it they are faults.
    """
    options: dict[str, Any] = {
        "actor": actor, "today": today, "historical": historical, "reason": reason,
    }  # fmt: skip
    check = check_table(store, table, name, **options)
    faults = [] if correct else [_changed_fault(table, row) for row in check.corrections]
    result = replace(check.result, refused=_by_row([*check.result.refused, *faults]))
    if result.refused and not partial:
        return replace(result, recorded=0, unchanged=0, kinds={}, roots=0)
    # Without a reason the changed rows stay in the file as they are, and are refused once more.
    settled = [row for row in check.changed if correct or not row.changes]
    lines = apply_corrections(table, settled, correct or "")
    done = import_file(
        store, lines.payload, name + LINES_SUFFIX, partial=partial, progress=progress, **options
    )
    unchanged = done.unchanged + len(table.rows) - len(lines.rows)
    counted = replace(_at_rows(replace(done, unchanged=unchanged), lines), refused=result.refused)
    return replace(counted, lines=result.lines)


def _changed_fault(table: TableFile, row: ChangedRow) -> LineFault:
    headings: dict[str, str] = {}
    for place, name in table.mapping.fields.items():
        headings.setdefault(name.partition(".")[0], table.header.headings[place])
    names = [headings[changed] for changed in row.changes]
    return LineFault(row.row, names[0], Message("row_changed", headings="、".join(names)))


def _at_rows(result: ImportResult, table: TableFile) -> ImportResult:
    """Return a result that counts and names the rows of the sheet, faulty cells among them."""
    refused = _by_row([*table.at_rows(result.refused), *table.faults])
    return replace(
        result,
        lines=result.lines + len({fault.line for fault in table.faults}),
        refused=refused,
        superseded=table.at_rows(result.superseded),
    )


def _by_row(faults: list[LineFault]) -> list[LineFault]:
    return sorted(faults, key=lambda fault: fault.line)
