from decimal import Decimal

import pytest
from pydantic import ValidationError

from events.documents.schemes import Addition, Text
from events.streams.additions import AdditionFound, addition_faults

TEXT = Text(zh="字", en="word")
OFFERED = {
    ("1", "plus"): Addition(code="plus", text=TEXT, add=Decimal(2)),
    ("1", "open"): Addition(code="open", text=TEXT, between=(Decimal(-1), Decimal("1.5"))),
}


def stated(addition: str, **more: object) -> AdditionFound:
    """Return an addition of item 1 as a sheet states it."""
    line = {"item": "1", "addition": addition, "reason": "as seen"} | more
    return AdditionFound.model_validate(line)


def codes(*found: AdditionFound) -> list[str]:
    """Return the codes of the faults of additions."""
    return [fault.code for fault in addition_faults(found, OFFERED)]


def test_what_the_scheme_offers_is_taken() -> None:
    """Fixed points may be repeated, chosen ones lie within the range and may be negative."""
    assert codes(stated("plus", count=3), stated("open", points="-0.5")) == []
    assert codes(stated("plus", points="2.0")) == []
    assert stated("open", points="\N{MINUS SIGN}1").points == "-1"


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (stated("new"), "sheet_unknown_addition", "plus, open"),
        (stated("plus", points="1"), "sheet_addition_fixed", "fixed points, 2"),
        (stated("open"), "sheet_addition_between", "from -1 to 1.5"),
        (stated("open", points="2"), "sheet_addition_between", "from -1 to 1.5"),
        (stated("new", item="9"), "sheet_unknown_addition", "it has: –"),
    ],
    ids=["unknown", "fixed", "no points", "above", "no item"],
)
def test_each_fault_names_the_addition(found: AdditionFound, code: str, words: str) -> None:
    """A fault has the field, the item with the addition, and what would be right."""
    (fault,) = addition_faults([found], OFFERED)
    assert fault.code == code
    assert (fault.params["field"], fault.params["name"]) == (
        "additions",
        f"{found.item}/{found.addition}",
    )
    assert words in str(fault.message)


def test_an_addition_is_named_once() -> None:
    """The same addition twice is refused; its count says how often."""
    assert codes(stated("plus"), stated("plus")) == ["sheet_twice"]


@pytest.mark.parametrize("wrong", [{"count": 0}, {"points": "much"}, {"points": "--1"}])
def test_counts_and_points_are_numbers(wrong: dict[str, object]) -> None:
    """A count below 1 and points that are no number are refused."""
    with pytest.raises(ValidationError):
        stated("open", **wrong)


def test_a_reason_is_required() -> None:
    """An addition without a reason is refused."""
    with pytest.raises(ValidationError):
        AdditionFound.model_validate({"item": "1", "addition": "plus"})
