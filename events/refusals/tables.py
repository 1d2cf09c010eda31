"""Refusals of workbooks and tables, and faults of their cells.

To add one: an entry with the code and both sentences; then ``raise Refused("code", name=...)`` or
``CellError("code", value=...)``. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

TABLES = {
    "workbook_none": Sentence(
        "{name} is not a workbook, whatever its suffix says; open it and save it as .xlsx",
        "{name} 不是真正的工作簿，请打开后另存为 .xlsx",
    ),
    "workbook_of_wps": Sentence(
        "{name} is in a format of WPS alone; save it as .xlsx",
        "{name} 是 WPS 专用格式，请另存为 .xlsx",
    ),
    "workbook_password": Sentence(
        "{name} has a password; save a copy without one",
        "{name} 设有密码，请另存一份不带密码的文件",
    ),
    "workbook_damaged": Sentence(
        "{name} is damaged or not complete; open it and save it again as .xlsx",
        "{name} 已损坏或不完整，请打开后重新另存为 .xlsx",
    ),
    "workbook_columns": Sentence(
        "{name} has more than {most} columns; delete those that are not needed",
        "{name} 超过 {most} 列，请删去不需要的列",
    ),
    "workbook_rows": Sentence(
        "{name} has more than {most} rows; split it into several files",
        "{name} 超过 {most} 行，请拆分成几个文件",
    ),
    "workbook_too_large": Sentence(
        "{name} unpacks to more than {megabytes} MB; save it without pictures",
        "{name} 解压后超过 {megabytes} MB，请去掉图片后再保存",
    ),
    "workbook_costly": Sentence(
        "{name} costs too much to read; copy the list alone into a new workbook and save it",
        "{name} 读取时占用过多，请只把名单复制到新工作簿后保存",
    ),
    "table_empty": Sentence("{name} has no rows", "{name} 没有数据行"),
    "table_no_header": Sentence(
        "{name}: no row of headings among the first {rows}; write them above the columns, "
        "such as: {headings}",
        "{name} 前 {rows} 行中没有找到表头，请在各列上方写明列名，例如：{headings}",
    ),
    "table_unknown": Sentence(
        "{name}: the headings ({headings}) fit no kind of list; a roster needs name and category, "
        "a ledger organization, activity and date",
        "{name} 的表头（{headings}）不能判断是哪种名单：组织名册要有名称和类别，"
        "活动台账要有组织、活动类型和日期",
    ),
    "correction_reason": Sentence(
        "{rows} rows differ from their records: give the reason for these corrections",
        "有 {rows} 行与已有记录不同，请填写更正理由",
    ),
    "cell_formula": Sentence(
        "the formula of this cell has no result ({value}); mend it or type the value",
        "这一格的公式出错（{value}），请改正公式或直接填写内容",
    ),
    "row_changed": Sentence(
        "differs from the record of this organization, activity and day ({headings}); confirm it "
        "as a correction with a reason (--correct REASON), or mend the row",
        "与该组织这一天同一活动的已有记录不同（{headings}）；确要更改的，请作为更正确认并写明理由",
    ),
    "table_no_sheet": Sentence(
        "{name} has no such sheet; it has: {sheets}", "{name} 里没有这张表，现有：{sheets}"
    ),
    "table_twice": Sentence(
        "{name}: several columns have one meaning: {headings}; leave all but one of them out",
        "{name} 有几列选了同一含义：{headings}，请只保留一列，其余选“不导入”",
    ),
    "table_missing": Sentence(
        "{name} has no column for: {headings}; add it, or choose the column that holds it",
        "{name} 缺少这些列：{headings}，请补上，或者指定哪一列是它",
    ),
    "table_day": Sentence(
        "{name} states no day: add a column 日期, or say from which day it holds",
        "{name} 没有日期：请加一列“日期”，或者填写从哪一天起",
    ),
    "table_encoding": Sentence(
        "{name} is neither UTF-8 nor GBK; save it as .xlsx",
        "{name} 既不是 UTF-8 也不是 GBK 编码，请另存为 .xlsx",
    ),
    "cell_day": Sentence(
        "{value} is not a day; write it as 2026-08-01", "{value} 不是日期，请写成 2026-08-01"
    ),
    "cell_number": Sentence("{value} is not a number", "{value} 不是数字"),
    "cell_state": Sentence(
        "{value} says neither yes nor no; write 达标 or 未达标",
        "{value} 看不出是否达标，请写“达标”或“未达标”",
    ),
    "cell_role": Sentence(
        "{value} is no role; write one of: {known}", "没有“{value}”这种角色，请填写：{known}"
    ),
    "cell_phone": Sentence("{value} is no phone number", "{value} 不是电话号码"),
    "cell_word": Sentence("{value} is not known here", "{value} 不在可用的名称之中"),
    "cell_word_near": Sentence(
        "{value} is not known here; near to it: {words}",
        "{value} 不在可用的名称之中，相近的有：{words}",
    ),
    "cell_organization": Sentence(
        "no organization has the code or name {name}", "没有代码或名称为 {name} 的组织"
    ),
    "cell_organization_near": Sentence(
        "no organization has the code or name {name}; near to it: {names}",
        "没有代码或名称为 {name} 的组织，相近的有：{names}",
    ),
    "cell_organization_twice": Sentence(
        "several organizations are named {name}; write the code: {codes}",
        "有几个组织都叫 {name}，请改写代码：{codes}",
    ),
}
