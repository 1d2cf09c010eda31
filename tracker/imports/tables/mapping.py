"""Where a table begins, what kind of list it is, and which column holds which field.

All of it is a proposal: a person sees it with the first rows and changes it before anything is
recorded. The header row is the one of the first rows whose cells are headings most often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from events.documents.vocabulary import Vocabulary
from tracker.imports.tables.cells import Cell, Sheet, fold_text, text_of
from tracker.imports.tables.columns import COLUMNS, HEADINGS, fold_heading

SEARCHED_ROWS = 30
"""Rows from the top of a sheet in which a header is looked for."""
FEWEST_HEADINGS = 2
WIDE_CONDITIONS, WIDE_MEASURES = "conditions", "measures"
"""Kinds of wide table: an organization a row, a condition or measure a column."""
WIDE_FAMILIES = {WIDE_CONDITIONS: "condition", WIDE_MEASURES: "measure"}
"""The kind of line that each cell of a wide table becomes."""

WIDE_FIELDS = frozenset({"organization", "on", "recorded_on"})
"""Fields of a line that a column of a wide table may hold; its other columns are words."""


class Header(NamedTuple):
    """The header of a table: its last row (from 0), and the heading of each column."""

    row: int
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What a table means: the kind of list, and by column (from 0) the field or the word.

    In a wide table ``words`` has the condition or measure of a column; both are empty for a column
    that is left out.
    """

    kind: str
    fields: Mapping[int, str]
    words: Mapping[int, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The required fields that no column holds; a wide table needs only the organization."""
        if self.kind in WIDE_FAMILIES:
            return [name for name in ("organization",) if name not in self.fields.values()]
        return [
            column.field
            for column in COLUMNS[self.kind]
            if column.required and column.field not in self.fields.values()
        ]


def find_header(sheet: Sheet, vocabulary: Vocabulary) -> Header | None:
    """Return the header of a sheet, or None where no row has two headings that are known.

    A second row of headings under merged ones is part of the header: 党费 over 应缴 and 实缴.
    """
    known = {heading for headings in HEADINGS.values() for heading in headings}
    known |= set(words_by_heading(vocabulary, WIDE_CONDITIONS))
    known |= set(words_by_heading(vocabulary, WIDE_MEASURES))
    best, most = None, FEWEST_HEADINGS - 1
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        # A title merged over the whole row is one text, however many cells it fills.
        count = len({fold_heading(text_of(cell)) for cell in row} & known)
        if count > most:
            best, most = number, count
    return None if best is None else header_at(sheet, best)


def header_at(sheet: Sheet, number: int) -> Header:
    """Return the header whose last row (from 0) is given, with the groups above it if it has any.

    An empty sheet has a header without headings.
    """
    lower, upper = sheet.rows[number] if sheet.rows else [], number - 1
    if upper >= 0 and _is_group_row(sheet, upper):
        return Header(number, _joined(sheet.rows[upper], lower))
    return Header(number, tuple(map(text_of, lower)))


def wide_fields(kind: str) -> list[str]:
    """Return the fields that columns of a wide table hold besides its conditions or measures."""
    return [column.field for column in COLUMNS[WIDE_FAMILIES[kind]] if column.field in WIDE_FIELDS]


def words_by_heading(vocabulary: Vocabulary, kind: str) -> dict[str, str]:
    """Return the conditions or measures by their folded names in both languages, and by word."""
    family = vocabulary.conditions if kind == WIDE_CONDITIONS else vocabulary.measures
    words: dict[str, str] = {}
    for word, text in family.items():
        for name in (text.zh, text.en, word):
            if name:
                words.setdefault(fold_heading(name), word)
    return words


def propose_mapping(
    header: Header, vocabulary: Vocabulary, kind: str | None = None
) -> TableMapping | None:
    """Return the mapping with most columns whose required fields are all there, or None.

    With ``kind``, that kind's mapping, even if required fields are missing.
    """
    kinds = [*COLUMNS, *WIDE_FAMILIES] if kind is None else [kind]
    mappings = [_mapping(header, vocabulary, one) for one in kinds]
    if kind is not None:
        return mappings[0]
    fitting = [
        mapping
        for mapping in mappings
        if not mapping.missing and (mapping.words or mapping.kind not in WIDE_FAMILIES)
    ]
    return max(fitting, key=lambda fit: len(fit.fields) + len(fit.words), default=None)


def shape_of(header: Header) -> str:
    """Return the digest by which the mapping of a file of this shape is remembered."""
    folded = "\n".join(fold_text(heading) for heading in header.headings)
    return hashlib.sha256(folded.encode()).hexdigest()


def _mapping(header: Header, vocabulary: Vocabulary, kind: str) -> TableMapping:
    line_kind = WIDE_FAMILIES.get(kind, kind)
    wide = WIDE_FIELDS if kind in WIDE_FAMILIES else None
    fields: dict[int, str] = {}
    for place, heading in enumerate(header.headings):
        name = HEADINGS[line_kind].get(fold_heading(heading))
        if name is None or name in fields.values() or (wide is not None and name not in wide):
            continue
        fields[place] = name
    if wide is None:
        return TableMapping(kind, fields)
    known = words_by_heading(vocabulary, kind)
    words: dict[int, str] = {}
    for place, heading in enumerate(header.headings):
        word = known.get(fold_heading(heading))
        if word is not None and place not in fields and word not in words.values():
            words[place] = word
    return TableMapping(kind, fields, words)


def _is_group_row(sheet: Sheet, number: int) -> bool:
    """Return whether a row above the header groups columns: merged over some, but not over all."""
    texts = {text_of(cell) for cell in sheet.rows[number]} - {""}
    return len(texts) > 1 and any(row == number and column > 0 for row, column in sheet.filled)


def _joined(upper: list[Cell], lower: list[Cell]) -> tuple[str, ...]:
    """Return headings of two rows: the lower one, or where it is empty the upper one."""
    return tuple(
        text_of(below) or text_of(above) for above, below in zip(upper, lower, strict=True)
    )
