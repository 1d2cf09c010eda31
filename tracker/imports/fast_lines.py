"""The fast path for common activity lines; unusual ones are left to the exact path.

Most lines of a district are activities whose codes, words, dates and counts repeat, so validated
values are cached. A line that is not plainly valid gives None, never a fault.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from events.streams.records import RecordActivity
from events.values import (
    INVISIBLE,
    LONGEST_IDENTITY,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_COMBINING,
    Amounts,
    Attendance,
    Evidence,
    OrganizationCode,
    Word,
    normal_form,
    parse_day,
)

if TYPE_CHECKING:
    from datetime import date

CACHED = 1 << 16
"""Cached values of each sort."""
MOST_EVIDENCE = 50
FIELDS = set(RecordActivity.model_fields)
KEYS = FIELDS | {"kind", "recorded_on"}
_CODE: TypeAdapter[str] = TypeAdapter(OrganizationCode)
_WORD: TypeAdapter[str] = TypeAdapter(Word)


class UnusualLineError(Exception):
    """The line is left to the exact path."""


def parse_common_activity(document: dict[str, Any]) -> tuple[RecordActivity, date | None] | None:
    """Return the command of a plainly valid activity line and its ``recorded_on``, else None."""
    if not document.keys() <= KEYS:
        return None
    get = document.get
    try:
        attendance, money, evidence = get("attendance"), get("money"), get("evidence")
        recorded_on = get("recorded_on")
        command = _command(
            organization=_code(document["organization"]),
            record_id=_identity(document["record_id"]),
            activity=_word(document["activity"]),
            occurred_on=_day(document["occurred_on"]),
            title=_optional(get("title"), LONGEST_NAME),
            place=_optional(get("place"), LONGEST_NAME),
            attendance=None if attendance is None else _attendance_of(attendance),
            money=None if money is None else _amounts(tuple(map(_string, money.items()))),
            evidence=() if evidence is None else _evidence(_tuple_of(evidence)),
            note=_optional(get("note"), LONGEST_NOTE),
        )
        return command, None if recorded_on is None else _day(recorded_on)
    except (UnusualLineError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _command(**values: Any) -> RecordActivity:
    """Return a command of validated values, all fields given: `model_construct`, but faster."""
    command = RecordActivity.__new__(RecordActivity)
    object.__setattr__(command, "__dict__", values)
    object.__setattr__(command, "__pydantic_fields_set__", FIELDS)
    object.__setattr__(command, "__pydantic_extra__", None)
    object.__setattr__(command, "__pydantic_private__", None)
    return command


def _optional(value: Any, longest: int) -> str | None:
    return None if value is None else _text(value, longest)


def _identity(value: Any) -> str:
    """Return an identity without invisible characters, some of which count as printable."""
    text = _text(value, LONGEST_IDENTITY)
    if not text.isascii() and INVISIBLE.search(text):
        raise UnusualLineError
    return text


def _text(value: Any, longest: int) -> str:
    """Return a text of one line that is in normal form NFC already."""
    if type(value) is not str or not value.isprintable() or not 1 <= len(value) <= longest:
        raise UnusualLineError
    if value[0] == " " or value[-1] == " ":
        raise UnusualLineError
    if value.isascii():
        return value
    # A short text cannot have too many combining marks, which only `normal_form` counts.
    short = len(value) <= MOST_COMBINING
    if not (unicodedata.is_normalized("NFC", value) if short else normal_form(value) == value):
        raise UnusualLineError
    return value


@lru_cache(CACHED)
def _code(value: Any) -> str:
    return _CODE.validate_python(value)


@lru_cache(CACHED)
def _word(value: Any) -> str:
    return _WORD.validate_python(value)


@lru_cache(CACHED)
def _day(value: Any) -> date:
    if type(value) is not str:
        raise UnusualLineError
    return parse_day(value)


def _attendance_of(value: Any) -> Attendance:
    present, expected = value["present"], value["expected"]
    if len(value) != 2 or type(present) is not int or type(expected) is not int:
        raise UnusualLineError
    return _attendance(present, expected)


@lru_cache(CACHED)
def _attendance(present: int, expected: int) -> Attendance:
    return Attendance(present=present, expected=expected)


def _string(item: tuple[str, Any]) -> tuple[str, str]:
    if type(item[1]) is not str:
        raise UnusualLineError
    return item


@lru_cache(CACHED)
def _amounts(items: tuple[tuple[str, str], ...]) -> Amounts:
    return Amounts.model_validate(dict(items))


def _tuple_of(value: Any) -> tuple[Any, ...]:
    if type(value) is not list:
        raise UnusualLineError
    return tuple(value)


@lru_cache(CACHED)
def _evidence(kinds: tuple[Any, ...]) -> tuple[Evidence, ...]:
    if len(kinds) > MOST_EVIDENCE:
        raise UnusualLineError
    return tuple(Evidence(kind=kind) for kind in kinds)
