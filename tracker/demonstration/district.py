"""The lines of the demonstration district: an invented county and what it records each month.

A root, twelve townships and streets (which no scheme assesses) and three hundred organizations
under them. Pure: the same seed and months give the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Any

from events.documents.schemes import Scheme
from events.periods import Period
from tracker.demonstration.branches import ROOT, InventedDistrict, district, registration
from tracker.demonstration.facts import census, moved_conditions
from tracker.demonstration.names import TEAMS
from tracker.demonstration.records import activities

Line = dict[str, Any]
YEARLY_CENSUS_MONTH = 1
"""The month (January) in which organizations report their numbers again."""


def joined_on(first_month: Period) -> date:
    """Return the day on which the organizations are recorded, shortly before the first month."""
    return first_month.first_day - timedelta(days=11)


def organizations(
    first_month: Period, schemes: Mapping[str, Scheme], *, seed: int
) -> list[dict[str, Any]]:
    """Return the lines that set up the district: organizations, people, conditions, measures.

    ``schemes`` are those in force, by category; organizations of other categories report nothing.
    """
    world = district(first_month, seed)
    joined = joined_on(first_month)
    present = [branch for branch in world.branches if branch.registered_on <= joined]
    lines = [registration(branch, joined) for branch in present]
    lines += inspectors(world)
    for branch in present:
        scheme = schemes.get(branch.category)
        if scheme is not None:
            lines += census(branch.code, branch.category, scheme, joined, seed=seed)
    return lines


def lines_of_month(
    month: Period, world: InventedDistrict, schemes: Mapping[str, Scheme], *, today: date, seed: int
) -> list[dict[str, Any]]:
    """Return the lines of one month: changes of organizations, facts, then records.

    Lines that would be recorded after ``today`` are left out.
    """
    lines = list(_change_lines(month, world, schemes, seed))
    for branch in world.branches:
        scheme = schemes.get(branch.category_on(month.last_day))
        if scheme is None or not (branch.alive(month.first_day) and branch.alive(month.last_day)):
            continue
        day = month.first_day + timedelta(days=7)
        category = branch.category_on(day)
        if month.first_day.month == YEARLY_CENSUS_MONTH and schemes.get(category) is scheme:
            lines += census(branch.code, category, scheme, day, seed=seed, numbers_only=True)
        lines += moved_conditions(branch.code, scheme, month, seed=seed)
    known = [line for line in lines if _newest_day(line) <= today.isoformat()]
    return known + activities(month, world.branches, schemes, today=today, seed=seed)


def all_lines(
    months: Sequence[Period],
    schemes: Mapping[str, Scheme],
    *,
    today: date,
    seed: int,
) -> list[list[dict[str, Any]]]:
    """Return the lines that set up the district, then those of each month.

    ``months`` are consecutive and begin with the district's first month. Lines that would be
    recorded after ``today`` are left out.
    """
    world = district(months[0], seed)
    return [
        organizations(months[0], schemes, seed=seed),
        *(lines_of_month(month, world, schemes, today=today, seed=seed) for month in months),
    ]


def timetable(
    months: Sequence[Period], schemes: Mapping[str, Scheme], *, today: date, seed: int
) -> dict[date, list[dict[str, Any]]]:
    """Return the lines of ``all_lines`` by the day on which each is recorded, without the day.

    Nothing is recorded about an organization before its registration is, nor after ``today``.
    """
    joined = joined_on(months[0])
    known: dict[str, date] = {}
    days: dict[date, list[Line]] = {}
    for line in chain.from_iterable(all_lines(months, schemes, today=today, seed=seed)):
        day = date.fromisoformat(line.get("recorded_on", joined.isoformat()))
        if line["kind"] == "organization":
            known[line["code"]] = day
        else:
            day = max(day, known.get(line.get("organization", ""), day))
        if day <= today:
            plain = {name: value for name, value in line.items() if name != "recorded_on"}
            days.setdefault(day, []).append(plain)
    return days


def inspectors(world: InventedDistrict) -> list[dict[str, Any]]:
    """Return the lines of three teams of people, each from a department, and two recusals."""
    homes = [branch.code for branch in world.branches if branch.category == "department"]
    lines: list[Line] = []
    for team, categories, size in TEAMS:
        for _ in range(size):
            number = len(lines) + 1
            lines.append(
                {
                    "kind": "inspector",
                    "id": f"p-{number:03}",
                    "organization": homes[number % len(homes)],
                    "team": team,
                    "categories": list(categories),
                }
            )
    village = next(branch for branch in world.branches if branch.category == "village")
    for person, code, reason in (
        ("p-003", str(village.parent), "曾任该镇包片干部，回避"),
        ("p-024", f"{ROOT}-001", "近亲属在该街道工作，回避"),
    ):
        lines.append(
            {"kind": "recusal", "inspector": person, "organization": code, "reason": reason}
        )
    return lines


def _newest_day(line: Line) -> str:
    return max(str(line.get(name, "")) for name in ("registered_on", "on", "recorded_on"))


def _change_lines(
    month: Period, world: InventedDistrict, schemes: Mapping[str, Scheme], seed: int
) -> Iterator[Line]:
    for line in world.changes:
        on = date.fromisoformat(line.get("on") or line["registered_on"])
        if not month.first_day <= on <= month.last_day:
            continue
        yield line
        scheme = schemes.get(line.get("category", ""))
        if scheme is not None:
            yield from census(line["code"], line["category"], scheme, on, seed=seed)
