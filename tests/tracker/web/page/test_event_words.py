"""Tests of the names of event types."""

import re

from events.event import COMMITMENT_PREFIX, EVENT_TYPES
from tracker.web.page.event_words import EVENT_NAMES, make_free_text_filter, name_event_type


def test_every_event_type_has_its_name() -> None:
    """The table has every event type of the product, in both languages."""
    shipped = {name for name, one in EVENT_TYPES.items() if one.__module__.startswith("events.")}
    assert shipped == set(EVENT_NAMES)
    for zh, en in EVENT_NAMES.values():
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en.isascii()


def test_an_unknown_type_is_shown_as_it_is() -> None:
    """A type without a name keeps its own."""
    assert name_event_type("Sealed", "zh") == "封存日志"
    assert name_event_type("Sealed", "en") == "Log sealed"
    assert name_event_type("Odd", "zh") == "Odd"


def test_an_erased_text_shows_no_commitment() -> None:
    """Where a text was erased, a note replaces its commitment."""
    erased = f"{COMMITMENT_PREFIX}{'a' * 64}"
    assert make_free_text_filter("zh")(erased) == "（内容已依规删除）"
    assert make_free_text_filter("en")(erased) == "(erased)"
    assert make_free_text_filter("zh")("错记") == "错记"
