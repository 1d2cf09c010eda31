from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.scoring.figures import exact, hundredths_of, number, round_score, text_of


@pytest.mark.parametrize(
    ("number", "text"),
    [("2", "2"), ("0", "0"), ("1/2", "0.5"), ("2/3", "2/3"), ("1/40", "0.025"), ("100", "100"),
     ("-1/8", "-0.125"), ("-5/2", "-2.5"), ("7/6", "7/6")],
)  # fmt: skip
def test_an_exact_number_is_a_decimal_where_it_is_finite(number: str, text: str) -> None:
    """Finite decimals are written out, other fractions as such."""
    assert exact(Fraction(number)) == text


@given(st.fractions())
def test_an_exact_text_reads_back_as_the_same_number(number: Fraction) -> None:
    """Nothing is lost in writing."""
    assert Fraction(exact(number)) == number


@pytest.mark.parametrize(
    ("score", "text"),
    [("75", "75.00"), ("66.665", "66.67"), ("66.6649999", "66.66"), ("200/3", "66.67"),
     ("0.005", "0.01"), ("0", "0.00"), ("-0.005", "-0.01"), ("-0.001", "0.00")],
)  # fmt: skip
def test_a_score_is_rounded_once_half_up(score: str, text: str) -> None:
    """Two places, a half away from zero, and no minus before nothing."""
    assert round_score(Fraction(score)) == text


@pytest.mark.parametrize("score", ["0.00", "9.50", "100.00", "-0.39", "-12.00"])
def test_hundredths_keep_every_digit(score: str) -> None:
    """A printed score as hundredths and back is the same text."""
    assert text_of(hundredths_of(score)) == score
    assert Decimal(hundredths_of(score)) / 100 == Decimal(score)


def test_a_number_is_exact() -> None:
    """A decimal text becomes the fraction that it writes, without rounding."""
    assert number("0.1") * 3 == number("0.3") == Fraction(3, 10)
