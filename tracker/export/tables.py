"""A list as CSV (with a byte order mark for Excel) or as a workbook, with its filter and time.

Texts that begin like a formula stay texts: a spreadsheet must not execute what a user typed.
Nothing is left out in silence: a list that is not whole says so in its first and its last line, and
a text that is too long for a cell of a workbook goes on in a second sheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import xlsxwriter
from fastapi.responses import Response, StreamingResponse
from xlsxwriter.utility import xl_rowcol_to_cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WIDEST = 40
"""Of a column, in characters."""
LONGEST_SHEET_NAME = 31
"""Excel's limit."""
LONGEST_CELL = 32_000
"""UTF-16 code units of a text in one cell, with room for a note; Excel's limit is 32 767."""
FORMATS = ("csv", "xlsx")
LEFT_OUT = "x-rows-left-out"
"""The header of a file that does not have every row of its list."""


@dataclass(frozen=True, slots=True)
class Table:
    """A list to export: its name, its filter in words, when it was made, column heads and rows.

    ``made_at`` is local and names the clock. ``left_out`` says in words which rows are missing,
    empty where none are.
    """

    name: str
    asked: str
    made_at: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    left_out: str = ""
    language: Literal["zh", "en"] = "zh"

    @property
    def title(self) -> str:
        """The first line of the file."""
        parts = (self.name, self.asked.strip(), self.made_at, self.left_out)
        return " ".join(part for part in parts if part)

    def t(self, zh: str, en: str) -> str:
        """Return the text in the language of the table."""
        return zh if self.language == "zh" else en


def table_response(table: Table, form: str) -> Response:
    """Return the table as a file to save; ``form`` is ``csv`` or ``xlsx``."""
    workbook = form == "xlsx"
    body = as_workbook(table) if workbook else as_csv(table)
    return Response(
        body, media_type=WORKBOOK_TYPE if workbook else CSV_TYPE, headers=_headers(table, form)
    )


def streamed_response(table: Table) -> Response:
    """Return the table as CSV that is sent while its rows are read: as long as it needs to be."""
    return StreamingResponse(csv_parts(table), media_type=CSV_TYPE, headers=_headers(table, "csv"))


def _headers(table: Table, form: str) -> dict[str, str]:
    disposition = f"attachment; filename*=utf-8''{quote(f'{table.name}.{form}')}"
    return {"content-disposition": disposition} | ({LEFT_OUT: "1"} if table.left_out else {})


def as_csv(table: Table) -> bytes:
    """Return the table as CSV in UTF-8 with a byte order mark, for Excel and WPS."""
    return b"".join(csv_parts(table))


PART_ROWS = 500
"""Rows of one part of a CSV file that is sent in parts."""


def csv_parts(table: Table) -> Iterator[bytes]:
    """Yield the bytes of ``as_csv`` in parts of ``PART_ROWS`` rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_without_formula(table.title)])
    writer.writerow(table.heads)
    begin = BYTE_ORDER_MARK
    for number, row in enumerate(table.rows, start=1):
        writer.writerow([_without_formula(cell) for cell in row])
        if number % PART_ROWS == 0:
            yield begin + out.getvalue().encode()
            begin = b""
            out.seek(0)
            out.truncate()
    if table.left_out:
        writer.writerow([_without_formula(table.left_out)])
    yield begin + out.getvalue().encode()


def as_workbook(table: Table) -> bytes:
    """Return the table as a workbook: filter and time above it, the heads always visible."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(table.name[:LONGEST_SHEET_NAME])
    bold = book.add_format({"bold": True, "bottom": 1})
    texts = _LongTexts(table, book, bold)
    sheet.write_string(0, 0, table.title)
    widths = [len(head) * 2 for head in table.heads]  # a Chinese character takes two columns
    for place, head in enumerate(table.heads):
        sheet.write_string(1, place, head, bold)
    number = 1
    for number, row in enumerate(table.rows, start=2):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                sheet.write_number(number, place, cell)
            elif cell is not None and cell != "":
                text = texts.fit(str(cell), number, place)
                sheet.write_string(number, place, text)
                widths[place] = max(widths[place], min(WIDEST, len(text) + 2))
    if table.left_out:
        sheet.write_string(number + 1, 0, table.left_out)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(WIDEST, max(8, width)))
    sheet.freeze_panes(2, 0)
    book.close()
    return out.getvalue()


class _LongTexts:
    """A second sheet for the rest of texts that are too long for a cell; made when needed."""

    def __init__(self, table: Table, book: Any, bold: Any) -> None:
        self._table, self._book, self._bold = table, book, bold
        self._name = table.t("长文本", "Long texts")
        self._sheet: Any = None
        self._row = 0

    def fit(self, text: str, row: int, place: int) -> str:
        """Return what fits into the cell; the rest goes to the second sheet, and a note says so."""
        first, *rest = split_text(text, LONGEST_CELL)
        if not rest:
            return text
        if self._sheet is None:
            self._sheet = self._book.add_worksheet(self._name)
            heads = (self._table.t("单元格", "Cell"), self._table.t("续文", "Continued"))
            for column, head in enumerate(heads):
                self._sheet.write_string(0, column, head, self._bold)
        begin = self._row + 2  # counted as the spreadsheet does, from 1, below the heads
        for part in rest:
            self._row += 1
            self._sheet.write_string(self._row, 0, xl_rowcol_to_cell(row, place))
            self._sheet.write_string(self._row, 1, part)
        return first + self._table.t(
            f"……（未完，下接工作表“{self._name}”第 {begin} 行）",
            f" … (continued in sheet “{self._name}”, row {begin})",
        )


def split_text(text: str, longest: int) -> list[str]:
    """Return a text in parts of at most ``longest`` UTF-16 code units, as spreadsheets count."""
    if len(text) * 2 <= longest or len(text.encode("utf-16-le", "surrogatepass")) <= longest * 2:
        return [text]
    parts, begin, units = [], 0, 0
    for place, sign in enumerate(text):
        width = 2 if sign > "\uffff" else 1
        if units + width > longest:
            parts.append(text[begin:place])
            begin, units = place, 0
        units += width
    return [*parts, text[begin:]]


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
