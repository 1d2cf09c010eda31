"""Random sequences of what the deciders would let happen in a small district."""

from __future__ import annotations

import random  # noqa: TID251  # the generator is handed in
from datetime import date, timedelta
from typing import Any

from events.event import Event
from events.streams.accounts import AccountOpened, RoleGranted, account_stream
from events.streams.findings import InspectionMissed
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRenamed,
    stream_of,
)
from events.streams.people import InspectorRecused, InspectorRegistered, person_stream
from events.streams.records import (
    ActivityCorrected,
    ActivityRetracted,
    ConditionReported,
    MeasureReported,
)
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from projections.organizations.directory import makes_circle
from tests.support.small_district import (
    SmallDistrict,
    adjusted,
    assigned,
    cycle,
    meeting,
    posted,
    registration,
    sheet,
)


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
                 self._report, self._sheet, self._score, self._person, self._cycle,
                 self._account]  # fmt: skip
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
            if stream == other or makes_circle(reader, stream, other, on.isoformat()):
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
            evidence = self.rng.choice(({"kind": "minutes"}, {"kind": "photo", "file": "a" * 64}))
            told.append(
                (stream, meeting(record_id, day.isoformat(), title="会", note="记",
                                 evidence=(evidence,)))
            )  # fmt: skip
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
            order = f"x-{self._next()}"
            told.append(
                RectificationOrdered(
                    rectification_id=order, period=period, criterion="m", problem="缺",
                    due=date(2026, 5, 1),
                )
            )  # fmt: skip
            told += [self._reply(order)] * self.rng.choice((0, 1))
        elif self.rng.random() < 0.5:
            told.append(InspectionMissed(scope="r", period=period, inspectors=("p-1", "p-2")))
        self.district.tell(stream, *told)

    def _reply(self, order: str) -> Event:
        return RectificationReplied(
            rectification_id=order, reply_id=f"w-{self._next()}", measures="补齐",
            done_on=date(2026, 4, 20),
        )  # fmt: skip

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
                person=person,
                organization="o1",
                team="t",
                categories=("community",),
                leader=True,
                until=date(2026, 8, 31) if person == "p-0" else None,
            ),
            InspectorRecused(person=person, organization=f"o{self._next()}", reason="亲属"),
        )

    def _cycle(self) -> None:
        closed = self.rng.random() < 0.5
        self.district.tell_many(cycle(f"2026-{self._next() % 900 + 100}", closed=closed))

    def _account(self) -> None:
        account = f"u-{self._next()}"
        self.district.tell(
            account_stream(account),
            AccountOpened(account=account),
            RoleGranted(
                account=account, grant_id="g", role="branch", from_on=date(2026, 1, 1),
                organization=self.codes[self._any()],
            ),
        )  # fmt: skip
