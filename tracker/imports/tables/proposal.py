"""What a table is taken for before anything is converted: a proposal that a person can change.

Nothing is refused here. What is missing or named twice is said by the proposal, so that a page can
show it above the columns; ``tracker.imports.tables.reading`` refuses to convert it as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.imports.tables.cells import text_of
from tracker.imports.tables.columns import COLUMNS
from tracker.imports.tables.mapping import (
    WIDE_FAMILIES,
    Header,
    TableMapping,
    find_header,
    header_at,
    propose_mapping,
    wide_fields,
    words_by_heading,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.documents.vocabulary import Vocabulary
    from tracker.imports.tables.cells import Cell, Sheet

KINDS = (*COLUMNS, *WIDE_FAMILIES)
"""The kinds of list that a person may choose."""
FIELD, WORD = "field:", "word:"
"""How the meaning of a column is written: ``field:occurred_on``, ``word:national_flag``."""
LONGEST_FIRST_ROW = 200
Recall = Callable[[Header], "tuple[str, Mapping[int, str]] | None"]
"""Returns the kind and columns that people chose for a file of this shape, or None."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """What a person chose for a table; what is None is proposed."""

    sheet: str | None = None
    header_row: int | None = None
    """The last row of the header, from 1."""
    kind: str | None = None
    columns: Mapping[int, str] | None = None
    """The meaning of each column (from 0); a column that is not in it is left out."""
    day: str | None = None
    """The day of a wide table that has no column for it, as YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class TableProposal:
    """A sheet with its header and mapping; ``mapping`` is None where no kind of list fits."""

    sheets: tuple[str, ...]
    sheet: Sheet
    header: Header
    mapping: TableMapping | None
    recognized: bool
    """Whether a row of headings was found, or chosen by a person."""
    day: str | None = None
    twice: tuple[str, ...] = field(default=())
    """Meanings that several columns have."""

    @property
    def needs_day(self) -> bool:
        """Whether it is a wide table without a column for its day."""
        return (
            self.mapping is not None
            and self.mapping.kind in WIDE_FAMILIES
            and "on" not in self.mapping.fields.values()
        )

    @property
    def missing(self) -> list[str]:
        """The headings of required fields that no column holds."""
        if self.mapping is None:
            return []
        kind = WIDE_FAMILIES.get(self.mapping.kind, self.mapping.kind)
        return [
            column.headings[0] for column in COLUMNS[kind] if column.field in self.mapping.missing
        ]

    def first_rows(self, most: int) -> list[list[str]]:
        """Return the texts of the first rows below the header that are not empty."""
        below = self.sheet.rows[self.header.row + 1 :]
        filled = [row for row in below[:LONGEST_FIRST_ROW] if any(cell is not None for cell in row)]
        return [list(map(text_of, row)) for row in filled[:most]]

    def meanings(self) -> dict[int, str]:
        """Return the meaning of each column that has one."""
        if self.mapping is None:
            return {}
        fields = {place: FIELD + name for place, name in self.mapping.fields.items()}
        return fields | {place: WORD + word for place, word in self.mapping.words.items()}


def propose_table(
    sheets: Sequence[Sheet],
    vocabulary: Vocabulary,
    choice: TableChoice,
    recall: Recall | None = None,
) -> TableProposal:
    """Return the sheet chosen, else the first that is a known kind of list, with its mapping.

    ``recall`` answers what people chose for a file of the same shape; it takes the place of the
    proposal where the person has chosen neither kind nor columns. ``sheets`` is not empty.
    """
    names = tuple(sheet.name for sheet in sheets)
    candidates = [sheet for sheet in sheets if choice.sheet in (None, sheet.name)] or list(sheets)
    proposals = [_propose(sheet, names, vocabulary, choice, recall) for sheet in candidates]
    for proposal in proposals:
        if proposal.mapping is not None:
            return proposal
    return next((proposal for proposal in proposals if proposal.recognized), proposals[0])


def options_of(kind: str, vocabulary: Vocabulary) -> list[str]:
    """Return the meanings that a column of a kind of list may have."""
    if kind in WIDE_FAMILIES:
        words = dict.fromkeys(words_by_heading(vocabulary, kind).values())
        return [*(FIELD + name for name in wide_fields(kind)), *(WORD + word for word in words)]
    return [FIELD + column.field for column in COLUMNS[kind]]


def _propose(
    sheet: Sheet,
    names: tuple[str, ...],
    vocabulary: Vocabulary,
    choice: TableChoice,
    recall: Recall | None,
) -> TableProposal:
    chosen = choice.header_row
    header = (
        find_header(sheet, vocabulary)
        if chosen is None or not 1 <= chosen <= len(sheet.rows)
        else header_at(sheet, chosen - 1)
    )
    if header is None:
        blank = header_at(sheet, _first_filled(sheet.rows))
        return TableProposal(names, sheet, blank, None, recognized=False, day=choice.day)
    kind, columns = choice.kind, choice.columns
    if kind is None and columns is None and recall is not None:
        kind, columns = recall(header) or (None, None)
    mapping = propose_mapping(header, vocabulary, kind)
    twice: tuple[str, ...] = ()
    if mapping is not None and columns is not None:
        mapping, twice = _apply(mapping.kind, columns, vocabulary, len(header.headings))
    return TableProposal(
        names, sheet, header, mapping, recognized=True, day=choice.day, twice=twice
    )


def _apply(
    kind: str, columns: Mapping[int, str], vocabulary: Vocabulary, width: int
) -> tuple[TableMapping, tuple[str, ...]]:
    """Return the mapping that a person chose, and the meanings chosen for several columns."""
    options = set(options_of(kind, vocabulary))
    known = {
        place: meaning
        for place, meaning in sorted(columns.items())
        if meaning in options and 0 <= place < width
    }
    counts = Counter(known.values())
    fields = {p: m.removeprefix(FIELD) for p, m in known.items() if m.startswith(FIELD)}
    words = {p: m.removeprefix(WORD) for p, m in known.items() if m.startswith(WORD)}
    return TableMapping(kind, fields, words), tuple(m for m, n in counts.items() if n > 1)


def _first_filled(rows: Sequence[Sequence[Cell]]) -> int:
    return next(
        (number for number, row in enumerate(rows) if any(cell is not None for cell in row)), 0
    )
