"""Figures as they are printed: exact fractions, scores rounded to two places, hundredths."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=65536)
def number(text: str) -> Fraction:
    """Return a decimal text as an exact number."""
    return Fraction(text)


@lru_cache(maxsize=65536)
def _ratio_text(numerator: int, denominator: int) -> str:
    twos = fives = 0
    rest = denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{numerator}/{denominator}"
    digits = max(twos, fives)
    if not digits:
        return str(numerator)
    whole, decimals = divmod(abs(numerator) * 10**digits // denominator, 10**digits)
    return f"{'-' if numerator < 0 else ''}{whole}.{decimals:0{digits}}"


def exact(number: Fraction) -> str:
    """Return a number as text without loss: a finite decimal, else a fraction such as ``2/3``."""
    return _ratio_text(number.numerator, number.denominator)


def round_score(score: Fraction) -> str:
    """Return a score as it is printed and posted: two places, half up (away from zero).

    Source: docs/semantics.md, section 6.
    """
    hundredths = (200 * abs(score.numerator) + score.denominator) // (2 * score.denominator)
    sign = "-" if score < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02}"


def hundredths_of(score: str) -> int:
    """Return a printed score as hundredths."""
    return int(Decimal(score) * 100)


def text_of(hundredths: int) -> str:
    """Return hundredths as a printed score."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
