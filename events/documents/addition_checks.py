"""The problems of additions: codes, ranges, caps, and items of additions alone.

An addition adds to the total or takes from it (docs/semantics.md, section 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from events.documents.rule_checks import repeated_words
from events.documents.schemes import Addition, Item, Scheme, has_points
from events.refusals.errors import Problem
from events.values import exact_text


def addition_problems(scheme: Scheme, uncertain: Collection[str] = ()) -> Iterator[Problem]:
    """Yield every problem of additions, at the item; ``uncertain`` items may have lost parts."""
    stated = has_points(scheme)
    for item in scheme.items():
        if item.additions and not stated:
            yield Problem.error(item.code, "additions_without_points")
        if item.code not in uncertain:
            yield from _item_problems(item)
        for addition in item.additions:
            yield from _addition_problems(item.code, addition)


def _item_problems(item: Item) -> Iterator[Problem]:
    for code in repeated_words(addition.code for addition in item.additions):
        yield Problem.error(item.code, "addition_twice", code=code)
    if item.criteria and item.points == 0:
        yield Problem.error(item.code, "points_zero")
    if item.additions:
        return
    if not item.criteria:
        yield Problem.error(item.code, "item_empty")
    if item.additions_cap is not None:
        yield Problem.error(item.code, "additions_missing", name="additions_cap")
    if item.highest_only:
        yield Problem.error(item.code, "additions_missing", name="highest_only")


def _addition_problems(item: str, addition: Addition) -> Iterator[Problem]:
    code, between = addition.code, addition.between
    given = [name for name in ("add", "between") if getattr(addition, name) is not None]
    if len(given) != 1:
        stated = " and ".join(given) or "none"
        yield Problem.error(item, "addition_one_of", code=code, given=stated)
    if addition.add == 0 or (between is not None and not any(between)):
        yield Problem.error(item, "addition_nothing", code=code)
    elif between is not None and between[0] > between[1]:
        low, high = (exact_text(limit) for limit in between)
        yield Problem.error(item, "addition_reversed", code=code, low=low, high=high)
