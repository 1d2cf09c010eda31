"""The additions of an inspected figure, explained: what was found, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.documents.schemes import additions_offered
from events.values import exact_text
from projections.scoring.figures import exact

if TYPE_CHECKING:
    from events.documents.schemes import Scheme
    from projections.documents.rule_words import Language
    from projections.scoring.assessment import Assessment


@dataclass(frozen=True, slots=True)
class AdditionLine:
    """An addition that the period's sheet found: its points each and together, as exact text.

    ``counts`` is False where only the highest addition of the item counts and it is another.
    """

    item: str
    addition: str
    text: str
    count: int
    points: str
    total: str
    counts: bool


@dataclass(frozen=True, slots=True)
class AdditionsExplanation:
    """The additions of a figure: ``points`` after all limits, out of ``scheme_points``.

    The figure is 100 x points / scheme points higher (docs/semantics.md, section 6).
    """

    points: str
    scheme_points: str
    lines: list[AdditionLine]


def explain_additions(
    scheme: Scheme | None, checked: Assessment, language: Language
) -> AdditionsExplanation | None:
    """Return the additions of an inspected figure with their texts, None where there are none."""
    if scheme is None or scheme.points is None or not checked.additions:
        return None
    offered = additions_offered(scheme)
    lines = [
        AdditionLine(
            text=offered[line.item, line.addition].text.in_language(language), **line.to_json()
        )
        for line in checked.additions
    ]
    return AdditionsExplanation(exact(checked.additions_points), exact_text(scheme.points), lines)
