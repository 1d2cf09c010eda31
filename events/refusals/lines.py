"""Refusals of import files, and faults of their lines.

To add a refusal: an entry with the code, both sentences and, unless it is ``INVALID``, the kind;
then ``raise Refused("code", file=...)``. To add a fault of a line: an entry, then
``Message("key", name=...)``; line and field are shown before it. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

LINES = {
    "reason_alone": Sentence(
        "a reason is allowed only with a historical import (--historical)",
        "只有补录历史数据时才填写理由",
    ),
    "no_file": Sentence(
        "{file}: there is no such file", "没有这个文件：{file}", kind=Kind.NOT_FOUND
    ),
    "unreadable_file": Sentence("{file}: {problem}", "文件 {file} 无法读取：{problem}"),
    "unknown_format": Sentence(
        "{name} is neither a table (.xlsx, .xls, .ods, .csv, .tsv) nor .jsonl; save it as one of "
        "these",
        "{name} 不是表格（.xlsx、.xls、.ods、.csv、.tsv），也不是 .jsonl 文件，请另存为其中一种",
    ),
    "not_held": Sentence(
        "this file is no longer stored; upload it again",
        "这个文件已不再保留，请重新上传",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_line_kind": Sentence(
        "there is no such kind of line", "没有这一类行", kind=Kind.NOT_FOUND
    ),
    "no_file_chosen": Sentence("choose a file", "请选择文件"),
    "import_too_large": Sentence(
        "the file is larger than {megabytes} MB; use tracker import on the server",
        "文件超过 {megabytes} MB，请在服务器上用 tracker import 导入",
    ),
    "no_file.folder": Sentence("{file}: this is a folder, not a file", "{file} 是文件夹，不是文件"),
    "line_kind": Sentence("{value} is not accepted here", "这里不接收这一类数据：{value}"),
    "line_organization": Sentence(
        "{value} is not a registered organization", "没有这个组织，或您无权填报：{value}"
    ),
    "line_missing": Sentence("is missing", "缺少"),
    "line_example": Sentence(
        "this is the example row of the table: delete it, or fill it in and write the kind here",
        "这是示例行：请删去，或填好内容并把这一格改为行类型",
    ),
    "line_unknown_kind": Sentence(
        "{name} is not a kind of line; write one of: {kinds}",
        "{name} 不是已知的行类型，可用：{kinds}",
    ),
    "line_extra": Sentence("is not a field of this kind of line", "这类行没有这个字段"),
    "line_column": Sentence("is not a column of any kind of line", "没有哪类行有这一列"),
    "line_header": Sentence(
        "the first line must name the columns, kind among them", "第一行应为列名，其中必须有 kind"
    ),
    "line_superseded": Sentence(
        "repeats what a later report has replaced, so it was not recorded; if it is to count "
        "again, give the line an id",
        "与已被后来内容取代的一行相同，没有记录；确要再次生效的，请给这一行加上 id",
    ),
    "line_superseded.inspector": Sentence(
        "repeats a registration of {id} that a later one has replaced, so it was not recorded; to "
        "register {id} so again, use the page of inspectors",
        "与 {id} 已被后来取代的一次登记相同，没有记录；确要改回的，请在“检查人员”页面上修改",
    ),
    "line_twice": Sentence("is given twice", "重复给出"),
    "line_empty": Sentence("is empty", "是空的"),
    "line_evidence": Sentence(
        "must be a list of words such as minutes", "应为一组词，例如 minutes"
    ),
    "line_integer": Sentence("must be a whole number", "应为整数"),
    "line_choice": Sentence("must be {expected}", "只能是 {expected}"),
    "line_half_character": Sentence(
        "contains half a character (a lone surrogate)", "含有残缺的字符"
    ),
    "line_character": Sentence("contains a character that is not allowed here", "含有不允许的字符"),
    "line_text_long": Sentence(
        "is longer than {max_length} characters", "太长，最多 {max_length} 个字符"
    ),
    "line_list_short": Sentence(
        "has fewer than {min_length} entries", "太少，至少 {min_length} 项"
    ),
    "line_recorded_on": Sentence(
        "is allowed only in a historical import (--historical)", "只有历史补录才能带这个字段"
    ),
    "line_bytes": Sentence("the line is longer than {most} bytes", "这一行超过 {most} 字节"),
    "line_characters": Sentence(
        "the line is longer than {most} characters", "这一行超过 {most} 个字符"
    ),
    "line_not_utf8": Sentence(
        "the line is not UTF-8 (byte {byte} of the line)", "这一行不是 UTF-8 编码（第 {byte} 字节）"
    ),
    "line_not_json": Sentence(
        "the line is not JSON: {what} (column {column})",
        "这一行不是有效的 JSON（第 {column} 列：{what}）",
    ),
    "line_not_json.number": Sentence(
        "the line is not JSON: {text} is not a number", "这一行不是有效的 JSON（{text} 不是数字）"
    ),
    "line_too_deep": Sentence("the line is nested too deeply", "这一行嵌套太深"),
    "line_no_object": Sentence("the line is not a JSON object", "这一行不是 JSON 对象"),
    "line_long_number": Sentence("the line has a number that is too long", "这一行有过长的数字"),
    "line_not_csv": Sentence("the line is not CSV: {what}", "这一行不是有效的 CSV：{what}"),
    "line_open_quote": Sentence(
        'the line is not CSV: a quotation mark (") is opened and not closed',
        "这一行不是有效的 CSV：引号只有前半个，没有后半个",
    ),
    "line_cells": Sentence(
        "the line has more cells than there are columns", "这一行的单元格比列名多"
    ),
    "file_utf16": Sentence(
        "the file is saved as UTF-16; save it as UTF-8", "文件是 UTF-16 编码，请另存为 UTF-8"
    ),
    "file_not_utf8": Sentence(
        "the file is neither UTF-8 nor GB18030; save it as CSV UTF-8",
        "文件既不是 UTF-8 编码，也不是 GB18030 编码，请另存为“CSV UTF-8”",
    ),
}
"""The sentences by code."""
