"""Values are cleaned, bounded, and refused with a word on what is wrong."""

import time
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from events.refusals.errors import Refused
from events.values import (
    CONTROL,
    Amounts,
    Attendance,
    Credit,
    Day,
    Evidence,
    Identity,
    Measured,
    Money,
    Name,
    Note,
    OrganizationCode,
    PersonId,
    Title,
    accept_text,
    clean_text,
    normal_form,
)

ONE_LINE: TypeAdapter[str] = TypeAdapter(Identity)
NOTE: TypeAdapter[str] = TypeAdapter(Note)
MONEY: TypeAdapter[int] = TypeAdapter(Money)
MEASURED: TypeAdapter[str] = TypeAdapter(Measured)
CREDIT: TypeAdapter[str] = TypeAdapter(Credit)
DAY: TypeAdapter[date] = TypeAdapter(Day)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_clean_text_is_in_normal_form_and_stays_clean(text: str) -> None:
    """Cleaning either refuses a control character or gives NFC text that cleans to itself."""
    if CONTROL.search(unicodedata.normalize("NFC", text.replace("\r", "\n"))):
        with pytest.raises(ValueError, match="control character"):
            clean_text(text)
        return
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned == cleaned.strip()


@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b", "\x0b", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_control_characters_are_refused(sign: str) -> None:
    """A character that could forge a line or turn its direction is refused."""
    with pytest.raises(ValidationError, match="control character"):
        NOTE.validate_python(f"a{sign}b")


def test_a_note_may_have_lines_and_a_name_may_not() -> None:
    """Line breaks and tabs stand in notes; identities, names and titles are of one line."""
    assert NOTE.validate_python(" a\n\tb ") == "a\n\tb"
    for text in ("a\nb", "a\tb"):
        with pytest.raises(ValidationError, match="line break"):
            TypeAdapter(Title).validate_python(text)
    assert ONE_LINE.validate_python("  e\u0301tude ") == "étude"


@pytest.mark.parametrize("text", ["a\r\nb", "a\rb", "a\nb"])
def test_every_line_break_becomes_one_line_feed(text: str) -> None:
    """CR LF of a textarea, CR and LF are one line break in free text and none in a name."""
    assert NOTE.validate_python(f"{text}\r\n") == "a\nb"
    with pytest.raises(ValidationError, match="line break"):
        TypeAdapter(Title).validate_python(text)
    assert TypeAdapter(Title).validate_python("a\r\n") == "a"


def test_the_length_is_checked_before_a_text_is_normalized() -> None:
    """240 KB of combining characters are refused at once, as too long."""
    begun = time.perf_counter()
    with pytest.raises(ValidationError, match="at most 2000 characters"):
        NOTE.validate_python("a" + "\u0316\u0301" * 60_000)
    assert time.perf_counter() - begun < 0.1


def test_a_text_of_permitted_length_in_another_normal_form_is_taken() -> None:
    """The limit counts characters after normalization."""
    assert NOTE.validate_python("e\u0301" * 1500) == "é" * 1500
    assert NOTE.validate_python("\U00020000" * 2000) == "\U00020000" * 2000
    with pytest.raises(ValidationError, match="at most 2000"):
        NOTE.validate_python("字" * 2001)


def test_combining_marks_in_a_row_are_bounded() -> None:
    """30 marks on a character are taken, more are refused before they are normalized."""
    assert normal_form("a" + "\u0316" * 30) == "a" + "\u0316" * 30
    with pytest.raises(ValueError, match="30 combining marks"):
        normal_form("a" + "\u0316" * 200_000)


@pytest.mark.parametrize(
    "text",
    [
        "z-1\u200b",
        "\u200b",
        "\ufeffz-1",
        "z\u200e-1",
        "z\u00ad-1",
        "z\ufe0f-1",
        "z\u3164\u2800",
    ],
)
def test_invisible_characters_are_refused_in_names_and_kept_in_texts(text: str) -> None:
    """What reads as z-1 is z-1; in free text emoji need the same characters."""
    for type_ in (Identity, Name):
        with pytest.raises(ValidationError, match="invisible character"):
            TypeAdapter(type_).validate_python(text)
    assert NOTE.validate_python(f"a{text}b") == f"a{text}b"
    family = "👨\u200d👩\u200d👧 ❤\ufe0f"
    assert NOTE.validate_python(family) == TypeAdapter(Title).validate_python(family) == family


def test_numbers_dates_and_codes_may_be_typed_in_full_width() -> None:
    """Full width, as a Chinese keyboard types it, is the same number, date or code."""
    assert MONEY.validate_python("１２０．５０") == 12_050
    assert MEASURED.validate_python("２４５０") == "2450"
    assert CREDIT.validate_python("０．５") == "0.5"
    assert DAY.validate_python("２０２６－０９－１２") == date(2026, 9, 12)
    assert TypeAdapter(OrganizationCode).validate_python("９９－０１") == "99-01"
    assert TypeAdapter(PersonId).validate_python("ｐ－１") == "p-1"
    assert TypeAdapter(Attendance).validate_python(
        {"present": "２０", "expected": "２１"}
    ) == Attendance(present=20, expected=21)
    assert NOTE.validate_python("２０人") == "２０人"


@pytest.mark.parametrize("text", ["", "   ", "x" * 129])
def test_an_identity_is_neither_empty_nor_long(text: str) -> None:
    """What is left after cleaning has 1 to 128 characters."""
    with pytest.raises(ValidationError):
        ONE_LINE.validate_python(text)


@given(st.integers(0, 10**14 - 1))
def test_money_is_counted_in_fen(fen: int) -> None:
    """Yuan with two decimals and fen are the same amount."""
    assert MONEY.validate_python(f"{fen // 100}.{fen % 100:02}") == fen
    assert MONEY.validate_python(Decimal(fen) / 100) == fen


@pytest.mark.parametrize("value", ["-1", "1.234", "1,000", "", "1e3", 1.5, True, None])
def test_refuses_what_is_no_amount(value: Any) -> None:
    """Negative, finer than fen, or not written as an amount: refused."""
    with pytest.raises(ValidationError, match="is not an amount"):
        MONEY.validate_python(value)


@pytest.mark.parametrize(("value", "kept"), [(2450, "2450"), ("0.5", "0.5"), (Decimal(7), "7")])
def test_a_measured_value_is_decimal_text(value: Any, kept: str) -> None:
    """A number is kept as it was written."""
    assert MEASURED.validate_python(value) == kept


@pytest.mark.parametrize("value", ["-1", "1.2345678", "many", True, 0.1, "٣"])
def test_refuses_what_is_no_number(value: Any) -> None:
    """A float, a sign, another script or a word is no measured value."""
    with pytest.raises(ValidationError, match="is not a number"):
        MEASURED.validate_python(value)


@pytest.mark.parametrize(("value", "kept"), [("1", "1"), (0, "0"), ("0.50", "0.50")])
def test_a_credit_lies_between_0_and_1(value: Any, kept: str) -> None:
    """Both ends are included."""
    assert CREDIT.validate_python(value) == kept


@pytest.mark.parametrize("value", ["1.01", "-0.1", "half", 2])
def test_refuses_what_is_no_credit(value: Any) -> None:
    """Above 1, below 0 or no number: refused."""
    with pytest.raises(ValidationError, match="is not a credit"):
        CREDIT.validate_python(value)


@pytest.mark.parametrize("value", ["0.1234567", "0.3333333333", Decimal("0.0078125")])
def test_a_credit_has_six_decimals(value: Any) -> None:
    """More decimals are refused with how many there may be."""
    with pytest.raises(ValidationError, match="has more than 6 decimals"):
        CREDIT.validate_python(value)
    assert CREDIT.validate_python("0.123456") == "0.123456"


def test_a_day_is_a_date_or_its_iso_text() -> None:
    """A date and its written form are the same day."""
    assert DAY.validate_python("2026-09-12") == DAY.validate_python(date(2026, 9, 12))


@pytest.mark.parametrize(
    "value", [86400, "86400", datetime(2026, 9, 12, tzinfo=UTC), "2026-W10-1", None]
)
def test_a_day_is_never_guessed_from_a_number(value: Any) -> None:
    """Seconds, times and week dates are refused, not read as some day."""
    with pytest.raises(ValidationError, match="is not a date"):
        DAY.validate_python(value)


def test_nobody_is_present_beyond_those_expected() -> None:
    """More present than expected is refused, as many is not."""
    assert Attendance(present=3, expected=3).present == 3
    with pytest.raises(ValidationError, match="present 4 is above expected 3"):
        Attendance(present=4, expected=3)


def test_values_know_no_other_field() -> None:
    """An unknown field of a value is refused, and so is a file that is no digest."""
    assert Amounts.model_validate({"due": "1.20"}).due == 120
    with pytest.raises(ValidationError, match="Extra inputs"):
        Amounts.model_validate({"owed": "1"})
    with pytest.raises(ValidationError, match="pattern"):
        Evidence.model_validate({"kind": "minutes", "file": "minutes.pdf"})


@pytest.mark.parametrize("text", ["字" * 11, "x" * 200, "e" + "\u0301" * 40])
def test_an_input_without_a_model_is_refused_at_its_field(text: str) -> None:
    """Too long in characters or in bytes, or not text: each is a refusal that names the field."""
    assert accept_text(" 已核对 ", "reason", 10) == "已核对"
    with pytest.raises(Refused) as refusal:
        accept_text(text, "reason", 10)
    assert refusal.value.field == "reason"
