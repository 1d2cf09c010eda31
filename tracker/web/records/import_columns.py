"""The columns of each list that can be imported, in words, with an example row that nobody records.

The first cell of an example is not a kind of line, so a file in which it was left is refused.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.imports.csv_rows import columns_of
from tracker.imports.encoding import BYTE_ORDER_MARK
from tracker.imports.lines import EXAMPLE_MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    Words = Callable[[str, str], str]
    """Returns the first text in Chinese, the second in English."""

Pair = tuple[str, str]

WORDS: dict[str, Pair] = {
    "activity": ("活动（词汇表中的名称）", "activity, a word of the vocabulary"),
    "attendance.expected": ("应到人数", "how many should attend"),
    "attendance.present": ("到会人数，不多于应到", "how many attended, at most those expected"),
    "categories": (
        "检查哪些类别的组织，用分号隔开",
        "categories of organizations to inspect, separated by ;",
    ),
    "category": (
        "类别，如 village（村）、community（社区）",
        "category, such as village or community",
    ),
    "closed": ("撤销填 true，否则留空", "true if it is closed, else empty"),
    "code": ("组织代码，一经登记不再改动", "the organization's code, kept for ever"),
    "condition": ("现状（词汇表中的名称）", "condition, a word of the vocabulary"),
    "evidence": ("佐证材料的种类，用分号隔开", "kinds of evidence, separated by ;"),
    "id": ("检查人员编号，自定，不重复", "the inspector's number, chosen by you, unique"),
    "inspector": ("回避的检查人员编号", "the number of the inspector who is recused"),
    "leader": ("组长填 true，否则留空", "true for the leader of a team, else empty"),
    "measure": ("数据（词汇表中的名称）", "measure, a word of the vocabulary"),
    "merged_into": (
        "并入的组织代码（撤销时）",
        "code of the organization it merges into",
    ),
    "money.due": ("应缴（元，最多两位小数）", "due, in yuan with at most two decimals"),
    "money.paid": ("实缴（元，最多两位小数）", "paid, in yuan with at most two decimals"),
    "name": ("组织名称", "the organization's name"),
    "new_code": ("改用的新代码，原代码仍可查到", "its new code; the old one still finds it"),
    "note": ("备注", "a note"),
    "occurred_on": ("活动日期，如 2026-09-12", "day of the activity, such as 2026-09-12"),
    "on": ("从哪天起，如 2026-09-01", "from which day on, such as 2026-09-01"),
    "organization": ("组织代码", "the organization's code"),
    "parent": ("上级组织的代码", "code of the organization above it"),
    "place": ("地点", "where it was held"),
    "purposes": (
        "参加的检查：monthly（月度）、half_year（半年），用分号隔开；留空为月度",
        "inspections: monthly, half_year, separated by ;; empty means monthly",
    ),
    "reason": ("理由", "the reason"),
    "record_id": (
        "记录编号，自定，本组织内不重复",
        "the record's number, once in the organization",
    ),
    "registered_on": ("成立日期，如 2026-01-01", "day it was founded, such as 2026-01-01"),
    "root": ("最上级组织填 true，其他留空", "true for a top-level organization, else empty"),
    "state": (
        "met（达标）、partial（部分达标）或 unmet（未达标）",
        "met, partial or unmet",
    ),
    "team": ("检查组名称", "name of the team"),
    "title": ("主题", "title, in a few words"),
    "until": ("任期最后一天，留空为不限", "last day of service, empty for no end"),
    "value": ("数值", "its value, a number"),
}
"""What a column is for; those under ``changes.`` are the same with a word before."""
OF_KIND: dict[tuple[str, str], Pair] = {
    ("correction", "record_id"): ("要更正的记录编号", "number of the record to correct"),
    ("retraction", "record_id"): ("要撤回的记录编号", "number of the record to retract"),
    ("correction", "reason"): ("更正理由", "why it is corrected"),
    ("retraction", "reason"): ("撤回理由", "why it is retracted"),
    ("recusal", "organization"): (
        "回避的组织代码，含其下级",
        "code of the organization, with all under it",
    ),
    ("recusal", "reason"): ("回避理由", "why the inspector is recused"),
    ("inspector", "organization"): ("所属组织的代码", "code of the inspector's own organization"),
    ("organization_change", "on"): (
        "变更日期，如 2026-06-01",
        "day of the change, such as 2026-06-01",
    ),
    ("organization_change", "code"): ("要变更的组织代码", "code of the organization that changes"),
    ("organization_change", "name"): ("新名称，不变留空", "new name, empty if unchanged"),
    ("organization_change", "parent"): (
        "新上级的代码，不变留空",
        "code of its new parent, empty if unchanged",
    ),
    ("organization_change", "category"): ("新类别，不变留空", "new category, empty if unchanged"),
    ("organization_change", "reason"): ("变更理由", "why it changes"),
    ("organization", "parent"): (
        "上级组织的代码，最上级组织留空",
        "code of its parent, empty for a top-level one",
    ),
}
"""Where a column means something else in one list."""
CHANGES = "changes."
SINCE, CHANGED = "2026-01-01", "2026-06-01"
EXAMPLES: dict[str, dict[str, str]] = {
    "organization": {"code": "99-003-007", "name": "示例社区党总支", "category": "community",
                     "parent": "99-003", "registered_on": SINCE},
    "organization_change": {"code": "99-003-007", "on": CHANGED, "parent": "99-004",
                            "reason": "区划调整"},
    "activity": {"organization": "99-003-007", "record_id": "a-1",
                 "activity": "branch_committee_meeting", "occurred_on": "2026-09-12",
                 "title": "九月支委会", "place": "会议室", "attendance.present": "7",
                 "attendance.expected": "9", "money.due": "120.00", "money.paid": "120.00",
                 "evidence": "minutes;sign_in_sheet", "note": "示例"},
    "correction": {"organization": "99-003-007", "record_id": "a-1",
                   "changes.occurred_on": "2026-09-13", "reason": "日期写错"},
    "retraction": {"organization": "99-003-007", "record_id": "a-1", "reason": "重复登记"},
    "condition": {"organization": "99-003-007", "condition": "national_flag", "state": "met",
                  "on": "2026-03-01"},
    "measure": {"organization": "99-003-007", "measure": "households", "value": "2450",
                "on": SINCE},
    "inspector": {"id": "p-017", "organization": "99", "team": "乡镇组",
                  "categories": "village;community", "purposes": "monthly", "leader": "true",
                  "until": "2026-12-31"},
    "recusal": {"inspector": "p-017", "organization": "99-003", "reason": "曾在该街道工作"},
}  # fmt: skip
"""A row of each list; every one but for its first cell is a valid line."""
EXAMPLE = EXAMPLE_MARK + "改好后此格填 {kind}，不用就删去这一行）"


@dataclass(frozen=True, slots=True)
class ListedColumn:
    """A column of a list: its name in the file, what it is for, and its cell in the example."""

    name: str
    words: str
    example: str


def describe_list(kind: str, t: Words) -> list[ListedColumn]:
    """Return the columns of a list in the language of the reader, in the order of its table."""
    example = {"kind": kind} | EXAMPLES[kind]
    return [
        ListedColumn(name, describe_column(kind, name, t), example.get(name, ""))
        for name in columns_of(kind)
    ]


def describe_column(kind: str, name: str, t: Words) -> str:
    """Return what a column of a list is for."""
    if name == "kind":
        return t(f"固定填 {kind}", f"always {kind}")
    if name.startswith(CHANGES):
        zh, en = WORDS[name.removeprefix(CHANGES)]
        return t(f"改为：{zh}；不改留空", f"changed to: {en}; empty if unchanged")
    return t(*OF_KIND.get((kind, name), WORDS.get(name, (name, name))))


def make_template(kind: str) -> bytes:
    """Return a table (CSV) of one list with its example row, to be filled in with Excel or WPS."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = columns_of(kind)
    cells = EXAMPLES[kind] | {"kind": EXAMPLE.format(kind=kind)}
    writer.writerows([columns, [cells.get(name, "") for name in columns]])
    return BYTE_ORDER_MARK + text.getvalue().encode()
