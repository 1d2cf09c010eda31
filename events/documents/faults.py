"""The faults that a document's model finds, as short sentences, each at the place a reader knows.

A place is the code of the nearest section, item, criterion, bonus or veto, else a dotted field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from events.refusals.errors import BadValue, Message, Problem
from events.values import CONTROL

Location = tuple[int | str, ...]

CODED = frozenset({"sections", "items", "criteria", "bonus", "vetoes"})
"""The lists whose elements are known by their codes."""
LONGEST_SHOWN = 40
YEAR_WITHOUT_LEAP_DAY = 2023
FORM = {
    "missing": "form_missing",
    "extra_forbidden": "form_extra",
    "model_type": "form_mapping",
    "model_attributes_type": "form_mapping",
    "dict_type": "form_mapping",
    "list_type": "form_list",
    "tuple_type": "form_list",
    "too_short": "form_list_short",
    "too_long": "form_list_long",
    "string_too_short": "form_text_short",
    "string_too_long": "form_text_long",
    "string_pattern_mismatch": "form_pattern",
    "string_type": "form_text",
    "int_type": "form_integer",
    "int_parsing": "form_integer",
    "int_from_float": "form_integer",
    "decimal_type": "form_decimal",
    "decimal_parsing": "form_decimal",
    "bool_type": "form_truth",
    "bool_parsing": "form_truth",
    "enum": "form_choice",
    "literal_error": "form_choice",
    "greater_than": "form_greater",
    "greater_than_equal": "form_at_least",
    "less_than_equal": "form_at_most",
}
"""Keys of the catalogue by the type of a model's error."""
HALF_CHARACTER = "string_unicode"
SURROGATE = re.compile("[\ud800-\udfff]")


def is_month_day(text: str) -> bool:
    """Whether ``MM-DD`` is a day of every year (02-29 is not)."""
    try:
        date.fromisoformat(f"{YEAR_WITHOUT_LEAP_DAY}-{text}")
    except ValueError:
        return False
    return True


def model_problems(error: ValidationError, document: dict[str, Any]) -> list[Problem]:
    """Every fault that the model found in ``document``, each once, in the document's order.

    Half characters are left to ``text_problems``.
    """
    found = (
        _problem(one, document) for one in innermost_errors(error) if one["type"] != HALF_CHARACTER
    )
    return list(dict.fromkeys(found))


def innermost_errors(error: ValidationError) -> list[ErrorDetails]:
    """The model's errors without lists that are too short only because of faults inside them."""
    found = error.errors()
    insides = {one["loc"][:size] for one in found for size in range(len(one["loc"]))}
    return [one for one in found if one["type"] != "too_short" or one["loc"] not in insides]


def text_problems(document: dict[str, Any]) -> list[Problem]:
    """The texts of a document that could forge a line of a report or cannot be written down."""
    places = [
        _place(location, document)
        for location, text in _texts(document, ())
        if CONTROL.search(text) or SURROGATE.search(text)
    ]
    return [Problem.error(place, "form_control", name=name) for place, name in places]


def _texts(node: Any, location: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(node, str):
        yield location, node
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield (*location, key), str(key)
            yield from _texts(inner, (*location, key))
    elif isinstance(node, (list, tuple)):
        for index, inner in enumerate(node):
            yield from _texts(inner, (*location, index))


def _problem(error: ErrorDetails, document: dict[str, Any]) -> Problem:
    location = in_document(error["loc"])
    place, name = _place(location, document)
    return Problem(place, _message(error, name))


def _message(error: ErrorDetails, name: str) -> Message:
    context, value = error.get("ctx", {}), _shown(error["input"])
    if isinstance(context.get("error"), BadValue):
        return Message("form_value", name=name, fault=context["error"].message)
    if error["type"] == "union_tag_not_found":
        return Message("form_missing", name=f"{name}.kind")
    if error["type"] == "union_tag_invalid":
        tag, kinds = _shown(context["tag"]), context["expected_tags"].replace("'", "")
        return Message("form_kind", name=f"{name}.kind", value=tag, kinds=kinds)
    key = FORM.get(error["type"])
    if key is None:
        return Message("form_wrong", name=name, what=error["msg"].lower())
    return Message(key, name=name, value=value, **context)


def _shown(value: Any) -> str:
    """A value as a report may show it: one line, nothing that does not print, not too long."""
    text = "nothing" if value is None else " ".join(str(value).split()) or "empty"
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def in_document(location: Location) -> Location:
    """A location without what only the model has: the kind of a rule, the mark of a key."""
    return tuple(
        step
        for place, step in enumerate(location)
        if step != "[key]" and (place == 0 or location[place - 1] != "rule")
    )


def _place(location: Location, document: dict[str, Any]) -> tuple[str, str]:
    """The place that a reader knows, and the name of the field at fault below it."""
    codes, below = codes_along(location, document)
    name = ".".join(map(_shown, below)) or "this"
    return (_shown(codes[-1]) if codes else name), name


def codes_along(location: Location, document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The codes passed on the way to a location, and the names of the steps below the last."""
    node: Any = document
    codes: list[str] = []
    below: list[str] = []
    for place, step in enumerate(location):
        node = step_into(node, step)
        known = node.get("code") if isinstance(node, dict) else None
        if isinstance(step, str) or not isinstance(known, str) or not known:
            below.append(str(step))
        elif location[place - 1] in CODED:
            codes.append(known)
            below.clear()
        else:
            below.append(known)
    return codes, below


def step_into(node: Any, step: int | str) -> Any:
    """The part of a mapping or a list at one step; None where there is none."""
    if isinstance(node, dict):
        return node.get(step)
    if isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
