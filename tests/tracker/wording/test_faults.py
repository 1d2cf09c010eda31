"""Validation errors of fields as sentences of the catalogue."""

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from events.refusals.errors import BadValue, Message
from tracker.wording.faults import field_messages, field_sentence, message_of


class Form(BaseModel):
    """A form with one field of each sort."""

    name: str = Field(max_length=3)
    tags: list[str] = Field(default=[], max_length=1)
    size: int = Field(default=1, le=9)
    day: str = ""

    @field_validator("day")
    @classmethod
    def _a_date(cls, day: str) -> str:
        if day:
            raise BadValue("value_date")
        return day


def error_of(**given: object) -> ValidationError:
    """Return the validation error of a form."""
    with pytest.raises(ValidationError) as caught:
        Form.model_validate(given)
    return caught.value


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "field_missing"),
        ({"name": "long"}, "field_long"),
        ({"name": "a", "tags": ["a", "b"]}, "field_list_long"),
        ({"name": "a", "size": 10}, "field_most"),
        ({"name": "a", "size": "many"}, "field_integer"),
        ({"name": "a", "day": "x"}, "value_date"),
    ],
)
def test_an_error_has_its_message(given: dict[str, object], key: str) -> None:
    """Each type of error has a key of the catalogue, and a value's own message is kept."""
    (fault,) = error_of(**given).errors()
    assert message_of(fault).key == key


def test_an_unknown_error_has_a_general_message() -> None:
    """A type of error that is not in the table still has a sentence."""
    assert message_of({"type": "something_new"}) == Message("field_wrong")


def test_each_error_is_reported_at_its_field() -> None:
    """The first part of the place, which names body or query, is left out."""
    (fault,) = error_of(name="a", size=10).errors()
    placed = {**fault, "loc": ("body", "given", "size")}
    for language in ("zh", "en"):
        assert field_messages([placed], language) == [
            {"field": "given.size", "message": field_sentence(fault, language)}
        ]
