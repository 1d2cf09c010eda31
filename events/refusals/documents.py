"""Refusals of documents and their publication, and problems of a document's form.

To add a refusal: an entry with the code, both sentences and, unless it is ``INVALID``, the kind;
then ``raise Refused("code", file=...)``. To add a problem of the form: an entry, and a line in
``events.documents.faults.FORM`` or ``Message("key", ...)``. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

DOCUMENTS = {
    "bad_document": Sentence("{file}, line {line}: {problem}", "第 {line} 行：{problem}"),
    "document_too_large": Sentence(
        "{file}: a document has at most {most} MB, this one has {size} bytes", "文件超过 {most} MB"
    ),
    "unknown_scheme": Sentence(
        "there is no scheme {name}; see: tracker scheme list", "没有这项标准", kind=Kind.NOT_FOUND
    ),
    "no_built_in": Sentence(
        "{id} is not a built-in scheme, or a document was sent with it; send only one of them",
        "没有名为 {id} 的内置标准，或同时给了文件",
    ),
    "scheme_exists": Sentence(
        "{file}: {scheme} version {version} is published with other content or from "
        "another month ({month}); give the new one a higher version",
        "{scheme} 第 {version} 版已经发布（自 {month} 起），内容不同；请写更高的版本号",
        kind=Kind.CONFLICT,
    ),
    "middle_of_period": Sentence(
        "{file}: a half-year scheme begins with a half or with the district's first month, not in"
        " {month}; give --from {begin}, or the half after it",
        "半年考核标准应从 1 月、7 月或首个考核月份起执行，不能从 {month} 起；"
        "可填 {begin}，或下一个半年",
    ),
    "middle_of_period.year": Sentence(
        "{file}: an annual scheme begins with January or with the district's first month, not in"
        " {month}; give --from {begin}, or the year after it",
        "年度考核标准应从 1 月或首个考核月份起执行，不能从 {month} 起；可填 {begin}，或下一年",
    ),
    "old_version": Sentence(
        "{file}: version: {version} is not above the published version {newest}; give it "
        "a higher one",
        "版本号 {version} 不高于已发布的版本 {newest}，请写更高的版本号",
        kind=Kind.CONFLICT,
    ),
    "month_opened": Sentence(
        "{file}: the cycle of {opened} has opened; choose a month after {newest}",
        "{opened} 的抽查已经启动，不能再改；请选择 {newest} 之后的月份",
        kind=Kind.CONFLICT,
    ),
    "categories_change_hands": Sentence(
        "categories change hands: {handovers}; confirm it",
        "以下类别将改由别的标准考核或不再有标准：{handovers}；请确认",
        kind=Kind.CONFLICT,
    ),
    "two_schemes": Sentence(
        "{file}: {other} is already in force for {category} from {month} on",
        "从 {month} 起，{category} 已有标准 {other}",
        kind=Kind.CONFLICT,
    ),
    "scheme_closed": Sentence(
        "{scheme} is already closed from {month} on", "已设定自 {month} 起停用", kind=Kind.CONFLICT
    ),
    "no_month": Sentence(
        "{file}: the month from which it is in force is missing; name it with --from "
        "2026-01 or in the document as effective_from",
        "缺少起用月份，请在下面选择，或写在文件的 effective_from 里",
    ),
    "faulty_document": Sentence("{lines}", "文件有误，已在相应位置标出"),
    "text_not_utf8": Sentence(
        "the text is not UTF-8; save the file as UTF-8", "文字不是 UTF-8 编码，请另存为 UTF-8"
    ),
    "no_mapping": Sentence(
        "the document is not a mapping; begin it with a field and a colon",
        "文件应以字段名加冒号开头",
    ),
    "second_document": Sentence(
        "a second document begins; keep one per file", "这里又开始了另一份文档，一个文件只写一份"
    ),
    "alias": Sentence(
        "*{name}: aliases are not supported; write the value again",
        "不支持引用 *{name}，请照写一遍",
    ),
    "anchor": Sentence(
        "&{name}: anchors are not supported; remove it", "不支持锚点 &{name}，请删去"
    ),
    "tag": Sentence("{tag}: tags are not supported; remove it", "不支持标签 {tag}，请删去"),
    "too_many_values": Sentence(
        "the document has more than {most} values; split it", "内容超过 {most} 个值，请拆分"
    ),
    "too_deep": Sentence("nesting is deeper than {most} levels", "嵌套超过 {most} 层"),
    "field_no_word": Sentence(
        "the name of a field must be a word, not a list or empty",
        "字段名应是一个词，不能为空或列表",
    ),
    "field_twice": Sentence("{name} is given twice; keep one", "{name} 写了两次，请只留一处"),
    "not_yaml": Sentence("this is not YAML: {what}", "不符合 YAML 格式（{what}）"),
    "form_missing": Sentence("{name} is missing", "缺少 {name}"),
    "form_extra": Sentence(
        "{name} is not a field here; remove it", "这里没有 {name} 这个字段，请去掉"
    ),
    "form_kind": Sentence(
        "{name} is {value}, not one of {kinds}", "{name} 是 {value}，应为 {kinds} 之一"
    ),
    "form_mapping": Sentence("{name} should be a mapping of fields", "{name} 应写成若干字段"),
    "form_pattern": Sentence("{name} has the wrong form: {value}", "{name} 格式不正确：{value}"),
    "form_control": Sentence(
        "{name} contains a control character; type it again",
        "{name} 含有不可见的控制字符，请重新输入",
    ),
    "form_greater": Sentence(
        "{name} should be greater than {gt}, not {value}", "{name} 应大于 {gt}，现在是 {value}"
    ),
    "form_at_least": Sentence(
        "{name} should be greater than or equal to {ge}, not {value}",
        "{name} 不能小于 {ge}，现在是 {value}",
    ),
    "form_at_most": Sentence(
        "{name} should be less than or equal to {le}, not {value}",
        "{name} 不能大于 {le}，现在是 {value}",
    ),
    "form_integer": Sentence(
        "{name} should be a valid integer, not {value}", "{name} 应为整数，现在是 {value}"
    ),
    "form_decimal": Sentence(
        "{name} should be a valid decimal, not {value}", "{name} 应为数字，现在是 {value}"
    ),
    "form_text": Sentence(
        "{name} should be a valid string, not {value}", "{name} 应为文字，现在是 {value}"
    ),
    "form_truth": Sentence(
        "{name} should be true or false, not {value}", "{name} 应为 true 或 false，现在是 {value}"
    ),
    "form_list": Sentence("{name} should be a valid list", "{name} 应为列表"),
    "form_choice": Sentence(
        "{name} should be {expected}, not {value}", "{name} 应为 {expected}，现在是 {value}"
    ),
    "form_text_long": Sentence(
        "{name} should have at most {max_length} characters",
        "{name} 太长，最多 {max_length} 个字符",
    ),
    "form_text_short": Sentence("{name} should not be empty", "{name} 不能为空"),
    "form_list_long": Sentence(
        "{name} should have at most {max_length} entries", "{name} 太多，最多 {max_length} 项"
    ),
    "form_list_short": Sentence(
        "{name} should have at least {min_length} entries", "{name} 太少，至少 {min_length} 项"
    ),
    "form_wrong": Sentence("{name} is wrong: {what}", "{name} 格式不正确：{what}"),
    "form_value": Sentence("{name} {fault}", "{name} {fault}"),
}
"""The sentences by code."""
