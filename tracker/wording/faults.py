"""Validation errors of fields as messages of the catalogue, for pages and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.refusals.errors import BadValue, Message
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.wording.refusals import Language

FIELDS = {
    "missing": "field_missing",
    "string_too_short": "field_missing",
    "string_too_long": "field_long",
    "string_pattern_mismatch": "field_pattern",
    "string_type": "field_text",
    "int_parsing": "field_integer",
    "int_from_float": "field_integer",
    "int_type": "field_integer",
    "float_parsing": "field_number",
    "bool_parsing": "field_truth",
    "bool_type": "field_truth",
    "greater_than": "field_above",
    "greater_than_equal": "field_least",
    "less_than_equal": "field_most",
    "literal_error": "field_choice",
    "too_long": "field_list_long",
    "too_short": "field_list_short",
    "extra_forbidden": "field_extra",
    "json_invalid": "field_json",
    "list_type": "field_list",
    "tuple_type": "field_list",
    "dict_type": "field_object",
    "model_type": "field_object",
    "model_attributes_type": "field_object",
}
"""Keys of the catalogue by the type of a model's error."""


def message_of(fault: Mapping[str, Any], keys: Mapping[str, str] = FIELDS) -> Message:
    """Return the message of a pydantic error; ``keys`` give the wording of the interface."""
    context = fault.get("ctx") or {}
    error = context.get("error")
    if isinstance(error, BadValue):
        return error.message
    kind = str(fault["type"])
    if kind in {"too_long", "too_short"} and _is_text(fault, context):
        kind = f"string_{kind}"
    return Message(keys[kind], **context) if kind in keys else Message("field_wrong")


def _is_text(fault: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    return isinstance(fault.get("input"), str) or context.get("field_type") == "Value"


def field_sentence(fault: Mapping[str, Any], language: Language) -> str:
    """Return one error of a field as a sentence in the user's language."""
    return say(message_of(fault), language)


def field_messages(faults: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, str]]:
    """Return the errors of a body or of parameters, each at its dotted field."""
    return [
        {
            "field": ".".join(map(str, fault["loc"][1:])),
            "message": field_sentence(fault, language),
        }
        for fault in faults
    ]
