"""The sums of points: criteria add up to their item and items to the scheme, exactly.

Optional criteria are in no sum (docs/semantics.md, section 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from events.documents.schemes import Criterion, Item, Scheme
from events.refusals.errors import Problem
from events.values import exact_text

ZERO = Fraction(0)


def states_points(scheme: Scheme) -> bool:
    """Return whether anything that is part of a sum states points; optional criteria are not."""
    return (
        scheme.points is not None
        or any(item.points for item in scheme.items())
        or any(one.points is not None for one in scheme.criteria() if not one.optional)
    )


def point_problems(scheme: Scheme, uncertain: Collection[str] = ()) -> Iterator[Problem]:
    """Yield a problem with both numbers for each wrong sum, except for ``uncertain`` codes."""
    if not states_points(scheme):
        for criterion in scheme.criteria():
            if criterion.points is not None:
                yield Problem.error(criterion.code, "points_optional")
        return
    if not any(_states(item) for item in scheme.items()):
        if not uncertain:
            total = exact_text(scheme.points or ZERO)
            yield Problem.error("points", "points_no_item", total=total)
        return
    for item in scheme.items():
        if item.code not in uncertain:
            yield from _item_problems(item)
    if not uncertain:
        yield from _scheme_problems(scheme)


def _states(item: Item) -> bool:
    return bool(item.points) or any(criterion.points is not None for criterion in _counted(item))


def _counted(item: Item) -> list[Criterion]:
    return [criterion for criterion in item.criteria if not criterion.optional]


def _stated_sum(item: Item) -> Fraction:
    return sum((Fraction(c.points) for c in _counted(item) if c.points is not None), ZERO)


def _item_problems(item: Item) -> Iterator[Problem]:
    if item.points == 0:
        return  # an item of additions alone, else a fault that ``addition_checks`` names
    given = _stated_sum(item)
    unstated = [criterion.code for criterion in _counted(item) if criterion.points is None]
    if item.points is None:
        if unstated:
            yield Problem.error(item.code, "points_unstated", codes=", ".join(unstated))
        return
    stated = Fraction(item.points)
    total, points = exact_text(given), exact_text(stated)
    if not item.criteria:
        yield Problem.error(item.code, "points_without_criteria", points=points)
    elif not _counted(item):
        yield Problem.error(item.code, "points_unearned", points=points)
    elif given > stated:
        yield Problem.error(item.code, "points_above_item", sum=total, points=points)
    elif unstated and given == stated:
        codes = ", ".join(unstated)
        yield Problem.error(item.code, "points_nothing_left", sum=total, points=points, codes=codes)
    elif not unstated and given != stated:
        yield Problem.error(item.code, "points_not_item", sum=total, points=points)


def _scheme_problems(scheme: Scheme) -> Iterator[Problem]:
    total = sum(
        (
            _stated_sum(item) if item.points is None else Fraction(item.points)
            for item in scheme.items()
        ),
        ZERO,
    )
    if scheme.points is None:
        yield Problem.error("points", "points_no_total", sum=exact_text(total))
    elif total != Fraction(scheme.points):
        points = exact_text(scheme.points)
        yield Problem.error("points", "points_not_total", sum=exact_text(total), points=points)
