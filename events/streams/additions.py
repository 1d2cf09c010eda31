"""What a sheet takes off by causes and adds by additions (加分、扣总分): which, how often, why.

They stand in the sheet's event, see ``findings``. Source: docs/semantics.md, sections 2 and 5.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from events.refusals.errors import Refused
from events.values import CriterionCode, FrozenModel, Measured, Reason, exact_text, parse_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def parse_signed(value: object) -> str:
    """Return a number that may be negative as plain decimal text; raise ``BadValue``."""
    text = str(value).strip()
    if text[:1] in {"-", "\N{MINUS SIGN}"}:
        return "-" + parse_number(text[1:])
    return parse_number(value)


SignedPoints = Annotated[str, BeforeValidator(parse_signed)]


# commands
class CauseFound(FrozenModel):
    """A cause of a deduction: how often, and the points if the inspector may choose them."""

    cause: CriterionCode
    count: int = Field(default=1, ge=1, le=1000)
    points: Measured | None = None


class AdditionFound(FrozenModel):
    """An addition of an item: how often, and the points where the inspector chooses them."""

    item: CriterionCode
    addition: CriterionCode
    count: int = Field(default=1, ge=1, le=1000)
    points: SignedPoints | None = None
    reason: Reason


# decide
def addition_faults(
    found: Sequence[AdditionFound], offered: Mapping[tuple[str, str], Any]
) -> Iterator[Refused]:
    """Yield every fault of the additions of a sheet, each with its ``field`` and ``name``.

    ``offered`` are the additions of the scheme by item and code.
    """
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


def points_deducted(
    criterion: str, stated: CauseFound, causes: Mapping[str, Any], full: Fraction
) -> Fraction:
    """Return the points that one cause deducts: fixed, chosen by the inspector, or all.

    ``causes`` are those of the rule by code, ``full`` the points of the criterion.
    Raise ``Refused`` for an unknown cause, or points that it does not take.
    """
    cause, code = causes.get(stated.cause), stated.cause
    if cause is None:
        raise Refused("sheet_unknown_cause", field="findings", name=criterion, cause=code)
    if cause.between is not None:
        low, high = cause.between
        points = None if stated.points is None else Fraction(Decimal(stated.points))
        if points is None:
            raise Refused("sheet_cause_points", field="findings", name=criterion, cause=code)
        if not low <= points <= high:
            raise Refused(
                "sheet_cause_between", field="findings", name=criterion, cause=code,
                low=low, high=high,
            )  # fmt: skip
        return points * stated.count
    if stated.points is not None:
        raise Refused("sheet_cause_fixed", field="findings", name=criterion, cause=code)
    return full if cause.all else Fraction(cause.take) * stated.count
