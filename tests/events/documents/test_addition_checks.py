from decimal import Decimal
from typing import Any

import pytest

from events.documents.schemes import JudgementRule
from events.documents.serialization import stored_document, to_document
from tests.support.scheme_parts import WORD, checked, criterion, item, only

PLUS = {"code": "a1", "text": WORD, "add": "2"}
MINUS = {"code": "a2", "text": WORD, "add": "-1.5"}
OPEN = {"code": "a3", "text": WORD, "between": ["-1", "3"]}
EARNED = item("1.1", criterion("1.1.1"), points="10")
GRADES = [
    {"code": "good", "text": WORD, "credit": "1"},
    {"code": "fair", "text": WORD, "credit": "0.5"},
]


def extra(*additions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an item of additions alone."""
    return {"code": "1.2", "title": WORD, "points": "0", "additions": list(additions)} | more


def test_a_complete_item_of_additions_has_no_problem() -> None:
    """Additions, a cap and the highest only are read, with signs and ranges, and shown whole."""
    item_of = extra(PLUS, MINUS, OPEN, additions_cap="3", highest_only="true", responsible=WORD)
    check = checked(EARNED, item_of, points="10")
    assert check.problems == ()
    assert check.scheme is not None
    shown = to_document(check.scheme)["sections"][0]["items"][1]
    assert shown["points"] == "0"
    assert shown["criteria"] == []
    assert [one.get("add") for one in shown["additions"]] == ["2", "-1.5", None]
    assert shown["additions"][2]["between"] == ["-1", "3"]
    assert (shown["additions_cap"], shown["highest_only"]) == ("3", True)
    assert shown["responsible"] == WORD


def test_an_item_of_additions_needs_no_points() -> None:
    """Without points it weighs nothing, and the answer of scheme show says 0."""
    item_of = extra(PLUS)
    del item_of["points"]
    check = checked(EARNED, item_of, points="10")
    assert check.problems == ()
    assert check.scheme is not None
    assert to_document(check.scheme)["sections"][0]["items"][1]["points"] == "0"


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (extra(PLUS, PLUS), "a1 is named twice"),
        (extra(PLUS | {"between": ["0", "1"]}), "it has add and between"),
        (extra({"code": "a1", "text": WORD}), "it has none"),
        (extra(PLUS | {"add": "0"}), "takes nothing"),
        (extra({"code": "a1", "text": WORD, "between": ["0", "0"]}), "takes nothing"),
        (extra({"code": "a1", "text": WORD, "between": ["3", "-1"]}), "between 3 and -1"),
        (extra(), "neither criteria nor additions"),
        (extra(PLUS, points="1"), "points: 0"),
        (item("1.2", criterion("1.2.1"), points="0"), "criteria but 0 points"),
    ],
    ids=["twice", "both", "neither", "zero", "zeros", "reversed", "empty", "points", "zero points"],
)
def test_faults_are_named_at_the_item(faulty: dict[str, Any], message: str) -> None:
    """Each fault of an item with additions is one problem at its code."""
    total = "11" if faulty["points"] == "1" else "10"
    only(checked(EARNED, faulty, points=total), "1.2", message)


@pytest.mark.parametrize("limit", [{"additions_cap": "3"}, {"highest_only": "true"}])
def test_a_limit_needs_additions(limit: dict[str, str]) -> None:
    """A cap, or the highest only, without an addition is refused by its name."""
    only(checked(EARNED | limit, points="10"), "1.1", next(iter(limit)))


def test_additions_need_points() -> None:
    """A scheme that states no points refuses them."""
    only(checked(item("1.1", criterion("1.1.1"), additions=[PLUS])), "1.1", "states points")


def test_an_unreadable_addition_is_named_once() -> None:
    """A range with a word in it is named at its item and causes no other problem."""
    faulty = extra({"code": "a1", "text": WORD, "between": ["low", "3"]})
    only(checked(EARNED, faulty, points="10"), "1.2", "additions.a1.between.0")


def test_grades_give_credits() -> None:
    """A judgement lists grades by code; a code that is used twice is refused."""
    graded = criterion("1.1.1", {"kind": "judgement", "grades": GRADES}, derived="true")
    check = checked(item("1.1", graded))
    assert check.problems == ()
    assert check.scheme is not None
    (read,) = check.scheme.criteria()
    assert isinstance(read.rule, JudgementRule)
    assert [grade.credit for grade in read.rule.grades] == [Decimal(1), Decimal("0.5")]
    assert read.derived
    again = criterion("1.1.1", {"kind": "judgement", "grades": [*GRADES, GRADES[0]]})
    only(checked(item("1.1", again)), "1.1.1", "grade good is named twice")


def test_application_and_methods_are_annual() -> None:
    """An annual scheme states both; in any other scheme each is refused by its name."""
    methods = [{"code": "m1", "text": WORD, "kind": "poll"}]
    stated: dict[str, Any] = {"application": "required", "methods": methods}
    assert checked(EARNED, points="10", purpose="annual", **stated).problems == ()
    refused = checked(EARNED, points="10", **stated)
    assert [problem.place for problem in refused.problems] == ["application", "methods"]
    twice = checked(EARNED, points="10", purpose="annual", methods=methods * 2)
    only(twice, "m1", "two methods")


def test_a_scheme_without_the_new_fields_is_stored_as_before() -> None:
    """Fields that schemes received later are left out where nothing is stated."""
    check = checked(EARNED, points="10")
    assert check.scheme is not None
    document = stored_document(check.scheme)
    stored_item = document["sections"][0]["items"][0]
    assert not {"application", "methods"} & document.keys()
    assert not {"additions", "highest_only", "responsible"} & stored_item.keys()
    assert stored_item["criteria"][0]["rule"] == {"kind": "judgement"}
    assert "derived" not in stored_item["criteria"][0]
