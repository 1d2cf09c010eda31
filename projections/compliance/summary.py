"""Derived figures summed up: how many, their mean, lowest and highest, by category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from events.periods import Period
from projections.organizations.directory import OrganizationEntry
from projections.scoring.assessment import Assessment
from projections.scoring.figures import round_score

MOST_WORST = 10
"""Criteria that ``worst`` names at most."""


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """The figures of one category; scores are rounded texts, None where nothing has a score."""

    category: str
    organizations: int
    scored: int
    mean: str | None
    lowest: str | None
    highest: str | None


@dataclass(frozen=True, slots=True)
class MissedCriterion:
    """A criterion of a scheme with the number of organizations that missed it."""

    scheme: str
    criterion: str
    missed: int


@dataclass(frozen=True, slots=True)
class ComplianceSummary:
    """The derived figures of a period summed up.

    ``scored`` counts the scores that enter means; ``worst`` are the criteria most often missed.
    """

    period: str
    organizations: int
    scored: int
    categories: list[CategorySummary]
    worst: list[MissedCriterion]


def summarize(
    assessments: Sequence[Assessment], entries: Sequence[OrganizationEntry], period: Period
) -> ComplianceSummary:
    """Sum up a period's derived figures; ``entries`` are in the order of ``assessments``.

    The category is that of the period's last day; months before the district's first one enter no
    mean (docs/semantics.md, section 1).
    """
    day = period.last_day.isoformat()
    scores: dict[str, list[Fraction]] = {}
    counts: Counter[str] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for assessment, entry in zip(assessments, entries, strict=True):
        category = entry.category_on(day)
        counts[category] += 1
        if assessment.score is not None and assessment.enters_means:
            scores.setdefault(category, []).append(assessment.score)
        missed.update(
            (assessment.scheme or "", criterion.code)
            for criterion in assessment.criteria
            if criterion.status == "missed"
        )
    worst = sorted((-count, scheme, code) for (scheme, code), count in missed.items())
    return ComplianceSummary(
        str(period),
        len(entries),
        sum(map(len, scores.values())),
        [
            _summarize_category(category, counts[category], scores.get(category, []))
            for category in sorted(counts)
        ],
        [MissedCriterion(scheme, code, -count) for count, scheme, code in worst[:MOST_WORST]],
    )


def _summarize_category(category: str, count: int, scores: list[Fraction]) -> CategorySummary:
    return CategorySummary(
        category,
        count,
        len(scores),
        round_score(sum(scores, Fraction(0)) / len(scores)) if scores else None,
        round_score(min(scores)) if scores else None,
        round_score(max(scores)) if scores else None,
    )
