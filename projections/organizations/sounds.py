"""The pinyin initials of names, as a text in which any run of initials can be searched.

A character with several readings (区: qu, ou) has all of their initials. Each set of initials
is a single character of the text: the letter itself where there is one, else a character that
numbers the set. The text is therefore as long as the name, however many readings it has, and a
database searches it with one class of characters for each letter that was typed.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from itertools import combinations
from string import ascii_lowercase

MOST_INITIALS = 4
"""Initials of a character that are kept; only very few characters have readings with more."""
FIRST_SET = 0x4E00
"""The code point of the first set of two or more initials; all sets of up to four follow it."""
LONGEST_QUERY = 20
"""Letters of a query that are looked at."""


def sounds_of(name: str) -> str:
    """Return the initials of a name; letters and digits are kept, signs are left out.

    ``黄岗社区`` gives four characters: h, g, s and the set of q and o.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(_symbol(character) for character in folded)


def is_initials(text: str) -> bool:
    """Return whether a text can be initials: it has only letters and digits of ASCII."""
    return text.isascii() and text.isalnum()


def sounds_pattern(text: str) -> str:
    """Return the classes of characters that match initials anywhere in ``sounds_of`` a name.

    ``text`` satisfies ``is_initials``. Both GLOB of SQLite and regular expressions read it.
    """
    return "".join(f"[{_class_of(letter)}]" for letter in text[:LONGEST_QUERY].lower())


@cache
def _sets() -> dict[frozenset[str], str]:
    """Return the character of each set of two to four initials; its number never changes."""
    numbered = (
        frozenset(letters)
        for size in range(2, MOST_INITIALS + 1)
        for letters in combinations(ascii_lowercase, size)
    )
    return {letters: chr(FIRST_SET + number) for number, letters in enumerate(numbered)}


@cache
def _readings() -> dict[int, str]:
    """Return every reading of each character by its code point, as in ``{21306: "qū,ōu"}``."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - large; few commands need it

    readings: dict[int, str] = pinyin_dict
    return readings


@lru_cache(maxsize=65536)
def _symbol(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    initials = initials_of(_readings().get(ord(character), ""))
    if not initials:
        return ""
    return min(initials) if len(initials) == 1 else _sets()[initials]


def initials_of(readings: str, most: int = MOST_INITIALS) -> frozenset[str]:
    """Return the first letters of readings that are separated by commas, without their tones.

    Readings come with the commonest first; letters after the first ``most`` are left out.
    """
    letters = dict.fromkeys(
        unicodedata.normalize("NFD", reading)[:1] for reading in readings.split(",")
    )
    plain = [letter for letter in letters if letter and letter in ascii_lowercase]
    return frozenset(plain[:most])


@cache
def _used_sets() -> dict[str, str]:
    """Return for each letter the characters of the sets with it that some character has."""
    numbers = _sets()
    used = {initials_of(readings) for readings in _readings().values()}
    symbols = sorted((numbers[letters], letters) for letters in used if len(letters) > 1)
    return {
        letter: "".join(symbol for symbol, letters in symbols if letter in letters)
        for letter in ascii_lowercase
    }


def _class_of(character: str) -> str:
    """Return the characters that mean a letter, alone or in a set; a digit means itself."""
    return character + _used_sets().get(character, "")
