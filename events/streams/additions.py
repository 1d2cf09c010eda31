"""Additions that a sheet finds (加分、扣总分): which of an item, how often, with what reason.

They stand in the sheet's event, see ``findings``. Source: docs/semantics.md, sections 2 and 5.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from events.refusals.errors import Refused
from events.values import CriterionCode, FrozenModel, Reason, exact_text, parse_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from events.documents.schemes import Addition, Scheme


def parse_signed(value: object) -> str:
    """Return a number that may be negative as plain decimal text; raise ``BadValue``."""
    text = str(value).strip()
    if text[:1] in {"-", "\N{MINUS SIGN}"}:
        return "-" + parse_number(text[1:])
    return parse_number(value)


SignedPoints = Annotated[str, BeforeValidator(parse_signed)]


# commands
class AdditionFound(FrozenModel):
    """An addition of an item: how often, and the points where the inspector chooses them."""

    item: CriterionCode
    addition: CriterionCode
    count: int = Field(default=1, ge=1, le=1000)
    points: SignedPoints | None = None
    reason: Reason


AdditionsOffered = dict[tuple[str, str], "Addition"]
"""The additions of a scheme by item and code."""


def additions_offered(scheme: Scheme) -> AdditionsOffered:
    """Return the additions of a scheme by item and code."""
    return {
        (item.code, addition.code): addition
        for item in scheme.items()
        for addition in item.additions
    }


# decide
def addition_faults(
    found: Sequence[AdditionFound], offered: Mapping[tuple[str, str], Addition]
) -> Iterator[Refused]:
    """Yield every fault of the additions of a sheet, each with its ``field`` and ``name``."""
    seen: set[tuple[str, str]] = set()
    for stated in found:
        place = (stated.item, stated.addition)
        name = "/".join(place)
        if place in seen:
            yield Refused("sheet_twice", field="additions", name=name)
        seen.add(place)
        addition = offered.get(place)
        if addition is None:
            codes = [code for item, code in offered if item == stated.item]
            yield Refused(
                "sheet_unknown_addition",
                field="additions", name=name, item=stated.item, known=", ".join(codes) or "–",
            )  # fmt: skip
            continue
        points = None if stated.points is None else Fraction(Decimal(stated.points))
        if addition.between is not None:
            low, high = addition.between
            if points is None or not low <= points <= high:
                yield Refused(
                    "sheet_addition_between",
                    field="additions", name=name, low=exact_text(low), high=exact_text(high),
                )  # fmt: skip
        elif points is not None and points != addition.add:
            add = exact_text(addition.add or Decimal(0))
            yield Refused("sheet_addition_fixed", field="additions", name=name, add=add)
