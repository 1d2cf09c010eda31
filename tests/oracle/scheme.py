"""Scheme documents as the oracle reads them: weights, policy, and which one is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.time import number, truth


@dataclass(frozen=True)
class Criterion:
    """One criterion of one scheme version."""

    code: str
    rule: dict[str, Any]
    applies: dict[str, Any] | None
    optional: bool
    points: Fraction | None  # stated or split; None only for an optional one without any
    weight: Fraction  # what it weighs in a score; 0 for an optional one

    @property
    def kind(self) -> str:
        """The kind of rule."""
        return str(self.rule["kind"])


@dataclass(frozen=True)
class Scheme:
    """One version of one scheme."""

    name: str
    version: int
    purpose: str
    categories: tuple[str, ...]
    effective_from: str
    closed_from: str | None
    grace: int
    late: Fraction
    incomplete: Fraction
    states_points: bool
    criteria: tuple[Criterion, ...]
    total: str | None
    items: tuple[dict[str, Any], ...]

    def criterion(self, code: str) -> Criterion | None:
        """The criterion with that code, if this version has one."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        return None


def read_scheme(document: dict[str, Any]) -> Scheme:
    """The scheme version that a document describes."""
    policy = document.get("policy") or {}
    pointless = "points" not in document
    criteria: list[Criterion] = []
    for item in _items(document["sections"]):
        criteria.extend(_criteria(item, pointless))
    return Scheme(
        name=str(document["scheme"]),
        version=int(document["version"]),
        purpose=str(document.get("purpose", "monthly")),
        categories=tuple(document["categories"]),
        effective_from=str(document["effective_from"]),
        closed_from=document.get("closed_from"),
        grace=int(policy.get("recording_grace_days", "5")),
        late=number(policy.get("late_credit", "0.5")),
        incomplete=number(policy.get("incomplete_credit", "0.5")),
        states_points=not pointless,
        criteria=tuple(criteria),
        total=None if pointless else str(document["points"]),
        items=tuple(_items(document["sections"])),
    )


def _items(sections: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield from section.get("items", [])
        yield from _items(section.get("sections", []))


def _criteria(item: dict[str, Any], pointless: bool) -> Iterator[Criterion]:
    weighing = [c for c in item["criteria"] if not truth(c.get("optional", "false"))]
    if pointless:
        whole = Fraction(1)
        stated: list[Fraction] = []
        sharing = len(weighing)
    else:
        stated = [number(c["points"]) for c in weighing if "points" in c]
        sharing = len(weighing) - len(stated)
        whole = number(item["points"]) if "points" in item else sum(stated, Fraction(0))
    share = (whole - sum(stated, Fraction(0))) / sharing if sharing else Fraction(0)
    for criterion in item["criteria"]:
        optional = truth(criterion.get("optional", "false"))
        points: Fraction | None
        if "points" in criterion:
            points = number(criterion["points"])
        else:
            points = None if optional else share
        yield Criterion(
            code=str(criterion["code"]),
            rule=criterion["rule"],
            applies=criterion.get("applies"),
            optional=optional,
            points=points,
            weight=Fraction(0) if optional or points is None else points,
        )


def in_force(schemes: tuple[Scheme, ...], month: str, category: str, purpose: str) -> Scheme | None:
    """The scheme version that governs a category in a month for a purpose.

    The candidate of each scheme is its highest version that has begun and is not closed; the
    candidate that began last governs. Schemes are in the order of publication, and `closed_from`
    closes the scheme right after that version was published.
    """
    highest: dict[str, Scheme] = {}
    for place, scheme in enumerate(schemes):
        if scheme.purpose != purpose or category not in scheme.categories:
            continue
        if scheme.effective_from > month or _is_closed(schemes, place, month):
            continue
        known = highest.get(scheme.name)
        if known is None or known.version < scheme.version:
            highest[scheme.name] = scheme
    if not highest:
        return None
    return max(highest.values(), key=lambda scheme: scheme.effective_from)


def _is_closed(schemes: tuple[Scheme, ...], place: int, month: str) -> bool:
    """Whether a closing has ended a version in a month.

    A version that was published after the closing, from its month or a later one, is not ended.
    """
    version = schemes[place]
    for earlier, other in enumerate(schemes):
        end = other.closed_from
        if other.name != version.name or end is None or month < end:
            continue
        if earlier >= place or version.effective_from < end:
            return True
    return False


def first_month(schemes: tuple[Scheme, ...], name: str, category: str) -> str:
    """The first month in which a scheme names a category."""
    return min(
        scheme.effective_from
        for scheme in schemes
        if scheme.name == name and category in scheme.categories
    )
