"""A form as it was typed: what is wrong stands at its field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from events.errors import Refused
from tracker.refusals import say

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from tracker.http.here import Here
    from tracker.refusals import Language

Command = TypeVar("Command", bound=BaseModel)

SAID: dict[str, tuple[str, str]] = {
    "missing": ("请填写", "is missing"),
    "string_too_short": ("请填写", "is missing"),
    "string_too_long": ("太长，最多 {max_length} 个字", "is longer than {max_length}"),
    "string_pattern_mismatch": ("格式不正确", "is not of the right form"),
    "int_parsing": ("请填整数", "is not a whole number"),
    "int_from_float": ("请填整数", "is not a whole number"),
    "greater_than_equal": ("不能小于 {ge}", "is below {ge}"),
    "less_than_equal": ("不能大于 {le}", "is above {le}"),
    "literal_error": ("请从列表中选择", "is not one of the choices"),
    "too_long": ("太多，最多 {max_length} 项", "has more than {max_length}"),
    "too_short": ("请至少选择一项", "has too few"),
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
)


@dataclass(slots=True)
class Filled:
    """What a person typed, and what is wrong with it by field; ``""`` is the whole form."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """What was typed into a field, empty before."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field, empty where nothing is."""
        return self.errors.get(name, "")

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def refuse(self, refused: Refused, language: Language) -> None:
        """Put a refusal at the field it names, or above the form."""
        self.errors[(refused.field or "").removeprefix("changes.")] = say(refused, language)


def read_form(
    here: Here, model: type[Command], given: Mapping[str, Any], filled: Filled
) -> Command | None:
    """The command that a form makes, or None with every fault put at its field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"] if isinstance(part, str))
            filled.errors.setdefault(place, sentence(one, here.language))
        return None


def sentence(fault: ErrorDetails, language: Language) -> str:
    """One fault of a field in the language of who typed it."""
    context = fault.get("ctx", {})
    known = SAID.get(fault["type"])
    if known is not None:
        return known[0 if language == "zh" else 1].format(**context)
    message = fault["msg"].removeprefix("Value error, ")
    if language == "zh":
        for part, zh in MESSAGES:
            if part in message:
                return zh
    return message


def present(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields into which something was typed."""
    return {name: value for name, value in given.items() if value not in ("", None, [], ())}
