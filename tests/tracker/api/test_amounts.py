"""Amounts, credits and scores are decimal text in the OpenAPI document, as the API takes them.

A client that was generated from the document sends what the document says; ``written`` does so too.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import program
from tests.support.web_client import MONTH, OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web_client import Web

EXACT = frozenset({
    "due", "paid", "new", "old", "points", "credit", "score", "value", "derived", "inspected",
    "current", "mean", "lowest", "highest", "counted", "missing", "earned", "judged",
})  # fmt: skip
"""The names of fields whose value is exact: money, points, credits, scores, measures."""
COUNTS = frozenset({"BulletinAnswer.inspected", "EvidenceCounts.missing"})
"""Fields of these names that count organizations and files."""
AMOUNT = Decimal("55.55")


def types_of(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The JSON types that a schema allows."""
    if "$ref" in schema:
        return types_of(document, named(document, schema))
    if "anyOf" in schema:
        return {kind for one in schema["anyOf"] for kind in types_of(document, one)}
    return {schema["type"]} if "type" in schema else set()


def named(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference names."""
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def written(document: dict[str, Any], schema: dict[str, Any], number: Decimal) -> Any:
    """An amount as a generated client writes it: by the field's type."""
    kinds = types_of(document, schema) - {"null"}
    if kinds == {"integer"}:
        return int(number * 100)
    return float(number) if kinds == {"number"} else str(number)


def body_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of the body that a route takes."""
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return named(document, content["schema"])


def field_of(document: dict[str, Any], schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema of a field; that of the object where the field may also be null."""
    field = schema["properties"][name]
    objects = [one for one in field.get("anyOf", [field]) if "$ref" in one]
    return named(document, objects[0]) if objects else field


def exact_fields(document: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Every field of the document whose name is that of an exact value, with its types."""
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            if field in EXACT:
                yield f"{name}.{field}", types_of(document, described)


def test_exact_values_are_text(web: Web) -> None:
    """No field for money, points, credits or scores is a number; counts of things are others."""
    document = program(web, "auditor").get("/openapi.json")
    fields = {name: kinds for name, kinds in exact_fields(document) if name not in COUNTS}
    assert {"Amounts.due", "Amounts.paid", "AdjustmentInput.new"} <= fields.keys()
    assert {name: kinds for name, kinds in fields.items() if kinds & {"integer", "number"}} == {}


def test_money_round_trips(web: Web) -> None:
    """What a generated client sends as 55.55 yuan is read back as 55.55 yuan."""
    one = program(web, "branch")
    document = one.get("/openapi.json")
    body = body_of(document, "/api/v1/organizations/{code}/records")
    money = field_of(document, body, "money")
    given = {
        "activity": "branch_committee_meeting",
        "occurred_on": "2026-09-12",
        "money": {
            name: written(document, money["properties"][name], AMOUNT) for name in ("due", "paid")
        },
    }
    one.post(f"/organizations/{OWN}/records", given, "k-1")
    read = one.get(f"/organizations/{OWN}/records/k-1")["money"]
    assert {name: Decimal(text) for name, text in read.items()} == {"due": AMOUNT, "paid": AMOUNT}


@pytest.mark.parametrize(
    ("new", "said"), [("55.555", "不是有效得分"), ("-1", "不是有效得分"), ("106", "超过最高值")]
)
def test_scores_round_trip(web: Web, new: str, said: str) -> None:
    """An adjustment to 55.55 counts as 55.55; its refusals speak of scores, not of money."""
    web.drawn()
    web.at("2026-10-11 09:00")
    one = program(web, "department")
    one.post(f"/cycles/{MONTH}/closing", {}, status=200)
    document = one.get("/openapi.json")
    body = body_of(document, "/api/v1/organizations/{code}/adjustments")
    path = f"/organizations/{OWN}/adjustments"
    given = {"period": MONTH, "reason": "复核"}
    refused = one.post(path, given | {"new": new}, "a-1", 422)
    assert said in refused["errors"][0]["message"]
    amount = written(document, body["properties"]["new"], AMOUNT)
    one.post(path, given | {"new": amount}, "a-2")
    score = one.get(f"/organizations/{OWN}/file")["scores"][0]
    assert Decimal(score["current"]) == AMOUNT
