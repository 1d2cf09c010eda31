"""A small district whose log is told event by event, for the tests of read models."""

from __future__ import annotations

import random  # noqa: TID251  # the generator is handed in
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from events.cycles import (
    CycleClosed,
    CycleClosing,
    CycleOpened,
    OrganizationExcluded,
    SampleDrawn,
    cycle_stream,
)
from events.districts import STREAM as DISTRICT
from events.districts import DistrictInitialized
from events.event import Event, Metadata, Pending, RecordedEvent
from events.findings import FindingsSubmitted, InspectionAssigned, InspectionMissed
from events.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
    stream_of,
)
from events.people import InspectorRecused, InspectorRegistered, person_stream
from events.policies import DistrictPolicy, stored_document
from events.reading import Reader
from events.records import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityRetracted,
    ConditionReported,
    MeasureReported,
)
from events.rectifications import RectificationOrdered
from events.schemes import SchemePublished
from events.scores import ScoreAdjusted, ScorePosted
from events.store import Store
from projections.catalog import Projector
from projections.directory import Entry, circle, find
from tracker.database import migrate, open_engine

CRITERIA: list[dict[str, Any]] = [
    {
        "code": "m",
        "points": "2",
        "rule": {
            "kind": "activity",
            "activity": "branch_committee_meeting",
            "per": "month",
            "evidence": ["minutes"],
        },
    },
    {
        "code": "q",
        "points": "1",
        "rule": {"kind": "activity", "activity": "member_assembly", "per": "quarter"},
    },
    {
        "code": "y",
        "points": "1",
        "rule": {"kind": "activity", "activity": "party_lesson", "per": "year", "by": "06-30"},
    },
    {"code": "f", "points": "1", "rule": {"kind": "condition", "condition": "national_flag"}},
    {
        "code": "h",
        "points": "1",
        "applies": {"measure": "members", "at_least": "3"},
        "rule": {"kind": "measure", "measure": "households", "at_least": "100"},
    },
    {
        "code": "o",
        "optional": True,
        "rule": {"kind": "activity", "activity": "study_session", "per": "month"},
    },
]
SCHEME: dict[str, Any] = {
    "scheme": "community-test",
    "version": 1,
    "title": {"zh": "测试项目", "en": "Test"},
    "categories": ["community"],
    "effective_from": "2026-01",
    "points": "6",
    "sections": [
        {
            "code": "1",
            "title": {"zh": "一", "en": "One"},
            "items": [
                {
                    "code": "1.1",
                    "title": {"zh": "会议", "en": "Meetings"},
                    "points": "6",
                    "criteria": [
                        one
                        | {"text": {"zh": f"标准{one['code']}", "en": f"Criterion {one['code']}"}}
                        for one in CRITERIA
                    ],
                }
            ],
        }
    ],
}

CLERK = Metadata("os:clerk", "cli")


class SmallDistrict:
    """A database with its store; ``now`` moves on by a second with every append."""

    def __init__(self, url: str) -> None:
        """Create the database and the district."""
        self.engine: Engine = open_engine(url)
        migrate(self.engine)
        self.now = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
        self.faults: list[str] = []
        self.store = Store(self.engine, self.clock, Projector(self.heard))
        self.counter = 0
        self.tell(DISTRICT, DistrictInitialized(zone="Asia/Shanghai", first_month="2026-01"))

    def clock(self) -> datetime:
        """The time of the district."""
        self.now += timedelta(seconds=1)
        return self.now

    def heard(self, stream: str, _error: Exception) -> None:
        """Hears of a fold that raised."""
        self.faults.append(stream)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One snapshot."""
        with self.store.read() as reader:
            yield reader

    def tell(
        self,
        stream: str,
        *events: Event,
        metadata: Metadata = CLERK,
        recorded_on: str | None = None,
    ) -> list[RecordedEvent]:
        """Append events to one stream."""
        return self.tell_many([(stream, one) for one in events], metadata, recorded_on)

    def tell_many(
        self,
        told: Sequence[tuple[str, Event]],
        metadata: Metadata = CLERK,
        recorded_on: str | None = None,
    ) -> list[RecordedEvent]:
        """Append events to several streams in one transaction."""
        pending = []
        for stream, event in told:
            self.counter += 1
            pending.append(Pending(stream, f"e{self.counter}", event, metadata, recorded_on))
        with self.store.append() as log:
            return log.append(pending)

    def register(
        self,
        code: str,
        parent: str | None = None,
        category: str = "community",
        on: str = "2026-01-01",
    ) -> str:
        """Register an organization; answers its stream."""
        self.tell(stream_of(code), registration(code, parent, category, on))
        return stream_of(code)

    def record(self, code: str, record_id: str, on: str, **more: Any) -> RecordedEvent:
        """Record a branch committee meeting, or another activity."""
        recorded_on = more.pop("recorded_on", None)
        event = meeting(record_id, on, **more)
        return self.tell(stream_of(code), event, recorded_on=recorded_on)[0]

    def publish(self, document: dict[str, Any] | None = None) -> None:
        """Put a scheme in force."""
        document = document or SCHEME
        self.tell(
            f"scheme-{document['scheme']}",
            SchemePublished(
                scheme=document["scheme"],
                version=document["version"],
                purpose="monthly",
                categories=tuple(document["categories"]),
                effective_from=document["effective_from"],
                document=document,
                digest="0" * 64,
            ),
        )

    def entry(self, code: str) -> Entry:
        """The organization that bears a code."""
        with self.read() as reader:
            found = find(reader, code)
        assert found is not None
        return found

    def tamper(self, sql: str) -> None:
        """Change rows behind the tracker's back."""
        with self.engine.begin() as connection:
            assert connection.execute(text(sql)).rowcount > 0

    def rows(self, table: str) -> set[tuple[Any, ...]]:
        """All rows of a table."""
        with self.read() as reader:
            return {tuple(row) for row in reader.rows(f"SELECT * FROM {table}")}

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def registration(
    code: str, parent: str | None = None, category: str = "community", on: str = "2026-01-01"
) -> OrganizationRegistered:
    """The registration of an organization."""
    return OrganizationRegistered(
        code=code,
        name=f"组织{code}",
        category=category,
        parent=parent,
        registered_on=date.fromisoformat(on),
    )


def meeting(record_id: str, on: str, **more: Any) -> ActivityRecorded:
    """A meeting with minutes, or what ``more`` makes of it."""
    fields = {"activity": "branch_committee_meeting", "evidence": ({"kind": "minutes"},)} | more
    return ActivityRecorded(record_id=record_id, occurred_on=date.fromisoformat(on), **fields)


def posted(period: str, score: str | None, scope: str = "r", **more: Any) -> ScorePosted:
    """A posted monthly score; inspected where there is one."""
    fields: dict[str, Any] = {
        "derived": "90.00",
        "inspected": score,
        "scheme": "community-test",
        "scheme_version": 1,
        "stream_version": 1,
        "digest": "0" * 64,
    }
    return ScorePosted(kind="monthly", scope=scope, period=period, score=score, **fields | more)


def adjusted(period: str, old: str | None, new: str, scope: str = "r") -> ScoreAdjusted:
    """An adjustment of a monthly score."""
    return ScoreAdjusted(
        kind="monthly", scope=scope, period=period, old=old, new=new, reason="申诉成立"
    )


def sheet(period: str, sheet_id: str, *disallowed: str, scope: str = "r") -> FindingsSubmitted:
    """A sheet that judges one criterion and disallows records."""
    return FindingsSubmitted(
        scope=scope,
        period=period,
        kind="monthly",
        sheet_id=sheet_id,
        inspectors=("p-1", "p-2"),
        findings=({"criterion": "m", "credit": "0.5", "reason": "缺签到"},),
        disallow=tuple({"record_id": one, "reason": "不实"} for one in disallowed),
    )


def assigned(period: str, scope: str = "r") -> InspectionAssigned:
    """An assignment of two inspectors."""
    return InspectionAssigned(scope=scope, period=period, inspectors=("p-1", "p-2"), why="by key")


def cycle(period: str, *, drawn: bool = True, closed: bool = True) -> list[tuple[str, Event]]:
    """The events of a cycle of the scope ``r``."""
    stream = cycle_stream("r", period)
    head: dict[str, Any] = {"scope": "r", "period": period}
    told: list[Event] = [
        CycleOpened(
            **head,
            opened_on=date(2026, 4, 1),
            draws_on=date(2026, 4, 6),
            reminds_on=date(2026, 4, 8),
            closes_on=date(2026, 4, 10),
            schemes=({"category": "community", "scheme": "community-test", "version": 1},),
            policy_version=0,
            policy=stored_document(DistrictPolicy()),
            frame_digest="f" * 64,
            strata=({"stratum": "community", "N": 3, "n": 2},),
            last_seal="0" * 64,
        )
    ]
    if drawn:
        told += [
            SampleDrawn(
                **head,
                randomness="1234",
                drawn_by_system=False,
                seed="a" * 64,
                strata=(
                    {"stratum": "community", "N": 3, "n": 2},
                    {"stratum": "village", "N": 0, "n": 0},
                ),
                sample_digest="b" * 64,
            ),
            OrganizationExcluded(**head, organization="a", stage="draw", reason="closed"),
        ]
    if closed:
        told += [
            CycleClosing(**head, closing_on=date(2026, 4, 10), uninspected=not drawn),
            CycleClosed(**head, posted=3, inspected=1, missed=1, not_held=0, seal_root="c" * 64),
        ]
    return [(stream, one) for one in told]


class Story:
    """A random sequence of what the deciders would let happen in a district."""

    def __init__(self, rng: random.Random, district: SmallDistrict) -> None:
        """Events come from the generator that is handed in."""
        self.rng = rng
        self.district = district
        self.codes: dict[str, str] = {}
        self.changed: dict[str, date] = {}
        self.closed: set[str] = set()
        self.records: dict[str, list[str]] = {}
        self.number = 0
        self._register(None)

    def go_on(self, steps: int) -> None:
        """Tell some more; some transactions hold several events."""
        turns = [self._life, self._life, self._record, self._record, self._again, self._again,
                 self._report, self._sheet, self._score, self._person, self._cycle]  # fmt: skip
        for _ in range(steps):
            self.rng.choice(turns)()

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _any(self) -> str:
        return self.rng.choice(sorted(set(self.codes) - self.closed) or sorted(self.codes))

    def _register(self, parent: str | None) -> None:
        told: list[tuple[str, Event]] = []
        for _ in range(self.rng.choice((1, 1, 3))):
            code = f"o{self._next()}"
            on = date(2026, 1, 1) + timedelta(days=self.rng.randrange(60))
            event = registration(
                code, parent and self.codes[parent], self.rng.choice(("community", "village")),
                on.isoformat(),
            )  # fmt: skip
            told.append((stream_of(code), event))
            self.codes[stream_of(code)], self.changed[stream_of(code)] = code, on
            parent = self.rng.choice((parent, stream_of(code))) if parent else stream_of(code)
        self.district.tell_many(told)

    def _life(self) -> None:
        if self.rng.random() < 0.4 or len(self.codes) < 4:
            self._register(self._any())
            return
        told = []
        for _ in range(self.rng.choice((1, 1, 2))):
            stream, other = self._any(), self._any()
            on = self.changed[stream] + timedelta(days=self.rng.choice((0, 1, 5, 30)))
            what = self.rng.choice(("move", "move", "move", "name", "category", "code", "end"))
            event = self._change(what, stream, other, on)
            if event is not None:
                self.changed[stream] = on
                told.append((stream, event))
                if what == "move":
                    break
        if told:
            self.district.tell_many(told)

    def _change(self, what: str, stream: str, other: str, on: date) -> Event | None:
        if what == "name":
            return OrganizationRenamed(on=on, name=f"新名{self._next()}", reason="更名")
        if what == "category":
            return OrganizationRecategorized(on=on, category=self.rng.choice(("street", "village")))
        if what == "code":
            code = f"n{self._next()}"
            self.codes[stream] = code
            return OrganizationRecoded(on=on, code=code)
        with self.district.read() as reader:
            if stream == other or circle(reader, stream, other, on.isoformat()):
                return None
        if what == "move":
            return OrganizationMoved(on=on, parent=self.codes[other])
        if len(self.closed) > len(self.codes) // 3:
            return None
        self.closed.add(stream)
        if self.rng.random() < 0.5:
            return OrganizationClosed(on=on)
        return OrganizationMerged(on=on, into=self.codes[other])

    def _record(self) -> None:
        stream = self._any()
        told: list[tuple[str, Event]] = []
        for _ in range(self.rng.choice((1, 4))):
            record_id = f"a-{self._next()}"
            day = date(2026, 1, 1) + timedelta(days=self.rng.randrange(90))
            told.append((stream, meeting(record_id, day.isoformat(), title="会", note="记")))
            self.records.setdefault(stream, []).append(record_id)
        self.district.tell_many(told, recorded_on=self.rng.choice((None, None, "2026-04-20")))

    def _again(self) -> None:
        stream = self._any()
        if not self.records.get(stream):
            return
        record_id = self.rng.choice(self.records[stream])
        event: Event
        if self.rng.random() < 0.7:
            changes: dict[str, Any] = self.rng.choice(
                ({"occurred_on": "2026-02-03"}, {"title": "改"}, {"evidence": []})
            )
            event = ActivityCorrected(
                record_id=record_id, changes=changes, cleared=("note",), reason="改正"
            )
        else:
            event = ActivityRetracted(record_id=record_id, reason="误报")
        self.district.tell(stream, event)

    def _report(self) -> None:
        on = date(2026, 2, 1)
        self.district.tell(
            self._any(),
            ConditionReported(condition="national_flag", state="met", on=on),
            MeasureReported(measure="members", value=str(self._next()), on=on),
        )

    def _sheet(self) -> None:
        stream, period = self._any(), f"2026-{self._next() % 900 + 100}"
        told: list[Event] = [assigned(period)]
        if self.rng.random() < 0.6:
            known = self.records.get(stream, [])[:1]
            told.append(sheet(period, f"s-{self._next()}", *known))
            told.append(
                RectificationOrdered(
                    rectification_id=f"x-{self._next()}", period=period, criterion="m",
                    problem="缺", due=date(2026, 5, 1),
                )
            )  # fmt: skip
        elif self.rng.random() < 0.5:
            told.append(InspectionMissed(scope="r", period=period, inspectors=("p-1", "p-2")))
        self.district.tell(stream, *told)

    def _score(self) -> None:
        stream, period = self._any(), f"2026-{self._next() % 900 + 100}"
        told: list[Event] = [posted(period, self.rng.choice((None, "88.00")))]
        told += [adjusted(period, None, "89.00")] * self.rng.choice((0, 1, 2))
        self.district.tell(stream, *told)

    def _person(self) -> None:
        person = f"p-{self.rng.randrange(4)}"
        self.district.tell(
            person_stream(person),
            InspectorRegistered(
                person=person, organization="o1", team="t", categories=("community",)
            ),
            InspectorRecused(person=person, organization=f"o{self._next()}", reason="亲属"),
        )

    def _cycle(self) -> None:
        closed = self.rng.random() < 0.5
        self.district.tell_many(cycle(f"2026-{self._next() % 900 + 100}", closed=closed))
