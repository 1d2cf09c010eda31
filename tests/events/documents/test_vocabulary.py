from pathlib import Path

import pytest

import tracker
from events.documents.schemes import Scheme, Text
from events.documents.serialization import from_document, load_document
from events.documents.vocabulary import BUILT_IN, CATEGORIES, FAMILIES

CATALOGUES = sorted((Path(tracker.__file__).parent / "schemes").glob("*.yaml"))
WORD = {"zh": "字", "en": "word"}


def catalogue(path: Path) -> Scheme:
    """A shipped catalogue."""
    return from_document(load_document(path.read_bytes(), path.name))


def adding(name: str, **families: dict[str, dict[str, str]]) -> Scheme:
    """A scheme that adds words."""
    criterion = {"code": "1.1.1", "text": WORD, "rule": {"kind": "judgement"}}
    item = {"code": "1.1", "title": WORD, "criteria": [criterion]}
    return from_document(
        {
            "scheme": name,
            "version": 1,
            "title": WORD,
            "categories": ["community"],
            "sections": [{"code": "1", "title": WORD, "items": [item]}],
            **families,
        }
    )


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_word_of_a_shipped_catalogue_is_built_in(path: Path) -> None:
    """Every word that a shipped catalogue defines is built in with the same wording."""
    scheme = catalogue(path)
    for family in FAMILIES:
        defined = getattr(scheme, family)
        known = getattr(BUILT_IN, family)
        assert {word: known.get(word) for word in defined} == defined


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (
            "activities",
            """branch_committee_meeting member_assembly party_lesson study_session
            dues_collection dues_remittance visit""",
        ),
        ("evidence", "minutes sign_in_sheet photo"),
        ("conditions", "national_flag"),
        ("measures", "members households"),
    ],
)
def test_the_words_of_the_contract_are_built_in(family: str, words: str) -> None:
    """Every word that docs/contracts.md names is built in."""
    assert set(words.split()) <= set(getattr(BUILT_IN, family))


def test_the_built_in_categories_are_those_of_the_contract() -> None:
    """The built-in categories are those of docs/contracts.md, each in both languages."""
    assert set(CATEGORIES) == {
        "prefecture", "county", "township", "street", "village", "community", "department",
        "station", "school", "enterprise", "social_organization",
    }  # fmt: skip
    assert all(text.zh and text.en for text in CATEGORIES.values())


def test_a_policy_adds_categories() -> None:
    """A district's own categories follow the built-in ones; the words of schemes keep them."""
    words = BUILT_IN.with_categories({"hospital": Text(zh="医院")})
    assert list(words.categories) == [*CATEGORIES, "hospital"]
    assert words.extended([]).categories == words.categories
    assert BUILT_IN.with_categories({}) == BUILT_IN
    assert BUILT_IN.categories is CATEGORIES


def test_a_scheme_adds_words() -> None:
    """A word that a scheme adds is known besides the built-in ones, which stay as they were."""
    extended = BUILT_IN.extended([adding("one", conditions={"library": WORD})])
    assert extended.conditions["library"] == Text(zh="字", en="word")
    assert set(extended.conditions) - set(BUILT_IN.conditions) == {"library"}
    assert extended.measures == BUILT_IN.measures
    assert "library" not in BUILT_IN.conditions


def test_a_word_keeps_its_first_meaning() -> None:
    """Of two meanings of one word the first is kept, and a built-in one before all others."""
    first = adding("one", measures={"members": WORD, "cars": {"zh": "车", "en": "cars"}})
    second = adding("two", measures={"cars": WORD})
    extended = BUILT_IN.extended([first, second])
    assert extended.measures["members"] == BUILT_IN.measures["members"]
    assert extended.measures["cars"].en == "cars"


def test_the_vocabulary_cannot_be_changed_in_place() -> None:
    """The words of a vocabulary cannot be written to."""
    with pytest.raises(TypeError):
        BUILT_IN.measures["cars"] = Text(zh="车", en="cars")  # type: ignore[index]
