"""Value types of commands and import lines, with their limits: the one door for text and names.

Every text is bounded in bytes before it is looked at, its line breaks become LF, and it is
normalized to Unicode form C and stripped. Control characters are rejected, in titles, names and
identities line breaks too, so that no text in the log can forge a line of a report. Invisible
characters are rejected in names and identities, which people compare by eye, and kept in free
text, where emoji need them. Numbers, dates and codes may be typed in full width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache, partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from events.periods import parse_date
from events.refusals.errors import BadValue, Message, Refused

CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that no text may hold; lone surrogates cannot even be stored."""
INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that leave no mark: two identities that differ by one look the same."""
LINE_BREAK = re.compile(r"\r\n?")
MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
DECIMALS = 6
"""The most decimals of a number."""
NUMBER = re.compile(rf"\d{{1,15}}(\.\d{{1,{DECIMALS}}})?", re.ASCII)
TOO_FINE = re.compile(rf"\d{{1,15}}\.\d{{{DECIMALS + 1},}}", re.ASCII)
Cleaner = Callable[[str, int], str]
LONGEST_FOLDED = 256
"""Characters of the longest text that is read in half width; codes and numbers are shorter."""
FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""The half-width characters by their full-width forms, and the ideographic space."""
FEN = 100
LARGEST_CROWD = 1_000_000
LONGEST_IDENTITY, LONGEST_NAME, LONGEST_REASON, LONGEST_NOTE = 128, 200, 500, 2000
"""Characters of texts after cleaning."""
BYTES_PER_CHARACTER = 4
"""The most bytes of a character in UTF-8: a text with more per permitted character is too long."""
MOST_COMBINING = 30
"""Combining marks in a row; UAX 15 calls such text stream-safe. Normalizing n of them costs n²."""


@lru_cache(1)
def _too_many_combining() -> re.Pattern[str]:
    """Return the pattern of a longer row of combining marks; all marks are below U+20000."""
    marks = "".join(sign for sign in map(chr, range(0x300, 0x20000)) if unicodedata.combining(sign))
    return re.compile(f"[{marks}]{{{MOST_COMBINING + 1}}}")


def normal_form(text: str) -> str:
    """Return the text in form C with LF for every line break, in time linear in its length.

    Raise ``BadValue`` for a character under more than ``MOST_COMBINING`` combining marks.
    """
    text = LINE_BREAK.sub("\n", text) if "\r" in text else text
    if text.isascii():
        return text
    if _too_many_combining().search(text):
        raise BadValue("value_combining", most=MOST_COMBINING)
    return unicodedata.normalize("NFC", text)


def clean_text(text: str, longest: int = LONGEST_NOTE) -> str:
    """Return free text in normal form, stripped; raise ``BadValue`` for control characters.

    A text of more bytes than ``longest`` characters can have is a pydantic error before anything
    else is done with it; the exact limit in characters is the type's.
    """
    most = longest * BYTES_PER_CHARACTER
    if len(text) > longest and (
        len(text) > most or len(text.encode("utf-8", "surrogatepass")) > most
    ):
        raise PydanticKnownError("string_too_long", {"max_length": longest})
    text = normal_form(text)
    if CONTROL.search(text):
        raise BadValue("value_control")
    return text.strip()


def clean_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Return the cleaned text; raise ``BadValue`` for tabs and line breaks too."""
    text = clean_text(text, longest)
    if "\n" in text or "\t" in text:
        raise BadValue("value_line_break")
    return text


def clean_name(text: str, longest: int = LONGEST_NAME) -> str:
    """Return the cleaned line; raise ``BadValue`` for invisible characters too."""
    text = clean_line(text, longest)
    if INVISIBLE.search(text):
        raise BadValue("value_invisible")
    return text


def accept_text(text: str, field: str, longest: int, clean: Cleaner = clean_text) -> str:
    """Return the cleaned text of an input that has no model; ``Refused`` at its field."""
    try:
        cleaned = clean(text, longest)
    except PydanticKnownError:
        cleaned = None
    except BadValue as error:
        raise Refused("bad_text", field=field, problem=error.message) from None
    if cleaned is None or len(cleaned) > longest:
        raise Refused("bad_text", field=field, problem=Message("field_long", max_length=longest))
    return cleaned


def fold_width(value: object) -> object:
    """Return a text in half width, as numbers and codes are written; other values unchanged.

    A text longer than any of these is unchanged too: it is refused for its length.
    """
    if isinstance(value, str) and len(value) <= LONGEST_FOLDED and not value.isascii():
        return value.translate(FULL_WIDTH)
    return value


def parse_day(value: object) -> date:
    """Return a date, given as such or as ``2026-09-12``; raise ``BadValue`` for anything else."""
    value = fold_width(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return parse_date(value if isinstance(value, str) else repr(value))
    except Refused as refused:
        raise BadValue("value_date") from refused


def _number_text(value: object) -> object:
    """Return a number as text in half width; other values unchanged."""
    if isinstance(value, (int, Decimal)) and value is not True:
        return str(value)
    return fold_width(value)


def parse_fen(value: object) -> int:
    """Return an amount in yuan such as ``"120.00"`` in fen; raise ``BadValue``."""
    hundredths = _parse_hundredths(value)
    if hundredths is None:
        raise BadValue("value_amount")
    return hundredths


def parse_score(value: object) -> int:
    """Return a score such as ``"93.50"`` in hundredths; raise ``BadValue``."""
    hundredths = _parse_hundredths(value)
    if hundredths is None:
        raise BadValue("value_score")
    return hundredths


def _parse_hundredths(value: object) -> int | None:
    """Return an amount with at most two decimals in hundredths; None for another value."""
    text = _number_text(value)
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        return None
    return int(Decimal(text) * FEN)


def parse_number(value: object) -> str:
    """Return a measured value as plain decimal text; raise ``BadValue``."""
    text = _number_text(value)
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise BadValue("value_number")
    return text


def parse_credit(value: object) -> str:
    """Return a credit from 0 to 1 as plain decimal text; raise ``BadValue``."""
    text = _number_text(value)
    if isinstance(text, str) and TOO_FINE.fullmatch(text):
        raise BadValue("value_credit_decimals", most=DECIMALS)
    try:
        credit = Decimal(parse_number(text))
    except (ValueError, InvalidOperation):
        credit = Decimal(2)
    if credit > 1:
        raise BadValue("value_credit")
    return format(credit, "f")


_HALF_WIDTH = BeforeValidator(fold_width, json_schema_input_type=str)
_HALF_WIDTH_NUMBER = BeforeValidator(fold_width, json_schema_input_type=int)
OrganizationCode = Annotated[
    str, _HALF_WIDTH, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", max_length=64)
]
CategoryName = Annotated[str, _HALF_WIDTH, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Word = Annotated[str, _HALF_WIDTH, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PersonId = Annotated[
    str, _HALF_WIDTH, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.:-]*$", max_length=64)
]
CriterionCode = Annotated[
    str, _HALF_WIDTH, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=32)
]
Identity = Annotated[
    str,
    AfterValidator(partial(clean_name, longest=LONGEST_IDENTITY)),
    Field(min_length=1, max_length=LONGEST_IDENTITY),
]
Name = Annotated[str, AfterValidator(clean_name), Field(min_length=1, max_length=LONGEST_NAME)]
Title = Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=LONGEST_NAME)]
Note = Annotated[str, AfterValidator(clean_text), Field(min_length=1, max_length=LONGEST_NOTE)]
Reason = Annotated[
    str,
    AfterValidator(partial(clean_text, longest=LONGEST_REASON)),
    Field(min_length=1, max_length=LONGEST_REASON),
]
Day = Annotated[date, BeforeValidator(parse_day)]
_DECIMAL_TEXT = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,2})?$")]
"""How amounts and scores are described to programs: decimal text, although kept as hundredths."""
Money = Annotated[int, BeforeValidator(parse_fen, json_schema_input_type=_DECIMAL_TEXT)]
Score = Annotated[int, BeforeValidator(parse_score, json_schema_input_type=_DECIMAL_TEXT)]
Measured = Annotated[str, BeforeValidator(parse_number)]
Credit = Annotated[str, BeforeValidator(parse_credit)]


class FrozenModel(BaseModel):
    """Base of values and commands: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Attendance(FrozenModel):
    """How many people were present, of how many expected."""

    present: Annotated[int, _HALF_WIDTH_NUMBER] = Field(ge=0, le=LARGEST_CROWD)
    expected: Annotated[int, _HALF_WIDTH_NUMBER] = Field(ge=0, le=LARGEST_CROWD)

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
