"""Tables in text: CSV and tab-separated files with headings in any language, and pasted rows."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath

from events.refusals.errors import Refused
from tracker.imports.csv_rows import COLUMNS
from tracker.imports.encoding import decode_file, readable
from tracker.imports.lines import printable
from tracker.imports.tables.cells import Cell, Sheet, make_sheet

SEPARATORS = ("\t", ",", ";", "，")
MOST_ROWS, MOST_COLUMNS = 20_000, 400


def is_table(payload: bytes, name: str) -> bool:
    """Return whether a .csv file has the headings of an office; else its rows are import lines.

    The first line of import lines names the columns of docs/contracts.md, ``kind`` among them.
    """
    head = readable(decode_file(payload[:100_000], name).payload.decode("utf-8", "surrogateescape"))
    first = next((line for line in head.splitlines() if line.strip(" ,;\t")), "")
    names = {cell.strip() for cell in next(csv.reader([first]), [])}
    return bool(names) and not names & COLUMNS


def read_text_table(payload: bytes, name: str) -> Sheet:
    """Return the rows of a text as a sheet; ``Refused`` where its encoding or size is not taken."""
    shown = printable(PurePath(name).name)
    # The encodings of .csv files; a tab-separated one is read by the same rule.
    decoded = decode_file(payload, "table.csv")
    if decoded.fault is not None:
        raise Refused("table_encoding", name=shown, field="file")
    text = readable(decoded.payload.decode("utf-8", "surrogateescape"))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    if len(rows) > MOST_ROWS:
        raise Refused("workbook_rows", name=shown, most=MOST_ROWS, field="file")
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        raise Refused("workbook_columns", name=shown, most=MOST_COLUMNS, field="file")
    cells: list[list[Cell]] = [[cell.strip() or None for cell in row] for row in rows]
    return make_sheet(shown, cells, [])


def _separator(text: str) -> str:
    """Return the separator that the first lines have most of."""
    head = text[:4000]
    return max(SEPARATORS, key=head.count)
