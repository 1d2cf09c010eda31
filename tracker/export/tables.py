"""A list as CSV (with a byte order mark for Excel) or as a workbook, with its filter and time.

Texts that begin like a formula stay texts: a spreadsheet must not execute what a user typed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import xlsxwriter
from fastapi.responses import Response

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 40
"""Of a column, in characters."""
LONGEST_SHEET_NAME = 31
"""Excel's limit."""
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Table:
    """A list to export: its name, its filter in words, when it was made, column heads and rows."""

    name: str
    asked: str
    made_at: datetime
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def table_response(table: Table, form: str) -> Response:
    """Return the table as a file to save; ``form`` is ``csv`` or ``xlsx``."""
    workbook = form == "xlsx"
    body = as_workbook(table) if workbook else as_csv(table)
    disposition = f"attachment; filename*=utf-8''{quote(f'{table.name}.{form}')}"
    return Response(
        body,
        media_type=WORKBOOK_TYPE if workbook else CSV_TYPE,
        headers={"content-disposition": disposition},
    )


def as_csv(table: Table) -> bytes:
    """Return the table as CSV in UTF-8 with a byte order mark, for Excel and WPS."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_without_formula(f"{table.name} {table.asked} {_time(table)}".strip())])
    writer.writerow(table.heads)
    for row in table.rows:
        writer.writerow([_without_formula(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_workbook(table: Table) -> bytes:
    """Return the table as a workbook: filter and time above it, the heads always visible."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(table.name[:LONGEST_SHEET_NAME])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, f"{table.name} {table.asked} {_time(table)}".strip())
    widths = [len(head) * 2 for head in table.heads]  # a Chinese character takes two columns
    for place, head in enumerate(table.heads):
        sheet.write_string(1, place, head, bold)
    for number, row in enumerate(table.rows, start=2):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                sheet.write_number(number, place, cell)
            elif cell is not None and cell != "":
                sheet.write_string(number, place, str(cell))
                widths[place] = max(widths[place], min(WIDEST, len(str(cell)) + 2))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(WIDEST, max(8, width)))
    sheet.freeze_panes(2, 0)
    book.close()
    return out.getvalue()


def _time(table: Table) -> str:
    return table.made_at.strftime("%Y-%m-%d %H:%M")


def _without_formula(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and not _is_number(value):
        return "'" + value
    return "" if value is None else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
