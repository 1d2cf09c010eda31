import copy
from typing import Any

import pytest
from pydantic import ValidationError

from events.documents.salvage import SalvagedScheme, salvage_scheme
from events.documents.schemes import Scheme
from tests.support.scheme_parts import LESSON, criterion, item, scheme


def faulty(document: dict[str, Any]) -> ValidationError:
    """What the model says of a faulty document."""
    with pytest.raises(ValidationError) as error:
        Scheme.model_validate(document)
    return error.value


def mend(document: dict[str, Any]) -> SalvagedScheme:
    """A faulty document, mended; the document itself stays what it was."""
    before = copy.deepcopy(document)
    salvaged = salvage_scheme(document, faulty(document))
    assert document == before
    return salvaged


def test_a_rule_that_cannot_be_read_becomes_a_judgement() -> None:
    """A criterion keeps its place in the sums when only its rule cannot be read."""
    salvaged = mend(scheme(item("i", criterion("a", LESSON | {"per": "week"}), points="1")))
    assert salvaged.scheme is not None
    assert [one.rule.kind for one in salvaged.scheme.criteria()] == ["judgement"]
    assert (salvaged.ruleless, salvaged.uncertain) == ({"a"}, set())


def test_a_field_too_many_leaves_the_rule_as_it_is() -> None:
    """A field that is not known is taken out alone."""
    salvaged = mend(scheme(item("i", criterion("a", LESSON | {"colour": "red"}))))
    assert salvaged.scheme is not None
    assert [one.rule.kind for one in salvaged.scheme.criteria()] == ["activity"]
    assert salvaged.ruleless == set()


def test_points_that_cannot_be_read_leave_the_sums_unjudged() -> None:
    """Points that cannot be read are left out, and the sums of all that hold them are unsure."""
    salvaged = mend(scheme(item("i", criterion("a", points="x")), item("j", criterion("b"))))
    assert salvaged.uncertain == {"1", "i", "a"}


def test_a_missing_code_is_stood_in_for() -> None:
    """A criterion without a code gets one that names its item, if there is room."""
    lacking = criterion("a", LESSON)
    del lacking["code"]
    salvaged = mend(scheme(item("i", lacking), item("k" * 30, dict(lacking))))
    assert salvaged.scheme is not None
    assert [one.code for one in salvaged.scheme.criteria()] == ["i.no-code", "no-code"]


def test_what_is_no_longer_there_is_passed_over() -> None:
    """An error about a part that is not in the document changes nothing and crashes nothing."""
    error = faulty(scheme(item("i", criterion("a", points="x"))))
    assert salvage_scheme(scheme() | {"sections": []}, error).scheme is not None
    assert salvage_scheme({"sections": "none"}, error).scheme is not None
