"""Reading and writing documents: YAML to plain values, schemes to JSON values, digests.

Every plain scalar is read as text: ``off``, ``2.10`` and ``2026-01-01`` stay as typed, and the
models decide which is a number or a boolean (docs/semantics.md, section 2). The document is built
from the parser's events one by one, so the limits apply before anything large is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import yaml

from events.documents.schemes import Scheme, has_points, weights
from events.event import canonical
from events.refusals.errors import BadValue, Message, Refused
from events.values import exact_text, normal_form

MOST_VALUES = 50_000
"""The most parser events of a document: fields, values, starts and ends of lists."""
LARGEST_BYTES = 2_000_000
DEEPEST = 50
LONGEST_REPEATED = 200
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
MEGABYTE = 1_000_000
# libyaml, if it is compiled in, gives the same events many times faster
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_document(payload: bytes, name: str) -> dict[str, Any]:
    """Read one YAML (or JSON) mapping; refusals name the file ``name``.

    Raise ``Refused`` for more than 2 MB, bytes that are not UTF-8, a syntax error, a duplicate key,
    anchors, aliases, tags, a second document, nesting deeper than 50, and a top level that is not a
    mapping. Text is in Unicode normal form C. Source: docs/semantics.md, section 2.
    """
    if len(payload) > LARGEST_BYTES:
        raise Refused(
            "document_too_large", file=name, most=LARGEST_BYTES // MEGABYTE, size=len(payload)
        )
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        raise _refused(name, line, Message("text_not_utf8")) from None
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax(name, text, error) from None
    if not isinstance(builder.document, dict):
        raise _refused(name, 1, Message("no_mapping"))
    return builder.document


class _Builder:
    """Builds plain values from parser events; refuses what a document may not contain."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.document: Any = None
        self.begun = False
        self.taken = 0
        self.open: list[Any] = []
        self.keys: list[str | None] = []

    def take(self, event: Any) -> None:
        """Take one parser event."""
        line = event.start_mark.line + 1
        self.taken += 1
        if self.taken > MOST_VALUES:
            raise _refused(self.name, line, Message("too_many_values", most=MOST_VALUES))
        match event:
            case yaml.DocumentStartEvent() if self.begun:
                raise _refused(self.name, line, Message("second_document"))
            case yaml.DocumentStartEvent():
                self.begun = True
            case yaml.AliasEvent():
                raise _refused(self.name, line, Message("alias", name=_short(event.anchor)))
            case yaml.ScalarEvent() | yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._node(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()
                self.keys.pop()
            case _:
                pass

    def _node(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            raise _refused(self.name, line, Message("anchor", name=_short(event.anchor)))
        if event.tag is not None:
            raise _refused(self.name, line, Message("tag", tag=_short(event.tag)))
        if isinstance(event, yaml.ScalarEvent):
            try:
                self._place(_scalar(event), line)
            except BadValue as error:
                raise _refused(self.name, line, error.message) from None
            return
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._place(value, line)
        if len(self.open) >= DEEPEST:
            raise _refused(self.name, line, Message("too_deep", most=DEEPEST))
        self.open.append(value)
        self.keys.append(None)

    def _place(self, value: Any, line: int) -> None:
        if not self.open:
            self.document = value
            return
        container, key = self.open[-1], self.keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            if not isinstance(value, str):
                raise _refused(self.name, line, Message("field_no_word"))
            if value in container:
                raise _refused(self.name, line, Message("field_twice", name=_short(value)))
            self.keys[-1] = value
        else:
            container[key] = value
            self.keys[-1] = None


def _scalar(event: Any) -> str | None:
    if event.implicit[0] and event.value in NULLS and not event.style:
        return None
    return normal_form(event.value)


def _syntax(name: str, text: str, error: yaml.YAMLError) -> Refused:
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line = mark.line + 1
    else:
        line = text[:position].count("\n") + 1 if isinstance(position, int) else 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return _refused(name, line, Message("not_yaml", what=_short(problem)))


def _refused(name: str, line: int, problem: Message) -> Refused:
    return Refused("bad_document", file=name, line=line, problem=problem)


def _short(text: object) -> str:
    """Return text from a file as a message may quote it: on one line, not too long."""
    return " ".join(str(text).split())[:LONGEST_REPEATED]


def plain(value: Any) -> Any:
    """Return a model's dump as JSON values: decimals as exact text, lists, form C, no nulls."""
    match value:
        case dict():
            return {key: plain(inner) for key, inner in value.items() if inner is not None}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case Decimal():
            return exact_text(value)
        case StrEnum():
            return value.value
        case str():
            return normal_form(value)
        case _:
            return value


def stored_document(scheme: Scheme) -> dict[str, Any]:
    """Return the JSON values for ``SchemePublished.document``, with every default written out.

    Numbers have one written form, so two ways to type the same scheme have one digest.
    """
    document: dict[str, Any] = plain(scheme.model_dump())
    return document


def from_document(document: dict[str, Any]) -> Scheme:
    """Return the scheme of a stored document; it was validated when it was published."""
    return Scheme.model_validate(document)


def to_document(scheme: Scheme) -> dict[str, Any]:
    """Return the complete document of docs/semantics.md, section 2, as ``tracker scheme show``.

    Every criterion has its exact points, stated or split; an optional one only stated ones. A
    scheme that states no points has none anywhere.
    """
    document = stored_document(scheme)
    if has_points(scheme):
        points = weights(scheme)
        for item in _items(document["sections"]):
            counted = [one for one in item["criteria"] if not one["optional"]]
            total = sum((points[one["code"]] for one in counted), Fraction(0))
            if counted or not item["criteria"]:
                item.setdefault("points", exact_text(total))
            for criterion in counted:
                criterion["points"] = exact_text(points[criterion["code"]])
    return document


def _items(sections: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield from section["items"]
        yield from _items(section["sections"])


def digest(document: dict[str, Any]) -> str:
    """Return the SHA-256, in hex, of a stored document's canonical bytes."""
    return hashlib.sha256(canonical(document)).hexdigest()
