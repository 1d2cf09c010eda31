"""Tables become lines: headings, kinds, words, wide tables, totals, identities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from events.documents.vocabulary import BUILT_IN
from tracker.imports.tables.cells import Cell, MergedRange, Sheet, make_sheet
from tracker.imports.tables.conversion import Conversion, convert_rows
from tracker.imports.tables.mapping import Header, TableMapping, find_header, propose_mapping
from tracker.imports.tables.words import OrganizationNames, Words

NAMES = (
    ("421102", "某区委"),
    ("421102-001", "东街道党工委"),
    ("421102-001-001", "甲社区党支部"),
    ("421102-001-002", "乙社区党支部"),
    ("421102-002", "甲村党支部"),
    ("421102-003", "甲村党支部"),
)


def sheet(*rows: tuple[Cell, ...], merged: tuple[MergedRange, ...] = ()) -> Sheet:
    """A sheet of these rows."""
    return make_sheet("表", [list(row) for row in rows], list(merged))


def read(table: Sheet, kind: str | None = None, **fixed: str) -> tuple[TableMapping, Conversion]:
    """The proposed mapping of a table and what comes of its rows."""
    header = find_header(table, BUILT_IN)
    assert header is not None
    mapping = propose_mapping(header, BUILT_IN, kind)
    assert mapping is not None
    names = OrganizationNames(NAMES)
    return mapping, convert_rows(table, header, mapping, Words(BUILT_IN), names, fixed)


def documents(table: Sheet, **fixed: str) -> list[dict[str, Any]]:
    """The documents of a table without faults."""
    _, conversion = read(table, None, **fixed)
    assert conversion.faults == []
    return [line.document for line in conversion.lines]


def test_a_roster_under_a_title() -> None:
    """Title and blank rows are passed over; words, days and parents are read as written."""
    table = sheet(
        ("某区基层党组织名册", None, None, None, None),
        (None,),
        ("序号", "组织名称", "类  别", "上级党组织", "成立日期"),
        (Decimal(1), "丙社区党支部", "社区", "东街道党工委", "2012/2/13"),
        (Decimal(2), "丙一党小组", "城市社区", "丙社区党支部", Decimal(40952)),
        ("合计", Decimal(2), None, None, None),
        merged=(MergedRange(0, 0, 0, 4),),
    )
    mapping, conversion = read(table)
    assert mapping.kind == "organization"
    assert [line.document for line in conversion.lines] == [
        {"kind": "organization", "name": "丙社区党支部", "category": "community",
         "parent": "421102-001", "registered_on": "2012-02-13", "code": "421102-001-003"},
        {"kind": "organization", "name": "丙一党小组", "category": "community",
         "parent": "421102-001-003", "registered_on": "2012-02-13", "code": "421102-001-003-001"},
    ]  # fmt: skip
    assert [line.row for line in conversion.lines] == [3, 4]
    assert conversion.skipped == [5]


def test_the_same_roster_again_keeps_its_codes() -> None:
    """An organization that is known by its name keeps its code."""
    table = sheet(("名称", "类别", "上级"), ("甲社区党支部", "社区", "东街道党工委"))
    assert documents(table)[0]["code"] == "421102-001-001"


def test_an_activity_ledger() -> None:
    """Organizations by name, activities and evidence in words, counts and money as numbers."""
    table = sheet(
        ("支部名称", "会议类型", "召开时间", "应到人数", "实到", "佐证材料", "备注"),
        ("甲社区党支部", "支部委员会会议", date(2026, 8, 1), Decimal(9), "７", "会议记录、签到表",
         None),
        ("甲社区党支部", "支部委员会会议", "2026.8.1", None, None, None, "第二次"),
    )  # fmt: skip
    first, second = documents(table)
    assert first.pop("record_id") != second.pop("record_id")
    assert first == {
        "kind": "activity", "organization": "421102-001-001",
        "activity": "branch_committee_meeting", "occurred_on": "2026-08-01",
        "attendance": {"expected": 9, "present": 7}, "evidence": ["minutes", "sign_in_sheet"],
    }  # fmt: skip
    assert second["note"] == "第二次"


def test_equal_rows_have_identities_that_last() -> None:
    """Identities follow from the content, so reading the same file again gives the same."""
    row = ("乙社区党支部", "党员学习", "2026-08-02")
    table = sheet(("组织", "活动", "日期"), row, row)
    first, second = [one["record_id"] for one in documents(table)]
    assert [one["record_id"] for one in documents(table)] == [first, second]
    assert first != second


def test_a_wide_table_of_conditions() -> None:
    """An organization a row, a condition a column; empty cells are no lines."""
    condition = BUILT_IN.conditions["national_flag"].zh
    plan = BUILT_IN.conditions["notice_board"].zh
    table = sheet(
        ("社区", condition, plan), ("甲社区党支部", "√", "无"), ("乙社区党支部", None, "达标")
    )
    mapping, _ = read(table)
    assert mapping.kind == "conditions"
    common = {"kind": "condition", "on": "2026-03-01"}
    first, second = "421102-001-001", "421102-001-002"
    assert documents(table, on="2026-03-01") == [
        common | {"organization": first, "condition": "national_flag", "state": "met"},
        common | {"organization": first, "condition": "notice_board", "state": "unmet"},
        common | {"organization": second, "condition": "notice_board", "state": "met"},
    ]


def test_two_rows_of_headings() -> None:
    """Groups merged over columns are passed over in favour of the headings below them."""
    table = sheet(
        ("党支部", "活动", "日期", "党费", None),
        ("党支部", "活动", "日期", "应缴", "实缴"),
        ("甲社区党支部", "收缴党费", "2026-08-02", "1,200.50", Decimal(1000)),
        merged=(
            MergedRange(0, 0, 1, 0), MergedRange(0, 1, 1, 1), MergedRange(0, 2, 1, 2),
            MergedRange(0, 3, 0, 4),
        ),
    )  # fmt: skip
    assert documents(table)[0]["money"] == {"due": "1200.50", "paid": "1000"}


UNKNOWN = (
    "no organization has the code or name 甲社区支部; near to it: 甲社区党支部, 乙社区党支部, "
    "甲村党支部"
)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (("甲村党支部", "党员学习", "2026-08-02"), 0,
         "several organizations are named 甲村党支部; write the code: 421102-002, 421102-003"),
        (("甲社区支部", "党员学习", "2026-08-02"), 0, UNKNOWN),
        (("甲社区党支部", "党员学习", "8月2日"), 2, "8月2日 is not a day; write it as 2026-08-01"),
        (("甲社区党支部", "吃饭", "2026-08-02"), 1, "吃饭 is not known here"),
    ],
)  # fmt: skip
def test_faults_are_at_their_cells(row: tuple[str, ...], column: int, message: str) -> None:
    """A faulty cell is named with what would be right; its row becomes no line."""
    table = sheet(("组织", "活动", "日期"), row, ("乙社区党支部", "党员学习", "2026-08-02"))
    _, conversion = read(table)
    assert [(fault.row, fault.column, str(fault.message)) for fault in conversion.faults] == [
        (1, column, message)
    ]
    assert [line.row for line in conversion.lines] == [2]


def test_no_header() -> None:
    """Rows without two known headings have no header, and unknown headings no kind."""
    assert find_header(sheet(("甲", "乙"), ("1", "2")), BUILT_IN) is None
    assert propose_mapping(Header(0, ("组织", "颜色")), BUILT_IN) is None
    given = propose_mapping(Header(0, ("组织", "颜色")), BUILT_IN, "activity")
    assert given is not None
    assert given.missing == ["activity", "occurred_on"]
