"""How the scores of a month are distributed within each category."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import orjson

from events.periods import parse_month
from events.streams.scores import MONTHLY
from projections.organizations.tree import category_on
from projections.scoring.figures import hundredths_of, round_score

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

BINS = (0, 60, 70, 75, 80, 85, 90, 95, 100)
"""Lower bounds of the histogram's columns; the last one holds full scores alone."""


def distribution(
    reader: Reader, scope: Scope, period: str, root: str | None = None
) -> list[dict[str, Any]]:
    """The scores of a month by category: how many in each of ``BINS``, mean, lowest and highest.

    ``root`` is the scope of the cycle that posted them, None for all. The newest adjustment counts;
    the category is that of the month's last day. Means are of the scores as printed, rounded half
    up.
    """
    condition, values = scope.condition()
    if root is not None:
        condition += " AND s.scope = ?"
        values.append(root)
    last = parse_month(period).last_day.isoformat()
    rows = reader.rows(
        "SELECT o.categories, s.score, s.inspected, s.adjustments FROM scores s"
        f" JOIN organizations o ON o.stream = s.stream WHERE {condition} AND s.period = ?"
        " AND s.kind = ?",
        [*values, period, MONTHLY],
    )
    groups: dict[str, _Scores] = {}
    for categories, score, inspected, adjustments in rows:
        group = groups.setdefault(category_on(categories, last), _Scores())
        group.posted += 1
        group.inspected += inspected is not None
        current = score if adjustments == "[]" else orjson.loads(adjustments)[-1]["new"]
        if current is not None:
            group.hundredths[hundredths_of(current)] += 1
    return [groups[name].as_json(name) for name in sorted(groups)]


class _Scores:
    """The scores of one category."""

    def __init__(self) -> None:
        self.posted = 0
        self.inspected = 0
        self.hundredths: Counter[int] = Counter()

    def as_json(self, category: str) -> dict[str, Any]:
        count = sum(self.hundredths.values())
        total = sum(value * times for value, times in self.hundredths.items())
        bins = [0] * len(BINS)
        for value, times in self.hundredths.items():
            bins[max(0, sum(value >= 100 * bound for bound in BINS) - 1)] += times
        return {
            "category": category,
            "posted": self.posted,
            "inspected": self.inspected,
            "scored": count,
            "mean": round_score(Fraction(total, 100 * count)) if count else None,
            "min": round_score(Fraction(min(self.hundredths), 100)) if count else None,
            "max": round_score(Fraction(max(self.hundredths), 100)) if count else None,
            "bins": bins,
        }
