"""What a period's sheet found of additions, and what they come to (docs/semantics.md, section 6).

Pure and exact: the additions of each item are added up, or only the largest counts, and cut by the
item's cap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.scoring.figures import exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.documents.schemes import Item, Scheme
    from projections.scoring.history import SheetFindings

ZERO = Fraction(0)
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class AdditionResult:
    """An addition that a sheet found: points for each occurrence and together.

    ``counts`` is False where another addition of the item is larger and only that one counts.
    """

    item: str
    addition: str
    count: int
    points: Fraction
    counts: bool = True

    @property
    def total(self) -> Fraction:
        """The points of all occurrences, before the item's cap."""
        return self.points * self.count

    def to_json(self) -> dict[str, Any]:
        """Return the addition as docs/contracts.md shows it."""
        return {
            "item": self.item,
            "addition": self.addition,
            "count": self.count,
            "points": exact(self.points),
            "total": exact(self.total),
            "counts": self.counts,
        }


class Additions(NamedTuple):
    """The additions of one figure, and their sum in points of the scheme, after all limits."""

    lines: tuple[AdditionResult, ...] = ()
    points: Fraction = ZERO

    def add_to(self, score: Fraction | None, scheme: Scheme) -> Fraction | None:
        """Return a score with the additions, at least 0; None stays None (section 6)."""
        if score is None or not self.lines or scheme.points is None:
            return score
        return max(ZERO, score + HUNDRED * self.points / Fraction(scheme.points))


def additions_in_force(
    scheme: Scheme, sheets: Iterable[SheetFindings], period: str, purpose: str, asked_on: str
) -> Additions:
    """Return the additions of the newest sheet on ``period``, whose list replaces earlier ones.

    Only sheets of this purpose recorded by ``asked_on`` count; an item or addition that the scheme
    does not have adds nothing.
    """
    own = [
        sheet
        for sheet in sheets
        if sheet.period == period and sheet.kind == purpose and sheet.known_on <= asked_on
    ]
    if not own:
        return Additions()
    found = max(own, key=lambda sheet: sheet.version).additions
    lines: list[AdditionResult] = []
    points = ZERO
    for item in scheme.items():
        theirs = _lines_of(item, found)
        if theirs:
            total = sum((line.total for line in theirs if line.counts), ZERO)
            cap = item.additions_cap
            points += total if cap is None else min(total, Fraction(cap))
            lines.extend(theirs)
    return Additions(tuple(lines), points)


def _lines_of(item: Item, found: Iterable[dict[str, Any]]) -> list[AdditionResult]:
    """Return what was found of one item, in the order of its additions."""
    stated = {line["addition"]: line for line in found if line["item"] == item.code}
    lines: list[AdditionResult] = []
    for addition in item.additions:
        line = stated.get(addition.code)
        if line is not None:
            points = addition.add if addition.between is None else Decimal(line["points"])
            lines.append(
                AdditionResult(item.code, addition.code, line["count"], Fraction(points or 0))
            )
    if not item.highest_only or not lines:
        return lines
    largest = max(lines, key=lambda line: line.total)
    return [replace(line, counts=line is largest) for line in lines]
