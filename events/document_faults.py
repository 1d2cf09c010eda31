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

from events.errors import Problem
from events.values import CONTROL

Location = tuple[int | str, ...]

CODED = frozenset({"sections", "items", "criteria", "bonus", "vetoes"})
"""The lists whose elements are known by their codes."""
LONGEST_SHOWN = 40
YEAR_WITHOUT_LEAP_DAY = 2023
HALF_CHARACTER = "string_unicode"
SURROGATE = re.compile("[\ud800-\udfff]")


def is_month_day(text: str) -> bool:
    """Whether ``MM-DD`` is a day of every year (02-29 is not)."""
    try:
        date.fromisoformat(f"{YEAR_WITHOUT_LEAP_DAY}-{text}")
    except ValueError:
        return False
    return True


def faults(error: ValidationError, document: dict[str, Any]) -> list[Problem]:
    """Every fault that the model found in ``document``, each once, in the document's order.

    Half characters are left to ``bad_texts``.
    """
    found = (_problem(one, document) for one in own_errors(error) if one["type"] != HALF_CHARACTER)
    return list(dict.fromkeys(found))


def own_errors(error: ValidationError) -> list[ErrorDetails]:
    """The model's errors without lists that are too short only because of faults inside them."""
    found = error.errors()
    insides = {one["loc"][:size] for one in found for size in range(len(one["loc"]))}
    return [one for one in found if one["type"] != "too_short" or one["loc"] not in insides]


def bad_texts(document: dict[str, Any]) -> list[Problem]:
    """The texts of a document that could forge a line of a report or cannot be written down."""
    return [
        _at(location, document, "{field} holds a control character; type it again")
        for location, text in _texts(document, ())
        if CONTROL.search(text) or SURROGATE.search(text)
    ]


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
    location, message, given = in_document(error["loc"]), error["msg"], error["input"]
    match error["type"]:
        case "missing":
            sentence = "{field} is missing"
        case "extra_forbidden":
            sentence = "{field} is not a field of this place; leave it out"
        case "union_tag_not_found":
            sentence = "{field}.kind is missing"
        case "union_tag_invalid":
            kinds = error["ctx"]["expected_tags"].replace("'", "")
            sentence = f"{{field}}.kind is {_shown(error['ctx']['tag'])}, not one of {kinds}"
        case "model_type" | "model_attributes_type" | "dict_type":
            sentence = "{field} should be a mapping of fields"
        case "string_pattern_mismatch":
            sentence = f"{{field}} is not written as it should be: {_shown(given)}"
        case "value_error":
            sentence = "{field} " + message.removeprefix("Value error, ")
        case _:
            should = message.removeprefix("Input should ")
            told = f"should {should}" if should != message else f"is wrong: {message.lower()}"
            scalar = isinstance(given, (str, int, float)) or given is None
            sentence = "{field} " + told + (f", not {_shown(given)}" if scalar else "")
    return _at(location, document, sentence)


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


def _at(location: Location, document: dict[str, Any], sentence: str) -> Problem:
    codes, below = codes_on_the_way(location, document)
    name = ".".join(map(_shown, below)) or "this"
    return Problem(_shown(codes[-1]) if codes else name, sentence.replace("{field}", name, 1))


def codes_on_the_way(location: Location, document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The codes passed on the way to a location, and the names of the steps below the last."""
    node: Any = document
    codes: list[str] = []
    below: list[str] = []
    for place, step in enumerate(location):
        node = inside(node, step)
        known = node.get("code") if isinstance(node, dict) else None
        if isinstance(step, str) or not isinstance(known, str) or not known:
            below.append(str(step))
        elif location[place - 1] in CODED:
            codes.append(known)
            below.clear()
        else:
            below.append(known)
    return codes, below


def inside(node: Any, step: int | str) -> Any:
    """The part of a mapping or a list at one step; None where there is none."""
    if isinstance(node, dict):
        return node.get(step)
    if isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
