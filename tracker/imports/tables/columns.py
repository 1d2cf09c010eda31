"""The columns that lists have, by kind of line, with the headings that people write over them.

Data: a new heading is an entry in a tuple. The first is the one that templates and pages show.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from tracker.imports.tables.cells import fold_text

BRACKETS = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
ORNAMENTS = re.compile(r"[*＊:：、.．·\-—_/]")


class Value(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    CODE = "code"
    ORGANIZATION = "organization"
    """An organization, by its code or its name."""
    CATEGORY = "category"
    ACTIVITY = "activity"
    CONDITION = "condition"
    MEASURE = "measure"
    STATE = "state"
    EVIDENCE = "evidence"
    DAY = "day"
    COUNT = "count"
    NUMBER = "number"
    TRUTH = "truth"


class Column(NamedTuple):
    """A field of a line, dotted as in CSV, what its cells hold, and the headings that name it."""

    field: str
    value: Value
    headings: tuple[str, ...]
    required: bool = False


REASON = Column("reason", Value.TEXT, ("理由", "原因", "事由", "reason"))
RECORDED = Column(
    "recorded_on", Value.DAY,
    ("登记日期", "录入日期", "上传日期", "填报日期", "recorded on", "recorded_on"),
)  # fmt: skip
OF_ORGANIZATION = Column(
    "organization", Value.ORGANIZATION,
    ("党组织", "组织", "党组织名称", "组织名称", "单位", "单位名称", "党支部", "支部", "支部名称",
     "党支部名称", "所在党支部", "所属党组织", "社区", "村", "村社区", "被考核单位", "被考评单位",
     "组织代码", "党组织代码", "organization", "branch", "unit"), required=True,
)  # fmt: skip

COLUMNS: dict[str, tuple[Column, ...]] = {
    "organization": (
        Column("code", Value.CODE,
               ("组织代码", "党组织代码", "代码", "编码", "编号", "机构代码", "code")),
        Column("name", Value.TEXT,
               ("组织名称", "党组织名称", "名称", "党组织", "单位名称", "单位", "党支部名称",
                "支部名称", "name", "organization"), required=True),
        Column("category", Value.CATEGORY,
               ("类别", "组织类别", "类型", "组织类型", "党组织类别", "单位类别", "性质",
                "category", "type"), required=True),
        Column("parent", Value.ORGANIZATION,
               ("上级", "上级组织", "上级党组织", "隶属", "隶属党组织", "所属上级", "所属党委",
                "所属乡镇", "所属街道", "上级代码", "上级党组织名称", "主管部门", "parent")),
        Column("registered_on", Value.DAY,
               ("成立日期", "成立时间", "批准成立日期", "建立时间", "登记日期", "注册日期",
                "registered on", "registered_on", "since")),
    ),
    "activity": (
        OF_ORGANIZATION,
        Column("activity", Value.ACTIVITY,
               ("活动类型", "活动", "活动类别", "会议类型", "会议类别", "类型", "类别", "工作内容",
                "活动名称", "三会一课类型", "activity", "kind of activity"), required=True),
        Column("occurred_on", Value.DAY,
               ("日期", "活动日期", "开展日期", "开展时间", "活动时间", "会议时间", "会议日期",
                "时间", "召开时间", "召开日期", "date", "occurred on", "occurred_on"),
               required=True),
        Column("title", Value.TEXT,
               ("主题", "活动主题", "会议主题", "议题", "标题", "内容", "主要内容", "活动内容",
                "title", "subject")),
        Column("place", Value.TEXT,
               ("地点", "活动地点", "会议地点", "place")),
        Column("attendance.present", Value.COUNT,
               ("实到", "实到人数", "参加人数", "出席人数", "到会人数", "present")),
        Column("attendance.expected", Value.COUNT,
               ("应到", "应到人数", "应参加人数", "expected")),
        Column("money.due", Value.NUMBER, ("应缴", "应缴金额", "应缴党费", "应收", "due")),
        Column("money.paid", Value.NUMBER, ("实缴", "实缴金额", "实缴党费", "实收", "paid")),
        Column("evidence", Value.EVIDENCE,
               ("材料", "佐证材料", "证明材料", "附件", "资料", "台账资料", "evidence")),
        Column("note", Value.TEXT, ("备注", "说明", "note", "notes")),
        Column("record_id", Value.CODE,
               ("记录编号", "流水号", "记录号", "record id", "record_id")),
        RECORDED,
    ),
    "condition": (
        OF_ORGANIZATION,
        Column("condition", Value.CONDITION,
               ("条件", "达标项目", "项目", "情况", "条件名称", "condition"), required=True),
        Column("state", Value.STATE,
               ("状态", "是否达标", "达标情况", "是否具备", "结果", "state"), required=True),
        Column("on", Value.DAY,
               ("日期", "起始日期", "自何日起", "时间", "生效日期", "date", "since", "on"),
               required=True),
        Column("note", Value.TEXT, ("备注", "说明", "note")),
        RECORDED,
    ),
    "measure": (
        OF_ORGANIZATION,
        Column("measure", Value.MEASURE,
               ("指标", "数据项", "项目", "指标名称", "measure"), required=True),
        Column("value", Value.NUMBER, ("数值", "数量", "数据", "值", "value"), required=True),
        Column("on", Value.DAY,
               ("日期", "统计日期", "截止日期", "截至日期", "时间", "date", "as of", "on"),
               required=True),
        Column("note", Value.TEXT, ("备注", "说明", "note")),
        RECORDED,
    ),
    "inspector": (
        Column("id", Value.CODE, ("编号", "人员编号", "检查员编号", "工号", "id"), required=True),
        Column("organization", Value.ORGANIZATION, (*OF_ORGANIZATION.headings, "所在单位"),
               required=True),
        Column("team", Value.TEXT, ("组别", "检查组", "小组", "team"), required=True),
        Column("categories", Value.CATEGORY, ("检查类别", "负责类别", "类别", "categories")),
    ),
    "recusal": (
        Column("inspector", Value.CODE,
               ("检查员编号", "检查员", "人员编号", "inspector"), required=True),
        Column("organization", Value.ORGANIZATION,
               ("回避单位", "回避组织", *OF_ORGANIZATION.headings), required=True),
        REASON,
    ),
}  # fmt: skip
"""The columns of each kind of list; the file's order of columns does not matter."""


def fold_heading(text: str) -> str:
    """Return a heading as it is compared: without brackets and what is in them, blanks, marks."""
    return ORNAMENTS.sub("", fold_text(BRACKETS.sub("", text)))


HEADINGS: dict[str, dict[str, str]] = {
    kind: {
        fold_heading(heading): column.field
        # The first column that claims a heading has it, so the loop runs backwards.
        for column in reversed(columns)
        for heading in (*column.headings, column.field)
    }
    for kind, columns in COLUMNS.items()
}
"""Of each kind, the field by the folded heading."""


def column_of(kind: str, field: str) -> Column:
    """Return the column of a field; ``KeyError`` where the kind has no such field."""
    for column in COLUMNS[kind]:
        if column.field == field:
            return column
    raise KeyError(field)
