"""Days and numbers as people write them in lists.

Nothing is guessed: what can be read in two ways is read in none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from events.values import INVISIBLE
from tracker.imports.tables.cells import BLANKS, Cell, fold_text, text_of

DAY = re.compile(
    r"(\d{4}) ?(?:年|[-./]) ?(\d{1,2}) ?(?:月|[-./]) ?(\d{1,2})(?: ?[日号])?"
    r"(?: ?(?:上午|下午|晚上|晚))?(?:(?<!\d)(?: |T)?\d{1,2}[:时点].*| \d{1,2}:\d{2}.*)?"
)
"""2026-8-1, 2026/8/1, 2026.8.1, 2026年8月1日, with or without a time of day after it."""
EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
"""A day as Excel counts it; five digits are the days from 1927 to 2173."""
NUMBER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?")
FIRST_OF_1900, FIRST_OF_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Day 0 of the two calendars of Excel; the former for days after February 1900."""


def parse_written_day(cell: Cell, *, counts_from_1904: bool = False) -> date | None:
    """Return the day that a cell names, or None; years have four digits."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if cell is None or isinstance(cell, bool):
        return None
    text = _half_width(text_of(cell))
    parts = DAY.fullmatch(text) or EIGHT_DIGITS.fullmatch(text)
    if parts is not None:
        try:
            return date(*map(int, parts.groups()))
        except ValueError:
            return None
    if SERIAL.fullmatch(text):
        first = FIRST_OF_1904 if counts_from_1904 else FIRST_OF_1900
        return first + timedelta(days=int(text.partition(".")[0]))
    return None


def parse_written_number(cell: Cell) -> str | None:
    """Return the number that a cell states as plain decimal text, or None; 1,200.50 is one."""
    if cell is None or isinstance(cell, bool | date):
        return None
    if isinstance(cell, Decimal):
        return text_of(cell)
    text = fold_text(cell)
    return text.replace(",", "").removeprefix("+") if NUMBER.fullmatch(text) else None


def _half_width(text: str) -> str:
    """Return a text in half width without invisible characters, each blank a single space."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:100]))
    return BLANKS.sub(" ", visible).strip()
