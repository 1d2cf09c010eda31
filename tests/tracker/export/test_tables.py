"""Lists as files: Excel reads them as they were, and nothing in them becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook

from tracker.export.tables import (
    CSV_TYPE,
    LEFT_OUT,
    LONGEST_CELL,
    PART_ROWS,
    WORKBOOK_TYPE,
    Table,
    as_csv,
    as_workbook,
    csv_parts,
    split_text,
    table_response,
)

MADE_AT = "2026-09-20 09:05（北京时间）"
RISKY = ("=1+1", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\rx")


def table(*rows: Sequence[Any], name: str = "名单") -> Table:
    """A table of two columns."""
    return Table(name, "类别=社区", MADE_AT, ["代码", "得分"], rows)


def read_csv(payload: bytes) -> list[list[str]]:
    """The rows that a reader of CSV sees."""
    return list(csv.reader(io.StringIO(payload.decode("utf-8-sig"), newline="")))


def test_csv_begins_with_its_mark() -> None:
    """A CSV begins with the byte order mark and says what was asked, and when."""
    payload = as_csv(table(["a", "75.00"]))
    assert payload.startswith(b"\xef\xbb\xbf")
    assert payload.count(b"\r\n") == 3
    assert read_csv(payload) == [
        ["名单 类别=社区 2026-09-20 09:05（北京时间）"],
        ["代码", "得分"],
        ["a", "75.00"],
    ]


@pytest.mark.parametrize("text", RISKY)
def test_formulas_stay_texts(text: str) -> None:
    """What begins like a formula is quoted in CSV and is a text in a workbook."""
    assert read_csv(as_csv(table([text, None])))[2] == ["'" + text, ""]
    sheet = load_workbook(io.BytesIO(as_workbook(table([text, None])))).active
    assert sheet is not None
    assert sheet["A3"].data_type == "s"


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula: CSV leaves it, a workbook holds a number."""
    rows = (["a", -1], ["b", "-1.50"], ["c", 2.5], ["d", True])
    assert [row[1] for row in read_csv(as_csv(table(*rows)))[2:]] == ["-1", "-1.50", "2.5", "True"]
    sheet = load_workbook(io.BytesIO(as_workbook(table(*rows)))).active
    assert sheet is not None
    assert [sheet[f"B{place}"].value for place in range(3, 7)] == [-1, "-1.50", 2.5, "True"]


def test_commas_quotes_and_breaks() -> None:
    """Commas, quotes and line breaks come back as they were."""
    rows = [['a,"b"', "一\n二"]]
    assert read_csv(as_csv(table(*rows)))[2] == rows[0]
    sheet = load_workbook(io.BytesIO(as_workbook(table(*rows)))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]] == rows[0]


def test_workbook_keeps_its_heads_in_sight() -> None:
    """A workbook has filter and time above, bold heads that stay, and columns wide enough."""
    book = load_workbook(io.BytesIO(as_workbook(table(["a" * 60, ""], name="名" * 40))))
    sheet = book.active
    assert sheet is not None
    assert sheet.title == "名" * 31
    assert str(sheet["A1"].value).endswith("类别=社区 2026-09-20 09:05（北京时间）")
    assert [cell.value for cell in sheet[2]] == ["代码", "得分"]
    assert sheet["A2"].font.bold
    assert sheet.freeze_panes == "A3"
    assert sheet.column_dimensions["A"].width >= 40
    assert sheet["B3"].value is None


@pytest.mark.parametrize(("form", "kind"), [("csv", CSV_TYPE), ("xlsx", WORKBOOK_TYPE)])
def test_file_to_save(form: str, kind: str) -> None:
    """The answer is a file with its name in Chinese and its type."""
    answer = table_response(table(["a", "1"]), form)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == (
        f"attachment; filename*=utf-8''%E5%90%8D%E5%8D%95.{form}"
    )


def test_empty_table() -> None:
    """A list that is empty is a file with its heads alone."""
    assert read_csv(as_csv(table()))[1:] == [["代码", "得分"]]
    sheet = load_workbook(io.BytesIO(as_workbook(table()))).active
    assert sheet is not None
    assert sheet.max_row == 2


def test_what_is_left_out_is_said_first_and_last() -> None:
    """A list that is not whole says so in its first and its last line, and in a header."""
    cut = replace(table(["a", "1"]), left_out="只含前 1 行")
    rows = read_csv(as_csv(cut))
    assert rows[0][0].endswith("只含前 1 行")
    assert rows[-1] == ["只含前 1 行"]
    sheet = load_workbook(io.BytesIO(as_workbook(cut))).active
    assert sheet is not None
    assert str(sheet["A1"].value).endswith("只含前 1 行")
    assert sheet["A4"].value == "只含前 1 行"
    assert table_response(cut, "csv").headers[LEFT_OUT] == "1"
    assert LEFT_OUT not in table_response(table(["a", "1"]), "csv").headers


def test_a_text_longer_than_a_cell_goes_on_in_a_second_sheet() -> None:
    """No character is lost, and the cell says where its text goes on."""
    text = "原" * LONGEST_CELL + "文" * LONGEST_CELL + "末"
    book = load_workbook(io.BytesIO(as_workbook(table(["a", text], ["b", text[::-1]]))))
    first, more = book.worksheets
    cell = str(first["B3"].value)
    assert cell.endswith("（未完，下接工作表“长文本”第 2 行）")
    assert str(first["B4"].value).endswith("第 4 行）")
    rest = [str(more[f"B{row}"].value) for row in (2, 3)]
    assert cell[:LONGEST_CELL] + "".join(rest) == text
    assert [more[f"A{row}"].value for row in (2, 3, 4, 5)] == ["B3", "B3", "B4", "B4"]
    assert max(map(len, (cell, *rest))) <= 32_767


@pytest.mark.parametrize("text", ["", "a" * 5, "a" * 6, "😀" * 5, "a😀😀", "原" * 11])
def test_texts_are_split_as_spreadsheets_count(text: str) -> None:
    """A sign beyond the basic plane counts twice, and is never split."""
    parts = split_text(text, 5)
    assert "".join(parts) == text
    assert all(len(part.encode("utf-16-le")) <= 10 for part in parts)


def test_a_long_list_is_sent_in_parts() -> None:
    """The parts are the bytes of the whole file; no more rows are read than were sent."""
    rows = [[str(number), "x"] for number in range(PART_ROWS * 2)]
    whole = table(*rows)
    assert b"".join(csv_parts(whole)) == as_csv(whole)
    taken: list[int] = []

    def read() -> Iterator[list[str]]:
        for place, row in enumerate(rows):
            taken.append(place)
            yield row

    next(csv_parts(replace(whole, rows=read())))
    assert len(taken) == PART_ROWS
