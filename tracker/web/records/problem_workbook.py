"""A table as it was read, with each problem in its row, as a workbook to mend and send again.

Made from the cells that were read, so that it is the same for .xlsx, .xls, .ods and text.
"""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter

from tracker.imports.tables.cells import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.imports.tables.cells import Cell, Sheet
    from tracker.imports.tables.importing import TableCheck
    from tracker.imports.tables.reading import TableFile
    from tracker.wording.refusals import Language

FAULTY = "#FFC7CE"
LONGEST_NUMBER = 15
"""Digits that a number of Excel keeps; a longer one stays a text."""


def make_problem_workbook(
    sheets: Sequence[Sheet], table: TableFile, check: TableCheck, language: Language, title: str
) -> bytes:
    """Return the sheets, the chosen one with a column ``title`` and its faulty cells coloured."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    formats = {
        (kind, bad): workbook.add_format(
            {"num_format": form} | ({"bg_color": FAULTY} if bad else {})
        )
        for kind, form in (("text", "General"), ("day", "yyyy-mm-dd"), ("time", "yyyy-mm-dd hh:mm"))
        for bad in (False, True)
    }
    reasons: dict[int, list[str]] = defaultdict(list)
    faulty: set[tuple[int, str]] = set()
    for fault in check.result.refused:
        reasons[fault.line].append(f"{fault.field}: {fault.say(language)}".removeprefix(": "))
        faulty |= {(fault.line, one.field) for one in fault.faults}
    for sheet in sheets:
        page = workbook.add_worksheet(sheet.name[:31])
        chosen = sheet is table.sheet or sheet.name == table.sheet.name
        for number, row in enumerate(sheet.rows):
            for column, cell in enumerate(row):
                heading = table.header.headings[column] if chosen else ""
                bad = chosen and (number + 1, heading) in faulty
                _write(page, number, column, cell, formats, bad=bad)
            if chosen and number == table.header.row:
                page.write_string(number, len(row), title)
            elif chosen and number + 1 in reasons:
                text = "\n".join(reasons[number + 1])
                page.write_string(number, len(row), text, formats["text", True])
    workbook.close()
    return out.getvalue()


def _write(
    page: Any, row: int, column: int, cell: Cell, formats: dict[tuple[str, bool], Any], *, bad: bool
) -> None:
    match cell:
        case None:
            if bad:
                page.write_blank(row, column, None, formats["text", True])
        case datetime():
            page.write_datetime(row, column, cell, formats["time", bad])
        case date():
            page.write_datetime(row, column, cell, formats["day", bad])
        case Decimal() if len(cell.as_tuple().digits) <= LONGEST_NUMBER:
            page.write_number(row, column, cell, formats["text", bad])
        case bool():
            page.write_boolean(row, column, cell, formats["text", bad])
        case _:
            page.write_string(row, column, text_of(cell), formats["text", bad])
