"""Which criteria an activity serves, and what each asks of it: for whoever records one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from events.schemes import ActivityRule, Criterion

if TYPE_CHECKING:
    from events.periods import Period
    from events.schemes import Scheme
    from projections.rules import SchemeBook


@dataclass(frozen=True, slots=True)
class Served:
    """One criterion that an activity serves; ``attendance`` is the least share present, or None."""

    criterion: Criterion
    item: str
    evidence: tuple[str, ...]
    attendance: Decimal | None
    in_full: bool
    optional: bool


def scheme_of(book: SchemeBook, category: str, month: Period) -> Scheme | None:
    """The monthly scheme that governs a category in a month."""
    return book.in_force(category, "monthly", month)


def activities_of(scheme: Scheme) -> dict[str, tuple[Served, ...]]:
    """Every activity that a scheme asks for with the criteria that it serves, in their order."""
    found: dict[str, list[Served]] = {}
    for item in scheme.items():
        for criterion in item.criteria:
            rule = criterion.rule
            if isinstance(rule, ActivityRule):
                found.setdefault(rule.activity, []).append(
                    Served(
                        criterion,
                        item.code,
                        rule.evidence,
                        rule.attendance_at_least,
                        rule.in_full,
                        criterion.optional,
                    )
                )
    return {activity: tuple(served) for activity, served in found.items()}
