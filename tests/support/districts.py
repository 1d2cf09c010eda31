"""A district with people in it, made by the real commands and imports, for tests of the process.

The root ``r`` (a county) and the department ``d``, to which the inspectors belong, have no scheme;
the communities ``c01``, ``c02``, … do. The clock shows what a test sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from events.event import Event, Metadata, PendingEvent, RecordedEvent
from events.log.reader import Reader
from events.log.store import Store
from events.periods import local_date, parse_month
from events.streams.cycles import Cycle, cycle_stream
from events.streams.findings import SubmitFindings
from events.streams.organizations import stream_of
from projections.catalog import Projector
from projections.cycles.reading import read_cycle
from projections.organizations.directory import OrganizationEntry, find
from scheduler.opening import StepActor
from scheduler.runner import Runner, StepResult
from tracker.commands.district import initialize_district
from tracker.commands.documents import publish_policy, publish_scheme
from tracker.imports.importing import import_file
from tracker.inspections.sheets import submit_sheet
from tracker.storage.database import migrate, open_engine

ZONE = ZoneInfo("Asia/Shanghai")
CLERK = Metadata("os:clerk", "cli")
BY_CLOCK = Metadata("scheduler", "scheduler")
SEPTEMBER = "2026-09"

CRITERIA: list[dict[str, Any]] = [
    {"code": "m", "points": 2, "rule": {
        "kind": "activity", "activity": "branch_committee_meeting", "per": "month",
        "evidence": ["minutes"]}},
    {"code": "q", "points": 1, "rule": {
        "kind": "activity", "activity": "member_assembly", "per": "quarter"}},
    {"code": "f", "points": 1, "rule": {"kind": "condition", "condition": "national_flag"}},
    {"code": "d", "points": 2, "check": "site", "rule": {"kind": "deduction", "causes": [
        {"code": "c1", "text": {"zh": "一", "en": "One"}, "take": 0.5},
        {"code": "c2", "text": {"zh": "二", "en": "Two"}, "between": [0.5, 1.5]},
        {"code": "c3", "text": {"zh": "三", "en": "Three"}, "all": True}]}},
    {"code": "j", "points": 1, "rule": {"kind": "judgement"}},
    {"code": "h", "points": 1, "applies": {"measure": "members", "at_least": 3},
     "rule": {"kind": "measure", "measure": "households", "at_least": 100}},
]  # fmt: skip


def scheme(identifier: str = "community-test", version: int = 1, **more: Any) -> dict[str, Any]:
    """A scheme document of eight points with a rule of each kind."""
    criteria = [
        one | {"text": {"zh": f"标准{one['code']}", "en": f"Criterion {one['code']}"}}
        for one in CRITERIA
    ]
    item = {"code": "1.1", "title": {"zh": "项", "en": "Item"}, "points": 8, "criteria": criteria}
    section = {"code": "1", "title": {"zh": "节", "en": "Section"}, "items": [item]}
    return {
        "scheme": identifier,
        "version": version,
        "title": {"zh": "测试项目", "en": "Test"},
        "categories": ["community"],
        "effective_from": "2026-01",
        "points": 8,
        "sections": [section],
    } | more


def sure_bytes(size: int) -> bytes:
    """What this district's operating system answers when it is asked for entropy."""
    return bytes(range(size))


def graded_scheme() -> dict[str, Any]:
    """That scheme, its judgement with grades, and an item of additions alone."""
    document = scheme()
    good, fair = ({"zh": "好", "en": "good"}, {"zh": "一般", "en": "fair"})
    (items,) = (section["items"] for section in document["sections"])
    for criterion in items[0]["criteria"]:
        if criterion["code"] == "j":
            grades = [{"code": "good", "text": good, "credit": 1},
                      {"code": "fair", "text": fair, "credit": 0.5}]  # fmt: skip
            criterion["rule"] = {"kind": "judgement", "grades": grades}
    praised, blamed = ({"zh": "受表彰", "en": "Praised"}, {"zh": "被通报", "en": "Blamed"})
    additions = [{"code": "a1", "text": praised, "add": 0.4},
                 {"code": "a2", "text": blamed, "between": [-1, -0.2]}]  # fmt: skip
    items.append(
        {"code": "1.2", "title": {"zh": "加扣分", "en": "Additions"}, "points": 0,
         "additions": additions, "additions_cap": 1}
    )  # fmt: skip
    return document


class SetClock:
    """A clock that shows the time it was set to."""

    def __init__(self, local: str) -> None:
        """Put it at a local time such as ``2026-10-06 00:30``."""
        self.now = instant(local)

    def __call__(self) -> datetime:
        """The UTC instant."""
        return self.now


def instant(local: str) -> datetime:
    """The UTC instant of a local time of the district."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)


class District:
    """A database with its store, its clock and a runner."""

    def __init__(
        self,
        url: str,
        *,
        size: int = 5,
        people: int = 4,
        first_month: str = SEPTEMBER,
        policy: dict[str, Any] | None = None,
        at: str = "2026-09-01 09:00",
        setup: bool = False,
        document: dict[str, Any] | None = None,
    ) -> None:
        """Create it with communities and inspectors, the scheme and, if given, a policy.

        ``document`` is published instead of that scheme. With ``setup`` it is being set up until a
        test goes live.
        """
        self.url = url
        self.engine: Engine = open_engine(url)
        migrate(self.engine)
        self.clock = SetClock(at)
        self.faults: list[str] = []
        self.store = Store(self.engine, self.clock, Projector(self._heard))
        self.runner = Runner(self.store, sure_bytes)
        self._numbers = count(1)
        initialize_district(self.store, str(ZONE), first_month, CLERK, setup=setup)
        self.publish(document or scheme())
        if policy is not None:
            self.publish({"policy": "district"} | policy)
        self.codes = [f"c{number:02}" for number in range(1, size + 1)]
        lines = [organization("r", None, "county"), organization("d", "r", "department")]
        lines += [organization(code, "r") for code in self.codes]
        lines += [inspector(f"p-{number}") for number in range(1, people + 1)]
        self.take(*lines)

    def _heard(self, stream: str, error: Exception) -> None:
        self.faults.append(f"{stream}: {error!r}")

    def dispose(self) -> None:
        """Close every connection, after asserting that no fold has failed."""
        self.engine.dispose()
        assert self.faults == []

    def at(self, local: str) -> None:
        """Put the clock."""
        self.clock.now = instant(local)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One snapshot."""
        with self.store.read() as reader:
            yield reader

    @property
    def by(self) -> StepActor:
        """The clerk, today."""
        return StepActor(CLERK, local_date(self.clock(), ZONE), sure_bytes)

    def publish(self, document: Mapping[str, Any], from_month: str | None = None) -> None:
        """Put a scheme in force, or publish a policy, from a file."""
        with TemporaryDirectory() as folder:
            path = written(Path(folder), document)
            if "scheme" in document:
                publish_scheme(self.store, path, from_month, CLERK, confirmed=True)
            else:
                publish_policy(self.store, path, CLERK)

    def take(self, *lines: dict[str, Any]) -> None:
        """Import lines; none may be refused."""
        payload = "\n".join(json.dumps(one) for one in lines).encode()
        today = local_date(self.clock(), ZONE)
        report = import_file(self.store, payload, "lines.jsonl", actor="os:clerk", today=today)
        assert report.refused == []

    def meet(self, code: str, on: str, **more: Any) -> None:
        """Record a meeting with minutes."""
        self.take(meeting(code, f"a-{next(self._numbers)}", on) | more)

    def tell(self, stream: str, *events: Event) -> list[RecordedEvent]:
        """Append events as they come, past every decider."""
        with self.store.append() as log:
            return log.append(
                [PendingEvent(stream, f"told/{next(self._numbers)}", one, CLERK) for one in events]
            )

    def root(self) -> OrganizationEntry:
        """The entry of the root."""
        with self.read() as reader:
            found = find(reader, "r")
        assert found is not None
        return found

    def tick(self) -> list[tuple[str, str]]:
        """Do all that is due; the month and step of each."""
        return steps(self.runner.tick(BY_CLOCK))

    def open(self, period: str = SEPTEMBER) -> bool:
        """Open a cycle by hand."""
        return self.runner.open(self.root(), parse_month(period), CLERK)

    def draw(self, period: str = SEPTEMBER, value: str | None = "31415") -> bool:
        """Draw by hand."""
        return self.runner.draw("r", period, CLERK, value, by_hand=True)

    def close(self, period: str = SEPTEMBER, reason: str | None = None) -> bool:
        """Close by hand."""
        return self.runner.close("r", period, CLERK, by_hand=True, reason=reason)

    def drawn(self) -> Cycle:
        """September's cycle, opened and drawn on their days; noon of the draw."""
        self.at("2026-10-01 00:30")
        self.open()
        self.at("2026-10-06 12:00")
        self.draw()
        return self.cycle()

    def cycle(self, period: str = SEPTEMBER) -> Cycle:
        """Return the current state of a cycle."""
        with self.read() as reader:
            return read_cycle(reader, "r", period)

    def events(self, stream: str) -> list[RecordedEvent]:
        """A stream's events."""
        with self.read() as reader:
            return reader.stream(stream)

    def types(self, period: str = SEPTEMBER) -> list[str]:
        """The types of a cycle's events, in order."""
        return [event.type for event in self.events(cycle_stream("r", period))]

    def of(self, code: str, kind: str) -> list[dict[str, Any]]:
        """The data of an organization's events of one type."""
        return [one.data for one in self.events(stream_of(code)) if one.type == kind]

    def posted(self, period: str = SEPTEMBER) -> dict[str, dict[str, Any]]:
        """What was posted for a month, by code; twice would be an error."""
        found: dict[str, dict[str, Any]] = {}
        for code in ["r", "d", *self.codes]:
            for data in self.of(code, "ScorePosted"):
                if data["period"] == period:
                    assert code not in found, f"{code} was posted twice"
                    found[code] = data
        return found

    def states(self, period: str = SEPTEMBER) -> dict[str, str]:
        """The state of every inspection of a month, by code."""
        with self.read() as reader:
            rows = reader.rows("SELECT stream, state FROM inspections WHERE period = ?", [period])
        return {row[0].removeprefix("organization-"): row[1] for row in rows}

    def inspectors(self, code: str, period: str = SEPTEMBER) -> list[str]:
        """Who inspects an organization."""
        (found,) = [one for one in self.cycle(period).sample if one["organization"] == code]
        return list(found["inspectors"])

    def sheet(self, code: str, period: str = SEPTEMBER, **more: Any) -> SubmitFindings:
        """A sheet that its inspectors sign: nothing found, unless ``more`` says what."""
        given = {"period": period, "organization": code, "sheet_id": "s-1", **more}
        if "inspectors" not in given:
            given["inspectors"] = self.inspectors(code, period)
        return SubmitFindings.model_validate(given)

    def submit(self, code: str, period: str = SEPTEMBER, **more: Any) -> bool:
        """Hand a sheet in."""
        return submit_sheet(self.store, self.sheet(code, period, **more), "s.json", CLERK)


def steps(done: list[StepResult]) -> list[tuple[str, str]]:
    """Month and step of what was done."""
    return [(one.period, str(one.step)) for one in done]


def written(folder: Path, document: Mapping[str, Any]) -> str:
    """The path of a document as a file: JSON, which YAML reads."""
    path = folder / "document.yaml"
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return str(path)


def organization(code: str, parent: str | None, category: str = "community") -> dict[str, Any]:
    """A line that registers an organization on the first day of 2026."""
    line = {"kind": "organization", "code": code, "name": f"组织{code}", "category": category,
            "registered_on": "2026-01-01"}  # fmt: skip
    return line | ({"root": True} if parent is None else {"parent": parent})


def inspector(person: str, organization: str = "d", team: str = "t1") -> dict[str, Any]:
    """A line that registers an inspector of communities."""
    return {"kind": "inspector", "id": person, "organization": organization, "team": team,
            "categories": ["community"]}  # fmt: skip


def meeting(code: str, record_id: str, on: str) -> dict[str, Any]:
    """A line that records a meeting with minutes."""
    return {"kind": "activity", "organization": code, "record_id": record_id, "occurred_on": on,
            "activity": "branch_committee_meeting", "evidence": ["minutes"]}  # fmt: skip
