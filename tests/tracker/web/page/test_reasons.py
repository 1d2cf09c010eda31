"""Tests of the reasons and exact numbers of an explanation, in words."""

import pytest

from tests.support.web_client import Web
from tracker.web.page.reasons import format_decimal, make_reason_filter
from tracker.web.page.rendering import PageWords


@pytest.mark.parametrize(
    ("exact", "text"),
    [("2", "2"), ("0.5", "0.5"), ("1/3", "1/3（≈0.3333）"), ("2/3", "2/3（≈0.6667）"),
     ("188/7", "188/7（≈26.8571）")],
)  # fmt: skip
def test_fractions_as_people_read_them(exact: str, text: str) -> None:
    """A fraction is followed by its decimals; a decimal stays as it is."""
    assert format_decimal(exact) == text


def test_reasons_in_words(web: Web) -> None:
    """Reasons are translated into Chinese, with the name of a measure if words are given."""
    given = "from the check of 2026-08; measure members was never reported"
    with web.read() as reader:
        words = PageWords("zh", reader)
    assert make_reason_filter("zh", words)(given) == "取自2026-08的检查；数据“党员人数”从未填报"
    assert make_reason_filter("zh")(given).endswith("数据“members”从未填报")
    assert make_reason_filter("en")(given) == given
