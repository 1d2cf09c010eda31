"""A file with a table as import lines: sheet, mapping, and a JSONL file of lines with their rows.

The importer takes the JSONL file, so that a table is validated, decided, appended and resumed as
every other import is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

import orjson

from events.refusals.errors import Refused
from tracker.imports.lines import LineFault, printable
from tracker.imports.tables.columns import COLUMNS
from tracker.imports.tables.conversion import convert_rows
from tracker.imports.tables.mapping import SEARCHED_ROWS, WIDE_FAMILIES, Header, TableMapping
from tracker.imports.tables.proposal import TableChoice, TableProposal, propose_table
from tracker.imports.tables.text_tables import is_table, read_text_table
from tracker.imports.tables.words import OrganizationNames, Words
from tracker.imports.tables.workbook import SUFFIXES, WPS_SUFFIXES, read_workbook

if TYPE_CHECKING:
    from events.documents.vocabulary import Vocabulary
    from tracker.imports.tables.cells import Sheet

HEADINGS_SHOWN = 8
"""Headings that a refusal names."""


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
        """Return faults of lines at their rows, with the headings of their fields.

        A field that the table has no column for is named by its usual heading.
        """
        kind = WIDE_FAMILIES.get(self.mapping.kind, self.mapping.kind)
        headings = {column.field: column.headings[0] for column in COLUMNS[kind]}
        headings |= {
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

    ``organizations`` are codes and names of all that may be named. ``Refused`` as by
    ``convert_proposal``.
    """
    choice = choice or TableChoice()
    if choice.sheet is not None and all(sheet.name != choice.sheet for sheet in sheets):
        raise Refused("table_no_sheet", name=printable(PurePath(name).name), field="sheet",
                      sheets="、".join(sheet.name for sheet in sheets))  # fmt: skip
    proposal = propose_table(sheets, vocabulary, choice)
    return convert_proposal(proposal, name, vocabulary, organizations)


def convert_proposal(
    proposal: TableProposal,
    name: str,
    vocabulary: Vocabulary,
    organizations: Iterable[tuple[str, str]],
) -> TableFile:
    """Return the lines of a table by a proposal that a person confirmed.

    ``Refused`` where no header or kind is known, required columns or the day are missing, or two
    columns have one meaning.
    """
    mapping = _require_whole(proposal, printable(PurePath(name).name))
    sheet, header = proposal.sheet, proposal.header
    fixed = {"on": proposal.day} if proposal.needs_day and proposal.day else {}
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


def _require_whole(proposal: TableProposal, name: str) -> TableMapping:
    """Return the mapping of a proposal, or refuse what it lacks."""
    if not proposal.recognized:
        example = "、".join(column.headings[0] for column in COLUMNS["activity"][:3])
        raise Refused(
            "table_no_header", name=name, rows=SEARCHED_ROWS, headings=example, field="file"
        )
    mapping = proposal.mapping
    if mapping is None:
        headings = "、".join(filter(None, proposal.header.headings[:HEADINGS_SHOWN]))
        raise Refused("table_unknown", name=name, headings=headings, field="file")
    if proposal.twice:
        headings = "、".join(
            proposal.header.headings[place]
            for place, meaning in proposal.meanings().items()
            if meaning in proposal.twice
        )
        raise Refused("table_twice", name=name, headings=headings, field="file")
    if proposal.missing:
        titles = "、".join(proposal.missing)
        raise Refused("table_missing", name=name, headings=titles, field="file")
    if proposal.needs_day and not proposal.day:
        raise Refused("table_day", name=name, field="day")
    return mapping


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
