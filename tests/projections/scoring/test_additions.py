from fractions import Fraction
from typing import Any

import pytest

from events.documents.schemes import Scheme
from projections.scoring.additions import Additions, additions_in_force
from projections.scoring.history import SheetFindings
from tests.support.scheme_parts import WORD, criterion, item
from tests.support.scheme_parts import scheme as scheme_document

PLUS = {"code": "plus", "text": WORD, "add": "2"}
MINUS = {"code": "minus", "text": WORD, "add": "-1.5"}
OPEN = {"code": "open", "text": WORD, "between": ["-3", "3"]}


def scheme_of(**limits: Any) -> Scheme:
    """Return a scheme of 50 points with an item of three additions."""
    items = [
        item("1", criterion("1.1"), points="50"),
        item("2", points="0", additions=[PLUS, MINUS, OPEN], **limits),
    ]
    return Scheme.model_validate(scheme_document(*items, points="50"))


def sheet(version: int, *found: tuple[str, int, str | None], **more: Any) -> SheetFindings:
    """Return a sheet of September with additions, each (addition, count, points)."""
    values = {"period": "2026-09", "kind": "monthly", "known_on": "2026-10-08"} | more
    additions = [
        {"item": "2", "addition": addition, "count": count} | ({"points": points} if points else {})
        for addition, count, points in found
    ]
    return SheetFindings(
        values["period"], values["kind"], f"s-{version}", values["known_on"], version, [], additions
    )


def points_of(scheme: Scheme, *sheets: SheetFindings) -> str:
    """Return what the additions of September come to, as text."""
    return str(additions_in_force(scheme, sheets, "2026-09", "monthly", "2026-10-11").points)


FOUND = (("plus", 2, None), ("minus", 1, None), ("open", 1, "0.5"))


@pytest.mark.parametrize(
    ("limits", "points"),
    [
        ({}, "3"),
        ({"additions_cap": "2.5"}, "5/2"),
        ({"highest_only": True}, "4"),
        ({"highest_only": True, "additions_cap": "1"}, "1"),
    ],
)
def test_additions_are_summed_and_limited(limits: dict[str, Any], points: str) -> None:
    """Counts multiply, the largest counts alone where it says so, and the cap cuts the sum."""
    assert points_of(scheme_of(**limits), sheet(1, *FOUND)) == points


def test_the_newest_list_replaces_the_earlier_one() -> None:
    """A later sheet of the period has the whole list; without additions nothing is added."""
    scheme = scheme_of()
    assert points_of(scheme, sheet(1, *FOUND), sheet(2, ("minus", 2, None))) == "-3"
    assert points_of(scheme, sheet(1, *FOUND), sheet(2)) == "0"


def test_only_the_sheets_of_the_period_count() -> None:
    """Other periods, other purposes, later sheets and unknown additions add nothing."""
    others = [
        sheet(1, *FOUND, period="2026-08"),
        sheet(2, *FOUND, kind="half_year"),
        sheet(3, *FOUND, known_on="2026-10-12"),
    ]
    assert points_of(scheme_of(), *others) == "0"
    assert points_of(scheme_of(), sheet(4, ("gone", 1, None))) == "0"


@pytest.mark.parametrize(
    ("found", "score", "total"),
    [
        (FOUND, Fraction(99), "105"),
        ((("minus", 2, None),), Fraction(90), "84"),
        ((("minus", 100, None),), Fraction(90), "0"),
        ((), Fraction(90), "90"),
        (FOUND, None, "None"),
    ],
    ids=["above 100", "taken", "not below 0", "nothing", "no score"],
)
def test_they_are_scaled_and_added_to_the_score(
    found: tuple[tuple[str, int, str | None], ...], score: Fraction | None, total: str
) -> None:
    """100 x the sum / the scheme's points is added: not below 0, possibly above 100."""
    scheme = scheme_of()
    additions = additions_in_force(scheme, [sheet(1, *found)], "2026-09", "monthly", "2026-10-11")
    assert str(additions.add_to(score, scheme)) == total


def test_a_line_says_what_counts() -> None:
    """The JSON of an addition has its points each and together, and whether it counts."""
    scheme = scheme_of(highest_only=True)
    found = additions_in_force(scheme, [sheet(1, *FOUND)], "2026-09", "monthly", "2026-10-11")
    assert [line.to_json()["counts"] for line in found.lines] == [True, False, False]
    assert found.lines[0].to_json() == {
        "item": "2", "addition": "plus", "count": 2, "points": "2", "total": "4", "counts": True,
    }  # fmt: skip
    assert Additions().points == 0
