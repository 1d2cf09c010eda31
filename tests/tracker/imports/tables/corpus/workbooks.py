"""Odd and hostile workbooks as offices send them, made for each run.

Each is a ledger of activities unless its name says otherwise. None is stored: a generator says in
words what is odd about a file, and bytes do not.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from tracker.imports.tables.workbook import COMPOUND
from tracker.imports.tables.workbook_child import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED

HEADINGS = ("组织", "活动", "日期", "实到")
DAY = date(2026, 9, 1)
ROW = ("甲社区", "党员学习", "2026-09-01", 7)
SHEET = "xl/worksheets/sheet1.xml"
Prepare = Callable[[Any, Any], None]


def workbook_of(*rows: Sequence[Any], prepare: Prepare | None = None, **options: Any) -> bytes:
    """The bytes of a workbook whose first sheet has these rows; ``prepare`` may change it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write(number, column, value)
        if prepare is not None:
            prepare(book, sheet)
    return target.getvalue()


def ledger(*rows: Sequence[Any], **options: Any) -> bytes:
    """A ledger with the usual headings."""
    return workbook_of(HEADINGS, *rows, **options)


def edited(payload: bytes, old: bytes, new: bytes, member: str = SHEET) -> bytes:
    """The workbook with some bytes of a member replaced, as other programs would write it."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(payload)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == member:
                assert old in content
                content = content.replace(old, new)
            copy.writestr(name, content)
    return target.getvalue()


def archive_of(**members: bytes) -> bytes:
    """A zip archive; a double underscore in a name is a slash, and a single one a dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


def _format_empty_rows(book: Any, sheet: Any) -> None:
    shape = book.add_format({"bg_color": "yellow"})
    for row in range(2, 100_002):
        sheet.write_blank(row, 0, None, shape)


def _hide_rows(_book: Any, sheet: Any) -> None:
    sheet.set_row(1, None, None, {"hidden": True})
    sheet.set_column(3, 3, None, None, {"hidden": True})


def _merge_organization(_book: Any, sheet: Any) -> None:
    sheet.merge_range(1, 0, 2, 0, "甲社区")


def _merge_title(_book: Any, sheet: Any) -> None:
    sheet.merge_range(0, 0, 0, 3, "2026年组织活动日期台账")


def _merge_groups(_book: Any, sheet: Any) -> None:
    sheet.merge_range(0, 3, 0, 4, "人数")


def _write_formulas(_book: Any, sheet: Any) -> None:
    sheet.write_formula(1, 3, "=3+4", None, 7)


def _write_error(_book: Any, sheet: Any) -> None:
    sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")


def _write_lost_reference(_book: Any, sheet: Any) -> None:
    sheet.write_formula(1, 0, "=VLOOKUP(1,A:A,1)", None, "#N/A")


def _write_comment(_book: Any, sheet: Any) -> None:
    sheet.write_comment(1, 0, "请核对")


def _write_rich_text(book: Any, sheet: Any) -> None:
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(1, 0, bold, "甲", "社区")


def _write_link(_book: Any, sheet: Any) -> None:
    sheet.write_url(1, 0, "https://example.org/", string="甲社区")


def _add_chart_sheet(book: Any, _sheet: Any) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=台账!$D$2:$D$2"})
    book.add_chartsheet("图").set_chart(chart)


def _add_notes_first(book: Any, sheet: Any) -> None:
    notes = book.add_worksheet("填表说明")
    notes.write_string(0, 0, "请如实填写")
    book.worksheets_objs.sort(key=lambda one: one is sheet)


def _hide_sheet(book: Any, sheet: Any) -> None:
    book.add_worksheet("空表").activate()
    sheet.hide()


def _filter_rows(_book: Any, sheet: Any) -> None:
    sheet.autofilter(0, 0, 1, 3)
    sheet.freeze_panes(1, 0)


def _protect_sheet(_book: Any, sheet: Any) -> None:
    sheet.protect("secret")


def _far_cell(cell: str, row: int) -> bytes:
    text = f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>b</t></is></c></row></sheetData>'
    return text.encode()


def wrong_dimension(stated: bytes) -> bytes:
    """A ledger that states another size than it has, as WPS does."""
    return edited(ledger(ROW), b'<dimension ref="A1:D2"/>', stated)


ODD: dict[str, Callable[[], bytes]] = {
    "plain": lambda: ledger(ROW),
    "dimension of one cell": lambda: wrong_dimension(b'<dimension ref="A1"/>'),
    "dimension of the whole sheet": lambda: wrong_dimension(b'<dimension ref="A1:XFD1048576"/>'),
    "no dimension": lambda: wrong_dimension(b""),
    "merged organization": lambda: ledger(ROW, ("", *ROW[1:]), prepare=_merge_organization),
    "merged title": lambda: workbook_of(("",), HEADINGS, ROW, prepare=_merge_title),
    "two header rows": lambda: workbook_of(
        ("", "", "", "", ""), (*HEADINGS, "应到"), (*ROW, 9), prepare=_merge_groups
    ),
    "empty rows above": lambda: workbook_of((), (), (), HEADINGS, ROW),
    "empty columns before": lambda: workbook_of(("", "", *HEADINGS), ("", "", *ROW)),
    "empty rows between": lambda: ledger(ROW, (), (), ("乙社区", *ROW[1:])),
    "hidden row and column": lambda: ledger(ROW, prepare=_hide_rows),
    "hidden sheet only": lambda: ledger(ROW, prepare=_hide_sheet),
    "chart sheet": lambda: ledger(ROW, prepare=_add_chart_sheet),
    "formula": lambda: ledger(ROW, prepare=_write_formulas),
    "formula with an error": lambda: ledger(ROW, prepare=_write_error),
    "lost reference": lambda: ledger(ROW, prepare=_write_lost_reference),
    "comment": lambda: ledger(ROW, prepare=_write_comment),
    "rich text": lambda: ledger(ROW, prepare=_write_rich_text),
    "link": lambda: ledger(ROW, prepare=_write_link),
    "formatted empty rows": lambda: ledger(ROW, prepare=_format_empty_rows),
    "filter and frozen row": lambda: ledger(ROW, prepare=_filter_rows),
    "protected sheet": lambda: ledger(ROW, prepare=_protect_sheet),
    "day of 1900": lambda: ledger((*ROW[:2], DAY, 7)),
    "day of 1904": lambda: ledger((*ROW[:2], DAY, 7), date_1904=True),
    "day with a time": lambda: ledger((*ROW[:2], datetime.fromisoformat("2026-09-01T09:30"), 7)),
    "day as a serial number": lambda: ledger((*ROW[:2], 46266, 7)),
    "day as a serial of 1904": lambda: ledger((*ROW[:2], 44804, 7), date_1904=True),
    "day in Chinese": lambda: ledger((*ROW[:2], "2026年9月1日", 7)),
    "day with dots": lambda: ledger((*ROW[:2], "2026.9.1", 7)),
    "day of eight digits": lambda: ledger((*ROW[:2], 20260901, 7)),
    "day in full width": lambda: ledger((*ROW[:2], "２０２６／９／１", 7)),
    "day of two readings": lambda: ledger((*ROW[:2], "9/1/26", 7)),
    "day that is none": lambda: ledger((*ROW[:2], "2026-09-31", 7)),
    "number as text": lambda: ledger((*ROW[:3], "7")),
    "number in full width": lambda: ledger((*ROW[:3], "７")),
    "number with a unit": lambda: ledger((*ROW[:3], "7人")),
    "invisible characters": lambda: ledger(("甲\u200b社区\ufeff", *ROW[1:])),
    "blanks within": lambda: ledger(("\u3000甲 社区\n", *ROW[1:])),
    "ornamented headings": lambda: workbook_of(("*组织（必填）", "活动：", "日 期", "实到"), ROW),
    "totals at the foot": lambda: ledger(ROW, ("合计", "", "", 7)),
    "unknown organization": lambda: ledger(("丙社区", *ROW[1:])),
    "headings only": ledger,
    "no headings": lambda: workbook_of(ROW),
    "nothing": workbook_of,
}
"""Workbooks that are read, or whose content is refused, by what is odd about them."""

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "format of WPS": ("a.et", lambda: ledger(ROW)),
    "text of WPS": ("a.wps", lambda: COMPOUND),
    "empty file": ("a.xlsx", lambda: b""),
    "text with another suffix": ("a.xlsx", "组织,活动\n".encode),
    "page with another suffix": ("a.xls", lambda: b"<html><table></table></html>"),
    "half an archive": ("a.xlsx", lambda: ledger(ROW)[:900]),
    "archive without its end": ("a.xlsx", lambda: ledger(ROW)[:-300]),
    "archive of something else": ("a.xlsx", lambda: archive_of(a_txt=b"a")),
    "compound of nothing": ("a.xls", lambda: COMPOUND + b"\0" * 600),
    "sheet that breaks off": (
        "a.xlsx", lambda: edited(ledger(ROW), b"</sheetData>", b"<row"),
    ),
    "too many columns": (
        "a.xlsx",
        lambda: workbook_of([f"列{number}" for number in range(MOST_COLUMNS + 1)]),
    ),
    "too many rows": (
        "a.xlsx", lambda: edited(ledger(ROW), b"</sheetData>", _far_cell("A20001", MOST_ROWS + 1)),
    ),
    "two cells far apart": (
        "a.xlsx",
        lambda: edited(ledger(ROW), b"</sheetData>", _far_cell("XFD1048576", 1_048_576)),
    ),
    "zip bomb": ("a.xlsx", lambda: archive_of(xl__workbook_xml=b" " * (MOST_UNPACKED + 1))),
}  # fmt: skip
"""Files that are refused before a cell is looked at: the name, and the bytes."""

RENAMED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "xlsx named xls": ("a.xls", lambda: ledger(ROW)),
    "xlsx named ods": ("a.ods", lambda: ledger(ROW)),
    "xlsx named xlsm": ("a.xlsm", lambda: ledger(ROW)),
    "suffix in capitals": ("A.XLSX", lambda: ledger(ROW)),
}
"""Workbooks that are read whatever their suffix says."""
