"""An organization's records and self-reports as they are now, for lists and forms.

They are read from the rows that figures are computed from. Those hold no free texts:
``projections.records.trail`` reads the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.documents.schemes import SchemePolicy
from events.periods import day_after, parse_month
from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.records.facts import entries_between, newest_sheets, reports_of
from projections.records.trail import CORRECTED, DISALLOWED, RETRACTED, STANDING
from projections.scoring.credit import state_at
from projections.scoring.history import RecordFields, StateReport, newest_reports

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry as Organization
    from projections.scoring.scheme_book import SchemeBook

LATEST = "9999-99-99"
"""After every date."""
FINAL = {"retracted", "disallowed"}
"""Fields whose change is not a correction."""


@dataclass(frozen=True, slots=True)
class CurrentRecord:
    """One record as it is now.

    ``occurred_on`` and ``known_on``, the date on which it counts as recorded, are ISO texts.
    ``state`` is standing, retracted or disallowed; ``corrections`` counts its corrections.
    """

    record_id: str
    activity: str
    occurred_on: str
    state: str
    known_on: str
    corrections: int
    fields: RecordFields


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of an organization's list of records; ``late``: recorded late for its month.

    ``state`` is standing, corrected, disallowed or retracted.
    """

    record_id: str
    activity: str
    occurred_on: str
    state: str
    known_on: str
    late: bool


def records_between(
    reader: Reader, stream: str, first_day: str, last_day: str
) -> list[CurrentRecord]:
    """Return the records of some days (ISO), ordered by date and id."""
    records = []
    newest = newest_sheets(reader, stream)
    for record_id, versions in entries_between(reader, stream, first_day, last_day).items():
        fields = state_at(versions, LATEST)
        if not first_day <= fields["occurred_on"] <= last_day:
            continue
        state = STANDING
        if "retracted" in fields:
            state = RETRACTED
        elif any("disallowed" in entry.changes and entry.version in newest for entry in versions):
            state = DISALLOWED
        records.append(
            CurrentRecord(
                record_id,
                fields["activity"],
                fields["occurred_on"],
                state,
                versions[0].known_on,
                sum(1 for version in versions[1:] if not version.changes.keys() & FINAL),
                fields,
            )
        )
    return sorted(records, key=lambda record: (record.occurred_on, record.record_id))


def in_time_until(schemes: SchemeBook, organization: Organization, occurred_on: str) -> str:
    """Return the last recording date (ISO) in time for the month of a day, by its scheme."""
    month = parse_month(occurred_on[:7])
    category = organization.category_on(month.last_day.isoformat())
    scheme = schemes.in_force(category, MONTHLY, month)
    policy = SchemePolicy() if scheme is None else scheme.policy
    return day_after(month.last_day, policy.recording_grace_days).isoformat()


def reports_now(reader: Reader, stream: str, day: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the conditions and the measures in force on a day, by name."""
    return newest_reports(reports_of(reader, stream, day), day, day)


def reports_in_force(reader: Reader, stream: str, day: str) -> dict[tuple[str, str], StateReport]:
    """Return the self-reports in force on a day, by kind and name."""
    in_force: dict[tuple[str, str], StateReport] = {}
    reports = reports_of(reader, stream, day)
    for report in sorted(reports, key=lambda report: (report.on, report.version)):
        if report.known_on <= day:
            in_force[report.kind, report.name] = report
    return in_force


def list_records(reader: Reader, organization: Organization) -> list[RecordLine]:
    """Return every record of an organization, newest first."""
    schemes = book(reader)
    limits: dict[str, str] = {}
    rows = []
    for record in records_between(reader, organization.stream, "", LATEST):
        month = record.occurred_on[:7]
        if month not in limits:
            limits[month] = in_time_until(schemes, organization, record.occurred_on)
        corrected = record.state == STANDING and record.corrections
        rows.append(
            RecordLine(
                record.record_id,
                record.activity,
                record.occurred_on,
                CORRECTED if corrected else record.state,
                record.known_on,
                record.known_on > limits[month],
            )
        )
    return rows[::-1]
