"""What is wrong with a field, in the language of who typed or sent it: for pages and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.refusals import Language

SAID: dict[str, tuple[str, str]] = {
    "missing": ("请填写", "is missing"),
    "string_too_short": ("请填写", "is missing"),
    "string_too_long": ("太长，最多 {max_length} 个字", "is longer than {max_length}"),
    "string_pattern_mismatch": ("格式不正确", "is not of the right form"),
    "int_parsing": ("请填整数", "is not a whole number"),
    "int_from_float": ("请填整数", "is not a whole number"),
    "int_type": ("请填整数", "is not a whole number"),
    "bool_parsing": ("应为 true 或 false", "must be true or false"),
    "bool_type": ("应为 true 或 false", "must be true or false"),
    "greater_than_equal": ("不能小于 {ge}", "is below {ge}"),
    "less_than_equal": ("不能大于 {le}", "is above {le}"),
    "literal_error": ("请从列表中选择", "is not one of the choices"),
    "too_long": ("太多，最多 {max_length} 项", "has more than {max_length}"),
    "too_short": ("请至少选择一项", "has too few"),
    "extra_forbidden": ("没有这个字段", "is not a field here"),
    "json_invalid": ("不是有效的 JSON", "is not valid JSON"),
    "string_type": ("应为文字", "must be text"),
    "list_type": ("应为列表", "must be a list"),
    "tuple_type": ("应为列表", "must be a list"),
    "dict_type": ("应为对象", "must be an object"),
    "model_type": ("应为对象", "must be an object"),
    "model_attributes_type": ("应为对象", "must be an object"),
}
MESSAGES: tuple[tuple[str, str], ...] = (
    ("is not a date", "不是有效日期，例如 2026-09-12"),
    ("is not an amount", "不是有效金额，例如 120.00"),
    ("is not a number", "不是有效数字，例如 2450"),
    ("is not a credit", "得分率应在 0 到 1 之间"),
    ("is above expected", "到会人数不能超过应到人数"),
    ("control character", "含有不可见的控制字符"),
    ("line break", "不能换行"),
    ("names no field", "没有任何改动"),
    ("cannot be emptied", "活动和日期不能清空"),
)


def sentence(fault: Mapping[str, Any], language: Language) -> str:
    """One fault of a field, as pydantic tells it, in the language of who typed it."""
    kind = str(fault["type"])
    if kind in {"too_long", "too_short"} and isinstance(fault.get("input"), str):
        kind = f"string_{kind}"
    known = SAID.get(kind)
    if known is not None:
        return known[0 if language == "zh" else 1].format(**fault.get("ctx", {}))
    message = str(fault["msg"]).removeprefix("Value error, ")
    if language == "zh":
        for part, zh in MESSAGES:
            if part in message:
                return zh
    return message


def told(faults: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, str]]:
    """The faults of a body or of parameters, each at its dotted field."""
    return [
        {"field": ".".join(map(str, one["loc"][1:])), "message": sentence(one, language)}
        for one in faults
    ]
