"""Criteria add up to their item, and items to the scheme, exactly."""

from typing import Any

import pytest

from events.documents.point_checks import point_problems, states_points
from events.documents.schemes import Scheme
from events.refusals.errors import Problem
from tests.support.scheme_parts import criterion, item, scheme


def problems(
    *items: dict[str, Any], total: str | None = None, uncertain: tuple[str, ...] = ()
) -> list[Problem]:
    """Return the problems of the sums of a scheme of these items."""
    made = Scheme.model_validate(scheme(*items) | {"points": total})
    return list(point_problems(made, uncertain))


def test_points_of_an_optional_criterion_are_not_stated() -> None:
    """A scheme whose optional criteria alone have points states none, which is an error there."""
    items = [item("i", criterion("c"), criterion("o", optional="true", points="1"))]
    assert not states_points(Scheme.model_validate(scheme(*items)))
    assert problems(*items) == [Problem.error("o", "points_optional")]


def test_sums_that_add_up_are_no_problem() -> None:
    """Stated points, a split of the rest, and tenths add up exactly."""
    items = [
        item("i", criterion("a", points="0.1"), criterion("b", points="0.2"), points="0.3"),
        item("j", criterion("c"), criterion("d", points="1"), points="2"),
    ]
    assert problems(*items, total="2.3") == []


@pytest.mark.parametrize(
    ("criteria", "key", "params"),
    [
        ([criterion("a", points="2")], "points_above_item", {"sum": "2", "points": "1"}),
        ([criterion("a", points="0.5")], "points_not_item", {"sum": "0.5", "points": "1"}),
        (
            [criterion("a", points="1"), criterion("b")],
            "points_nothing_left",
            {"sum": "1", "points": "1", "codes": "b"},
        ),
        ([criterion("a", optional="true")], "points_unearned", {"points": "1"}),
    ],
)
def test_an_item_that_does_not_add_up(
    criteria: list[dict[str, Any]], key: str, params: dict[str, str]
) -> None:
    """The error is at the item, with both sums."""
    assert problems(item("i", *criteria, points="1"), total="1") == [
        Problem.error("i", key, **params)
    ]


def test_a_total_that_does_not_add_up() -> None:
    """A missing total, a wrong one, and one without any item are errors at ``points``."""
    stated = item("i", criterion("a"), points="2")
    assert problems(stated) == [Problem.error("points", "points_no_total", sum="2")]
    assert problems(stated, total="3") == [
        Problem.error("points", "points_not_total", sum="2", points="3")
    ]
    assert problems(item("i", criterion("a")), total="3") == [
        Problem.error("points", "points_no_item", total="3")
    ]


def test_an_item_without_points_in_a_scheme_with_points() -> None:
    """Its criteria must all state some."""
    items = [item("i", criterion("a"), points="1"), item("j", criterion("b"))]
    assert problems(*items, total="1") == [Problem.error("j", "points_unstated", codes="b")]


def test_uncertain_sums_are_not_judged() -> None:
    """An item whose points could not be read is left out, and so is the total."""
    wrong = item("i", criterion("a", points="2"), points="1")
    assert problems(wrong, total="9", uncertain=("i",)) == []
