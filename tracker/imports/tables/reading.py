"""A file with a table as import lines: sheet, mapping, and a JSONL file of lines with their rows.

The importer takes the JSONL file, so that a table is validated, decided, appended and resumed as
every other import is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

import orjson

from events.refusals.errors import Refused
from tracker.imports.lines import LineFault, printable
from tracker.imports.tables.columns import COLUMNS
from tracker.imports.tables.conversion import convert_rows
from tracker.imports.tables.mapping import (
    SEARCHED_ROWS,
    WIDE_FAMILIES,
    Header,
    TableMapping,
    find_header,
    propose_mapping,
)
from tracker.imports.tables.text_tables import is_table, read_text_table
from tracker.imports.tables.words import OrganizationNames, Words
from tracker.imports.tables.workbook import SUFFIXES, WPS_SUFFIXES, read_workbook

if TYPE_CHECKING:
    from events.documents.vocabulary import Vocabulary
    from tracker.imports.tables.cells import Sheet

HEADINGS_SHOWN = 8
"""Headings that a refusal names."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """What a person chose for a table; what is None is proposed."""

    sheet: str | None = None
    kind: str | None = None
    fields: Mapping[int, str] | None = None
    """The field of each column (from 0); columns that are left out have none."""
    day: str | None = None
    """The day of a wide table that has no column for it, as YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table as a file of import lines."""

    payload: bytes
    """The lines as JSONL."""
    sheet: Sheet
    header: Header
    mapping: TableMapping
    rows: list[int]
    """The row of the sheet, from 1, by line of ``payload``."""
    faults: list[LineFault] = field(default_factory=list)
    """The faults of cells, at row and heading."""
    skipped: list[int] = field(default_factory=list)
    """Rows, from 1, that sum up the others."""

    def at_rows(self, faults: Iterable[LineFault]) -> list[LineFault]:
        """Return faults of lines at their rows, with the headings of their fields."""
        headings = {
            name: self.header.headings[place] for place, name in self.mapping.fields.items()
        }
        return [
            fault._replace(
                line=self.rows[fault.line - 1], field=headings.get(fault.field, fault.field)
            )
            for fault in faults
        ]


def holds_table(payload: bytes, name: str) -> bool:
    """Return whether a file is read as a table: a workbook, .tsv, or .csv with own headings."""
    suffix = PurePath(name).suffix.lower()
    if suffix in SUFFIXES or suffix in WPS_SUFFIXES or suffix == ".tsv":
        return True
    return suffix == ".csv" and is_table(payload, name)


def read_sheets(payload: bytes, name: str) -> list[Sheet]:
    """Return the visible sheets that have rows; ``Refused`` where there is none."""
    if PurePath(name).suffix.lower() in {".csv", ".tsv"}:
        sheets = [read_text_table(payload, name)]
    else:
        sheets = read_workbook(payload, name)
    visible = [sheet for sheet in sheets if sheet.visible and sheet.rows]
    if not visible:
        raise Refused("table_empty", name=printable(PurePath(name).name), field="file")
    return visible


def convert_table(
    sheets: list[Sheet],
    name: str,
    vocabulary: Vocabulary,
    organizations: Iterable[tuple[str, str]],
    choice: TableChoice | None = None,
) -> TableFile:
    """Return the lines of the sheet chosen, else of the first one that is a known kind of list.

    ``organizations`` are codes and names of all that may be named. ``Refused`` where no sheet has a
    header that is known, or required columns are missing.
    """
    choice = choice or TableChoice()
    shown = printable(PurePath(name).name)
    sheet, header, mapping = _choose(sheets, shown, vocabulary, choice)
    if mapping.missing:
        titles = [
            column.headings[0]
            for column in COLUMNS[WIDE_FAMILIES.get(mapping.kind, mapping.kind)]
            if column.field in mapping.missing
        ]
        raise Refused("table_missing", name=shown, headings="、".join(titles), field="file")
    fixed = {}
    if mapping.kind in WIDE_FAMILIES and "on" not in mapping.fields.values():
        if choice.day is None:
            raise Refused("table_day", name=shown, field="day")
        fixed["on"] = choice.day
    conversion = convert_rows(
        sheet, header, mapping, Words(vocabulary), OrganizationNames(organizations), fixed
    )
    return TableFile(
        b"".join(orjson.dumps(line.document) + b"\n" for line in conversion.lines),
        sheet,
        header,
        mapping,
        [line.row + 1 for line in conversion.lines],
        [
            LineFault(
                fault.row + 1,
                "" if fault.column is None else header.headings[fault.column],
                fault.message,
            )
            for fault in conversion.faults
        ],
        [row + 1 for row in conversion.skipped],
    )


def _choose(
    sheets: list[Sheet], name: str, vocabulary: Vocabulary, choice: TableChoice
) -> tuple[Sheet, Header, TableMapping]:
    """Return the sheet with its header and mapping, proposed where the person chose nothing."""
    unknown: Header | None = None
    for sheet in sheets:
        if choice.sheet is not None and sheet.name != choice.sheet:
            continue
        header = find_header(sheet, vocabulary)
        if header is None:
            continue
        mapping = propose_mapping(header, vocabulary, choice.kind)
        if mapping is None:
            unknown = unknown or header
            continue
        if choice.fields is not None:
            mapping = TableMapping(mapping.kind, dict(choice.fields), mapping.words)
        return sheet, header, mapping
    if unknown is not None:
        headings = "、".join(filter(None, unknown.headings[:HEADINGS_SHOWN]))
        raise Refused("table_unknown", name=name, headings=headings, field="file")
    example = "、".join(column.headings[0] for column in COLUMNS["activity"][:3])
    raise Refused("table_no_header", name=name, rows=SEARCHED_ROWS, headings=example, field="file")


def describe_table(table: TableFile) -> str:
    """Return in a line what a table was taken for: sheet, kind, columns, rows passed over."""
    headings = table.header.headings
    fields = [f"{headings[place]}={name}" for place, name in table.mapping.fields.items()]
    words = [headings[place] for place in table.mapping.words]
    left_out = [
        heading
        for place, heading in enumerate(headings)
        if heading and place not in table.mapping.fields and place not in table.mapping.words
    ]
    parts = [f"sheet {table.sheet.name}", f"kind {table.mapping.kind}", ", ".join(fields + words)]
    if left_out:
        parts.append(f"columns left out: {', '.join(left_out)}")
    if table.skipped:
        parts.append(f"totals in rows {', '.join(map(str, table.skipped))} left out")
    return "; ".join(parts)
