"""The conditions and measures that the organizations of the demonstration district report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from events.documents.schemes import ConditionRule, MeasureRule, Scheme
from events.periods import Period
from tracker.demonstration.dice import Dice

Line = dict[str, Any]

SIZES = {
    "members": (4, 90),
    "households": (900, 3800),
    "rostered_people": (8, 40),
    "member_cadres": (5, 12),
    "households_able_to_work": (120, 700),
    "community_cadres": (5, 14),
    "local_average_wage": (4200, 4200),
}
"""Lowest and highest value of the numbers that other numbers are compared with."""
CATEGORY_SIZES = {
    ("department", "members"): (6, 60),
    ("school", "members"): (4, 38),
    ("enterprise", "members"): (3, 26),
    ("village", "households"): (180, 900),
}
OTHER_SIZE = (5, 40)
SHORT_PER_MILLE = 60
"""How often a number is below what its rule requires."""
SILENT_PER_MILLE = 8
"""How often a condition or a number is never reported."""
CHANGED_PER_MILLE = 25
"""How often in a month an organization reports one condition again."""


def members(code: str, category: str, *, seed: int) -> int:
    """Return how many members an organization has, without the growth of later years."""
    return _size(Dice(seed, "numbers", code), category, "members")


def census(
    code: str, category: str, scheme: Scheme, on: date, *, seed: int, numbers_only: bool = False
) -> list[dict[str, Any]]:
    """Return the lines of all facts that the scheme requires of an organization, on a day."""
    dice = Dice(seed, "numbers", code)
    when = {"on": on.isoformat(), "recorded_on": (on + timedelta(days=2)).isoformat()}
    lines: list[Line] = []
    for name, value in numbers(category, scheme, on.year, dice).items():
        if not dice.chance(SILENT_PER_MILLE, f"silent|{name}"):
            lines.append(
                {
                    "kind": "measure",
                    "organization": code,
                    "measure": name,
                    "value": str(value),
                    **when,
                }
            )
    for name in () if numbers_only else conditions(scheme):
        if not dice.chance(SILENT_PER_MILLE, f"silent|{name}"):
            state = _state(dice, f"state|{name}")
            lines.append(
                {
                    "kind": "condition",
                    "organization": code,
                    "condition": name,
                    "state": state,
                    **when,
                }
            )
    return lines


def moved_conditions(
    code: str, scheme: Scheme, month: Period, *, seed: int
) -> list[dict[str, Any]]:
    """Return what an organization reports again in a month: usually nothing, else one condition."""
    dice = Dice(seed, "condition", code, month)
    required = list(conditions(scheme))
    if not required or not dice.chance(CHANGED_PER_MILLE, "changed"):
        return []
    on = month.first_day + timedelta(days=dice.between(0, 24, "on"))
    return [
        {
            "kind": "condition",
            "organization": code,
            "condition": dice.pick(required, "which"),
            "state": _state(dice, "state"),
            "on": on.isoformat(),
            "recorded_on": (on + timedelta(days=dice.between(0, 3, "recorded"))).isoformat(),
        }
    ]


def conditions(scheme: Scheme) -> Iterator[str]:
    """Return the conditions that a scheme requires, each once, in document order."""
    rules = (criterion.rule for criterion in scheme.criteria())
    return iter(dict.fromkeys(rule.condition for rule in rules if isinstance(rule, ConditionRule)))


def numbers(category: str, scheme: Scheme, year: int, dice: Dice) -> dict[str, int]:
    """Return the numbers that a scheme requires: sizes first, then those compared with them."""
    criteria = list(scheme.criteria())
    rules = [item.rule for item in criteria if isinstance(item.rule, MeasureRule)]
    names = ["members"]
    names += [item.applies.measure for item in criteria if item.applies is not None]
    for rule in rules:
        names += [name for name in (rule.of, rule.by_measure) if name is not None]
    values = {name: _size(dice, category, name) for name in names}
    if dice.chance(400, f"grown|{year}"):
        values["members"] += dice.between(1, 2, f"growth|{year}")
    for rule in rules:
        if rule.measure not in values:
            values[rule.measure] = _reported_value(rule, values, dice)
    return values


def _reported_value(rule: MeasureRule, values: dict[str, int], dice: Dice) -> int:
    """Return what an organization reports for a rule: usually enough, sometimes a little less."""
    if rule.of is not None:
        required = (rule.ratio_at_least or Decimal(1)) * values[rule.of]
    elif rule.tiers:
        by = values[rule.by_measure or "members"]
        required = next(
            tier.at_least for tier in rule.tiers if tier.below is None or by < tier.below
        )
    else:
        required = rule.at_least or Decimal(0)
    enough = int(required.to_integral_value(ROUND_CEILING))
    if dice.chance(SHORT_PER_MILLE, f"short|{rule.measure}"):
        return max(0, enough - max(1, enough * dice.between(2, 20, rule.measure) // 100))
    own_scale = rule.of is None or (rule.ratio_at_least or 0) > 1
    return enough + (enough * dice.between(0, 15, rule.measure) // 100 if own_scale else 0)


def _size(dice: Dice, category: str, name: str) -> int:
    low, high = CATEGORY_SIZES.get((category, name)) or SIZES.get(name) or OTHER_SIZE
    return dice.between(low, high, f"size|{name}")


def _state(dice: Dice, what: str) -> str:
    return dice.pick(["met"] * 92 + ["partial"] * 5 + ["unmet"] * 3, what)
