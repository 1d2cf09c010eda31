"""The random history of an organization: planned first, then recorded in order."""

from __future__ import annotations

import random  # noqa: TID251  # the generator is given
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.make_scheme import ACTIVITIES, CONDITIONS, EVIDENCE, MEASURES, VALUES, later
from tests.oracle.make_sheet import posted, sheet
from tests.oracle.oracle import World
from tests.oracle.scheme import read_scheme
from tests.oracle.stream import Record, Stream, instant, read_entries
from tests.oracle.time import last_day, month_of, window_around

CODE = "421102-003-007"
CLOCK = (time(0, 0, 20), time(7, 59, 50), time(8, 0, 10), time(15, 59, 50), time(23, 59, 10))
Draft = Callable[[World, date], dict[str, Any] | None]


class History:
    """Plans what is recorded when, then keeps what is valid at its turn."""

    def __init__(self, rng: random.Random, world: World, *, disputed: bool) -> None:
        self.rng, self.world, self.disputed = rng, world, disputed
        self.zone = ZoneInfo(world.zone)
        self.plans: list[tuple[datetime, date | None, Draft]] = []
        self.born = self._birth()
        self.known = self._registration_known()
        self.died: date | None = None
        if rng.random() < 0.25:
            self.died = self.born + timedelta(days=rng.randint(20, 500))
            if rng.random() < 0.5:
                self.died = self._middle(self.died) - timedelta(days=rng.choice((1, 2)))
            self.died = max(self.died, self.born)
        self.horizon = date(2026, 12, 31) if rng.random() < 0.3 else date(2026, 3, 31)
        self.end = self.horizon if self.died is None else min(self.died, self.horizon)

    def build_world(self) -> World:
        """Return the world with its entries."""
        self._plan_organization()
        self._plan_records()
        self._plan_reports()
        self._plan_cycles()
        entries: list[dict[str, Any]] = []
        world = self.world
        for planned, recorded_on, draft in sorted(self.plans, key=lambda plan: plan[0]):
            at = planned
            if entries:
                at = max(at, instant(entries[-1]["recorded_at"]) + timedelta(seconds=1))
            local = at.astimezone(self.zone).date()
            entry = draft(world, local)
            if entry is None or not self._valid(world, entry, local, recorded_on):
                continue
            if recorded_on is not None and recorded_on < local:
                entry["recorded_on"] = recorded_on.isoformat()
            entry["recorded_at"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            entries.append(entry)
            world = World(world.zone, world.first_month, world.schemes, tuple(entries))
        return world

    def _birth(self) -> date:
        if self.rng.random() < 0.55:
            return self.rng.choice((date(2024, 6, 1), date(2025, 1, 1), date(2025, 1, 1)))
        day = date(2025, 1, 1) + timedelta(days=self.rng.randint(1, 360))
        if self.rng.random() < 0.5:
            day = self._middle(day) + timedelta(days=self.rng.choice((0, 1)))
        return day

    def _middle(self, day: date) -> date:
        """The first day of the second half of a window in which a day lies."""
        window = window_around(month_of(day), self.rng.choice(("month", "quarter", "half")))
        return window.first + timedelta(days=window.days() // 2)

    def _registration_known(self) -> date:
        begin = date.fromisoformat(f"{self.world.first_month}-01")
        if begin > self.born and self.rng.random() < 0.6:
            return begin + timedelta(days=self.rng.randint(0, 10))
        return self.born + timedelta(days=self.rng.choice((0, 0, 3, 40)))

    def _plan(self, day: date, draft: Draft, recorded_on: date | None = None) -> None:
        at = datetime.combine(day, self.rng.choice(CLOCK), tzinfo=self.zone).astimezone(UTC)
        self.plans.append((at, recorded_on, draft))

    def _plan_line(self, day: date, line: dict[str, Any], recorded_on: date | None = None) -> None:
        self._plan(day, lambda _world, _local: dict(line), recorded_on)

    def _valid(
        self, world: World, entry: dict[str, Any], local: date, recorded_on: date | None
    ) -> bool:
        """Whether an entry may be recorded now."""
        if entry["kind"] == "organization":
            return local >= self.born
        if not world.entries:
            return False
        day = local if recorded_on is None else min(recorded_on, local)
        dates = _dates(world, self.zone, entry)
        # A closing binds what is recorded after it was entered, not what came before.
        closed = any(earlier.get("closed") for earlier in world.entries)
        last = min(self.end if closed else self.horizon, day)
        if dates is None or any(not self.born <= one <= last for one in dates):
            return False
        historical = day < local
        return not historical or all(self._unopened(one, local) for one in [*dates, day])

    def _unopened(self, day: date, local: date) -> bool:
        """Whether the cycle of a day's month has not opened: it does on the first after it."""
        opening = last_day(day.year, day.month) + timedelta(days=1)
        return month_of(day) < self.world.first_month or local < opening

    def _plan_organization(self) -> None:
        rng = self.rng
        line = {
            "kind": "organization",
            "code": CODE,
            "name": "Oracle",
            "category": "community",
            "registered_on": self.born.isoformat(),
        }
        recorded_on = None
        if self.known > self.born and rng.random() < 0.4:
            written = self.born + timedelta(days=rng.randint(0, 3))
            if all(self._unopened(day, self.known) for day in (self.born, written)):
                recorded_on = written
        at = datetime.combine(self.known, time(0, 0, 5), tzinfo=self.zone).astimezone(UTC)
        self.plans.append((at, recorded_on, lambda _world, _local: dict(line)))
        if rng.random() < 0.25:
            for category in rng.choice((("village",), ("village", "community"))):
                self._plan_change(self._some_day(), {"category": category})
        if rng.random() < 0.1:
            self._plan_change(self._some_day(), {"name": "Another name"})
        if self.died is not None and self.died <= self.horizon:
            self._plan_change(self.died, {"closed": True})

    def _plan_change(self, day: date, what: dict[str, Any]) -> None:
        line = {"kind": "organization_change", "code": CODE, "on": day.isoformat(), **what}
        at = max(day, self.known) + timedelta(days=self.rng.choice((0, 0, 2, 20, 50)))
        self._plan_line(at, {**line, "reason": "because"})

    def _some_day(self) -> date:
        """A day of the life, often the first or the last of a month."""
        day = self.born + timedelta(days=self.rng.randint(0, max(0, (self.end - self.born).days)))
        turn = self.rng.random()
        if turn < 0.1:
            day = max(self.born, day.replace(day=1))
        elif turn < 0.25:
            day = min(self.end, last_day(day.year, day.month))
        return day

    def _recording(self, day: date) -> tuple[date, date | None]:
        """When something of a day is recorded, and the date it states if it is historical."""
        rng = self.rng
        turn = rng.random()
        if day < self.known and rng.random() < 0.6:
            written = day + timedelta(days=rng.choice((0, 1, 5, 20, 40, 120)))
            return self.known + timedelta(days=rng.randint(0, 40)), written
        if turn < 0.35:
            return day + timedelta(days=rng.choice((0, 0, 1, 2))), None
        if turn < 0.65:
            months = rng.choice((0, 0, 0, 1, 2, 3, 5))
            month = later(month_of(day), months)
            grace = rng.choice(self.world.schemes).get("policy", {})
            days = int(grace.get("recording_grace_days", "5")) + rng.choice((0, 0, 1))
            end = last_day(int(month[:4]), int(month[5:]))
            return end + timedelta(days=days), None
        at = day + timedelta(days=rng.randint(0, 70))
        if turn < 0.75:
            return at, day + timedelta(days=rng.randint(0, (at - day).days))
        return at, None

    def _plan_records(self) -> None:
        number = 0
        numbers = self.rng.choice(((0, 0, 0, 0, 1), (0, 0, 1, 1, 2), (1, 1, 2, 3)))
        month = max("2024-11", month_of(self.born))
        while month <= month_of(self.end):
            for activity in ACTIVITIES:
                for _ in range(self.rng.choice(numbers)):
                    day = self._day_in(month)
                    for _ in range(2 if self.rng.random() < 0.2 else 1):
                        number += 1
                        self._plan_record(f"a-{number}", activity, day)
            month = later(month, 1)

        self._plan_near_by(number)

    def _plan_near_by(self, number: int) -> None:
        """Records just before and after the days that rules name with `by`, some of them moved."""
        rng = self.rng
        rules = [c.rule for document in self.world.schemes for c in read_scheme(document).criteria]
        for rule in rules:
            if "by" not in rule or rng.random() < 0.3:
                continue
            number += 1
            due = date(2025, int(rule["by"][:2]), int(rule["by"][3:]))
            day = due + timedelta(days=rng.choice((-1, 0, 1, 2)))
            line: dict[str, Any] = {
                "kind": "activity",
                "organization": CODE,
                "record_id": f"a-{number}",
                "activity": rule["activity"],
                "occurred_on": day.isoformat(),
                "evidence": list(EVIDENCE),
                "attendance": {"present": 9, "expected": 9},
            }
            self._plan_line(day, line)
            if rng.random() < 0.6:
                moved = (due + timedelta(days=rng.choice((-1, 0, 1, 2)))).isoformat()
                at = day + timedelta(days=rng.choice((1, 3, 30)))
                more = {"changes": {"occurred_on": moved}}
                self._plan_later("correction", f"a-{number}", at, at, more)

    def _day_in(self, month: str) -> date:
        rng = self.rng
        end = last_day(int(month[:4]), int(month[5:]))
        special = (1, 15, 20, end.day)
        return end.replace(
            day=rng.choice(special) if rng.random() < 0.4 else rng.randint(1, end.day)
        )

    def _plan_record(self, name: str, activity: str, day: date) -> None:
        rng = self.rng
        line: dict[str, Any] = {
            "kind": "activity",
            "organization": CODE,
            "record_id": name,
            "activity": activity,
            "occurred_on": day.isoformat(),
            **self._some_fields(0.6),
        }
        at, recorded_on = self._recording(day)
        self._plan_line(at, line, recorded_on)
        written = at if recorded_on is None else recorded_on
        for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2))):
            changes = self._some_fields(0.5)
            if rng.random() < 0.35:
                moved = day + timedelta(days=rng.choice((-1, 1, rng.randint(-70, 70))))
                changes["occurred_on"] = moved.isoformat()
            if self.disputed and rng.random() < 0.1:
                changes["activity"] = rng.choice(ACTIVITIES)
            self._plan_later("correction", name, at, written, {"changes": changes})
        if rng.random() < 0.08:
            self._plan_later("retraction", name, at, written, {})

    def _plan_later(
        self, kind: str, name: str, at: date, written: date, more: dict[str, Any]
    ) -> None:
        rng = self.rng
        days = rng.choice((0, 1, 3, 10, rng.randint(0, 90)))
        recorded_on = None
        if written < at or rng.random() < 0.1:
            recorded_on = written + timedelta(days=rng.choice((-5, 0, 2, 15, 60)))
        line = {"kind": kind, "organization": CODE, "record_id": name, **more, "reason": "error"}
        if more.get("changes") != {}:
            self._plan_line(at + timedelta(days=days), line, recorded_on)

    def _some_fields(self, share: float) -> dict[str, Any]:
        """Fields of a record other than what and when."""
        rng = self.rng
        fields: dict[str, Any] = {}
        if rng.random() < share:
            fields["evidence"] = rng.sample(EVIDENCE, rng.choice((0, 1, 2, 3, 3)))
        if rng.random() < share:
            expected = rng.choice((0, 1, 3, 9, 10, 100))
            present = rng.choice((expected, expected // 2, expected * 67 // 100, 0))
            fields["attendance"] = {"present": present, "expected": expected}
        if rng.random() < share:
            due, paid = rng.choice(("0.00", "120.00", "120.10")), rng.choice(("0.00", "120.00"))
            fields["money"] = {"due": due, "paid": rng.choice((due, paid))}
        if rng.random() < share / 3:
            fields["note"] = "nobody had to pay"
        if rng.random() < share / 4:
            fields[rng.choice(("title", "place"))] = "somewhere"
        return fields

    def _plan_reports(self) -> None:
        rng = self.rng
        for condition in CONDITIONS:
            for _ in range(rng.choice((0, 1, 2, 3, 5))):
                state = rng.choice(("met", "met", "partial", "unmet"))
                self._plan_report("condition", condition, {"state": state})
        for measure in MEASURES:
            for _ in range(rng.choice((0, 1, 2, 3, 5))):
                self._plan_report("measure", measure, {"value": rng.choice(VALUES[measure])})

    def _plan_report(self, kind: str, name: str, what: dict[str, str]) -> None:
        day = self.born if self.rng.random() < 0.2 else self._some_day()
        line = {"kind": kind, "organization": CODE, kind: name, **what, "on": day.isoformat()}
        at, recorded_on = self._recording(day)
        self._plan_line(at, line, recorded_on)

    def _plan_cycles(self) -> None:
        rng = self.rng
        share = rng.choice((0.0, 0.2, 0.5))
        closes = rng.random() < 0.7
        month = max(self.world.first_month, month_of(self.born))
        while month <= month_of(self.end):
            following = later(month, 1)
            begin = date.fromisoformat(f"{following}-01")
            if rng.random() < share and self._may_check(month):
                for _ in range(rng.choice((1, 1, 2))):
                    late = 0 if closes else rng.choice((0, 0, 0, 25, 50))
                    self._plan_sheet(begin + timedelta(days=rng.randint(10, 13) + late), month)
            if closes:
                at = datetime.combine(begin.replace(day=15), time(0, 30), tzinfo=self.zone)
                self.plans.append((at.astimezone(UTC), None, _posting(month)))
            month = following
        purposes = {scheme["purpose"] for scheme in self.world.schemes}
        if "half_year" in purposes or self.disputed:
            for half, day in (("2025-H1", date(2025, 8, 9)), ("2025-H2", date(2026, 2, 10))):
                self._plan_sheet(day, half)
        if "annual" in purposes or self.disputed:
            self._plan_sheet(date(2026, 2, 1), "2025")

    def _may_check(self, month: str) -> bool:
        """The month of a closing is checked in a disputed world alone."""
        return self.disputed or self.died is None or month_of(self.died) != month

    def _plan_sheet(self, day: date, period: str) -> None:
        if day <= self.horizon:
            self._plan(day, lambda world, local: self._sheet(world, local, period))

    def _sheet(self, world: World, local: date, period: str) -> dict[str, Any] | None:
        return sheet(self.rng, world, local, period, disputed=self.disputed)


def _posting(month: str) -> Draft:
    return lambda world, local: posted(world, local, month)


def _dates(world: World, zone: ZoneInfo, entry: dict[str, Any]) -> list[date] | None:
    """The business dates that an entry states or leaves; None where it may not be recorded."""
    kind = entry["kind"]
    if kind in {"sheet", "posted"}:
        return []
    if kind == "activity":
        return [date.fromisoformat(entry["occurred_on"])]
    if kind in {"correction", "retraction"}:
        records = Stream(tuple(read_entries(world.entries, zone))).records(None)
        record: Record | None = records.get(entry["record_id"])
        if record is None or record.retracted:
            return None
        moved = entry.get("changes", {}).get("occurred_on")
        return [record.occurred_on if moved is None else date.fromisoformat(moved)]
    return [date.fromisoformat(entry["on"])]
