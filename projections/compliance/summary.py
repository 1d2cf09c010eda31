"""Derived figures summed up: how many, their mean, lowest and highest, by category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from events.periods import Period
from projections.organizations.directory import OrganizationEntry
from projections.scoring.assessment import Assessment
from projections.scoring.figures import round_score


def summary(
    found: Sequence[Assessment], entries: Sequence[OrganizationEntry], period: Period
) -> dict[str, Any]:
    """Counts and means of a period's derived figures; ``entries`` stand in the order of ``found``.

    The category is that of the period's last day; months before the district's first one enter no
    mean (docs/semantics.md, section 1). ``worst`` are the criteria most often missed.
    """
    day = period.last_day.isoformat()
    scores: dict[str, list[Fraction]] = {}
    counts: Counter[str] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for one, entry in zip(found, entries, strict=True):
        category = entry.category_on(day)
        counts[category] += 1
        if one.score is not None and one.enters_means:
            scores.setdefault(category, []).append(one.score)
        missed.update(
            (one.scheme or "", criterion.code)
            for criterion in one.criteria
            if criterion.status == "missed"
        )
    return {
        "period": str(period),
        "organizations": len(entries),
        "scored": sum(map(len, scores.values())),
        "categories": [
            _category(name, counts[name], scores.get(name, [])) for name in sorted(counts)
        ],
        "worst": [
            {"scheme": scheme, "criterion": code, "missed": count}
            for (scheme, code), count in sorted(missed.items(), key=lambda one: (-one[1], one[0]))[
                :10
            ]
        ],
    }


def _category(name: str, count: int, scores: list[Fraction]) -> dict[str, Any]:
    return {
        "category": name,
        "organizations": count,
        "scored": len(scores),
        "mean": round_score(sum(scores, Fraction(0)) / len(scores)) if scores else None,
        "lowest": round_score(min(scores)) if scores else None,
        "highest": round_score(max(scores)) if scores else None,
    }
