"""Rubrics of three published tables, in their column forms, as workbooks and pasted text."""

import json
from collections import Counter
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tracker.imports.rubrics.tables import read_rubric
from tracker.imports.tables.cells import Sheet, make_sheet
from tracker.imports.tables.text_tables import read_text_table
from tracker.imports.tables.workbook import read_workbook

FACTS = Path(__file__).parent / "facts"
HUBEI, EDUCATION = "hubei-2010-nonpublic", "education-district-branch"
VILLAGE = "village-2012-target"
CELLS = {
    "项目": "section", "目标": "section", "类别": "section", "内容": "item",
    "考核内容和要求": "item", "考核要点及分值分解": "item", "分值": "points", "分比": "points",
    "考评方式": "method", "备注(考评方式)": "method", "考核办法": "method", "评分办法": "rules",
}  # fmt: skip


def facts_of(name: str) -> dict[str, Any]:
    """Return the facts of a table."""
    return json.loads((FACTS / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def rows_of(facts: dict[str, Any]) -> list[list[str]]:
    """Return the table in its column form; rules go into the item where it has no such column."""
    columns: list[str] = facts["columns"]
    rows: list[list[str]] = [[facts["title"]], columns]
    for section in facts["sections"]:
        for number, item in enumerate(section["items"]):
            rules = "；".join(item["rules"])
            cells = {
                "section": "" if number else f"{section['title']}（{section['points']}分）",
                "item": item["title"] if "评分办法" in columns else f"{item['title']}。{rules}",
                "points": str(item["points"]), "method": item["method"], "rules": rules,
            }  # fmt: skip
            rows.append([cells.get(CELLS.get(column, ""), "") for column in columns])
    return rows


def workbook_of(rows: list[list[str]]) -> Sheet:
    """Return the rows read back from a workbook whose cells of a section are merged."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(row)
    starts = [number for number, row in enumerate(rows[2:], 3) if row[0]]
    for start, end in zip(starts, [*starts[1:], len(rows) + 1], strict=True):
        for below in range(start + 1, end):
            sheet.cell(below, 1).value = None
        sheet.merge_cells(start_row=start, end_row=end - 1, start_column=1, end_column=1)
    payload = BytesIO()
    workbook.save(payload)
    return read_workbook(payload.getvalue(), "rubric.xlsx")[0]


@pytest.mark.parametrize("written", ["workbook", "pasted"])
@pytest.mark.parametrize("name", [HUBEI, EDUCATION, VILLAGE])
def test_points_and_items_equal_the_data(name: str, written: str) -> None:
    """Sections, items, methods and points; a section of which items are missing is named."""
    facts = facts_of(name)
    rows = rows_of(facts)
    if written == "workbook":
        sheet = workbook_of(rows)
    else:
        sheet = read_text_table("\n".join(map("\t".join, rows)).encode(), "pasted.txt")
    rubric = read_rubric(sheet)
    assert rubric is not None
    read = [
        [
            (item.title.partition("。")[0], item.points, item.criteria[0].method)
            for item in section.items
        ]
        for section in rubric.sections
    ]
    assert read == [
        [(item["title"], Decimal(item["points"]), item["method"]) for item in section["items"]]
        for section in facts["sections"]
    ]
    assert rubric.unread == []
    off = [(fault.stated, fault.counted) for fault in rubric.faults]
    counts = [(s["points"], sum(item["points"] for item in s["items"])) for s in facts["sections"]]
    assert off == [(stated, counted) for stated, counted in counts if stated != counted]


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        (HUBEI, {"deduction": 17, "judged": 1, "lacking": 0}),
        (
            EDUCATION,
            {"deduction": 15, "addition": 4, "frequency": 4, "threshold": 1}
            | {"judged": 1, "lacking": 0},
        ),
        (VILLAGE, {"deduction": 20, "frequency": 3, "judged": 1, "lacking": 3}),
    ],
)
def test_rules_and_judgements_are_counted(name: str, proposed: dict[str, int]) -> None:
    """Rules of each form, lines left to judge, and deductions that lack points: docs/rubrics.md."""
    rubric = read_rubric(make_sheet("", [list(row) for row in rows_of(facts_of(name))], []))
    assert rubric is not None
    counts = Counter(p.form.value for line in rubric.criteria() for p in line.proposals)
    counts["judged"] = sum(not line.proposals for line in rubric.criteria())
    counts["lacking"] = sum(p.lacks_points for line in rubric.criteria() for p in line.proposals)
    assert dict(counts) == proposed


def test_lines_of_an_item() -> None:
    """Points of merged cells are the item's; points by line add up; a total off is named."""
    table = (
        "项目\t内容\t要求\t分值\t扣分办法\n"
        "一、组织\t班子\t健全\t5\t不健全扣2分\n\t\t按期换届\t\t未换届不得分\n"
        "\t党课\t有计划\t2分\t\n\t\t每季度至少1次\t3\t每少1次扣1分\n"
        "二、其他\t\t无内容\t1\t\n\t活动\t开展\t三到五\t\n合计\t\t\t12\t\n"
    )
    rubric = read_rubric(read_text_table(table.encode(), "pasted.txt"))
    assert rubric is not None
    items = rubric.sections[0].items
    assert [(item.title, item.points) for item in items] == [
        ("班子", Decimal(5)),
        ("党课", Decimal(5)),
    ]
    points = [[criterion.points for criterion in item.criteria] for item in items]
    assert points == [[None, None], [2, 3]]
    assert [criterion.text for criterion in rubric.criteria()][:2] == ["健全", "按期换届"]
    assert rubric.unread == [5, 6]
    assert [tuple(fault) for fault in rubric.faults] == [(7, "合计", 12, 10)]


def test_a_table_that_is_no_rubric() -> None:
    """No row with headings of items and points."""
    assert read_rubric(make_sheet("", [["党组织", "日期"], ["第一支部", "2026-08-01"]], [])) is None
