"""One organization's stream as the oracle reads it: life, reported states, records, sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.time import number


@dataclass(frozen=True)
class Entry:
    """An entry of the stream with its place, its instant and its recording date."""

    place: int
    recorded_at: datetime
    recording_date: date
    data: dict[str, Any]
    arrival: date

    def counts_from(self, opened: datetime | None) -> date:
        """The recording date where the first cycle of a window opened then (None: never)."""
        if "recorded_on" in self.data and opened is not None and self.recorded_at >= opened:
            return self.arrival
        return self.recording_date


@dataclass(frozen=True)
class Record:
    """The state of an activity record at some date."""

    fields: dict[str, Any]
    retracted: bool

    @property
    def occurred_on(self) -> date:
        """The day on which the activity took place."""
        return date.fromisoformat(self.fields["occurred_on"])


def instant(text: str) -> datetime:
    """Return the instant of a text such as 2026-09-12T03:04:05Z."""
    return datetime.fromisoformat(text)


def read_entries(entries: tuple[dict[str, Any], ...], zone: ZoneInfo) -> list[Entry]:
    """The entries of a world in stream order."""
    read: list[Entry] = []
    for place, data in enumerate(entries):
        recorded_at = instant(data["recorded_at"])
        stated = data.get("recorded_on")
        local = recorded_at.astimezone(zone).date()
        day = local if stated is None else date.fromisoformat(stated)
        read.append(Entry(place, recorded_at, day, data, local))
    return read


@dataclass(frozen=True)
class Stream:
    """The entries that count for a question."""

    entries: tuple[Entry, ...]
    openings: tuple[tuple[str, str], ...] = ()

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of one kind, in stream order."""
        return [entry for entry in self.entries if entry.data["kind"] == kind]

    def organization(self) -> dict[str, Any] | None:
        """The registration, if it is known."""
        for entry in self.of_kind("organization"):
            return entry.data
        return None

    def registration(self) -> date:
        """The first day of the organization's life."""
        organization = self.organization()
        assert organization is not None
        return date.fromisoformat(organization["registered_on"])

    def closing(self, until: date | None = None) -> date | None:
        """The last day of the organization's life, if it was closed (and that recorded by then)."""
        days = [
            date.fromisoformat(entry.data["on"])
            for entry in self.of_kind("organization_change")
            if entry.data.get("closed") in (True, "true")
            and (until is None or entry.recording_date <= until)
        ]
        return min(days) if days else None

    def category(self, day: date) -> str | None:
        """The category on a day; None before the registration."""
        organization = self.organization()
        if organization is None or day < self.registration():
            return None
        newest = self._newest("organization_change", "category", None, day)
        return str(organization["category"] if newest is None else newest["category"])

    def condition(self, name: str, day: date) -> str | None:
        """The reported state in force on a day."""
        newest = self._newest("condition", "condition", name, day)
        return None if newest is None else str(newest["state"])

    def measure(self, name: str, day: date) -> Fraction | None:
        """The reported value in force on a day."""
        newest = self._newest("measure", "measure", name, day)
        return None if newest is None else number(newest["value"])

    def _newest(self, kind: str, field: str, name: str | None, day: date) -> dict[str, Any] | None:
        newest: dict[str, Any] | None = None
        for entry in self.of_kind(kind):
            data = entry.data
            if data.get(field) is None or (name is not None and data[field] != name):
                continue
            if date.fromisoformat(data["on"]) > day:
                continue
            if newest is None or data["on"] >= newest["on"]:
                newest = data
        return newest

    def records(self, until: date | None, months: Sequence[str] = ()) -> dict[str, Record]:
        """The records at a date (None: the newest): a fold by recording dates, in stream order.

        The recording dates are those that count in a window of some months.
        """
        opened = min((instant(at) for month, at in self.openings if month in months), default=None)
        records: dict[str, Record] = {}
        for entry in self.entries:
            if until is not None and entry.counts_from(opened) > until:
                continue
            data = entry.data
            name = data.get("record_id")
            if data["kind"] == "activity" and name not in records:
                records[str(name)] = Record(data, False)
            elif data["kind"] == "correction" and name in records:
                old = records[str(name)]
                records[str(name)] = Record({**old.fields, **data["changes"]}, old.retracted)
            elif data["kind"] == "retraction" and name in records:
                records[str(name)] = Record(records[str(name)].fields, True)
        return records

    def posted_at(self, period: str) -> int | None:
        """The place in the stream at which a period was posted."""
        for entry in self.of_kind("posted"):
            if entry.data["period"] == period:
                return entry.place
        return None
