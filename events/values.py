"""Value types of commands and import lines, with their limits.

Text is normalized to Unicode form C and stripped. Control characters are rejected, and in names,
titles and identities line breaks too, so that no text in the log can forge a line of a report.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from events.periods import parse_date
from events.refusals.errors import BadValue, Refused

CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that no text may hold; lone surrogates cannot even be stored."""
MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
NUMBER = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
FEN = 100
LARGEST_CROWD = 1_000_000


def clean_text(text: str) -> str:
    """Return the text in normal form C, stripped; raise ``BadValue`` for control characters."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if CONTROL.search(text):
        raise BadValue("value_control")
    return text.strip()


def clean_line(text: str) -> str:
    """Return the cleaned text; raise ``BadValue`` for tabs and line breaks too."""
    text = clean_text(text)
    if "\n" in text or "\t" in text:
        raise BadValue("value_line_break")
    return text


def parse_day(value: object) -> date:
    """Return a date, given as such or as ``2026-09-12``; raise ``BadValue`` for anything else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return parse_date(value if isinstance(value, str) else repr(value))
    except Refused as refused:
        raise BadValue("value_date") from refused


def parse_fen(value: object) -> int:
    """Return an amount in yuan such as ``"120.00"`` in fen; raise ``BadValue``."""
    text = str(value) if isinstance(value, (int, Decimal)) and value is not True else value
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        raise BadValue("value_amount")
    return int(Decimal(text) * FEN)


def parse_number(value: object) -> str:
    """Return a measured value as plain decimal text; raise ``BadValue``."""
    text = str(value) if isinstance(value, (int, Decimal)) and value is not True else value
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise BadValue("value_number")
    return text


def parse_credit(value: object) -> str:
    """Return a credit from 0 to 1 as plain decimal text; raise ``BadValue``."""
    try:
        credit = Decimal(parse_number(value))
    except (ValueError, InvalidOperation):
        credit = Decimal(2)
    if credit > 1:
        raise BadValue("value_credit")
    return format(credit, "f")


OrganizationCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", max_length=64)]
CategoryName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PersonId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.:-]*$", max_length=64)]
CriterionCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=32)]
Identity = Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=128)]
Name = Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=200)]
Title = Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=200)]
Note = Annotated[str, AfterValidator(clean_text), Field(min_length=1, max_length=2000)]
Reason = Annotated[str, AfterValidator(clean_text), Field(min_length=1, max_length=500)]
Day = Annotated[date, BeforeValidator(parse_day)]
Money = Annotated[int, BeforeValidator(parse_fen)]
Measured = Annotated[str, BeforeValidator(parse_number)]
Credit = Annotated[str, BeforeValidator(parse_credit)]


class FrozenModel(BaseModel):
    """Base of values and commands: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Attendance(FrozenModel):
    """How many people were present, of how many expected."""

    present: int = Field(ge=0, le=LARGEST_CROWD)
    expected: int = Field(ge=0, le=LARGEST_CROWD)

    @model_validator(mode="after")
    def _not_above(self) -> Attendance:
        if self.present > self.expected:
            raise BadValue("value_attendance", present=self.present, expected=self.expected)
        return self


class Amounts(FrozenModel):
    """Money due and paid: in fen here and in events, in yuan with two decimals in input."""

    due: Money | None = None
    paid: Money | None = None


class Evidence(FrozenModel):
    """One kind of evidence; ``file`` is the SHA-256 of a stored file, if there is one."""

    kind: Word
    file: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


def exact_text(number: Decimal | Fraction) -> str:
    """Return a number exactly: as plain decimal text if that is finite, else as ``2/3``."""
    fraction = Fraction(number)
    # a fraction has finitely many decimals only if its denominator has no prime but 2 and 5
    rest, places = fraction.denominator, {2: 0, 5: 0}
    for prime in places:
        while rest % prime == 0:
            rest //= prime
            places[prime] += 1
    if rest != 1:
        return str(fraction)
    digits = max(places.values())
    scaled = fraction.numerator * 10**digits // fraction.denominator
    if not digits:
        return str(scaled)
    sign, body = "-" if scaled < 0 else "", str(abs(scaled)).rjust(digits + 1, "0")
    return f"{sign}{body[:-digits]}.{body[-digits:]}"
