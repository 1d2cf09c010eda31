import copy
from typing import Any

from events.documents.schemes import Scheme
from events.documents.serialization import from_document
from events.documents.vocabulary import BUILT_IN
from projections.documents.scheme_tree import (
    ADDED,
    CHANGED,
    REMOVED,
    compare,
    count_kinds,
    search_tree,
    tree,
)
from tests.support.small_district import SCHEME


def scheme(**changed: Any) -> Scheme:
    """The scheme of the small district with fields of it changed."""
    return from_document(copy.deepcopy(SCHEME) | changed)


def text(word: str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": word, "en": word.upper()}


def item(code: str, *criteria: str) -> dict[str, Any]:
    """An item of criteria that a person judges."""
    return {
        "code": code,
        "title": text(f"项{code}"),
        "criteria": [
            {"code": one, "text": text(f"标{one}"), "rule": {"kind": "judgement"}}
            for one in criteria
        ],
    }


NESTED: dict[str, Any] = {
    "points": None,
    "sections": [
        {
            "code": "A",
            "title": text("甲"),
            "items": [item("A1", "a")],
            "sections": [{"code": "B", "title": text("乙"), "items": [item("B1", "b", "c")]}],
        }
    ],
}


def test_a_tree_says_points_and_rules() -> None:
    """Sums stand at sections and items, points and rule in words at criteria."""
    (top,) = tree(scheme(), BUILT_IN, "zh")
    assert (top.family, top.title, top.points, top.criteria) == ("section", "一", "6", 6)
    (meetings,) = top.children
    assert (meetings.family, meetings.points) == ("item", "6")
    first, last = meetings.children[0], meetings.children[-1]
    assert (first.code, first.points, first.kind, first.check) == (
        "m",
        "2",
        "activity",
        "documents",
    )
    assert first.rule.startswith("支部委员会会议每月1次")
    assert (last.optional, last.points) == (True, "")
    (english,) = tree(scheme(), BUILT_IN, "en")
    assert english.title == "One"


def test_a_scheme_without_points_shows_none() -> None:
    """Nested sections keep their order; no figure is made up."""
    (top,) = tree(scheme(**NESTED), BUILT_IN, "zh")
    assert [one.code for one in top.walk()] == ["A", "B", "B1", "b", "c", "A1", "a"]
    assert {one.points for one in top.walk()} == {""}
    assert top.criteria == 3


def test_a_nested_sum_holds_all_below() -> None:
    """A section's points are those of its items and of the sections in it."""
    nested = copy.deepcopy(NESTED)
    nested["sections"][0]["items"][0]["points"] = "1.5"
    nested["sections"][0]["sections"][0]["items"][0]["points"] = "2"
    (top,) = tree(scheme(**nested), BUILT_IN, "zh")
    assert [one.points for one in top.walk()] == ["3.5", "2", "2", "1", "1", "1.5", "1.5"]


def test_a_search_keeps_what_stands_above() -> None:
    """Who fits is shown with its section; a section that fits is shown whole."""
    nodes = tree(scheme(**NESTED), BUILT_IN, "zh")
    (top,) = search_tree(nodes, "标C")
    assert [one.code for one in top.walk()] == ["A", "B", "B1", "c"]
    (whole,) = search_tree(nodes, "甲")
    assert whole.criteria == 3
    assert search_tree(nodes, "没有") == []


def test_kinds_are_counted() -> None:
    """Criteria alone count, by their rule."""
    found = count_kinds(tree(scheme(), BUILT_IN, "zh"))
    assert found == {"activity": 4, "condition": 1, "measure": 1}


def test_the_same_differs_in_nothing() -> None:
    """Two readings of one scheme are alike."""
    assert compare(scheme(), scheme(), BUILT_IN, "zh") == []


def test_differences_come_part_by_part() -> None:
    """What was added, removed and changed, the head first."""
    new = copy.deepcopy(SCHEME)
    new["title"] = text("新名")
    new["policy"] = {"recording_grace_days": 9}
    criteria = new["sections"][0]["items"][0]["criteria"]
    criteria[0]["points"] = "3"
    criteria[0]["optional"] = True
    del criteria[1]
    criteria.append({"code": "z", "text": text("末"), "rule": {"kind": "judgement"}})
    new["bonus"] = [{"code": "b1", "text": text("表彰"), "add": "2"}]
    old = scheme(vetoes=[{"code": "v1", "text": text("大案")}])
    found = compare(old, from_document(new), BUILT_IN, "zh")
    told = [(one.state, one.family, one.code, one.field) for one in found]
    assert told[:2] == [
        (CHANGED, "head", "", "title"),
        (CHANGED, "head", "", "recording_grace_days"),
    ]
    assert (CHANGED, "criterion", "m", "optional") in told
    assert (REMOVED, "criterion", "q", "") in told
    assert (ADDED, "criterion", "z", "") in told
    assert told[-2:] == [(ADDED, "bonus", "b1", ""), (REMOVED, "veto", "v1", "")]
    title = found[0]
    assert (title.before, title.after) == ("测试项目", "新名")


def test_a_criterion_that_moved_is_told() -> None:
    """Another section is a separate change."""
    moved = copy.deepcopy(NESTED)
    inner = moved["sections"][0].pop("sections")
    moved["sections"].append(inner[0])
    found = compare(scheme(**NESTED), scheme(**moved), BUILT_IN, "en")
    assert [(one.code, one.field, one.before, one.after) for one in found] == [
        ("b", "section", "A", "B"),
        ("c", "section", "A", "B"),
    ]
