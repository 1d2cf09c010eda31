"""The sheets of a workbook (.xlsx, .xls, .ods), read in a separate process with limits.

A workbook of four kilobytes can ask for sixteen thousand million cells and abort its reader, so it
is read by ``workbook_child``, which may die (docs/decisions/0022-lists-as-people-have-them.md).
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

import orjson

from events.refusals.errors import Refused
from tracker.imports.lines import printable
from tracker.imports.tables.cells import Cell, MergedRange, Sheet, make_sheet
from tracker.imports.tables.workbook_child import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED

CHILD = Path(__file__).with_name("workbook_child.py")
SUFFIXES = frozenset({".xlsx", ".xls", ".ods", ".xlsm"})
WPS_SUFFIXES = frozenset({".et", ".ett", ".wps", ".wpt"})
"""Formats of WPS alone; it saves as .xlsx as well."""
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xlsx and .ods begin, and .xls and what has a password."""
WALL_SECONDS = 20
"""Seconds until an answer; the child's own limit is on processor time."""


def read_workbook(payload: bytes, name: str) -> list[Sheet]:
    """Return the sheets of a workbook, hidden ones too; ``Refused`` where it is none, or too large.

    ``name`` is the file's name; what is inside is recognized by the bytes, not by the suffix.
    """
    shown = printable(PurePath(name).name)
    if PurePath(name).suffix.lower() in WPS_SUFFIXES:
        raise Refused("workbook_of_wps", name=shown, field="file")
    if not payload.startswith((ZIP, COMPOUND)):
        raise Refused("workbook_none", name=shown, field="file")
    answer = _ask_child(payload, shown)
    if "refused" in answer:
        raise _refusal(answer["refused"], shown)
    counts_from_1904 = answer["counts_from_1904"]
    return [
        make_sheet(
            sheet["name"],
            [[_cell(value) for value in row] for row in sheet["rows"]],
            [MergedRange(*start, *end) for start, end in sheet["merged"]],
            visible=sheet["visible"],
            counts_from_1904=counts_from_1904,
        )
        for sheet in answer["sheets"]
    ]


def _ask_child(payload: bytes, name: str) -> dict[str, Any]:
    """Return the child's answer; ``Refused`` where its limits ended it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, nothing from outside in its arguments
            [sys.executable, "-I", str(CHILD)],
            input=payload,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("workbook_costly", name=name, field="file") from None
    if done.returncode != 0:
        raise Refused("workbook_costly", name=name, field="file")
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


def _refusal(reason: str, name: str) -> Refused:
    """Return the refusal for the child's reason."""
    match reason:
        case "password":
            return Refused("workbook_password", name=name, field="file")
        case "columns":
            return Refused("workbook_columns", name=name, most=MOST_COLUMNS, field="file")
        case "rows":
            return Refused("workbook_rows", name=name, most=MOST_ROWS, field="file")
        case "unpacked":
            megabytes = MOST_UNPACKED >> 20
            return Refused("workbook_too_large", name=name, megabytes=megabytes, field="file")
        case _:
            return Refused("workbook_damaged", name=name, field="file")


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return (value and value.strip()) or None
    sort, content = value
    match sort:
        case "n":
            return Decimal(content)
        case "d":
            return date.fromisoformat(content)
        case "t":
            return datetime.fromisoformat(content)
        case _:
            return bool(content)
