"""Which files are tables, and what a person may choose of them."""

from __future__ import annotations

import pytest

from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Message, Refused
from tracker.imports.lines import LineFault
from tracker.imports.tables.cells import Sheet, make_sheet
from tracker.imports.tables.proposal import TableChoice
from tracker.imports.tables.reading import (
    TableFile,
    convert_table,
    describe_table,
    holds_table,
    read_sheets,
)

NAMES = [("99-01", "甲社区")]


@pytest.mark.parametrize(
    ("name", "payload", "table"),
    [
        ("a.xlsx", b"", True),
        ("a.ET", b"", True),
        ("a.tsv", b"kind\tcode\n", True),
        ("a.csv", "组织,活动,日期\n".encode(), True),
        ("a.csv", "\n组织,活动,日期\n".encode("gbk"), True),
        ("a.csv", b"kind,code,name\n", False),
        ("a.csv", b"\xef\xbb\xbfkind,code\n", False),
        ("a.csv", b"code,name\n", False),
        ("a.jsonl", "组织,活动\n".encode(), False),
    ],
)
def test_which_files_are_tables(name: str, payload: bytes, table: bool) -> None:
    """Workbooks are, and CSV whose first row has none of the columns of import lines."""
    assert holds_table(payload, name) is table


def sheet(name: str, *rows: str) -> Sheet:
    """A sheet of rows separated by blanks."""
    return make_sheet(name, [list(row.split()) for row in rows], [])


LEDGER = sheet("台账", "组织 活动 日期 颜色", "甲社区 党员学习 2026-09-01 红")
NOTES = sheet("说明", "本表 由 某人 填写")


def test_the_first_sheet_that_is_a_list() -> None:
    """Sheets without a known header are passed over, unless one is chosen."""
    table = convert_table([NOTES, LEDGER], "a.xlsx", BUILT_IN, NAMES)
    assert (table.sheet.name, table.rows, table.faults) == ("台账", [2], [])
    assert describe_table(table) == (
        "sheet 台账; kind activity; 组织=organization, 活动=activity, 日期=occurred_on; "
        "columns left out: 颜色"
    )
    with pytest.raises(Refused) as refused:
        convert_table([NOTES, LEDGER], "a.xlsx", BUILT_IN, NAMES, TableChoice(sheet="说明"))
    assert refused.value.code == "table_no_header"


def test_columns_chosen_by_a_person() -> None:
    """A column that was left out is read as what the person says."""
    columns = dict(
        enumerate(["field:organization", "field:activity", "field:occurred_on", "field:note"])
    )
    choice = TableChoice(kind="activity", columns=columns)
    table = convert_table([LEDGER], "a.xlsx", BUILT_IN, NAMES, choice)
    assert '"note":"红"' in table.payload.decode()
    with pytest.raises(Refused, match="no column for: 活动类型、日期"):
        convert_table(
            [LEDGER], "a.xlsx", BUILT_IN, NAMES,
            TableChoice(kind="activity", columns={0: "field:organization"}),
        )  # fmt: skip


def test_faults_of_lines_at_rows() -> None:
    """A fault of the importer is named at the row of the sheet and the heading of its column."""
    table: TableFile = convert_table([LEDGER], "a.xlsx", BUILT_IN, NAMES)
    fault = LineFault(1, "occurred_on", Message("line_missing"))
    assert table.at_rows([fault]) == [LineFault(2, "日期", Message("line_missing"))]


def test_a_file_without_rows_and_with_an_odd_encoding() -> None:
    """Both are refused in words."""
    with pytest.raises(Refused) as refused:
        read_sheets(b"", "a.tsv")
    assert refused.value.code == "table_empty"
    with pytest.raises(Refused) as refused:
        read_sheets("组织\t活动\n".encode("utf-16"), "a.tsv")
    assert refused.value.code == "table_encoding"
    with pytest.raises(Refused) as refused:
        read_sheets(b"a,b\n" * 20_001, "a.csv")
    assert refused.value.code == "workbook_rows"
    with pytest.raises(Refused) as refused:
        read_sheets(b"a," * 500, "a.csv")
    assert refused.value.code == "workbook_columns"
