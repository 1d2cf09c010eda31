"""The organizations of the demonstration district, and five changes of them.

An invented county, twelve townships and streets, and three hundred organizations under them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from events.periods import Period
from tracker.demonstration.dice import Dice
from tracker.demonstration.names import (
    COUNTY,
    DEPARTMENTS,
    SCHOOLS,
    STREETS,
    TOWNS,
    community_names,
    company_names,
    village_names,
)

Line = dict[str, Any]
ROOT = "990100"
VILLAGES_PER_TOWN = 17
COMMUNITIES_PER_STREET = 13
COMPANIES = 30
TOWNSHIPS = STREETS + TOWNS
FIRST_DEPARTMENT = 101


@dataclass(frozen=True, slots=True)
class Branch:
    """One organization of the district; ``became`` is a later category and its first day."""

    code: str
    name: str
    category: str
    parent: str | None
    registered_on: date
    closed_on: date | None = None
    became: tuple[date, str] | None = None

    def alive(self, day: date) -> bool:
        """Return whether it exists on a day; the first and the last day count."""
        return self.registered_on <= day and (self.closed_on is None or day <= self.closed_on)

    def category_on(self, day: date) -> str:
        """Return its category on a day."""
        return self.became[1] if self.became and day >= self.became[0] else self.category


@dataclass(frozen=True, slots=True)
class InventedDistrict:
    """All organizations, parents first, and the import lines of their changes."""

    branches: tuple[Branch, ...]
    changes: tuple[Line, ...]
    first_month: Period


def district(first_month: Period, seed: int) -> InventedDistrict:
    """Return the district with its five changes in the year from its first month on."""
    dice = Dice(seed, "district")
    branches = {branch.code: branch for branch in _branches(dice)}
    changes: list[Line] = []
    for branch, line in _changes(branches, first_month, dice):
        branches[branch.code] = branch
        changes.append(line)
    return InventedDistrict(tuple(branches.values()), tuple(changes), first_month)


def registration(branch: Branch, recorded_on: date) -> dict[str, Any]:
    """Return the import line that registers an organization."""
    line: Line = {
        "kind": "organization",
        "code": branch.code,
        "name": branch.name,
        "category": branch.category,
        "registered_on": branch.registered_on.isoformat(),
        "recorded_on": recorded_on.isoformat(),
    }
    if branch.parent is not None:
        line["parent"] = branch.parent
    return line


def _branches(dice: Dice) -> Iterator[Branch]:
    yield Branch(ROOT, f"{COUNTY}委员会", "county", None, date(2010, 1, 4))
    for number, name in enumerate(TOWNSHIPS, start=1):
        category = "street" if name in STREETS else "township"
        yield Branch(f"{ROOT}-{number:03}", f"{name}委员会", category, ROOT, date(2010, 3, 1))
    for number, name in enumerate(DEPARTMENTS, start=FIRST_DEPARTMENT):
        code = f"{ROOT}-{number}"
        yield Branch(code, f"{name}机关党支部", "department", ROOT, _founded(dice, code))
    villages = iter(dice.shuffled(village_names(), "villages"))
    communities = iter(dice.shuffled(community_names(), "communities"))
    companies = iter(dice.shuffled(company_names(), "companies"))
    for number, township in enumerate(TOWNSHIPS, start=1):
        parent = f"{ROOT}-{number:03}"
        city = township in STREETS
        own = [("community", next(communities)) for _ in range(COMMUNITIES_PER_STREET * city or 1)]
        own += [("village", next(villages)) for _ in range(0 if city else VILLAGES_PER_TOWN)]
        own += [("school", township.rstrip("街道镇乡") + school) for school in SCHOOLS]
        share = COMPANIES // len(TOWNSHIPS) + (number <= COMPANIES % len(TOWNSHIPS))
        own += [("enterprise", next(companies)) for _ in range(share)]
        for place, (category, name) in enumerate(own, start=1):
            code = f"{parent}-{place:03}"
            title = f"{name}党委" if category == "community" else f"{name}党支部"
            yield Branch(code, title, category, parent, _founded(dice, code))


def _founded(dice: Dice, code: str) -> date:
    return date(2011, 1, 1) + timedelta(days=dice.between(0, 3600, code))


def _changes(
    branches: Mapping[str, Branch], first: Period, dice: Dice
) -> Iterator[tuple[Branch, Line]]:
    """Yield one founding, one village made a community, one move, one merger and one closing.

    They are in the order of their dates.
    """
    months = [Period(first.first + index, 1).first_day for index in range(9)]
    villages = [branch for branch in branches.values() if branch.category == "village"]
    schools = [branch for branch in branches.values() if branch.category == "school"]
    company = [branch for branch in branches.values() if branch.category == "enterprise"][-1]

    founded = months[2] + timedelta(days=14)
    code = f"{company.parent}-{int(company.code[-3:]) + 1:03}"
    new = Branch(code, "筠石农机服务有限公司党支部", "enterprise", company.parent, founded)
    yield new, registration(new, founded + timedelta(days=2))

    village, turned = villages[5], months[4]
    name = village.name.replace("村党支部", "社区党委")
    yield (
        replace(village, became=(turned, "community")),
        _change(village, turned, "村改社区", name=name, category="community"),
    )
    moved, on = villages[VILLAGES_PER_TOWN - 1], months[5] + timedelta(days=9)
    parent = villages[VILLAGES_PER_TOWN].parent
    yield moved, _change(moved, on, "乡镇区划调整", parent=parent)

    merged, on = schools[dice.between(0, 3, "merged") * 3 + 2], months[6] + timedelta(days=19)
    into = next(school for school in schools if school.parent == merged.parent)
    yield (
        replace(merged, closed_on=on),
        _change(merged, on, "幼儿园并入中心小学", merged_into=into.code),
    )
    on = months[8] + timedelta(days=17)
    yield replace(company, closed_on=on), _change(company, on, "企业注销", closed=True)


def _change(branch: Branch, on: date, reason: str, **what: object) -> Line:
    recorded = on + timedelta(days=1)
    return {
        "kind": "organization_change",
        "code": branch.code,
        "on": on.isoformat(),
        **what,
        "reason": reason,
        "recorded_on": recorded.isoformat(),
    }
