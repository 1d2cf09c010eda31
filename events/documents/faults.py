"""Pydantic's validation errors of a document as problems, each at a place that an author knows.

A place is the code of the nearest section, item, criterion, bonus, veto or
method, else a dotted field.
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

CODED = frozenset({"sections", "items", "criteria", "bonus", "vetoes", "methods"})
"""The lists whose elements have a code."""
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
"""Keys of the catalogue by pydantic's type of error."""
LONE_SURROGATE = "string_unicode"
SURROGATE = re.compile("[\ud800-\udfff]")


def is_month_day(text: str) -> bool:
    """Return whether ``MM-DD`` is a day of every year (02-29 is not)."""
    try:
        date.fromisoformat(f"{YEAR_WITHOUT_LEAP_DAY}-{text}")
    except ValueError:
        return False
    return True


def model_problems(error: ValidationError, document: dict[str, Any]) -> list[Problem]:
    """Return each problem that the model has with ``document`` once, in the document's order.

    ``text_problems`` names lone surrogates, so they are left out here.
    """
    errors = (detail for detail in innermost_errors(error) if detail["type"] != LONE_SURROGATE)
    return list(dict.fromkeys(_problem(detail, document) for detail in errors))


def innermost_errors(error: ValidationError) -> list[ErrorDetails]:
    """Return the model's errors without lists that are too short only because of errors inside."""
    details = error.errors()
    parents = {one["loc"][:size] for one in details for size in range(len(one["loc"]))}
    return [one for one in details if one["type"] != "too_short" or one["loc"] not in parents]


def text_problems(document: dict[str, Any]) -> list[Problem]:
    """Return a problem for each text with a control character or a lone surrogate."""
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
    """Return a value as a message may show it: one short line of printable characters."""
    text = "nothing" if value is None else " ".join(str(value).split()) or "empty"
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def in_document(location: Location) -> Location:
    """Return a location without the steps that only the model has: a rule's kind, ``[key]``."""
    return tuple(
        step
        for place, step in enumerate(location)
        if step != "[key]" and (place == 0 or location[place - 1] != "rule")
    )


def _place(location: Location, document: dict[str, Any]) -> tuple[str, str]:
    """Return the place that an author knows, and the name of the faulty field below it."""
    codes, below = codes_along(location, document)
    name = ".".join(map(_shown, below)) or "this"
    return (_shown(codes[-1]) if codes else name), name


def codes_along(location: Location, document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the codes along a location, and the names of the steps below the last code."""
    node: Any = document
    codes: list[str] = []
    below: list[str] = []
    for place, step in enumerate(location):
        node = step_into(node, step)
        code = node.get("code") if isinstance(node, dict) else None
        if isinstance(step, str) or not isinstance(code, str) or not code:
            below.append(str(step))
        elif location[place - 1] in CODED:
            codes.append(code)
            below.clear()
        else:
            below.append(code)
    return codes, below


def step_into(node: Any, step: int | str) -> Any:
    """Return the part of a mapping or a list at one step, or None."""
    if isinstance(node, dict):
        return node.get(step)
    if isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
