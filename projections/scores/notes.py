"""What has to be said wherever posted scores are shown: how they came about.

Self-reported figures among inspected ones, schemes without points, schemes whose points are not 100
(docs/semantics.md, sections 2 and 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from events.documents.schemes import has_points
from events.refusals.errors import Refused
from events.streams.cycles import CycleOpened
from projections.documents.in_force import book

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.periods import Period
    from projections.documents.rule_words import Language

MIXED = (
    "未抽查的按自报材料推算计分，自报得分与检查得分混合列出。",
    "Who was not inspected is scored from self-reports: the figures are mixed.",
)
EQUAL_WEIGHTS = (
    "评价标准未列分值，各项目权重相同。",
    "Items weigh the same: the scheme states no points.",
)
SCALED = (
    "评价标准总分不是100分，得分折合百分制。",
    "The points of the scheme are not 100; scores are scaled to 100.",
)


@dataclass(frozen=True, slots=True)
class ScoreNotes:
    """What is true of some posted scores.

    ``mixed``: those without an inspection count as derived. ``equal_weights``: a scheme of theirs
    states no points. ``scaled``: the points of a scheme of theirs are not 100.
    """

    mixed: bool = False
    equal_weights: bool = False
    scaled: bool = False

    def sentences(self, language: Language) -> list[str]:
        """Return what is to be said, in a language."""
        told = ((self.mixed, MIXED), (self.equal_weights, EQUAL_WEIGHTS), (self.scaled, SCALED))
        return [text[language == "en"] for said, text in told if said]


def month_notes(reader: Reader, period: Period, scope: str | None = None) -> ScoreNotes:
    """Return what is to be said of the scores of a month, of all cycles or that of one scope."""
    openings = [
        event.data
        for event in reader.events_of_type_since(CycleOpened.TYPE, "")
        if event.data["period"] == str(period) and scope in {None, event.data["scope"]}
    ]
    pinned = {(pin["scheme"], pin["version"]) for opened in openings for pin in opened["schemes"]}
    return scheme_notes(
        reader,
        pinned,
        mixed=any(opened["policy"].get("unchecked_month") == "derived" for opened in openings),
    )


def scheme_notes(
    reader: Reader, versions: Iterable[tuple[str, int]], *, mixed: bool = False
) -> ScoreNotes:
    """Return what is to be said of scores by the scheme versions that posted them."""
    schemes = book(reader)
    equal_weights = scaled = False
    for name, version in versions:
        try:
            scheme = schemes.version(name, version)
        except Refused:  # an unknown version says nothing, as in the lists of findings
            continue
        equal_weights |= not has_points(scheme)
        scaled |= scheme.points is not None and scheme.points != Decimal(100)
    return ScoreNotes(mixed, equal_weights, scaled)
