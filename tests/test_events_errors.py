"""A refusal says what is wrong, in words and in values, and survives a journey."""

import pickle

import pytest

from events.errors import Kind, Problem, Refused, WrongExpectedVersion


def test_a_refusal_fills_its_sentence() -> None:
    """The message is the sentence with its parameters, which stand beside it."""
    refused = Refused("late", "{code} is late", kind=Kind.NOT_NOW, code="A1", field="code")
    assert (str(refused), refused.code, refused.kind) == ("A1 is late", "late", Kind.NOT_NOW)
    assert refused.params == {"code": "A1", "field": "code"}
    assert refused.field == "code"


def test_a_refusal_without_parameters_keeps_its_braces() -> None:
    """Nothing is filled in where nothing was given; it names no field and is invalid."""
    refused = Refused("shape", "write {} here")
    assert (str(refused), refused.field, refused.kind) == ("write {} here", None, Kind.INVALID)


def test_values_in_a_sentence_are_not_filled_again() -> None:
    """Braces in what somebody typed stay as they are."""
    assert str(Refused("x", "{text} is wrong", text="{code}")) == "{code} is wrong"


@pytest.mark.parametrize(
    "refused",
    [
        Refused("late", "{code} is late", kind=Kind.NOT_NOW, code="A1"),
        WrongExpectedVersion("organization-A1", 3, 5),
    ],
)
def test_a_refusal_comes_unchanged_out_of_another_process(refused: Refused) -> None:
    """Pickled and read again it is of its class, with sentence, code, kind and parameters."""
    found = pickle.loads(pickle.dumps(refused))
    assert type(found) is type(refused)
    assert (str(found), found.code, found.kind) == (str(refused), refused.code, refused.kind)
    assert found.params == refused.params


def test_a_wrong_expected_version_names_both_versions() -> None:
    """It is a conflict that says what stands and what was seen."""
    refused = WrongExpectedVersion("organization-A1", 3, 5)
    assert refused.kind is Kind.CONFLICT
    assert "version 5, you saw 3" in str(refused)


def test_a_problem_is_an_error_unless_it_says_otherwise() -> None:
    """Severity has a default and can be a warning."""
    assert Problem("2.4.1", "no points").severity == "error"
    assert Problem("2.4.1", "no points", "warning").severity == "warning"
