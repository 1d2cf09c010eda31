from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.event import RecordedEvent
from events.periods import parse_period
from projections.scoring.history import (
    NEVER,
    History,
    StateReport,
    bounds,
    disallowances_of,
    entry_of,
    fold,
    months_to,
    newest_reports,
    posting_of,
    recording_date,
    report_of,
    sheet_of,
)

ZONE = ZoneInfo("Asia/Shanghai")
CODE = "421102-003-007"


def event(
    kind: str,
    data: dict[str, Any],
    at: str = "2026-01-01T04:00:00.000000Z",
    version: int = 1,
    recorded_on: str | None = None,
) -> RecordedEvent:
    """One recorded event of the organization's stream."""
    return RecordedEvent(
        stream=f"organization-{CODE}",
        version=version,
        position=version,
        event_id=f"e-{version}",
        type=kind,
        data=data,
        actor="os:test",
        channel="cli",
        correlation="",
        recorded_at=at,
        recorded_on=recorded_on,
        occurred_on=None,
        subject=None,
    )


@dataclass
class Ledger:
    """Writes the stream of one organization; days are local, recorded at noon."""

    registered_on: str = "2025-01-01"
    category: str = "community"
    events: list[RecordedEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the registration."""
        self.add(
            "OrganizationRegistered",
            self.registered_on,
            code=CODE,
            name="commitment",
            category=self.category,
            registered_on=self.registered_on,
        )

    def add(self, kind: str, day: str, recorded_on: str | None = None, /, **data: Any) -> Ledger:
        """Append an event recorded on a day."""
        at, version = f"{day}T04:00:00.000000Z", len(self.events) + 1
        self.events.append(event(kind, data, at, version, recorded_on))
        return self

    def held(self, record_id: str, activity: str, on: str, day: str = "", **more: Any) -> Ledger:
        """Record an activity, on its own day unless another is given."""
        data = {"record_id": record_id, "activity": activity, "occurred_on": on} | more
        return self.add("ActivityRecorded", day or on, **data)

    def corrected(self, record_id: str, day: str, **changes: Any) -> Ledger:
        """Correct a record."""
        data = {"record_id": record_id, "changes": changes, "reason": "wrong"}
        return self.add("ActivityCorrected", day, **data)

    def condition(self, name: str, state: str, on: str, day: str = "") -> Ledger:
        """Report a condition."""
        return self.add("ConditionReported", day or on, condition=name, state=state, on=on)

    def measure(self, name: str, value: str, on: str, day: str = "") -> Ledger:
        """Report a measure."""
        return self.add("MeasureReported", day or on, measure=name, value=value, on=on)

    def sheet(
        self, period: str, day: str, *findings: dict[str, Any], disallow: str = "", **more: Any
    ) -> Ledger:
        """Hand in a joint sheet, perhaps disallowing one record."""
        listed = [{"record_id": disallow, "reason": "copied"}] if disallow else []
        data = {"period": period, "kind": "monthly", "sheet_id": day, "inspectors": ["p-1"]}
        data |= {"findings": list(findings), "disallow": listed} | more
        return self.add("FindingsSubmitted", day, **data)

    def posted(self, period: str, day: str, kind: str = "monthly") -> Ledger:
        """Post a score."""
        return self.add("ScorePosted", day, period=period, kind=kind)

    def history(self, until: str | None = None) -> History:
        """The facts so far."""
        return fold(self.events, ZONE, until=until)


def test_a_recording_date_is_the_local_date_of_the_instant() -> None:
    """An instant late in the UTC day counts for the next local day in Shanghai."""
    assert recording_date(event("X", {}, "2026-09-12T15:59:59.999999Z"), ZONE) == "2026-09-12"
    assert recording_date(event("X", {}, "2026-09-12T16:00:00.000000Z"), ZONE) == "2026-09-13"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-09-12T18:14:59.999999Z", "2026-09-12"),
        ("2026-09-12T18:15:00.000000Z", "2026-09-13"),
        ("2026-09-12T18:29:00.000000Z", "2026-09-13"),
    ],
)
def test_a_recording_date_is_right_where_midnight_falls_within_a_utc_hour(
    at: str, day: str
) -> None:
    """Kathmandu is five hours and three quarters ahead of UTC, so the hour must be looked into."""
    assert recording_date(event("X", {}, at), ZoneInfo("Asia/Kathmandu")) == day


def test_a_historical_import_counts_from_the_date_it_was_first_written_down() -> None:
    """Where an event carries recorded_on, that is its recording date."""
    late = event("X", {}, "2026-09-12T04:00:00.000000Z", recorded_on="2025-03-01")
    assert recording_date(late, ZONE) == "2025-03-01"


def test_an_activity_becomes_an_entry_in_the_words_of_scoring() -> None:
    """Attendance, money, evidence kinds and the presence of a note are laid flat."""
    data = {
        "record_id": "a-1",
        "activity": "party_lesson",
        "occurred_on": "2026-09-01",
        "title": "commitment",
        "attendance": {"present": 7, "expected": 9},
        "money": {"due": 12000},
        "evidence": [{"kind": "photo", "file": "ab"}, {"kind": "minutes"}],
        "note": "commitment",
    }
    found = entry_of(event("ActivityRecorded", data, version=4), "2026-09-02")
    assert found is not None
    record_id, entry = found
    assert (record_id, entry.known_on, entry.version) == ("a-1", "2026-09-02", 4)
    assert entry.changes == {
        "activity": "party_lesson",
        "occurred_on": "2026-09-01",
        "present": 7,
        "expected": 9,
        "due": 12000,
        "paid": None,
        "evidence": ["photo", "minutes"],
        "note": True,
    }


def test_a_correction_replaces_whole_fields_and_empties_cleared_ones() -> None:
    """A cleared field is emptied, a field not named stays as it was."""
    data = {
        "record_id": "a-1",
        "changes": {"occurred_on": "2026-09-02"},
        "cleared": ["attendance", "money", "evidence", "note"],
        "reason": "wrong",
    }
    found = entry_of(event("ActivityCorrected", data), "2026-09-03")
    assert found is not None
    assert found[1].changes == {
        "occurred_on": "2026-09-02",
        "present": None,
        "expected": None,
        "due": None,
        "paid": None,
        "evidence": [],
        "note": False,
    }


def test_each_fact_is_read_from_its_own_type_of_event_alone() -> None:
    """Every small function answers nothing for an event of another type."""
    other = event("OrganizationMoved", {"on": "2026-01-01"})
    assert entry_of(other, "") is None
    assert report_of(other, "") is None
    assert sheet_of(other, "") is None
    assert posting_of(other) is None
    assert disallowances_of(other, "") == []


def test_a_fold_gathers_the_facts_of_a_stream() -> None:
    """Registration, category, records, reports, sheets, postings and closing all arrive."""
    ledger = Ledger()
    ledger.add("OrganizationRecategorized", "2026-02-01", on="2026-02-01", category="village")
    ledger.add("OrganizationRenamed", "2026-02-02", on="2026-02-02", name="commitment")
    ledger.held("a-1", "party_lesson", "2026-03-01")
    ledger.add("ActivityRetracted", "2026-03-02", record_id="a-1", reason="never held")
    ledger.condition("national_flag", "met", "2026-03-03")
    ledger.measure("members", "9", "2026-03-04")
    ledger.sheet("2026-03", "2026-04-06", {"criterion": "1", "credit": "1"}, disallow="a-2")
    ledger.posted("2026-03", "2026-04-11").posted("2026-03", "2026-04-12")
    ledger.add("OrganizationMerged", "2026-05-01", on="2026-04-30", into="421102-003-008")
    history = ledger.history()
    assert (history.code, history.registered_on) == (CODE, "2025-01-01")
    assert history.categories == [("2025-01-01", "community"), ("2026-02-01", "village")]
    assert [entry.changes.get("retracted") for entry in history.records["a-1"].entries] == [
        None,
        True,
    ]
    assert history.records["a-2"].entries[0].changes == {"disallowed": "2026-03"}
    assert [(one.name, one.value) for one in history.reports] == [
        ("national_flag", "met"),
        ("members", "9"),
    ]
    assert history.sheets[0].findings == [{"criterion": "1", "credit": "1"}]
    assert history.posted == {("2026-03", "monthly"): 9}
    assert (history.closed_on, history.closed_known_on) == ("2026-04-30", "2026-05-01")


def test_a_fold_up_to_an_instant_leaves_out_what_was_recorded_later() -> None:
    """The instant itself is included, and a stream without its registration has not begun."""
    ledger = Ledger().held("a-1", "party_lesson", "2026-03-01")
    assert list(ledger.history(until="2026-03-01T04:00:00.000000Z").records) == ["a-1"]
    assert list(ledger.history(until="2026-03-01T03:59:59.999999Z").records) == []
    assert ledger.history(until="2020-01-01T00:00:00.000000Z").registered_on == NEVER


def test_the_closing_counts_from_its_recording_date() -> None:
    """A closing that was recorded after the day asked was not known on it."""
    history = Ledger().add("OrganizationClosed", "2026-06-10", on="2026-05-31").history()
    assert history.closed_by("2026-06-30", "2026-06-10") == "2026-05-31"
    assert history.closed_by("2026-06-30", "2026-06-09") is None
    assert history.closed_by("2026-05-30", "2026-06-10") is None
    assert Ledger().history().closed_by("2026-06-30", "2026-06-10") is None


def test_the_category_is_the_newest_in_force_and_known() -> None:
    """Categories are looked up by date and by the day asked, the first standing before all."""
    ledger = Ledger()
    assert ledger.history().category_on("2026-03-01", "2026-03-01") == "community"
    ledger.add("OrganizationRecategorized", "2026-03-10", on="2026-03-01", category="village")
    ledger.add("OrganizationRecategorized", "2026-03-11", on="2026-02-01", category="street")
    history = ledger.history()
    assert history.category_on("2026-03-05", "2026-03-20") == "village"
    assert history.category_on("2026-02-05", "2026-03-20") == "street"
    assert history.category_on("2026-03-05", "2026-03-09") == "community"
    history.categories_known_on = []
    assert history.category_on("2026-03-05", "2026-03-09") == "village"


def test_the_newest_report_is_by_its_date_and_then_by_order_of_recording() -> None:
    """A report for an earlier date that is recorded later does not replace a newer one."""
    reports = [
        StateReport("condition", "flag", "2026-03-01", "2026-03-01", 2, "met"),
        StateReport("condition", "flag", "2026-02-01", "2026-03-05", 3, "unmet"),
        StateReport("measure", "members", "2026-03-01", "2026-03-01", 6, "9"),
        StateReport("measure", "members", "2026-03-01", "2026-03-02", 5, "8"),
        StateReport("measure", "members", "2026-03-01", "2026-03-02", 7, "10"),
        StateReport("measure", "members", "2026-03-01", "2026-03-09", 8, "11"),
        StateReport("measure", "members", "2026-04-01", "2026-03-02", 9, "12"),
    ]
    found = newest_reports(reports, "2026-03-31", "2026-03-08")
    assert found == ({"flag": "met"}, {"members": "10"})


def test_bounds_and_months_are_those_of_the_calendar() -> None:
    """A quarter knows its days, and the months of its year up to its end."""
    quarter = parse_period("2026-Q1")
    assert bounds(quarter) == ("2026-01-01", "2026-03-31", "2026-01-01")
    assert [(str(month), end) for month, end in months_to(quarter)] == [
        ("2026-01", "2026-01-31"),
        ("2026-02", "2026-02-28"),
        ("2026-03", "2026-03-31"),
    ]
