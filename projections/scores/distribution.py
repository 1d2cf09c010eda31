"""How the scores of a month are distributed within each category."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import orjson

from events.periods import parse_month
from events.streams.scores import MONTHLY
from projections.organizations.tree import category_on
from projections.scores.known_month import categories_posted, read_known_month
from projections.scoring.figures import hundredths_of, round_score, text_of

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope

BINS = (0, 60, 70, 75, 80, 85, 90, 95, 100)
"""Lower bounds of the histogram's columns; the last one holds full scores alone."""


class CategoryDistribution(NamedTuple):
    """How the scores of one category are distributed.

    ``posted`` counts the organizations, ``inspected`` and ``scored`` those with an inspection and
    with a figure. ``mean`` (rounded half up), ``min`` and ``max`` are of the scores as printed,
    None where there are none. ``bins`` counts the scores from each bound of ``BINS`` on.
    ``adjusted`` counts the scores that were adjusted since they were posted, ``mean_posted`` is the
    mean of the scores as they were posted.
    """

    category: str
    posted: int
    inspected: int
    scored: int
    mean: str | None
    min: str | None
    max: str | None
    bins: tuple[int, ...]
    adjusted: int
    mean_posted: str | None


def distribute_scores(
    reader: Reader, scope: Scope, period: str, root: str | None = None
) -> list[CategoryDistribution]:
    """Return how the scores of a month are distributed within each category, by category.

    ``root`` is the scope of the cycle that posted them, None for all. The newest adjustment counts;
    the category is that of the month's last day as known when the cycle closed, by whose scheme the
    score was posted.
    """
    condition, values = scope.condition()
    if root is not None:
        condition += " AND s.scope = ?"
        values.append(root)
    month = read_known_month(reader, parse_month(period))
    last = month.period.last_day.isoformat()
    rows = reader.rows(
        "SELECT o.stream, s.scope, o.categories, s.score, s.inspected, s.adjustments FROM scores s"
        f" JOIN organizations o ON o.stream = s.stream WHERE {condition} AND s.period = ?"
        " AND s.kind = ?",
        [*values, period, MONTHLY],
    )
    changed = categories_posted(reader, month, {stream: scope for stream, scope, *_ in rows})
    groups: dict[str, _Scores] = {}
    for stream, _, categories, score, inspected, adjustments in rows:
        category = changed.get(stream) or category_on(categories, last)
        group = groups.setdefault(category, _Scores())
        group.posted += 1
        group.inspected += inspected is not None
        current = score
        if adjustments != "[]":
            current = orjson.loads(adjustments)[-1]["new"]
            group.adjusted += 1
        if score is not None:
            group.posted_scores[hundredths_of(score)] += 1
        if current is not None:
            group.hundredths[hundredths_of(current)] += 1
    return [groups[name].summarize(name) for name in sorted(groups)]


class _Scores:
    """The scores of one category."""

    def __init__(self) -> None:
        self.posted = 0
        self.inspected = 0
        self.adjusted = 0
        self.hundredths: Counter[int] = Counter()
        self.posted_scores: Counter[int] = Counter()

    def summarize(self, category: str) -> CategoryDistribution:
        count = self.hundredths.total()
        bins = [0] * len(BINS)
        for value, times in self.hundredths.items():
            bins[max(0, sum(value >= 100 * bound for bound in BINS) - 1)] += times
        return CategoryDistribution(
            category,
            self.posted,
            self.inspected,
            count,
            _mean(self.hundredths),
            text_of(min(self.hundredths)) if count else None,
            text_of(max(self.hundredths)) if count else None,
            tuple(bins),
            self.adjusted,
            _mean(self.posted_scores),
        )


def _mean(hundredths: Counter[int]) -> str | None:
    """Return the mean of scores in hundredths as printed, None of none."""
    count = hundredths.total()
    total = sum(value * times for value, times in hundredths.items())
    return round_score(Fraction(total, 100 * count)) if count else None
