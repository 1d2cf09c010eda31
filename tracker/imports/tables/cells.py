"""The cells of a table, as workbooks, text files and pasted rows have them in common."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from events.values import INVISIBLE

Cell = str | Decimal | bool | date | datetime | None
"""A text without surrounding blanks, a number, a truth, a day, an instant, or nothing."""
BLANKS = re.compile(r"\s+")


class MergedRange(NamedTuple):
    """Cells merged into one, rows and columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows from the first, all of one width, merged cells filled with their text.

    ``counts_from_1904`` says that a number that means a day counts from 1904 instead of 1900.
    """

    name: str
    rows: list[list[Cell]]
    visible: bool = True
    counts_from_1904: bool = False
    filled: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    """The places (row, column) that got their cell from a merged range."""


def make_sheet(
    name: str,
    rows: list[list[Cell]],
    merged: list[MergedRange],
    *,
    visible: bool = True,
    counts_from_1904: bool = False,
) -> Sheet:
    """Return a sheet with rows of one width, in which every merged cell has the range's value."""
    width = max(map(len, rows), default=0)
    cells: list[list[Cell]] = [[*row, *[None] * (width - len(row))] for row in rows]
    filled = set()
    for area in merged:
        if area.top >= len(cells) or area.left >= width:
            continue
        value = cells[area.top][area.left]
        for row in range(area.top, min(area.bottom + 1, len(cells))):
            for column in range(area.left, min(area.right + 1, width)):
                if (row, column) != (area.top, area.left):
                    cells[row][column] = value
                    filled.add((row, column))
    return Sheet(name, cells, visible, counts_from_1904, frozenset(filled))


def text_of(cell: Cell) -> str:
    """Return a cell as the text that its author sees: a number plainly, a day as 2026-08-01."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case Decimal():
            return f"{cell.normalize():f}"
        case datetime():
            return cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case str():
            return cell


def fold_text(text: str) -> str:
    """Return a text as it is compared: half width, no blanks, nothing invisible, small letters."""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:1000]))
    return BLANKS.sub("", folded).casefold()
