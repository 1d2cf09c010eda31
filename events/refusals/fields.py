"""Faults of single values: of commands, forms and requests.

To add one: an entry with the key, the English sentence and the Chinese one; then
``raise BadValue("key", name=...)`` in a validator. The field is shown before the sentence. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

FIELDS = {
    "value_control": Sentence("contains a control character", "含有不可见的控制字符"),
    "value_line_break": Sentence("contains a tab or a line break", "含有制表符或换行"),
    "value_invisible": Sentence(
        "contains an invisible character; delete it and type the text again",
        "含有看不见的字符，请删去后重新输入",
    ),
    "value_combining": Sentence(
        "has more than {most} combining marks on one character",
        "一个字符上叠加的符号超过 {most} 个",
    ),
    "bad_text": Sentence("{field}: {problem}", "填写有误：{problem}"),
    "value_date": Sentence(
        "is not a date; write it as 2026-09-12", "不是有效日期，应写成 2026-09-12"
    ),
    "value_amount": Sentence(
        "is not an amount: not negative, at most two decimals, such as 120.00",
        "不是有效金额，应写成 120.00",
    ),
    "value_score": Sentence(
        "is not a score: not negative, at most two decimals, such as 93.50",
        "不是有效得分：不能为负，最多两位小数，例如 93.50",
    ),
    "value_number": Sentence(
        "is not a number: not negative, at most six decimals, such as 2450",
        "不是有效数字：不能是负数，最多 6 位小数，例如 2450",
    ),
    "value_credit": Sentence("is not a credit from 0 to 1", "得分率应在 0 到 1 之间"),
    "value_credit_decimals": Sentence(
        "has more than {most} decimals; round the credit", "得分率最多 {most} 位小数，请四舍五入"
    ),
    "value_attendance": Sentence(
        "present {present} is above expected {expected}",
        "到会 {present} 人，多于应到 {expected} 人",
    ),
    "value_no_change": Sentence("names no field to change", "没有任何改动"),
    "value_emptied": Sentence("activity and occurred_on cannot be emptied", "活动和日期不能清空"),
    "value_ranking": Sentence(
        "must be places, bands, hidden or {{top: N}}", "应为 places、bands、hidden 或 {{top: N}}"
    ),
    "value_days_off": Sentence(
        "is not a day (MM-DD) or a span of days (02-05..02-11)",
        "应为 月-日，或 02-05..02-11 这样的起止日期",
    ),
    "value_proxies": Sentence(
        "is not a list of addresses or networks such as 127.0.0.1,10.0.0.0/8",
        "应为 127.0.0.1,10.0.0.0/8 这样的地址或网段",
    ),
    "value_address": Sentence(
        "is not an address such as https://tracker.example",
        "应为 https://tracker.example 这样的地址",
    ),
    "value_actor": Sentence(
        "is empty or contains a control character", "为空，或含有不可见的控制字符"
    ),
    "field_missing": Sentence("is missing", "请填写"),
    "field_pattern": Sentence("has the wrong form", "格式不正确"),
    "field_long": Sentence(
        "is longer than {max_length} characters", "太长，最多 {max_length} 个字"
    ),
    "field_integer": Sentence("is not a whole number", "请填整数"),
    "field_truth": Sentence("must be true or false", "应为 true 或 false"),
    "field_number": Sentence("is not a number", "请填数字"),
    "field_above": Sentence("must be above {gt}", "应大于 {gt}"),
    "field_least": Sentence("must not be below {ge}", "不能小于 {ge}"),
    "field_most": Sentence("must not be above {le}", "不能大于 {le}"),
    "field_choice": Sentence("is not one of the choices", "请从列表中选择"),
    "field_list_long": Sentence("has more than {max_length} entries", "太多，最多 {max_length} 项"),
    "field_list_short": Sentence(
        "has fewer than {min_length} entries", "请至少选择 {min_length} 项"
    ),
    "field_extra": Sentence("is not a field here", "没有这个字段"),
    "field_json": Sentence("is not valid JSON", "不是有效的 JSON"),
    "field_text": Sentence("must be text", "应为文字"),
    "field_list": Sentence("must be a list", "应为列表"),
    "field_object": Sentence("must be an object", "应为对象"),
    "field_wrong": Sentence("is not a valid value", "不是有效的值"),
}
"""The sentences by code."""
