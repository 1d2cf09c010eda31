"""A rubric read from a table: sections, items, criteria and points, and the sums that are off."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tracker.imports.rubrics.sentences import Proposal, propose_rules
from tracker.imports.tables.cells import text_of
from tracker.imports.tables.columns import fold_heading
from tracker.imports.tables.written import parse_written_number

if TYPE_CHECKING:
    from tracker.imports.tables.cells import Sheet

HEADINGS: dict[str, tuple[str, ...]] = {
    "section": ("项目", "目标", "类别", "考核项目", "考评项目", "一级指标"),
    "item": ("内容", "考核内容", "考评内容", "考核内容和要求", "考核要点及分值分解", "二级指标"),
    "criterion": ("要求", "考核要求", "考评要求", "工作要求", "考核要点", "三级指标"),
    "points": ("分值", "分比", "标准分", "满分"),
    "method": ("考评方式", "考核方式", "考核办法", "考评办法", "备注（考评方式）"),
    "rules": ("扣分办法", "评分办法", "评分标准", "扣分标准", "计分办法"),
    "responsible": ("责任单位", "责任部门", "牵头单位"),
}
"""The columns of a rubric by the headings that people write; others are left out."""
BY_HEADING = {fold_heading(word): name for name, words in HEADINGS.items() for word in words}
SEARCHED_ROWS = 30
"""Rows from the top in which the headings are looked for."""
TOTALS = ("合计", "总计", "小计", "总分")
STATED = re.compile(r"[（(]\s*(?:共|计)?(\d+(?:\.\d+)?)\s*分\s*[)）]")
"""The points that the title of a section states."""


@dataclass(slots=True)
class RubricCriterion:
    """A line of the table; ``row`` counts from 0, points are None where the item alone has them."""

    row: int
    text: str
    points: Decimal | None
    rules: str
    method: str
    responsible: str

    @property
    def proposals(self) -> list[Proposal]:
        """The rules that the line states, of its rules column, else of its text."""
        return propose_rules(self.rules or self.text)


@dataclass(slots=True)
class RubricItem:
    """An item, with its criteria in the order of rows."""

    row: int
    title: str
    points: Decimal | None
    criteria: list[RubricCriterion] = field(default_factory=list)


@dataclass(slots=True)
class RubricSection:
    """A section, with the points that its title states."""

    row: int
    title: str
    stated: Decimal | None
    items: list[RubricItem] = field(default_factory=list)

    @property
    def points(self) -> Decimal:
        """The sum of the items."""
        return sum((item.points or Decimal(0) for item in self.items), Decimal(0))


class SumFault(NamedTuple):
    """A sum that is off: the row (from 0), what states it, and both numbers."""

    row: int
    title: str
    stated: Decimal
    counted: Decimal


@dataclass(slots=True)
class Rubric:
    """What a table says."""

    sections: list[RubricSection] = field(default_factory=list)
    faults: list[SumFault] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    """Rows (from 0) without an item, or whose points are no number: a person must look at them."""

    @property
    def points(self) -> Decimal:
        """The sum of the sections."""
        return sum((section.points for section in self.sections), Decimal(0))

    def criteria(self) -> list[RubricCriterion]:
        """Return all criteria in the order of rows."""
        return [
            criterion
            for section in self.sections
            for item in section.items
            for criterion in item.criteria
        ]


def find_columns(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Return the row of headings and the columns by name; None where no row has item and points."""
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = BY_HEADING.get(fold_heading(text_of(cell)))
            if name is not None:
                columns.setdefault(name, place)
        if {"item", "points"} <= columns.keys():
            return number, columns
    return None


def read_rubric(sheet: Sheet) -> Rubric | None:
    """Return the rubric of a sheet, or None where it has no headings of a rubric.

    A cell that is blank, or was filled from the merged range above, goes on with the line above.
    """
    header = find_columns(sheet)
    if header is None:
        return None
    rubric = Rubric()
    for number in range(header[0] + 1, len(sheet.rows)):
        _read_row(rubric, _Row(sheet, number, header))
    for section in rubric.sections:
        for item in section.items:
            _leave_to_item(item)
    rubric.faults.extend(
        SumFault(section.row, section.title, section.stated, section.points)
        for section in rubric.sections
        if section.stated is not None and section.stated != section.points
    )
    return rubric


class _Row:
    """One row under the headings."""

    def __init__(self, sheet: Sheet, number: int, header: tuple[int, dict[str, int]]) -> None:
        self.number = number
        self._sheet, (self._header, self._columns) = sheet, header

    def text(self, name: str) -> str:
        """Return the text of a column, empty where the table has no such column."""
        place = self._columns.get(name)
        return "" if place is None else text_of(self._sheet.rows[self.number][place])

    def goes_on(self, name: str) -> bool:
        """Return whether a column goes on with the row above: blank, or merged with it."""
        place, text = self._columns.get(name), self.text(name)
        if place is None or not text:
            return True
        above = self._sheet.rows[self.number - 1][place]
        filled = (self.number, place) in self._sheet.filled
        return filled and self.number - 1 > self._header and text_of(above) == text

    def points(self) -> Decimal | None:
        """Return the points that this row states itself."""
        if self.goes_on("points"):
            return None
        number = parse_written_number(self.text("points").removesuffix("分").strip())
        return None if number is None else Decimal(number)

    def first_text(self) -> str:
        """Return the first cell with text."""
        return next((text_of(cell) for cell in self._sheet.rows[self.number] if text_of(cell)), "")


def _read_row(rubric: Rubric, row: _Row) -> None:
    """Add one row to the rubric, or to what is unread, or compare it where it is a total."""
    first = row.first_text()
    if not first:
        return
    points = row.points()
    if points is None and not row.goes_on("points"):
        rubric.unread.append(row.number)
    if first.replace(" ", "").startswith(TOTALS):
        if points is not None and points != rubric.points:
            rubric.faults.append(SumFault(row.number, first, points, rubric.points))
        return
    starts_section = not row.goes_on("section") or not rubric.sections
    if starts_section:
        title = row.text("section")
        stated = STATED.search(title)
        rubric.sections.append(
            RubricSection(row.number, title, None if stated is None else Decimal(stated[1]))
        )
    items = rubric.sections[-1].items
    if starts_section or not row.goes_on("item"):
        if not row.text("item"):
            rubric.unread.append(row.number)
            return
        items.append(RubricItem(row.number, row.text("item"), None))
    if not items:
        rubric.unread.append(row.number)
        return
    item = items[-1]
    if points is not None:
        item.points = (item.points or Decimal(0)) + points
    item.criteria.append(
        RubricCriterion(
            row.number,
            row.text("criterion") or row.text("item"),
            points,
            row.text("rules"),
            row.text("method"),
            row.text("responsible"),
        )
    )


def _leave_to_item(item: RubricItem) -> None:
    """Leave points that the first of several lines states for all of them to the item."""
    first, *others = item.criteria
    if others and all(criterion.points is None for criterion in others):
        first.points = None
