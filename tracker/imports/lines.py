"""One import line: its document validated to a command with its identity.

A fault names a field and one clear reason. Types are those of the contract and nothing
is guessed: a number in quotes is not a number, `2026-9-1` is not a date
(docs/contracts.md, "Import lines"; docs/semantics.md, section 3).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from events.refusals.errors import BadValue, Message
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from events.streams.people import RecuseInspector, RegisterInspector
from events.streams.records import (
    CorrectActivity,
    RecordActivity,
    ReportCondition,
    ReportMeasure,
    RetractActivity,
    record_subject,
)
from events.values import Evidence, Identity, parse_day
from tracker.imports.fast_lines import parse_common_activity
from tracker.wording.faults import message_of
from tracker.wording.refusals import Language, say

Command = (
    RecordActivity
    | CorrectActivity
    | RetractActivity
    | ReportCondition
    | ReportMeasure
    | RegisterOrganization
    | ChangeOrganization
    | RegisterInspector
    | RecuseInspector
)
LONGEST_NAME_SHOWN = 64
"""Characters: a longer name from the file is cut where a reason shows it."""
EXAMPLE_MARK = "例（"
"""How the first cell of a table's example row begins."""
ACTIVITY, CORRECTION = "activity", "correction"
INSPECTOR, RECUSAL = "inspector", "recusal"


class ImportLine(NamedTuple):
    """One well-formed line: its number in the file (from 1), its kind, command and identity."""

    number: int
    kind: str
    command: Command
    identity: str
    recorded_on: date | None
    derived: bool = False
    """Whether the identity is a digest of the content, which then cannot differ."""


class FieldFault(NamedTuple):
    """The fault of one field of a line; the field is dotted."""

    field: str
    message: Message


class LineFault(NamedTuple):
    """Why a line was refused; ``field`` is dotted, or empty where the whole line is at fault.

    ``other_faults`` are further faults of the line.
    """

    line: int
    field: str
    message: Message
    other_faults: tuple[FieldFault, ...] = ()

    @property
    def faults(self) -> list[FieldFault]:
        """All faults, each at its field."""
        return [FieldFault(self.field, self.message), *self.other_faults]

    def say(self, language: Language) -> str:
        """Return the reason, followed by further faults, each at its field."""
        others = [f"{fault.field} {say(fault.message, language)}" for fault in self.other_faults]
        return ("; " if language == "en" else "；").join([say(self.message, language), *others])

    @property
    def reason(self) -> str:
        """The reason in English."""
        return self.say("en")


class BadLine(Exception):
    """A line is malformed; its number is not known yet, ``at_line`` adds it."""

    def __init__(self, field: str, key: str, /, **params: Any) -> None:
        """Keep field and reason; names from the file are shown without control characters."""
        self.message = Message(key, **params)
        super().__init__(str(self.message))
        self.field = printable(field)
        self.other_faults: tuple[FieldFault, ...] = ()

    def at_line(self, number: int) -> LineFault:
        """Return the fault with the number of its line."""
        return LineFault(number, self.field, self.message, self.other_faults)


KINDS: dict[str, type[BaseModel]] = {
    "organization": RegisterOrganization,
    "organization_change": ChangeOrganization,
    ACTIVITY: RecordActivity,
    CORRECTION: CorrectActivity,
    "retraction": RetractActivity,
    "condition": ReportCondition,
    "measure": ReportMeasure,
    INSPECTOR: RegisterInspector,
    RECUSAL: RecuseInspector,
}
"""The kinds of line, each with the command that it becomes."""
_IDENTITY: TypeAdapter[str] = TypeAdapter(Identity)
_KEYS = {
    "missing": "line_missing",
    "extra_forbidden": "line_extra",
    "string_type": "field_text",
    "string_unicode": "line_half_character",
    "string_pattern_mismatch": "line_character",
    "string_too_long": "line_text_long",
    "string_too_short": "line_empty",
    "greater_than_equal": "field_least",
    "less_than_equal": "field_most",
    "literal_error": "line_choice",
    "tuple_type": "field_list",
    "too_long": "field_list_long",
    "too_short": "line_list_short",
    "model_type": "field_object",
    "model_attributes_type": "field_object",
}
"""Keys of the catalogue by the type of a command's error."""


class LineReader:
    """Makes lines of one file from documents; equal lines are numbered to be distinct."""

    def __init__(self, *, historical: bool) -> None:
        """``historical`` lets lines have ``recorded_on`` (docs/semantics.md, section 10)."""
        self._historical = historical
        self._equal: Counter[str] = Counter()

    def line(self, number: int, document: dict[str, Any]) -> ImportLine:
        """Return the line of a document; ``BadLine`` names the first field at fault, and others."""
        kind = document.get("kind")
        if kind == ACTIVITY and (self._historical or "recorded_on" not in document):
            common = parse_common_activity(document)
            if common is not None:
                command, recorded_on = common
                identity = record_subject(command.record_id)
                return ImportLine(number, ACTIVITY, command, identity, recorded_on)
        if not isinstance(kind, str) or kind not in KINDS:
            raise _bad_kind(kind)
        return self._exact_line(number, kind, document)

    def _exact_line(self, number: int, kind: str, document: dict[str, Any]) -> ImportLine:
        given = {name: value for name, value in document.items() if value is not None}
        del given["kind"]
        faults: list[FieldFault] = []
        recorded_on = None
        if "recorded_on" in given:
            recorded_on = self._recorded_on(given.pop("recorded_on"), faults)
        identity = given.pop("id", None) if kind != INSPECTOR else None
        if identity is not None:
            identity = _parse_identity(identity, faults)
        _validate_strictly(given, "", faults)
        if kind == CORRECTION and isinstance(given.get("changes"), dict):
            given["changes"] = dict(given["changes"])
            _validate_strictly(given["changes"], "changes.", faults)
        command: Any = None
        try:
            command = KINDS[kind].model_validate(given)
        except ValidationError as error:
            faults.extend(_faults_of(error))
        if faults:
            raise _combine(faults)
        if kind == ACTIVITY:
            return ImportLine(number, kind, command, record_subject(command.record_id), recorded_on)
        if identity is not None:
            return ImportLine(number, kind, command, f"line/{identity}", recorded_on)
        identity = f"line/{self._digest_content(kind, command, recorded_on)}"
        return ImportLine(number, kind, command, identity, recorded_on, derived=True)

    def _recorded_on(self, value: Any, faults: list[FieldFault]) -> date | None:
        if not self._historical:
            faults.append(FieldFault("recorded_on", Message("line_recorded_on")))
            return None
        try:
            return parse_day(value)
        except BadValue as error:
            faults.append(FieldFault("recorded_on", error.message))
            return None

    def _digest_content(self, kind: str, command: BaseModel, recorded_on: date | None) -> str:
        content = {
            "kind": kind,
            "recorded_on": recorded_on,
            "fields": command.model_dump(mode="json", exclude_unset=True),
        }
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(body).hexdigest()
        self._equal[digest] += 1
        place = self._equal[digest]
        return digest if place == 1 else f"{digest}/{place}"


def _validate_strictly(given: dict[str, Any], prefix: str, faults: list[FieldFault]) -> None:
    """Validate what the models accept too easily or not at all: counts, evidence, booleans."""
    attendance = given.get("attendance")
    if isinstance(attendance, dict):
        for name in ("present", "expected"):
            if name in attendance and type(attendance[name]) is not int:
                faults.append(FieldFault(f"{prefix}attendance.{name}", Message("line_integer")))
                given.pop("attendance", None)
    evidence = given.get("evidence")
    if isinstance(evidence, list):
        try:
            given["evidence"] = [_evidence(kind) for kind in evidence]
        except (TypeError, ValidationError):
            faults.append(FieldFault(f"{prefix}evidence", Message("line_evidence")))
            given["evidence"] = ()
    for name in ("closed", "root", "leader"):
        if type(given.get(name, True)) is not bool:
            faults.append(FieldFault(prefix + name, Message("field_truth")))
            given[name] = True
    for name in ("root", "leader"):
        if given.get(name) is False:
            # The default, so that the identity of the line is that of a line without it.
            del given[name]


@lru_cache(maxsize=4096)
def _evidence(kind: Any) -> Evidence:
    return Evidence(kind=kind)


def _parse_identity(value: Any, faults: list[FieldFault]) -> str | None:
    try:
        return _IDENTITY.validate_python(value)
    except ValidationError as error:
        faults.extend(fault._replace(field="id") for fault in _faults_of(error))
        return None


def _bad_kind(kind: Any) -> BadLine:
    if kind is None:
        return BadLine("kind", "line_missing")
    if isinstance(kind, str) and kind.startswith(EXAMPLE_MARK):
        return BadLine("kind", "line_example")
    name = printable(kind) if isinstance(kind, str) else "that"
    return BadLine("kind", "line_unknown_kind", name=name, kinds=", ".join(KINDS))


def _faults_of(error: ValidationError) -> list[FieldFault]:
    """Return the faults that a command's model found."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        names = [str(name) for name in fault["loc"] if isinstance(name, str)]
        if names[-2:] == ["evidence", "kind"]:
            names.pop()
        faults.append(FieldFault(".".join(names), message_of(fault, _KEYS)))
    return faults


def _combine(faults: list[FieldFault]) -> BadLine:
    """Return the faults of a line as one: the first field's, with up to five others."""
    first, *others = faults
    bad = BadLine(first.field, first.message.key, **first.message.params)
    bad.other_faults = tuple(fault._replace(field=printable(fault.field)) for fault in others[:5])
    return bad


def printable(text: str) -> str:
    """Return a name from the file, safe to print: short, and without control characters."""
    return "".join(char if char.isprintable() else "?" for char in text[:LONGEST_NAME_SHOWN])
