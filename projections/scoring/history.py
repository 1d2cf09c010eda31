"""The facts of one organization as plain values: all that scoring reads.

Dates are ISO texts (``2026-09-12``), which sort as dates do; money is in fen; people are integers.
``fold`` makes a ``History`` from a stream; the functions that make one fact from one event
(``entry_of``, ``report_of`` and so on) also serve the read model that keeps facts as rows. A fact
is known from its **recording date**, see ``recording_date`` (docs/semantics.md, sections 1 and 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypedDict

from events.event import RecordedEvent
from events.periods import Period
from events.streams.findings import FindingsSubmitted
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMerged,
    OrganizationRecategorized,
    OrganizationRegistered,
)
from events.streams.records import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityRetracted,
    ConditionReported,
    MeasureReported,
)
from events.streams.scores import ScorePosted

NEVER = "9999-12-31"
"""The registration date where a stream (or the part of it that is read) has no registration."""


class RecordFields(TypedDict, total=False):
    """What scoring reads of a record; a field that is missing or None is empty.

    ``occurred_on`` is an ISO date, ``present`` and ``expected`` count people, ``due`` and ``paid``
    are in fen, ``evidence`` lists kinds, ``note`` says whether there is one. ``retracted`` is set
    by a retraction, ``disallowed`` by a sheet: it is the sheet's period.
    """

    activity: str
    occurred_on: str
    present: int | None
    expected: int | None
    due: int | None
    paid: int | None
    evidence: list[str]
    note: bool
    retracted: bool
    disallowed: str


@dataclass(slots=True)
class RecordVersion:
    """One event of a record, as known from ``known_on``; ``version`` is its stream version.

    ``changes`` are the fields that the event sets; None empties a field. ``came_on`` and
    ``came_at`` are the true date and instant of a historical line, empty for all others.
    """

    known_on: str
    version: int
    changes: RecordFields
    came_on: str = ""
    came_at: str = ""


@dataclass(slots=True)
class RecordHistory:
    """One activity record: its entries in stream order."""

    record_id: str
    entries: list[RecordVersion]


@dataclass(slots=True)
class StateReport:
    """A self-report in force from ``on``: met, partial or unmet, or a number as decimal text."""

    kind: Literal["condition", "measure"]
    name: str
    on: str
    known_on: str
    version: int
    value: str


@dataclass(slots=True)
class SheetFindings:
    """The findings of one joint sheet; what it disallows is kept as entries of the records."""

    period: str
    kind: str
    sheet_id: str
    known_on: str
    version: int
    findings: list[dict[str, Any]]
    additions: list[dict[str, Any]] = field(default_factory=list)


class LifeEnd(NamedTuple):
    """The last day of an organization's life, and from which date on it is known (ISO texts)."""

    day: str
    known_on: str


@dataclass(slots=True)
class History:
    """Everything about one organization that scoring reads; lists are in stream order.

    ``closed_on`` is the last day of its life. ``closed_known_on`` and ``categories_known_on``
    (parallel to ``categories``) are recording dates; empty means known always. ``openings`` gives
    by month the instant at which its cycle opened for the organization's scope.
    """

    code: str
    registered_on: str
    closed_on: str | None
    categories: list[tuple[str, str]]
    records: dict[str, RecordHistory] = field(default_factory=dict)
    reports: list[StateReport] = field(default_factory=list)
    sheets: list[SheetFindings] = field(default_factory=list)
    posted: dict[tuple[str, str], int] = field(default_factory=dict)
    closed_known_on: str = ""
    categories_known_on: list[str] = field(default_factory=list)
    openings: dict[str, str] = field(default_factory=dict)

    def closed_by(self, on: str, asked_on: str) -> str | None:
        """Return the closing date if it is not after ``on`` and was known on ``asked_on``."""
        closed = self.closed_on
        known = closed is not None and closed <= on and self.closed_known_on <= asked_on
        return closed if known else None

    def category_on(self, on: str, asked_on: str) -> str:
        """Return the category on a date, as known on ``asked_on``; the first one before any."""
        if len(self.categories) == 1:
            return self.categories[0][1]
        known = self.categories_known_on or [""] * len(self.categories)
        (_, newest), since = self.categories[0], ""
        for (begin, category), known_on in zip(self.categories, known, strict=True):
            if since <= begin <= on and known_on <= asked_on:
                newest, since = category, begin
        return newest


@lru_cache(maxsize=1024)
def bounds(period: Period) -> tuple[str, str, str]:
    """Return a period's first and last day and the first day of its year, as ISO texts."""
    return period.first_day.isoformat(), period.last_day.isoformat(), f"{period.year:04}-01-01"


@lru_cache(maxsize=64)
def months_to(period: Period) -> tuple[tuple[Period, str], ...]:
    """Return the months of the year up to a period's last, each with its last day (ISO)."""
    first = period.year * 12
    months = [Period(month, 1) for month in range(first, period.last_month.first + 1)]
    return tuple((month, month.last_day.isoformat()) for month in months)


def newest_reports(
    reports: Iterable[StateReport], on: str, asked_on: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the states of conditions and values of measures on a date, as known on another.

    The newest by the date they are in force from counts, then by order of recording
    (docs/semantics.md, section 2).
    """
    conditions: dict[str, StateReport] = {}
    measures: dict[str, StateReport] = {}
    for report in reports:
        if report.on <= on and report.known_on <= asked_on:
            newest = conditions if report.kind == "condition" else measures
            name = report.name
            before = newest.get(name)
            if (
                before is None
                or before.on < report.on
                or (before.on == report.on and before.version < report.version)
            ):
                newest[name] = report
    return (
        {name: report.value for name, report in conditions.items()},
        {name: report.value for name, report in measures.items()},
    )


@lru_cache(maxsize=65536)
def _date_of_hour(hour: str, zone: tzinfo) -> str:
    """Return the local date of a UTC hour (``2026-09-12T08``), empty if it changes within it.

    Cached by hour, because millions of events fall into few hours and conversion is slow.
    """
    first = datetime.fromisoformat(hour + ":00:00+00:00")
    last = first + timedelta(hours=1, microseconds=-1)
    here, there = first.astimezone(zone), last.astimezone(zone)
    same = here.utcoffset() == there.utcoffset() and here.date() == there.date()
    return here.date().isoformat() if same else ""


def recording_date(event: RecordedEvent, zone: tzinfo) -> str:
    """Return the date (ISO) on which an event counts as recorded (docs/semantics.md, section 1).

    ``recorded_on`` of a historical import, else the local date of ``recorded_at`` in ``zone``.
    """
    return arrival_date(event, zone) if event.recorded_on is None else event.recorded_on


def arrival_date(event: RecordedEvent, zone: tzinfo) -> str:
    """Return the local date (ISO) on which an event came into the log, ``recorded_on`` or not."""
    local_date = _date_of_hour(event.recorded_at[:13], zone)
    if local_date:
        return local_date
    return datetime.fromisoformat(event.recorded_at).astimezone(zone).date().isoformat()


def _fields(data: dict[str, Any]) -> RecordFields:
    """Return the fields that an event's data sets; whole fields are replaced."""
    changes: RecordFields = {}
    if "activity" in data:
        changes["activity"] = data["activity"]
    if "occurred_on" in data:
        changes["occurred_on"] = data["occurred_on"]
    if "attendance" in data:
        attendance = data["attendance"] or {}
        changes["present"] = attendance.get("present")
        changes["expected"] = attendance.get("expected")
    if "money" in data:
        money = data["money"] or {}
        changes["due"] = money.get("due")
        changes["paid"] = money.get("paid")
    if "evidence" in data:
        changes["evidence"] = [piece["kind"] for piece in data["evidence"] or ()]
    if "note" in data:
        changes["note"] = bool(data["note"])
    return changes


_CHANGES: dict[str, Callable[[dict[str, Any]], RecordFields]] = {
    ActivityRecorded.TYPE: _fields,
    ActivityCorrected.TYPE: lambda data: _fields(
        dict.fromkeys(data.get("cleared") or ()) | data["changes"]
    ),
    ActivityRetracted.TYPE: lambda _data: {"retracted": True},
}


def entry_of(event: RecordedEvent, known_on: str) -> tuple[str, RecordVersion] | None:
    """Return a record's id and its entry, for an activity recorded, corrected or retracted."""
    changes_of = _CHANGES.get(event.type)
    if changes_of is None:
        return None
    return event.data["record_id"], RecordVersion(known_on, event.version, changes_of(event.data))


def mark_arrival(entry: RecordVersion, event: RecordedEvent, zone: tzinfo) -> None:
    """Set when an entry truly came, if its event is historical."""
    if event.recorded_on is not None:
        entry.came_on, entry.came_at = arrival_date(event, zone), event.recorded_at


def disallowances_of(event: RecordedEvent, known_on: str) -> list[tuple[str, RecordVersion]]:
    """Return the records that a sheet disallows, each with its entry; empty for other events."""
    if event.type != FindingsSubmitted.TYPE:
        return []
    changes: RecordFields = {"disallowed": event.data["period"]}
    return [
        (disallowed["record_id"], RecordVersion(known_on, event.version, changes))
        for disallowed in event.data.get("disallow") or ()
    ]


_REPORTS: dict[str, tuple[Literal["condition", "measure"], str]] = {
    ConditionReported.TYPE: ("condition", "state"),
    MeasureReported.TYPE: ("measure", "value"),
}


def report_of(event: RecordedEvent, known_on: str) -> StateReport | None:
    """Return the self-report of a condition or a measure; None for other events."""
    report = _REPORTS.get(event.type)
    if report is None:
        return None
    kind, value = report
    data = event.data
    return StateReport(kind, data[kind], data["on"], known_on, event.version, data[value])


def sheet_of(event: RecordedEvent, known_on: str) -> SheetFindings | None:
    """Return the sheet with its findings; None for other events."""
    if event.type != FindingsSubmitted.TYPE:
        return None
    data = event.data
    findings = list(data.get("findings") or ())
    additions = list(data.get("additions") or ())
    return SheetFindings(
        data["period"], data["kind"], data["sheet_id"], known_on, event.version, findings, additions
    )


def posting_of(event: RecordedEvent) -> tuple[tuple[str, str], int] | None:
    """Return the period and kind that were posted, and the version; None for other events."""
    if event.type != ScorePosted.TYPE:
        return None
    return (event.data["period"], event.data["kind"]), event.version


def _register(history: History, event: RecordedEvent, known_on: str) -> None:
    history.code = event.data["code"]
    history.registered_on = event.data["registered_on"]
    history.categories.append((history.registered_on, event.data["category"]))
    history.categories_known_on.append(known_on)


def _recategorize(history: History, event: RecordedEvent, known_on: str) -> None:
    history.categories.append((event.data["on"], event.data["category"]))
    history.categories_known_on.append(known_on)


def _close(history: History, event: RecordedEvent, known_on: str) -> None:
    history.closed_on = event.data["on"]
    history.closed_known_on = known_on


def _record(history: History, event: RecordedEvent, known_on: str) -> None:
    entry = entry_of(event, known_on)
    assert entry is not None, event.type
    _append(history, *entry)


def _append(history: History, record_id: str, entry: RecordVersion) -> None:
    record = history.records.get(record_id)
    if record is None:
        history.records[record_id] = RecordHistory(record_id, [entry])
    else:
        record.entries.append(entry)


def _report(history: History, event: RecordedEvent, known_on: str) -> None:
    report = report_of(event, known_on)
    assert report is not None, event.type
    history.reports.append(report)


def _inspect(history: History, event: RecordedEvent, known_on: str) -> None:
    sheet = sheet_of(event, known_on)
    assert sheet is not None, event.type
    history.sheets.append(sheet)
    for record_id, entry in disallowances_of(event, known_on):
        _append(history, record_id, entry)


def _post(history: History, event: RecordedEvent, _known_on: str) -> None:
    posting = posting_of(event)
    assert posting is not None, event.type
    history.posted.setdefault(*posting)


_FOLDS: dict[str, Callable[[History, RecordedEvent, str], None]] = {
    OrganizationRegistered.TYPE: _register,
    OrganizationRecategorized.TYPE: _recategorize,
    OrganizationClosed.TYPE: _close,
    OrganizationMerged.TYPE: _close,
    ActivityRecorded.TYPE: _record,
    ActivityCorrected.TYPE: _record,
    ActivityRetracted.TYPE: _record,
    ConditionReported.TYPE: _report,
    MeasureReported.TYPE: _report,
    FindingsSubmitted.TYPE: _inspect,
    ScorePosted.TYPE: _post,
}


def fold(events: Iterable[RecordedEvent], zone: tzinfo, *, until: str | None = None) -> History:
    """Fold one organization's stream, in stream order, into its facts.

    Only events up to ``until`` count (an instant as ``events.periods.instant_text`` writes it). A
    stream without a registration gives a history whose life never begins (``NEVER``).
    """
    history = History("", NEVER, None, [])
    for event in events:
        if until is not None and event.recorded_at > until:
            continue
        evolve = _FOLDS.get(event.type)
        if evolve is not None:
            evolve(history, event, recording_date(event, zone))
            if event.recorded_on is not None and event.type in _CHANGES:
                mark_arrival(history.records[event.data["record_id"]].entries[-1], event, zone)
    return history
