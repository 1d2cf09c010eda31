"""The API reference: every route of the interface is described on one page."""

import re

import pytest

from tests.support.web_client import Web
from tracker.web.service.reference import value_kind


def test_the_reference_has_every_route(web: Web) -> None:
    """The page has a section for each method and path of the OpenAPI document."""
    visitor = web.visitor("branch")
    text = visitor.get("/api/v1/docs").text
    document = visitor.get("/api/v1/openapi.json").json
    routes = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    shown = re.findall(r"<summary><b>([A-Z]+)</b> <code>([^<]+)</code>", text)
    assert {" ".join(route) for route in shown} == routes


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"$ref": "#/components/schemas/Organization"}, "Organization"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"enum": ["zh", "en"]}, "zh | en"),
        ({"const": 1}, "1"),
        ({"type": "array", "items": {"type": "string", "format": "date"}}, "[date]"),
        ({}, "any"),
    ],
)
def test_a_kind_is_a_few_words(schema: dict[str, object], kind: str) -> None:
    """A schema is named by its type, format, choices or the name of its object."""
    assert value_kind(schema) == kind
