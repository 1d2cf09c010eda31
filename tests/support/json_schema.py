"""A validator for the part of JSON Schema that the API's description uses."""

from __future__ import annotations

import re
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    "$ref", "anyOf", "type", "properties", "required", "additionalProperties", "items", "enum",
    "const", "pattern", "title", "description", "default", "format", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems", "examples",
}  # fmt: skip
"""Every keyword that the description may use; another one fails, so that none goes unlooked at."""


def faults(
    document: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "$"
) -> list[str]:
    """Where a value is not what a schema of the document says."""
    unknown = sorted(set(schema) - KNOWN)
    if unknown:
        return [f"{at}: keywords {unknown} are not looked at"]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return faults(document, document["components"]["schemas"][name], value, at)
    if "anyOf" in schema:
        tried = [faults(document, one, value, at) for one in schema["anyOf"]]
        return [] if any(not one for one in tried) else [one for found in tried for one in found]
    found = _plain(schema, value, at)
    if isinstance(value, dict):
        found += _object(document, schema, value, at)
    if isinstance(value, list) and "items" in schema:
        for place, one in enumerate(value):
            found += faults(document, schema["items"], one, f"{at}[{place}]")
    return found


def _plain(schema: dict[str, Any], value: Any, at: str) -> list[str]:
    if "type" in schema:
        kinds = KINDS[schema["type"]]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return [f"{at}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{at}: {value!r} is not {schema['const']!r}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{at}: {value!r} is not of the form {schema['pattern']}"]
    return []


def _object(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], at: str
) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    more = schema.get("additionalProperties", True)
    for name, one in value.items():
        if name in known:
            found += faults(document, known[name], one, f"{at}.{name}")
        elif isinstance(more, dict):
            found += faults(document, more, one, f"{at}.{name}")
        elif not more:
            found.append(f"{at}: {name} is not described")
    return found
