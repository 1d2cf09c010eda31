import hashlib
import re

import pytest
from pypinyin.pinyin_dict import pinyin_dict

from projections.organizations.search_keys import SearchKeys
from projections.organizations.sounds import initials_of, is_initials, sounds_of, sounds_pattern

COMMON = "".join(
    bytes((high, low)).decode("gb2312")
    for high in range(0xB0, 0xF8)
    for low in range(0xA1, 0xFF)
    if (high, low) < (0xD7, 0xFA) or high > 0xD7
)
"""The 6 763 characters of GB2312, in which almost all names are written."""


def matches(typed: str, name: str) -> bool:
    """Whether initials find a name."""
    return re.search(sounds_pattern(typed), sounds_of(name)) is not None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("hgsq", "黄岗社区"),
        ("hgso", "黄岗社区"),
        ("SQ", "黄岗社区"),
        ("d3c", "第３村"),
        ("cq", "重庆路"),
        ("zq", "重庆路"),
        ("zlgb", "中共镇（老）干部局"),
        ("azlg", "A镇（老）干部局"),
    ],
)
def test_initials_find_a_name_in_every_reading(typed: str, name: str) -> None:
    """Any run of initials finds the name, with each reading of a character, in either case."""
    assert matches(typed, name)


@pytest.mark.parametrize(("typed", "name"), [("hq", "黄岗社区"), ("x", "黄岗社区"), ("h", "")])
def test_other_letters_do_not_find_it(typed: str, name: str) -> None:
    """Letters must follow each other in the name."""
    assert not matches(typed, name)


def test_a_name_is_as_long_as_its_initials() -> None:
    """Signs and blanks are left out; each character is one place, however many readings it has."""
    assert len(sounds_of("第 3 村（东、西）")) == 5
    assert sounds_of("A-1") == "a1"
    assert sounds_of("—") == ""


@pytest.mark.parametrize(
    ("readings", "initials"),
    [("qū,ōu", "qo"), ("zhōng,zhòng", "z"), ("ê̄,ế", "e"), ("", ""), ("a,b,c,d,e", "abcd")],
)
def test_the_initials_of_readings(readings: str, initials: str) -> None:
    """Tones do not matter; more than four initials are cut."""
    assert initials_of(readings) == frozenset(initials)


def test_what_can_be_initials() -> None:
    """Letters and digits of ASCII; anything else is searched as a part of the name."""
    assert is_initials("hg3")
    assert not is_initials("黄g")
    assert not is_initials("h g")
    assert not is_initials("")


def test_the_readings_are_those_of_the_stored_keys() -> None:
    """A release that reads common characters otherwise raises ``SearchKeys.version``."""
    assert len(COMMON) == 6763
    digest = hashlib.sha256("".join(map(sounds_of, COMMON)).encode()).hexdigest()
    assert (SearchKeys.version, digest[:16]) == (1, "a81948ffdff10e62")


def test_hardly_any_character_has_more_initials_than_are_kept() -> None:
    """Four initials are all of them, but for a handful of common characters."""
    cut = [one for one in COMMON if len(initials_of(pinyin_dict[ord(one)], 26)) > 4]
    assert len(cut) <= 5, cut
