"""Pydantic's validation errors become problems at places that an author knows."""

from typing import Any

import pytest
from pydantic import ValidationError

from events.documents.faults import (
    codes_along,
    in_document,
    innermost_errors,
    is_month_day,
    model_problems,
    step_into,
    text_problems,
)
from events.documents.policies import DistrictPolicy
from events.documents.schemes import Scheme
from events.refusals.errors import Problem
from tests.support.scheme_parts import LESSON, criterion, item, scheme


def errors_of(document: dict[str, Any]) -> ValidationError:
    """Return the model's error of a faulty scheme."""
    with pytest.raises(ValidationError) as caught:
        Scheme.model_validate(document)
    return caught.value


def problems_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return place and sentence of each problem of a faulty scheme."""
    problems = model_problems(errors_of(document), document)
    return [(problem.place, problem.problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "whether"),
    [("01-31", True), ("12-31", True), ("02-28", True), ("02-29", False), ("13-01", False)],
)
def test_a_day_of_every_year(text: str, whether: bool) -> None:
    """A day that only leap years have is not a day of every year."""
    assert is_month_day(text) is whether


def test_a_problem_is_at_the_nearest_code() -> None:
    """A field inside a criterion is named at the criterion's code, without the rule's kind."""
    document = scheme(item("i", criterion("c", LESSON | {"count": "0"})))
    assert problems_of(document) == [
        ("c", "rule.count should be greater than or equal to 1, not 0"),
    ]


def test_a_problem_without_a_code_is_at_its_field() -> None:
    """A field of the scheme itself is named by its dotted name."""
    document = scheme(item("i", criterion("c"))) | {"policy": {"late_credit": "2"}}
    assert problems_of(document) == [
        ("policy.late_credit", "policy.late_credit should be less than or equal to 1, not 2"),
    ]


def test_a_value_is_shown_on_one_short_line() -> None:
    """Line breaks, control characters and long values are not repeated in a sentence."""
    document = scheme(item("i", criterion("c"))) | {"points": "a\nb\x1b" + "x" * 60}
    ((place, problem),) = problems_of(document)
    assert place == "points"
    assert "a b?x" in problem
    assert "\n" not in problem
    assert problem.endswith("…")


def test_an_empty_list_is_no_problem_next_to_its_cause() -> None:
    """A list that is too short only because its elements are faulty is not named itself."""
    document = scheme(item("i", criterion("c", LESSON | {"count": "0"})))
    kinds = {detail["type"] for detail in innermost_errors(errors_of(document))}
    assert "too_short" not in kinds


def test_the_values_of_a_kind_are_named() -> None:
    """An unknown kind of rule is named with the known ones; a missing kind is named as such."""
    unknown = problems_of(scheme(item("i", criterion("c", {"kind": "guess"}))))
    missing = problems_of(scheme(item("i", criterion("c") | {"rule": {}})))
    assert unknown[0][1].startswith("rule.kind is guess, not one of activity, ")
    assert missing == [("c", "rule.kind is missing")]


def test_a_rejected_value_keeps_its_sentence() -> None:
    """What a validator of the policy says follows the name of the field."""
    document = {"publish_ranking": "first"}
    with pytest.raises(ValidationError) as caught:
        DistrictPolicy.model_validate(document)
    (problem,) = model_problems(caught.value, document)
    assert problem.problem == "publish_ranking must be places, bands, hidden or {top: N}"


def test_texts_with_control_characters_are_named() -> None:
    """Keys and values are read, at any depth; each is named at its place."""
    document = {"a": ["x", {"b": "y\x1b"}], "c\x1b": "z", "d": 1}
    assert text_problems(document) == [
        Problem.error("a.1.b", "form_control", name="a.1.b"),
        Problem.error("c?", "form_control", name="c?"),
    ]


def test_steps_lead_into_a_document() -> None:
    """A step into nothing, or past the end of a list, is None."""
    document = {"items": [{"code": "1"}]}
    assert step_into(document, "items") == [{"code": "1"}]
    assert step_into(document["items"], 0) == {"code": "1"}
    assert step_into(document["items"], 1) is None
    assert step_into("text", "items") is None


def test_codes_along_a_location() -> None:
    """Only lists whose elements have codes give a place; other names follow the last code."""
    document = {"sections": [{"code": "1", "items": [{"code": "1.1", "title": {"zh": ""}}]}]}
    location = ("sections", 0, "items", 0, "title", "zh")
    assert codes_along(location, document) == (["1", "1.1"], ["title", "zh"])
    assert codes_along(("bands", 0, "band"), {"bands": [{"band": "a"}]}) == (
        [],
        ["bands", "0", "band"],
    )


def test_a_location_without_the_steps_of_the_model() -> None:
    """The kind after ``rule`` and the mark of a key are not in the document."""
    assert in_document(("rule", "activity", "count")) == ("rule", "count")
    assert in_document(("activities", "No", "[key]")) == ("activities", "No")
