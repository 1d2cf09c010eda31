"""The sums of a scheme: what criteria give their item and items the scheme, exactly.

Optional criteria take part in no sum (semantics, section 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from events.errors import Problem
from events.scheme_documents import exact_text
from events.schemes import Criterion, Item, Scheme

NOTHING = Fraction(0)


def states_points(scheme: Scheme) -> bool:
    """Whether anything that enters a sum states points; an optional criterion does not."""
    return (
        scheme.points is not None
        or any(item.points is not None for item in scheme.items())
        or any(one.points is not None for one in scheme.criteria() if not one.optional)
    )


def point_problems(scheme: Scheme, uncertain: Collection[str] = ()) -> Iterator[Problem]:
    """Every sum that does not add up, with both sums; ``uncertain`` codes are not judged."""
    if not states_points(scheme):
        for criterion in scheme.criteria():
            if criterion.points is not None:
                yield Problem(
                    criterion.code,
                    "an optional criterion states points in a scheme that states none;"
                    " leave them out",
                )
        return
    if not any(_states(item) for item in scheme.items()):
        if not uncertain:
            total = exact_text(scheme.points or NOTHING)
            yield Problem(
                "points", f"the scheme states {total} points and no item states any; give each its"
            )  # fmt: skip
        return
    for item in scheme.items():
        if item.code not in uncertain:
            yield from _item_problems(item)
    if not uncertain:
        yield from _scheme_problems(scheme)


def _states(item: Item) -> bool:
    return item.points is not None or any(
        one.points is not None for one in item.criteria if not one.optional
    )


def _weighty(item: Item) -> list[Criterion]:
    return [criterion for criterion in item.criteria if not criterion.optional]


def _given(item: Item) -> Fraction:
    return sum((Fraction(c.points) for c in _weighty(item) if c.points is not None), NOTHING)


def _item_problems(item: Item) -> Iterator[Problem]:
    given = _given(item)
    unstated = [criterion.code for criterion in _weighty(item) if criterion.points is None]
    if item.points is None:
        if unstated:
            yield Problem(
                item.code,
                f"the item states no points, and neither does {', '.join(unstated)}, in a scheme"
                " that states some; state the item's",
            )
        return
    stated = Fraction(item.points)
    sums = f"{exact_text(given)} of the item's {exact_text(stated)} points"
    if not _weighty(item):
        yield Problem(
            item.code,
            f"all criteria are optional, so nobody can earn its {exact_text(stated)} points",
        )
    elif given > stated:
        yield Problem(
            item.code,
            f"the criteria add up to {exact_text(given)} points, more than the item's"
            f" {exact_text(stated)}",
        )
    elif unstated and given == stated:
        yield Problem(
            item.code, f"other criteria take {sums}; nothing is left for {', '.join(unstated)}"
        )
    elif not unstated and given != stated:
        yield Problem(
            item.code,
            f"the criteria add up to {exact_text(given)} points, the item states"
            f" {exact_text(stated)}",
        )


def _scheme_problems(scheme: Scheme) -> Iterator[Problem]:
    total = sum(
        (_given(item) if item.points is None else Fraction(item.points) for item in scheme.items()),
        NOTHING,
    )
    if scheme.points is None:
        yield Problem(
            "points",
            f"the items add up to {exact_text(total)} points and the scheme states no total;"
            f" write points: {exact_text(total)}",
        )
    elif total != Fraction(scheme.points):
        yield Problem(
            "points",
            f"the items add up to {exact_text(total)} points, the scheme states"
            f" {exact_text(scheme.points)}",
        )
