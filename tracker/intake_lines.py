"""One import line: from a document to a checked command with its identity.

What is wrong is said as a field and one clear reason. Types are those of the contract and nothing
is guessed: a number in quotes is not a number, `2026-9-1` is not a date (contracts, "Import
lines"; semantics, section 3).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from events.organizations import ChangeOrganization, RegisterOrganization
from events.people import RecuseInspector, RegisterInspector
from events.records import (
    CorrectActivity,
    RecordActivity,
    ReportCondition,
    ReportMeasure,
    RetractActivity,
    record_subject,
)
from events.values import Evidence, Identity, day
from tracker.intake_activities import common_activity

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
SHOWN = 64
"""Characters of a name from the file that a reason repeats."""
ACTIVITY, CORRECTION = "activity", "correction"
INSPECTOR, RECUSAL = "inspector", "recusal"


class Line(NamedTuple):
    """One well-formed line: its number in the file (from 1), its kind, command and identity."""

    number: int
    kind: str
    command: Command
    identity: str
    recorded_on: date | None
    derived: bool = False
    """Whether the identity is made of the content, which then cannot be another."""


class LineFault(NamedTuple):
    """Why a line was refused; ``field`` is dotted, or empty where the whole line is at fault.

    ``zh`` is the reason in Chinese where a decision refused it; of the form of lines see
    ``line_reasons``.
    """

    line: int
    field: str
    reason: str
    zh: str = ""


class BadLine(Exception):
    """A line's fault, before anybody knows the line's number."""

    def __init__(self, field: str, reason: str) -> None:
        """Keep field and reason; names from the file are shown without control characters."""
        super().__init__(reason)
        self.field = shown(field)
        self.reason = reason


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
_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this kind of line",
    "string_type": "must be text",
    "string_unicode": "holds half a character (a lone surrogate)",
    "string_pattern_mismatch": "holds a character that is not allowed here",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "greater_than_equal": "must not be below {ge}",
    "less_than_equal": "must not be above {le}",
    "literal_error": "must be {expected}",
    "tuple_type": "must be a list",
    "too_long": "has more than {max_length} entries",
    "too_short": "has fewer than {min_length} entries",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "value_error": "{error}",
}


class LineReader:
    """Makes lines of one file from documents; equal lines are told apart by their count."""

    def __init__(self, *, historical: bool) -> None:
        """``historical`` lets lines carry ``recorded_on`` (semantics, section 10)."""
        self._historical = historical
        self._equal: Counter[str] = Counter()

    def line(self, number: int, document: dict[str, Any]) -> Line:
        """The line of a document; ``BadLine`` names the first field at fault, and the others."""
        kind = document.get("kind")
        if kind == ACTIVITY and (self._historical or "recorded_on" not in document):
            found = common_activity(document)
            if found is not None:
                command, recorded_on = found
                identity = record_subject(command.record_id)
                return Line(number, ACTIVITY, command, identity, recorded_on)
        if not isinstance(kind, str) or kind not in KINDS:
            raise BadLine("kind", _unknown_kind(kind))
        return self._exact_line(number, kind, document)

    def _exact_line(self, number: int, kind: str, document: dict[str, Any]) -> Line:
        given = {name: value for name, value in document.items() if value is not None}
        del given["kind"]
        faults: list[tuple[str, str]] = []
        recorded_on = None
        if "recorded_on" in given:
            recorded_on = self._recorded_on(given.pop("recorded_on"), faults)
        own = given.pop("id", None) if kind != INSPECTOR else None
        if own is not None:
            own = _own_identity(own, faults)
        _prepare(given, "", faults)
        if kind == CORRECTION and isinstance(given.get("changes"), dict):
            given["changes"] = dict(given["changes"])
            _prepare(given["changes"], "changes.", faults)
        command: Any = None
        try:
            command = KINDS[kind].model_validate(given)
        except ValidationError as error:
            faults.extend(_faults_of(error))
        if faults:
            raise _together(faults)
        if kind == ACTIVITY:
            return Line(number, kind, command, record_subject(command.record_id), recorded_on)
        if own is not None:
            return Line(number, kind, command, f"line/{own}", recorded_on)
        derived = f"line/{self._derived(kind, command, recorded_on)}"
        return Line(number, kind, command, derived, recorded_on, derived=True)

    def _recorded_on(self, value: Any, faults: list[tuple[str, str]]) -> date | None:
        if not self._historical:
            faults.append(("recorded_on", "is allowed only in a historical import (--historical)"))
            return None
        try:
            return day(value)
        except ValueError as error:
            faults.append(("recorded_on", str(error)))
            return None

    def _derived(self, kind: str, command: BaseModel, recorded_on: date | None) -> str:
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


def _prepare(given: dict[str, Any], prefix: str, faults: list[tuple[str, str]]) -> None:
    """Reads what the commands would read too kindly or not at all: counts, evidence, yes or no."""
    attendance = given.get("attendance")
    if isinstance(attendance, dict):
        for name in ("present", "expected"):
            if name in attendance and type(attendance[name]) is not int:
                faults.append((f"{prefix}attendance.{name}", "must be a whole number"))
                given.pop("attendance", None)
    evidence = given.get("evidence")
    if isinstance(evidence, list):
        try:
            given["evidence"] = [_evidence(kind) for kind in evidence]
        except (TypeError, ValidationError):
            faults.append((f"{prefix}evidence", "must be a list of words such as minutes"))
            given["evidence"] = ()
    if type(given.get("closed", True)) is not bool:
        faults.append((f"{prefix}closed", "must be true or false"))
        given["closed"] = True


@lru_cache(maxsize=4096)
def _evidence(kind: Any) -> Evidence:
    return Evidence(kind=kind)


def _own_identity(value: Any, faults: list[tuple[str, str]]) -> str | None:
    try:
        return _IDENTITY.validate_python(value)
    except ValidationError as error:
        faults.extend(("id", reason) for _, reason in _faults_of(error))
        return None


def _unknown_kind(kind: Any) -> str:
    if kind is None:
        return "is missing"
    name = shown(kind) if isinstance(kind, str) else "that"
    return f"{name} is not a kind of line; write one of: {', '.join(KINDS)}"


def _faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """Each fault that a command's model found, as (dotted field, reason)."""
    found = []
    for one in error.errors(include_url=False, include_input=False):
        names = [str(name) for name in one["loc"] if isinstance(name, str)]
        if names[-2:] == ["evidence", "kind"]:
            names.pop()
        context = one.get("ctx") or {}
        kind = one["type"]
        if context.get("field_type") == "Value" and kind in {"too_long", "too_short"}:
            kind = f"string_{kind}"
        text = _REASONS.get(kind, "is not a valid value")
        found.append((".".join(names), text.format(**context)))
    return found


def _together(faults: list[tuple[str, str]]) -> BadLine:
    """One fault a line: the first field's, the others named behind it."""
    (field, reason), *others = faults
    for name, also in others[:5]:
        reason += f"; {shown(name)} {also}"
    return BadLine(field, reason)


def shown(text: str) -> str:
    """A name from the file, safe to print: short, and without control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:SHOWN])
