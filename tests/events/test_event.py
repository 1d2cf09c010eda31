"""Events have a stable name, one written form, and texts that stand as commitments."""

import hashlib
import json
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.event import (
    EVENT_TYPES,
    LARGEST_INTEGER,
    Event,
    canonical,
    commitment,
    text_places,
)
from events.refusals.errors import CorruptError
from events.streams.imports import ImportFinished
from events.streams.organizations import OrganizationClosed
from events.streams.records import ActivityRecorded

TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


@given(DOCUMENTS)
def test_the_canonical_form_keeps_the_document(document: dict[str, Any]) -> None:
    """Reading the bytes gives the document again, and writing that the same bytes."""
    body = canonical(document)
    assert json.loads(body) == document
    assert canonical(json.loads(body)) == body


@given(DOCUMENTS, st.randoms())
def test_the_canonical_form_does_not_depend_on_order(document: dict[str, Any], rng: Any) -> None:
    """The same keys in another order give the same bytes."""
    keys = list(document)
    rng.shuffle(keys)
    assert canonical({key: document[key] for key in keys}) == canonical(document)


@pytest.mark.parametrize(
    "value",
    [1.5, LARGEST_INTEGER + 1, -LARGEST_INTEGER - 1, {"ключ": 1}, [{"a": (0.0,)}], date.min],
)
def test_what_has_no_single_written_form_is_corrupt(value: Any) -> None:
    """Floats, huge integers, keys that are not ASCII and other objects are refused loudly."""
    with pytest.raises(CorruptError, match="float"):
        canonical({"value": value})


@pytest.mark.parametrize("open_data", [True, False])
def test_text_is_in_normal_form_c(open_data: bool) -> None:
    """A decomposed letter is refused loudly, its composed form is not."""
    with pytest.raises(CorruptError, match="normal form C"):
        canonical({"name": "e\u0301"}, open_data=open_data)
    assert canonical({"name": "é"}, open_data=open_data) == '{"name":"é"}'.encode()


def test_an_event_type_has_one_class() -> None:
    """A second class of the same name is corrupt; a class without a name is no event type."""

    class Nameless(Event):
        """Base of nothing."""

    assert Nameless not in EVENT_TYPES.values()
    with pytest.raises(CorruptError, match="two event classes are called ActivityRecorded"):
        type("Other", (Event,), {"TYPE": "ActivityRecorded", "__module__": __name__})
    assert EVENT_TYPES["ActivityRecorded"] is ActivityRecorded


def test_every_event_type_is_called_as_its_class() -> None:
    """The stable name is the class's own, in the register and on the class."""
    assert all(name == one.TYPE == one.__name__ for name, one in EVENT_TYPES.items())


def test_an_event_is_frozen_and_knows_no_other_field() -> None:
    """Neither changing a field nor an unknown one is let through."""
    finished = ImportFinished(recorded=1, unchanged=0)
    with pytest.raises(ValidationError, match="frozen"):
        finished.recorded = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        ImportFinished.model_validate({"recorded": 1, "unchanged": 0, "lost": 0})


def test_data_leaves_out_what_is_not_there() -> None:
    """Fields that are None do not stand in the event."""
    closed = OrganizationClosed(on=date(2026, 9, 1))
    assert closed.data() == {"on": "2026-09-01"}


def test_the_business_date_is_the_one_the_event_names() -> None:
    """It is ``occurred_on``, else ``on``, else none; a first event has no subject."""
    record = ActivityRecorded(record_id="a", activity="party_lesson", occurred_on=date(2026, 9, 2))
    assert record.happened_on() == "2026-09-02"
    assert OrganizationClosed(on=date(2026, 9, 1)).happened_on() == "2026-09-01"
    assert ImportFinished(recorded=1, unchanged=0).happened_on() is None
    assert record.subject() is None


def test_texts_are_found_where_their_paths_lead() -> None:
    """A path leads through keys and, by its star, every element; what is absent is passed over."""
    data = {"note": "n", "findings": [{"reason": "a"}, {}, {"reason": "b"}], "names": "none"}
    paths = ("note", "title", "findings.*.reason", "names.*", "note.inner")
    places = list(text_places(data, paths))
    assert [place for place, _, _ in places] == ["note", "findings.0.reason", "findings.2.reason"]
    for _, holder, key in places:
        holder[key] = "gone"
    assert data["findings"] == [{"reason": "gone"}, {}, {"reason": "gone"}]


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), TEXT)
def test_a_commitment_hides_its_text_behind_its_salt(salt: bytes, other: bytes, text: str) -> None:
    """The same text under another salt has another commitment, under the same salt the same."""
    assert commitment(salt, text) == "sha256:" + hashlib.sha256(salt + text.encode()).hexdigest()
    assert (commitment(salt, text) == commitment(other, text)) == (salt == other)


def test_texts_are_names_of_their_events_fields() -> None:
    """Every path of free text begins with a field that its event has."""
    for kind in EVENT_TYPES.values():
        assert {path.split(".")[0] for path in kind.TEXTS} <= kind.model_fields.keys()
