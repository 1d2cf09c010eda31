"""Tests of lists behind figures: page numbers and file formats."""

import pytest
from fastapi import Request

from tracker.web.page.listing import (
    LAST_PAGE,
    read_file_format,
    read_page_number,
)


def make_request(query: str) -> Request:
    """Return a request with a query string."""
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 1), ("page=3", 3), ("page=0", 1), ("page=-2", 1), ("page=x", 1),
     ("page=99999", LAST_PAGE), ("page=123456789", 1)],
)  # fmt: skip
def test_a_page_number_stays_within_its_limits(query: str, number: int) -> None:
    """Anything else than a number of at most five digits means the first page."""
    assert read_page_number(make_request(query)) == number


@pytest.mark.parametrize(
    ("query", "format_"),
    [("", ""), ("format=csv", "csv"), ("format=xlsx", "xlsx"), ("format=pdf", "")],
)
def test_only_known_formats_are_files(query: str, format_: str) -> None:
    """An unknown format is answered by the page."""
    assert read_file_format(make_request(query)) == format_
