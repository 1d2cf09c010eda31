"""Errors of the framework and faults are answered in the user's language, under a stable code."""

from __future__ import annotations

import pytest

from tests.support.web_client import Web


@pytest.mark.parametrize(
    ("language", "title"), [("en", "there is no such page"), ("zh", "没有这个页面")]
)
def test_an_unknown_path_is_problem_details(web: Web, language: str, title: str) -> None:
    """The type is the same in both languages, the title is not."""
    answer = web.anybody().call("GET", "/api/v1/nothing", accept_language=language)
    assert (answer.status, answer.json["title"]) == (404, title)
    assert answer.json["type"] == "urn:organization-tracker:problem:not_found"
    assert answer.json["reference"] == answer.headers["x-reference"]
