"""A small district whose log a test writes event by event, for tests of read models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from events.documents.policies import DistrictPolicy, stored_policy
from events.documents.schemes import SchemePublished
from events.event import Event, Metadata, PendingEvent, RecordedEvent
from events.log.reader import Reader
from events.log.store import Store
from events.streams.cycles import (
    CycleClosed,
    CycleClosing,
    CycleOpened,
    OrganizationExcluded,
    SampleDrawn,
    cycle_stream,
)
from events.streams.districts import STREAM as DISTRICT
from events.streams.districts import DistrictInitialized
from events.streams.findings import FindingsSubmitted, InspectionAssigned
from events.streams.organizations import OrganizationRegistered, stream_of
from events.streams.records import ActivityRecorded
from events.streams.scores import ScoreAdjusted, ScorePosted
from projections.catalog import Projector
from projections.organizations.directory import OrganizationEntry, find
from tracker.storage.database import migrate, open_engine

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
            pending.append(PendingEvent(stream, f"e{self.counter}", event, metadata, recorded_on))
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

    def entry(self, code: str) -> OrganizationEntry:
        """Return the organization with a code."""
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
            policy=stored_policy(DistrictPolicy()),
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
