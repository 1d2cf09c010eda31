"""A scheme's parts are walked in document order and weigh what they state."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import (
    Scheme,
    SchemePublished,
    Text,
    additions_offered,
    has_points,
    weights,
)
from events.documents.serialization import stored_document, to_document
from events.documents.vocabulary import BUILT_IN
from tests.support.scheme_parts import without_english

WORD = {"zh": "一", "en": "one"}


def criterion(code: str, **fields: Any) -> dict[str, Any]:
    """A criterion that a person judges."""
    return {"code": code, "text": WORD, "rule": {"kind": "judgement"}} | fields


def item(code: str, *criteria: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An item with its criteria."""
    return {"code": code, "title": WORD, "criteria": criteria} | fields


def scheme(*sections: dict[str, Any], **fields: Any) -> Scheme:
    """A scheme of sections."""
    return Scheme.model_validate(
        {
            "scheme": "community-2011",
            "version": 1,
            "title": WORD,
            "categories": ["community"],
            "sections": sections,
        }
        | fields
    )


def one_section(*items: dict[str, Any], **fields: Any) -> Scheme:
    """A scheme of one section."""
    return scheme({"code": "s", "title": WORD, "items": items}, **fields)


def test_sections_are_walked_parent_first() -> None:
    """Nested sections, their items and criteria come in document order."""
    example = scheme(
        {
            "code": "1",
            "title": WORD,
            "items": [item("1.1", criterion("1.1.1"), criterion("1.1.2"))],
            "sections": [
                {"code": "1a", "title": WORD, "items": [item("1a.1", criterion("1a.1.1"))]},
                {"code": "1b", "title": WORD},
            ],
        },
        {"code": "2", "title": WORD, "items": [item("2.1", criterion("2.1.1"))]},
    )
    assert [section.code for section in example.all_sections()] == ["1", "1a", "1b", "2"]
    assert [part.code for part in example.items()] == ["1.1", "1a.1", "2.1"]
    assert [part.code for part in example.criteria()] == ["1.1.1", "1.1.2", "1a.1.1", "2.1.1"]


def test_what_an_item_has_left_is_split_equally() -> None:
    """Exact fractions; an optional criterion weighs nothing and takes nothing."""
    example = one_section(
        item(
            "1",
            criterion("1.1", points="1"),
            criterion("1.2"),
            criterion("1.3"),
            criterion("1.4"),
            criterion("1.5", points="9", optional=True),
            points="2",
        ),
        points="2",
    )
    third = Fraction(1, 3)
    assert weights(example) == {"1.1": 1, "1.2": third, "1.3": third, "1.4": third, "1.5": 0}


def test_an_item_without_points_weighs_what_its_criteria_state() -> None:
    """Nothing is left for those that state none."""
    example = one_section(item("1", criterion("1.1", points="3"), criterion("1.2")))
    assert weights(example) == {"1.1": 3, "1.2": 0}


def test_items_weigh_the_same_where_no_points_are_stated() -> None:
    """Each item weighs 1, shared by its criteria."""
    example = one_section(
        item("1", criterion("1.1")), item("2", criterion("2.1"), criterion("2.2"))
    )
    assert not has_points(example)
    assert weights(example) == {"1.1": 1, "2.1": Fraction(1, 2), "2.2": Fraction(1, 2)}


@pytest.mark.parametrize(
    "example",
    [
        one_section(item("1", criterion("1.1")), points="100"),
        one_section(item("1", criterion("1.1"), points="1")),
        one_section(item("1", criterion("1.1", points="1"))),
    ],
    ids=["scheme", "item", "criterion"],
)
def test_points_can_be_stated_anywhere(example: Scheme) -> None:
    """On the scheme, an item or a criterion."""
    assert has_points(example)


def test_a_scheme_is_frozen_and_knows_nothing_else() -> None:
    """An unknown key, an unknown kind of rule and no section are refused."""
    faults: list[dict[str, Any]] = [
        {"sections": []},
        {"colour": "red"},
        {"sections": [{"code": "1", "title": WORD, "items": [{"code": "1"}]}]},
    ]
    for wrong in faults:
        with pytest.raises(ValidationError):
            one_section(item("1", criterion("1.1")), **wrong)
    with pytest.raises(ValidationError, match=r"expected tags"):
        one_section(item("1", criterion("1.1", rule={"kind": "guess"})))


def test_a_published_document_is_looked_at_value_by_value() -> None:
    """It is free data, so its event is an open one."""
    assert SchemePublished.OPEN


def test_english_may_be_left_out() -> None:
    """A text without English is read in Chinese, and stored as it was written."""
    assert [Text(**WORD).in_language(language) for language in ("zh", "en")] == ["一", "one"]
    assert Text(zh="一").in_both() == {"zh": "一", "en": "一"}
    document = without_english(
        to_document(one_section(item("1", criterion("1.1")), activities={"own_meeting": WORD}))
    )
    checked = validate_scheme(document, BUILT_IN)
    assert (checked.problems, checked.ok) == ((), True)
    assert checked.scheme is not None
    assert stored_document(checked.scheme)["title"] == {"zh": "一"}


@pytest.mark.parametrize("en", [None, "Branch committee meeting", "Other meeting"])
def test_a_word_without_english_has_no_other_meaning(en: str | None) -> None:
    """Where a known word is defined again only another meaning in a language is named."""
    meeting = {"zh": BUILT_IN.activities["branch_committee_meeting"].zh, "en": en}
    document = to_document(one_section(item("1", criterion("1.1"))))
    document["activities"] = {"branch_committee_meeting": meeting}
    keys = [problem.message.key for problem in validate_scheme(document, BUILT_IN).problems]
    assert keys == (["word_redefined"] if en == "Other meeting" else [])


def test_a_scheme_offers_its_additions_by_item() -> None:
    """The additions of a scheme are known by item and code."""
    plus = {"code": "plus", "text": WORD, "add": "2"}
    offered = additions_offered(
        one_section(item("1", criterion("1.1"), additions=[plus]) | {"points": "2"})
    )
    assert list(offered) == [("1", "plus")]
