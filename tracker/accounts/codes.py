"""One-time codes that are printed on slips: short, typed easily, without ambiguous characters.

A code is the secret of a one-time link: 12 of 31 characters are 59 random bits. Guesses at a known
name are rate limited as passwords are; its digest is of use only while the code is valid.
"""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without 0 and O, 1, I and L."""
LENGTH, GROUP = 12, 4
RANDOM_BYTES = 32
"""So many more bits than the code has that every code is as likely as another."""
MOST_DAYS = 90
"""Days that a code may be valid."""


def make_code(entropy: Callable[[int], bytes]) -> str:
    """Return a new code without separators."""
    number = int.from_bytes(entropy(RANDOM_BYTES))
    characters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def read_code(typed: str) -> str:
    """Return a code as it is stored, from what somebody typed: any case, blanks and hyphens."""
    return "".join(char for char in typed[:100].upper() if char in ALPHABET)


def show_code(code: str) -> str:
    """Return a code as it is printed: 7K3M-QX9P-R2TD."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))
