"""CSV: the same fields as columns, nested ones dotted, lists separated by ``;``.

An empty cell is an absent field. The header applies to every row, so a fault in it is a fault of
the file (docs/contracts.md, "Import lines").
"""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from events.refusals.errors import Message
from events.streams.records import RecordChanges
from events.values import FULL_WIDTH, Amounts, Attendance
from tracker.imports.encoding import ODD_BYTE, split_lines
from tracker.imports.lines import KINDS, BadLine, LineFault

if TYPE_CHECKING:
    from collections.abc import Iterator

NESTED: dict[str, type[BaseModel]] = {"attendance": Attendance, "money": Amounts}
LISTS = ("evidence", "categories", "purposes")
FLAGS = ("closed", "root", "leader")
SEPARATOR = ";"
LONGEST_COUNT = 9
"""Digits of a count; a longer number stays a text, which the command's model refuses."""
TRUTHS = {"true": True, "false": False}


def _dotted(name: str) -> list[str]:
    return [f"{name}.{part}" for part in NESTED[name].model_fields] if name in NESTED else [name]


def _columns() -> frozenset[str]:
    columns = {"kind", "id", "recorded_on"}
    for model in KINDS.values():
        for name in model.model_fields:
            columns.update(_dotted(name))
    columns.discard("changes")
    changes = (column for name in RecordChanges.model_fields for column in _dotted(name))
    columns.update(f"changes.{column}" for column in changes)
    return frozenset(columns)


COLUMNS = _columns()
"""The columns that a file may have."""


def columns_of(kind: str) -> list[str]:
    """Return the columns of a table of one kind of line, in the order of its fields."""
    names = ["kind"]
    for name in KINDS[kind].model_fields:
        nested = RecordChanges.model_fields if name == "changes" else ()
        names += [f"changes.{one}" for part in nested for one in _dotted(part)] or _dotted(name)
    return names


class CsvRows:
    """The rows of one CSV file after its header; ``faults`` are those of the file itself."""

    def __init__(self, payload: bytes, longest: int) -> None:
        """Read the header; ``longest`` is the limit of a line in characters."""
        self.faults: list[LineFault] = []
        self.raw = ""
        """The newest row as the file has it."""
        self._longest = longest
        self._lines = split_lines(payload)
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0
        self._too_long = False
        self._columns: list[str] = []
        self._reader = self._new_reader()
        self._read_header()

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any] | BadLine]]:
        """Yield each row that is not blank: its first line, and its document or its fault."""
        while not self.faults:
            number = self._number + 1
            try:
                cells = self._next()
            except StopIteration:
                return
            except BadLine as bad:
                yield number, bad
                continue
            if any(cells):
                yield number, self._document(cells)

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._physical(), strict=True)

    def _physical(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._number += 1
            self._taken.append(line)
            if len(line) > self._longest:
                self._too_long = True
                yield "\n"
            else:
                yield line

    def _next(self) -> list[str]:
        """Return the cells of the next row; ``BadLine`` where it is none."""
        self._taken.clear()
        self._too_long = False
        try:
            cells = [cell.strip() for cell in next(self._reader)]
        except csv.Error as error:
            bad = BadLine("", "line_not_csv", what=error)
            if len(self._taken) > 1:
                bad = BadLine("", "line_open_quote")
            self._resume_after_first_line()
            raise bad from None
        if any(self._is_row(line) for line in self._taken[1:]):
            self._resume_after_first_line()
            raise BadLine("", "line_open_quote")
        self.raw = "".join(self._taken)
        if self._too_long:
            raise BadLine("", "line_characters", most=self._longest)
        if odd := ODD_BYTE.search(self.raw):
            byte = len(self.raw[: odd.start()].encode("utf-8", "surrogateescape")) + 1
            raise BadLine("", "line_not_utf8", byte=byte)
        return cells

    def _resume_after_first_line(self) -> None:
        """Read on after the first line of a row whose quotation mark swallowed the next lines.

        The lines between two such marks are read twice and no more, since the second mark ends
        what the first one opened.
        """
        self.raw, *rest = self._taken
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        self._reader = self._new_reader()

    def _is_row(self, line: str) -> bool:
        """Return whether a line inside a cell is a row: its cell under ``kind`` names a kind."""
        if "kind" not in self._columns:
            return False
        place = self._columns.index("kind")
        cells = line.split(",")
        return len(cells) > place + 1 and cells[place].strip(' "') in KINDS

    def _read_header(self) -> None:
        try:
            names = self._next()
        except StopIteration:
            names = []
        except BadLine as error:
            self.faults.append(error.at_line(1))
            return
        while names and not names[-1]:
            names.pop()
        if "kind" not in names:
            self.faults.append(LineFault(1, "kind", Message("line_header")))
            return
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.faults.append(LineFault(1, name, Message("line_twice")))
            elif name not in COLUMNS:
                self.faults.append(BadLine(name, "line_column").at_line(1))
            seen.add(name)
        self._columns = names

    def _document(self, cells: list[str]) -> dict[str, Any] | BadLine:
        if any(cells[len(self._columns) :]):
            return BadLine("", "line_cells")
        document: dict[str, Any] = {}
        for column, cell in zip(self._columns, cells, strict=False):
            if cell:
                _put(document, column.split("."), cell)
        return document


def _put(document: dict[str, Any], path: list[str], cell: str) -> None:
    """Store a cell in the document under its column's dotted name."""
    *above, name = path
    for field in above:
        document = document.setdefault(field, {})
    if name in LISTS:
        document[name] = [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
    elif above[-1:] == ["attendance"] and _is_count(cell.translate(FULL_WIDTH)):
        document[name] = int(cell)
    elif name in FLAGS:
        document[name] = TRUTHS.get(cell.lower(), cell)
    else:
        document[name] = cell


def _is_count(cell: str) -> bool:
    return cell.isascii() and cell.removeprefix("-").isdigit() and len(cell) <= LONGEST_COUNT
