"""A file with a table imported: read as lines, then imported as every other file of lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from projections.documents.in_force import vocabulary
from projections.organizations.directory import all_entries
from tracker.imports.importing import ImportResult, check_file, import_file
from tracker.imports.tables.reading import TableChoice, TableFile, convert_table, read_sheets

if TYPE_CHECKING:
    from events.log.store import Store

LINES_SUFFIX = ".jsonl"
"""Added to the name of a table's file: its lines are what is imported, and stored until done."""


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


def check_table(
    store: Store,
    table: TableFile,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
) -> ImportResult:
    """Return what importing a table would do now, faults at rows and headings of the sheet."""
    checked = check_file(
        store, table.payload, name + LINES_SUFFIX, actor=actor, today=today,
        historical=historical, reason=reason,
    )  # fmt: skip
    return _at_rows(checked, table)


def import_table(  # noqa: PLR0913 - the options of `tracker import`
    store: Store,
    table: TableFile,
    name: str,
    *,
    actor: str,
    today: date,
    historical: bool = False,
    reason: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Import the lines of a table; with a faulty cell nothing is recorded unless ``partial``."""
    options: dict[str, Any] = {
        "actor": actor, "today": today, "historical": historical, "reason": reason,
    }  # fmt: skip
    if table.faults and not partial:
        checked = check_table(store, table, name, **options)
        return replace(checked, recorded=0, unchanged=0, kinds={}, roots=0)
    done = import_file(
        store, table.payload, name + LINES_SUFFIX, partial=partial, progress=progress, **options
    )
    return _at_rows(done, table)


def _at_rows(result: ImportResult, table: TableFile) -> ImportResult:
    """Return a result that counts and names the rows of the sheet, faulty cells among them."""
    refused = sorted([*table.at_rows(result.refused), *table.faults], key=lambda fault: fault.line)
    return replace(
        result,
        lines=result.lines + len({fault.line for fault in table.faults}),
        refused=refused,
        superseded=table.at_rows(result.superseded),
    )
