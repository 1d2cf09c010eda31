from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import tracker
from events.documents import serialization as scheme_documents
from events.documents.schemes import Scheme
from events.documents.serialization import (
    DEEPEST,
    LARGEST_BYTES,
    digest,
    from_document,
    load_document,
    stored_document,
    to_document,
)
from events.event import canonical
from events.refusals.errors import Refused
from events.values import exact_text

COMMUNITY = Path(tracker.__file__).parent / "schemes" / "community-2011.yaml"
WORD = {"zh": "字", "en": "word"}


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading with libyaml's parser and with the pure one, in turn."""
    monkeypatch.setattr(scheme_documents, "LOADER", getattr(yaml, request.param))


def criterion(code: str, **more: Any) -> dict[str, Any]:
    """A criterion that a person judges."""
    return {"code": code, "text": WORD, "rule": {"kind": "judgement"}} | more


def scheme(*criteria: dict[str, Any], points: str | None = None, **more: Any) -> Scheme:
    """A scheme of one item."""
    item = {"code": "1.1", "title": WORD, "criteria": list(criteria), "points": points}
    return from_document(
        {
            "scheme": "one",
            "version": "1",
            "title": WORD,
            "categories": ["community"],
            "sections": [{"code": "1", "title": WORD, "items": [item]}],
            "points": points,
        }
        | more
    )


def shown(document: dict[str, Any]) -> list[Any]:
    """The points of the only item's criteria, as a document shows them."""
    return [one.get("points") for one in document["sections"][0]["items"][0]["criteria"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("2.10", "2.10"),
        ("2026-01-01", "2026-01-01"),
        ("true", "true"),
        ("007", "007"),
        ("1e3", "1e3"),
        ("null", None),
        ("~", None),
        ("", None),
        ('"null"', "null"),
        ("'~'", "~"),
        ("{a: [1, 2], b: no}", {"a": ["1", "2"], "b": "no"}),
        ('{"a": 1.50, "b": null, "c": true}', {"a": "1.50", "b": None, "c": "true"}),
    ],
)
def test_a_plain_scalar_is_what_was_typed(text: str, value: object) -> None:
    """A plain scalar is text as it was typed, and only an unquoted null is nothing."""
    assert load_document(f"x: {text}\n".encode(), "f.yaml") == {"x": value}


def test_text_is_in_normal_form_and_a_byte_order_mark_is_no_text() -> None:
    """Decomposed text is composed, and a byte order mark is not part of the first key."""
    assert load_document("\ufeffx: e\u0301\n".encode(), "f.yaml") == {"x": "é"}


@pytest.mark.parametrize(
    ("payload", "line", "said"),
    [
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        (b"a: 1\nb: [1,\n", 3, "not YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "a is given twice"),
        (b"x:\n  - {a: 1, a: 2}\n", 2, "a is given twice"),
        (b"a: &here 1\n", 1, "anchors"),
        (b"a: 1\nb: *here\n", 2, "aliases"),
        (b"a: !!int 1\n", 1, "tags"),
        (b"a: !thing {b: 1}\n", 1, "tags"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"- 1\n- 2\n", 1, "not a mapping"),
        (b"", 1, "not a mapping"),
        (b"just text\n", 1, "not a mapping"),
        (b"a: 1\n? [b, c]\n: 2\n", 2, "the name of a field"),
        (b"a: 1\n~: 2\n", 2, "the name of a field"),
        (b"a: 1\nb: \x07\n", 2, "not YAML"),
        (b"a: 1\nb: e" + "\u0301".encode() * 40 + b"\n", 2, "combining"),
        (b"\xfe\xff\x00a\x00:\x00 \x001", 1, "UTF-8"),
    ],
)
def test_what_a_document_may_not_hold_is_refused_with_its_line(
    payload: bytes, line: int, said: str
) -> None:
    """A document that cannot be read as one is refused in one sentence with file and line."""
    with pytest.raises(Refused) as refusal:
        load_document(payload, "f.yaml")
    text = str(refusal.value)
    assert text.startswith(f"f.yaml, line {line}: ")
    assert said in text
    assert "\n" not in text


@pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "{a: ["])
def test_a_hundred_thousand_levels_are_refused(opening: str) -> None:
    """Nesting of a hundred thousand levels is refused at the fifty-first, and nothing crashes."""
    with pytest.raises(Refused, match="deeper than 50"):
        load_document((opening * 100_000).encode(), "f.yaml")


def test_the_deepest_nesting_is_read() -> None:
    """Fifty levels are read and fifty-one refused."""
    inner = DEEPEST - 1
    load_document(f"a: {'[' * inner}{']' * inner}".encode(), "f.yaml")
    with pytest.raises(Refused, match="deeper than 50"):
        load_document(f"a: {'[' * DEEPEST}{']' * DEEPEST}".encode(), "f.yaml")


def test_a_document_above_two_megabytes_is_refused_unread() -> None:
    """A document larger than 2 MB is refused with its size, whatever is in it."""
    with pytest.raises(Refused, match="at most 2 MB, this one has 2000001 bytes"):
        load_document(b"\xff" * (LARGEST_BYTES + 1), "f.yaml")


def test_a_truth_typed_as_text_is_a_truth_of_the_model() -> None:
    """The words true and false, unquoted, are read as truths where the model has one."""
    made = scheme(criterion("1.1.1", optional="true"), criterion("1.1.2", optional="false"))
    assert [one.optional for one in made.criteria()] == [True, False]


def test_points_are_filled_in_exactly() -> None:
    """An unstated criterion shows its exact share, an optional one none, a stated one its own."""
    made = scheme(
        criterion("1.1.1", points="1.50"),
        criterion("1.1.2"),
        criterion("1.1.3"),
        criterion("1.1.4"),
        criterion("1.1.5", optional=True),
        criterion("1.1.6", optional=True, points="2"),
        points="3.5",
    )
    assert shown(to_document(made)) == ["1.5", "2/3", "2/3", "2/3", None, "2"]


def test_an_item_without_points_shows_the_sum_of_its_criteria() -> None:
    """An item that states no points shows what its criteria add up to, unless all are optional."""
    document = stored_document(scheme(criterion("1.1.1", points="2")))
    optional = {"code": "1.2", "title": WORD, "criteria": [criterion("1.2.1", optional=True)]}
    document["sections"][0]["items"].append(optional)
    items = to_document(from_document(document))["sections"][0]["items"]
    assert items[0]["points"] == "2"
    assert "points" not in items[1]


def test_a_scheme_without_points_shows_none() -> None:
    """Where a scheme states no points its document shows none anywhere."""
    made = from_document(load_document(COMMUNITY.read_bytes(), "f.yaml"))
    document = to_document(made)
    assert '"points"' not in canonical(document).decode()
    assert document == stored_document(made)


def test_a_stored_document_is_read_back_as_the_same_scheme() -> None:
    """What is stored is canonical, and reading it gives the scheme that was stored."""
    made = from_document(load_document(COMMUNITY.read_bytes(), "f.yaml"))
    document = stored_document(made)
    assert from_document(document) == made
    assert stored_document(from_document(document)) == document
    assert document["policy"]["late_credit"] == "0.5"


def test_two_ways_to_type_one_scheme_have_one_digest() -> None:
    """Spelling a number or a letter in another way does not change the digest; a number does."""
    first = scheme(criterion("1.1.1"), points="2.0", title={"zh": "é", "en": "e"})
    same = scheme(criterion("1.1.1"), points="2", title={"zh": "e\u0301", "en": "e"})
    other = scheme(criterion("1.1.1"), points="2.5", title={"zh": "é", "en": "e"})
    digests = [digest(stored_document(made)) for made in (first, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 64


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=5000))
def test_exact_text_loses_nothing(number: Fraction) -> None:
    """A number is read back from its text, which is a decimal wherever one is finite."""
    text = exact_text(number)
    assert Fraction(text) == number
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    assert ("/" in text) == (rest != 1)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("2.10"), "2.1"),
        (Decimal("1E+3"), "1000"),
        (Fraction(2, 3), "2/3"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 4), "-0.25"),
        (Decimal("0.00"), "0"),
    ],
)
def test_exact_text_has_one_form(number: Decimal | Fraction, text: str) -> None:
    """A number has one written form, without trailing zeros or exponents."""
    assert exact_text(number) == text
