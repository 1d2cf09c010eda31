"""Every odd workbook has the outcome that is stated here: lines, faults at cells, or a refusal."""

from __future__ import annotations

import orjson
import pytest

from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Refused
from tests.tracker.imports.tables.corpus.workbooks import HOSTILE, ODD, RENAMED
from tracker.imports.tables.reading import convert_table, read_sheets

NAMES = [("99-01", "甲社区"), ("99-02", "乙社区")]
PLAIN = "2: 99-01 2026-09-01 7"
"""What the usual row becomes: its row, organization, day and people present."""
OTHERWISE = {
    "merged organization": "2: 99-01 2026-09-01 7; 3: 99-01 2026-09-01 7",
    "merged title": "3: 99-01 2026-09-01 7",
    "two header rows": "3: 99-01 2026-09-01 7/9",
    "empty rows above": "5: 99-01 2026-09-01 7",
    "empty rows between": "2: 99-01 2026-09-01 7; 5: 99-02 2026-09-01 7",
    "hidden sheet only": "table_empty",
    "formula with an error": "2 实到: cell_formula",
    "lost reference": "2 组织: cell_formula",
    "day of two readings": "2 日期: cell_day",
    "day that is none": "2 日期: cell_day",
    "number with a unit": "2 实到: cell_number",
    "totals at the foot": "2: 99-01 2026-09-01 7; 3 left out",
    "unknown organization": "2 组织: cell_organization_near",
    "headings only": "",
    "no headings": "table_no_header",
    "nothing": "table_empty",
}
"""Outcomes of odd workbooks that are not read as the plain one is."""
REFUSED = {
    "format of WPS": "workbook_of_wps",
    "text of WPS": "workbook_of_wps",
    "empty file": "workbook_none",
    "text with another suffix": "workbook_none",
    "page with another suffix": "workbook_none",
    "half an archive": "workbook_damaged",
    "archive without its end": "workbook_damaged",
    "archive of something else": "workbook_damaged",
    "compound of nothing": "workbook_damaged",
    "sheet that breaks off": "workbook_damaged",
    "too many columns": "workbook_columns",
    "too many rows": "workbook_rows",
    "two cells far apart": "workbook_costly",
    "zip bomb": "workbook_too_large",
}


def outcome_of(payload: bytes, name: str = "a.xlsx") -> str:
    """What comes of a file in a line: the key of its refusal, or its lines, faults and totals."""
    try:
        table = convert_table(read_sheets(payload, name), name, BUILT_IN, NAMES)
    except Refused as refused:
        return refused.code
    said = []
    for row, line in zip(table.rows, table.payload.splitlines(), strict=True):
        document = orjson.loads(line)
        people = "/".join(str(count) for count in document.get("attendance", {}).values())
        named = document.get("organization", "no organization")
        said.append(f"{row}: {named} {document['occurred_on']} {people}".strip())
    said += [f"{fault.line} {fault.field}: {fault.message.key}" for fault in table.faults]
    said += [f"{row} left out" for row in table.skipped]
    return "; ".join(said)


@pytest.mark.parametrize("oddity", ODD)
def test_odd_workbooks(oddity: str) -> None:
    """They are read as the plain one, unless their table says otherwise."""
    assert outcome_of(ODD[oddity]()) == OTHERWISE.get(oddity, PLAIN)


@pytest.mark.parametrize("oddity", HOSTILE)
def test_hostile_files(oddity: str) -> None:
    """They are refused in words, and the next file is read."""
    name, make = HOSTILE[oddity]
    assert outcome_of(make(), name) == REFUSED[oddity]


@pytest.mark.parametrize("oddity", RENAMED)
def test_renamed_workbooks(oddity: str) -> None:
    """What a file is follows from its bytes."""
    name, make = RENAMED[oddity]
    assert outcome_of(make(), name) == PLAIN


def test_the_corpus_is_whole() -> None:
    """It has forty files and more, and no outcome without a file."""
    assert len(ODD) + len(HOSTILE) + len(RENAMED) >= 40
    assert OTHERWISE.keys() <= ODD.keys()
    assert REFUSED.keys() == HOSTILE.keys()
