"""The rows of a table as import lines, by its mapping.

A line keeps the number of its row, so that faults are named at the row that the person sees. Rows
are never dropped in silence: each becomes lines, faults, or a row that is said to be skipped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from events.refusals.errors import Message
from tracker.imports.tables.cells import Cell, Sheet, fold_text, text_of
from tracker.imports.tables.columns import Value, column_of
from tracker.imports.tables.mapping import WIDE_CONDITIONS, WIDE_FAMILIES, Header, TableMapping
from tracker.imports.tables.words import CellError, OrganizationNames, Words
from tracker.imports.tables.written import parse_written_day, parse_written_number

TOTALS = ("合计", "总计", "小计", "共计", "total", "subtotal")
"""How rows that sum up begin; they hold no fact."""
FAMILIES = {
    Value.CATEGORY: "category",
    Value.ACTIVITY: "activity",
    Value.CONDITION: "condition",
    Value.MEASURE: "measure",
    Value.STATE: "state",
}
FORMULA_ERRORS = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"}
)
"""What a cell shows whose formula has no result."""
LISTS = frozenset({"evidence", "categories"})


class CellFault(NamedTuple):
    """Why a cell was refused: its row and column from 0, and the reason; column None: the row."""

    row: int
    column: int | None
    message: Message


class TableLine(NamedTuple):
    """The document of an import line, and the row (from 0) that it comes from."""

    row: int
    document: dict[str, Any]


@dataclass(slots=True)
class Conversion:
    """What came of a table's rows."""

    lines: list[TableLine] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    """Rows (from 0) that sum up the others."""


def convert_rows(
    sheet: Sheet,
    header: Header,
    mapping: TableMapping,
    words: Words,
    names: OrganizationNames,
    fixed: dict[str, str] | None = None,
) -> Conversion:
    """Return the lines of the rows below the header, and the faults of their cells.

    ``fixed`` gives fields that no column holds, such as the day of a wide table. A row with a
    faulty cell becomes no line; all its faulty cells are named.
    """
    converter = _Converter(sheet, header, mapping, words, names, fixed or {})
    for number in range(header.row + 1, len(sheet.rows)):
        cells = sheet.rows[number]
        first = next((text_of(cell) for cell in cells if cell is not None), "")
        if not first:
            continue
        if fold_text(first).startswith(TOTALS):
            converter.conversion.skipped.append(number)
            continue
        converter.add_row(number, cells)
    return converter.conversion


class _Converter:
    """The rows of one table on their way to lines, with what equal rows share."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        mapping: TableMapping,
        words: Words,
        names: OrganizationNames,
        fixed: dict[str, str],
    ) -> None:
        self.conversion = Conversion()
        self._sheet, self._mapping, self._words, self._names = sheet, mapping, words, names
        self._fixed = fixed
        self._kind = WIDE_FAMILIES.get(mapping.kind, mapping.kind)
        self._equal: Counter[tuple[str, ...]] = Counter()
        self._codes: dict[int, str] = {}
        if mapping.kind == "organization":
            self._codes = _roster_codes(sheet, header, mapping, names)

    def add_row(self, number: int, cells: list[Cell]) -> None:
        document: dict[str, Any] = {"kind": self._kind, **self._fixed}
        faults: list[CellFault] = []
        for place, name in self._mapping.fields.items():
            if cells[place] is None:
                continue
            try:
                _put(document, name, self._value(name, cells[place]))
            except CellError as error:
                faults.append(CellFault(number, place, error.message))
        if number in self._codes:
            document["code"] = self._codes[number]
        lines = list(self._wide_lines(number, document, cells, faults))
        if self._mapping.kind not in WIDE_FAMILIES:
            lines = [TableLine(number, document)]
        self.conversion.faults += faults
        if not faults:
            for line in lines:
                self._identify(line.document)
            self.conversion.lines += lines

    def _wide_lines(
        self, number: int, document: dict[str, Any], cells: list[Cell], faults: list[CellFault]
    ) -> Iterator[TableLine]:
        """Yield a line for each cell of a wide row that is filled."""
        conditions = self._mapping.kind == WIDE_CONDITIONS
        for place, word in self._mapping.words.items():
            if cells[place] is None:
                continue
            try:
                value: dict[str, Any] = (
                    {"condition": word, "state": self._value("state", cells[place])}
                    if conditions
                    else {"measure": word, "value": self._value("value", cells[place])}
                )
            except CellError as error:
                faults.append(CellFault(number, place, error.message))
            else:
                yield TableLine(number, document | value)

    def _value(self, name: str, cell: Cell) -> Any:
        value = column_of(self._kind, name).value
        if isinstance(cell, str) and cell in FORMULA_ERRORS:
            raise CellError("cell_formula", value=cell)
        match value:
            case Value.DAY:
                day = parse_written_day(cell, counts_from_1904=self._sheet.counts_from_1904)
                if day is None:
                    raise CellError("cell_day", value=text_of(cell))
                return day.isoformat()
            case Value.NUMBER | Value.COUNT:
                number = parse_written_number(cell)
                if number is None:
                    raise CellError("cell_number", value=text_of(cell))
                return int(number) if value is Value.COUNT and number.isdecimal() else number
            case Value.ORGANIZATION:
                return self._names.code_of(text_of(cell))
            case Value.EVIDENCE:
                return self._words.words("evidence", cell)
            case Value.CATEGORY if name in LISTS:
                return self._words.words("category", cell)
            case Value.TEXT | Value.CODE | Value.TRUTH:
                return text_of(cell)
            case _:
                return self._words.word(FAMILIES[value], cell)

    def _identify(self, document: dict[str, Any]) -> None:
        """Give a record its identity where the table has none (docs/semantics.md, section 3).

        It follows from kind, organization, activity, day and place among equal rows, so the same
        file again records nothing new.
        """
        if self._kind != "activity" or "record_id" in document:
            return
        key = tuple(
            str(document.get(name, "")) for name in ("organization", "activity", "occurred_on")
        )
        self._equal[key] += 1
        text = "\n".join((self._kind, *key, str(self._equal[key])))
        document["record_id"] = f"row-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    """Store a value under a dotted field."""
    *above, last = name.split(".")
    for part in above:
        document = document.setdefault(part, {})
    document[last] = value


def _roster_codes(
    sheet: Sheet, header: Header, mapping: TableMapping, names: OrganizationNames
) -> dict[int, str]:
    """Return the code of each row of a roster, and make its organizations known by name.

    A row without a code has that of the organization of its name, else the next free one under its
    parent: ``420100-007``. A row whose parent is not known has none.
    """
    place = {name: column for column, name in mapping.fields.items()}

    def read(row: list[Cell], name: str) -> str:
        return text_of(row[place[name]]) if name in place else ""

    codes: dict[int, str] = {}
    waiting: list[int] = []
    for number in range(header.row + 1, len(sheet.rows)):
        row = sheet.rows[number]
        if code := read(row, "code"):
            codes[number] = code
            names.add(code, read(row, "name"))
        elif read(row, "name"):
            waiting.append(number)
    while waiting:
        later = []
        for number in waiting:
            row = sheet.rows[number]
            name, parent = read(row, "name"), read(row, "parent")
            known, above = names.codes_of(name), names.codes_of(parent) if parent else [""]
            if len(known) == 1:
                codes[number] = known[0]
            elif len(above) == 1 and not known:
                codes[number] = names.free_code(above[0])
                names.add(codes[number], name)
            else:
                later.append(number)
        if len(later) == len(waiting):
            return codes
        waiting = later
    return codes
