"""Random worlds and questions for the oracle and the implementation compared with it.

Everything comes from the given random generator: the same seed gives the same world. The
worlds obey the validity rules of docs/semantics.md. What docs/semantics.md allows to be read in two
ways is left out unless `disputed` asks for it.
"""

from __future__ import annotations

import random  # noqa: TID251  # the generator is given
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.make_history import History
from tests.oracle.make_scheme import later, random_schemes
from tests.oracle.oracle import World, compliance
from tests.oracle.stream import instant
from tests.oracle.time import last_day, span_of, window_around

OWN = {"village": "hospital"}
"""What half of the worlds call their second category: one that only their policy knows."""
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghai", "America/New_York", "UTC")


def random_world(rng: random.Random, *, disputed: bool = False) -> World:
    """A small district with one organization and its history."""
    first_month = later("2025-01", rng.choice((0, 0, 0, 3, 8, 12, 14)))
    schemes = random_schemes(rng, disputed=disputed)
    zone = rng.choice(ZONES)
    world = World(zone=zone, first_month=first_month, schemes=schemes, entries=())
    world = History(rng, world, disputed=disputed).build_world()
    if len(world.entries) % 2:
        world = _with_own_category(world)
    return replace(world, openings=_openings(rng, world)) if rng.random() < 0.7 else world


def _with_own_category(world: World) -> World:
    """The same world, whose second category is the district's own (section 7)."""
    schemes = tuple(
        scheme | {"categories": [OWN.get(name, name) for name in scheme["categories"]]}
        for scheme in world.schemes
    )
    entries = tuple(
        entry | {"category": OWN.get(entry["category"], entry["category"])}
        if "category" in entry
        else entry
        for entry in world.entries
    )
    return replace(world, schemes=schemes, entries=entries)


def _openings(rng: random.Random, world: World) -> tuple[tuple[str, str], ...]:
    """The months of the district whose cycle opened, on the day after the month; some skipped."""
    openings = []
    for place in range(24):
        month = later(world.first_month, place)
        if rng.random() < 0.7:
            year, number = int(month[:4]), int(month[5:])
            day = last_day(year, number) + timedelta(days=1)
            at = datetime.combine(day, time(0, 30), tzinfo=ZoneInfo(world.zone)).astimezone(UTC)
            openings.append((month, at.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return tuple(openings)


def random_question(rng: random.Random, world: World) -> dict[str, Any]:
    """A question about a world, as keyword arguments for `compliance`.

    A question without an answer is mostly replaced by another one.
    """
    question = _question(rng, world)
    for _ in range(2):
        answer = compliance(world, **question)
        if (answer is None or not answer["criteria"]) and rng.random() < 0.8:
            question = _question(rng, world)
    return question


def _question(rng: random.Random, world: World) -> dict[str, Any]:
    zone = ZoneInfo(world.zone)
    last = instant(world.entries[-1]["recorded_at"]).astimezone(zone).date()
    sheets = [entry["period"] for entry in world.entries if entry["kind"] == "sheet"]
    question: dict[str, Any] = {
        "period": _period(rng, world, sheets),
        "today": last + timedelta(days=rng.choice((0, 0, 1, 5, 30, 400))),
        "purpose": "monthly",
        "inspected": rng.random() < 0.45,
    }
    purposes = sorted({str(scheme["purpose"]) for scheme in world.schemes})
    if rng.random() < 0.25:
        question["purpose"] = rng.choice(purposes)
    if rng.random() < 0.02:
        question["purpose"] = "annual"
    turn = rng.random()
    if turn < 0.3:
        question["known_at"] = _instant(rng, world, zone, question["period"])
    elif turn < 0.6:
        question["recorded_until"] = _boundary(rng, world, question["period"])
    return question


def _period(rng: random.Random, world: World, sheets: list[str]) -> str:
    if sheets and rng.random() < 0.5:
        period = rng.choice(sheets)
        if len(period) == 7 and "H" not in period and rng.random() < 0.4:
            year, month = int(period[:4]), int(period[5:])
            quarter, half = (month + 2) // 3, (month + 5) // 6
            return rng.choice((f"{year}-Q{quarter}", f"{year}-H{half}", f"{year}"))
        return period
    if rng.random() < 0.3:
        return _turning(rng, world)
    year = rng.choice((2025, 2025, 2026))
    kind = rng.choice(("month", "month", "quarter", "half", "year"))
    return {
        "month": f"{year}-{rng.randint(1, 12):02d}",
        "quarter": f"{year}-Q{rng.randint(1, 4)}",
        "half": f"{year}-H{rng.randint(1, 2)}",
        "year": f"{year}",
    }[kind]


def _turning(rng: random.Random, world: World) -> str:
    """A period about a month in which the life, the category or the scheme changes."""
    changes = [e["on"] for e in world.entries if e["kind"] == "organization_change"]
    begins = [scheme["effective_from"] for scheme in world.schemes]
    turns = [max("2025-01", str(world.entries[0]["registered_on"])), *changes, *changes, *begins]
    month = later(rng.choice(turns)[:7], rng.choice((-1, 0, 0, 1, 2)))
    month = min(max(month, "2025-01"), "2026-12")
    return window_around(month, rng.choice(("month", "month", "quarter", "half", "year"))).name


def _boundary(rng: random.Random, world: World, period: str) -> date:
    """A day on which something may turn: the end of a month and some grace, or any day."""
    if rng.random() < 0.2:
        return date(2025, 1, 1) + timedelta(days=rng.randint(0, 900))
    graces = [
        int(scheme.get("policy", {}).get("recording_grace_days", "5")) for scheme in world.schemes
    ]
    end = span_of(period).last
    if rng.random() < 0.4:
        month = later(f"{end.year}-{end.month:02d}", rng.choice((-3, -2, -1, 1, 2, 3, 6)))
        end = last_day(int(month[:4]), int(month[5:]))
    return end + timedelta(days=rng.choice(graces) + rng.choice((-1, 0, 1, 2, 5, 10)))


def _instant(rng: random.Random, world: World, zone: ZoneInfo, period: str) -> datetime:
    """An instant at which an entry was recorded, or one at either end of a local day."""
    if rng.random() < 0.4:
        recorded = instant(rng.choice(world.entries)["recorded_at"])
        return recorded - timedelta(seconds=rng.choice((0, 0, 1)))
    day = _boundary(rng, world, period)
    at = rng.choice((time(0, 0, 0), time(12, 30, 0), time(23, 59, 59)))
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
