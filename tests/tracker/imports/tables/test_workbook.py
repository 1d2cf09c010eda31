"""Workbooks are read in a process with limits; hostile ones end that process alone."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from events.refusals.errors import Refused
from tracker.imports.tables import workbook, workbook_child
from tracker.imports.tables.cells import MergedRange, make_sheet
from tracker.imports.tables.workbook import read_workbook

HALF_PAST_NINE = datetime.fromisoformat("2026-08-01T09:30")
EMPTY_CELLS = b'<c r="XFD1048576" t="inlineStr"><is><t>b</t></is></c>'


def workbook_of(*rows: list[Any], **options: Any) -> bytes:
    """The bytes of a workbook whose first sheet has these rows; the second one is hidden."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("名册")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write(number, column, value)
        sheet.merge_range(len(rows), 0, len(rows) + 1, 1, "合并")
        book.add_worksheet("隐藏").hide()
    return target.getvalue()


def edited(payload: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with some bytes of its first sheet replaced, as other programs would write."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(payload)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in content
                content = content.replace(old, new)
            copy.writestr(name, content)
    return target.getvalue()


ROW = ["甲社区", 5, 0.1 + 0.2, True, date(2026, 8, 1), HALF_PAST_NINE, "  ", None]


def test_cells_as_their_author_sees_them() -> None:
    """Whole numbers, days and texts come as such, and blanks as nothing."""
    first, hidden = read_workbook(workbook_of(ROW), "a.xlsx")
    assert first.rows[0][:7] == [
        "甲社区", Decimal(5), Decimal("0.3"), True, date(2026, 8, 1), HALF_PAST_NINE,
        None,
    ]  # fmt: skip
    assert first.rows[1][:2] == ["合并", "合并"]
    assert (first.name, first.visible, first.counts_from_1904) == ("名册", True, False)
    assert (hidden.name, hidden.visible, hidden.rows) == ("隐藏", False, [])


def test_days_of_1904() -> None:
    """A workbook that counts from 1904 says so, and its days are right."""
    first, _ = read_workbook(workbook_of(ROW, date_1904=True), "a.xlsx")
    assert first.counts_from_1904
    assert first.rows[0][4] == date(2026, 8, 1)


def test_wrong_dimensions_of_wps() -> None:
    """WPS may state that the sheet is one cell; all cells are read."""
    payload = edited(workbook_of(ROW), b'<dimension ref="A1:', b'<dimension ref="A1"/><!--')
    payload = edited(payload, b"<sheetViews>", b"--><sheetViews>")
    first, _ = read_workbook(payload, "a.xlsx")
    assert first.rows[0][1] == Decimal(5)


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("a.et", b"PK\x03\x04", "workbook_of_wps"),
        ("a.wps", b"", "workbook_of_wps"),
        ("a.xlsx", b"a,b\n1,2\n", "workbook_none"),
        ("a.xlsx", b"PK\x03\x04 half", "workbook_damaged"),
        ("a.xls", workbook.COMPOUND + b"\0" * 600, "workbook_damaged"),
        ("a.xlsx", workbook_of(ROW)[:-300], "workbook_damaged"),
    ],
    # A workbook holds the time at which it was made, so its bytes cannot name a test.
    ids=["et", "wps", "text", "half", "compound", "cut"],
)
def test_what_is_no_workbook(name: str, payload: bytes, code: str) -> None:
    """Formats of WPS, text, damaged and cut files are refused in words."""
    with pytest.raises(Refused) as refused:
        read_workbook(payload, name)
    assert refused.value.code == code


def test_a_hostile_workbook_ends_its_own_process() -> None:
    """Two cells far apart ask for sixteen thousand million; the reader dies by its limits."""
    payload = edited(workbook_of(ROW), b"</sheetData>",
                     b'<row r="1048576">' + EMPTY_CELLS + b"</row></sheetData>")  # fmt: skip
    with pytest.raises(Refused) as refused:
        read_workbook(payload, "a.xlsx")
    assert refused.value.code == "workbook_costly"
    assert (workbook_child.MEMORY, workbook_child.PROCESSOR_SECONDS) == (100 << 20, 1)


def test_a_zip_bomb_is_not_unpacked() -> None:
    """A member that states more than the limit is refused by the archive's directory."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (workbook_child.MOST_UNPACKED + 1))
    with pytest.raises(Refused) as refused:
        read_workbook(target.getvalue(), "a.xlsx")
    assert refused.value.code == "workbook_too_large"


def test_merged_ranges_beyond_the_cells_are_cut() -> None:
    """A range may end below the last row or begin right of the last column."""
    sheet = make_sheet(
        "a", [["x", None], ["y"]], [MergedRange(0, 0, 9, 0), MergedRange(0, 7, 0, 9)]
    )
    assert sheet.rows == [["x", None], ["x", None]]
    assert sheet.filled == {(1, 0)}
