"""Any list as CSV (with a mark for Excel) or as a workbook, with the filter and time it shows.

Texts that begin like a formula stay texts.
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

FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 40
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Table:
    """A list to hand over: its name, what was asked, when, the heads of its columns, its rows."""

    name: str
    asked: str
    made_at: datetime
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def exported(table: Table, form: str) -> Response:
    """The table as a file to save; ``form`` is ``csv`` or ``xlsx``."""
    body, kind = (
        (as_workbook(table), WORKBOOK_TYPE)
        if form == "xlsx"
        else (
            as_csv(table),
            CSV_TYPE,
        )
    )
    disposition = f"attachment; filename*=utf-8''{quote(f'{table.name}.{form}')}"
    return Response(body, media_type=kind, headers={"content-disposition": disposition})


def as_csv(table: Table) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark, so that Excel and WPS read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_plain(f"{table.name} {table.asked} {_time(table)}".strip())])
    writer.writerow(table.heads)
    for row in table.rows:
        writer.writerow([_plain(one) for one in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_workbook(table: Table) -> bytes:
    """The table as a workbook: filter and time above it, the heads kept in sight."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(table.name[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, f"{table.name} {table.asked} {_time(table)}".strip())
    widths = [len(one) * 2 for one in table.heads]
    for place, head in enumerate(table.heads):
        sheet.write_string(1, place, head, bold)
    for number, row in enumerate(table.rows, start=2):
        for place, one in enumerate(row):
            if isinstance(one, int | float) and not isinstance(one, bool):
                sheet.write_number(number, place, one)
            elif one is not None and one != "":
                sheet.write_string(number, place, str(one))
                widths[place] = max(widths[place], min(WIDEST, len(str(one)) + 2))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(WIDEST, max(8, width)))
    sheet.freeze_panes(2, 0)
    book.close()
    return out.getvalue()


def _time(table: Table) -> str:
    return table.made_at.strftime("%Y-%m-%d %H:%M")


def _plain(value: Any) -> Any:
    """A cell that no program takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA) and not _number(value):
        return "'" + value
    return "" if value is None else value


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
