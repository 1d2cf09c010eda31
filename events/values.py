"""The small values that commands and import lines are made of, with their limits.

Text is normalized to Unicode form C and stripped; control characters are refused, so that nothing
in the log can forge a line of a report.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?")
NUMBER = re.compile(r"\d{1,15}(\.\d{1,6})?")
FEN = 100


def clean(text: str) -> str:
    """Text in normal form C without surrounding space; control characters are a ``ValueError``."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if CONTROL.search(text):
        message = "holds a control character"
        raise ValueError(message)
    return text.strip()


def fen(value: object) -> int:
    """An amount of money such as ``"120.00"`` in fen; ``ValueError`` says what is wrong."""
    text = str(value) if isinstance(value, (int, Decimal)) and value is not True else value
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        message = "is not an amount: not negative, at most two decimals, such as 120.00"
        raise ValueError(message)
    return int(Decimal(text) * FEN)


def number(value: object) -> str:
    """A measured value as plain decimal text; ``ValueError`` where it is none."""
    text = str(value) if isinstance(value, (int, Decimal)) and value is not True else value
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        message = "is not a number: not negative, at most six decimals, such as 2450"
        raise ValueError(message)
    return text


def decimal_credit(value: object) -> str:
    """A credit from 0 to 1 as plain decimal text; ``ValueError`` where it is none."""
    try:
        credit = Decimal(number(value))
    except (ValueError, InvalidOperation):
        credit = Decimal(2)
    if credit > 1:
        message = "is not a credit from 0 to 1"
        raise ValueError(message)
    return format(credit, "f")




OrganizationCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", max_length=64)]
CategoryName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PersonId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.:-]*$", max_length=64)]
CriterionCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=32)]
Identity = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=128)]
Name = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=200)]
Title = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=200)]
Note = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=2000)]
Reason = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=500)]
Money = Annotated[int, BeforeValidator(fen)]
Measured = Annotated[str, BeforeValidator(number)]
Credit = Annotated[str, BeforeValidator(decimal_credit)]
