"""An organization's records and self-reports as they stand now: what a form fills in from.

Read from the rows that figures are made from; free texts stand in the electronic file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.schemes import SchemePolicy
from events.periods import day_after, parse_month
from events.streams.scores import MONTHLY
from projections.documents.in_force import book
from projections.records.facts import entries_between, reports_of
from projections.scoring.credit import state_at
from projections.scoring.history import StateReport, newest_reports

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.directory import OrganizationEntry as Organization
    from projections.scoring.scheme_book import SchemeBook

LATEST = "9999-99-99"
FINAL = {"retracted", "disallowed"}
"""What an entry holds that is no correction."""


def records_between(
    reader: Reader, stream: str, first_day: str, last_day: str
) -> list[dict[str, Any]]:
    """The records of some days by date, each with ``record_id``, its fields and its ``state``.

    The state is standing, retracted or disallowed; fields are those of ``history.Entry``;
    ``known_on`` is the date on which it counts as recorded, ``corrections`` how often it was
    corrected.
    """
    found = []
    for record_id, told in entries_between(reader, stream, first_day, last_day).items():
        fields = state_at(told, LATEST)
        if not first_day <= fields["occurred_on"] <= last_day:
            continue
        state = "standing"
        if "retracted" in fields:
            state = "retracted"
        elif "disallowed" in fields:
            state = "disallowed"
        head = {
            "record_id": record_id,
            "state": state,
            "known_on": told[0].known_on,
            "corrections": sum(1 for one in told[1:] if not one.changes.keys() & FINAL),
        }
        found.append(head | fields)
    return sorted(found, key=lambda one: (one["occurred_on"], one["record_id"]))


def in_time_until(schemes: SchemeBook, organization: Organization, occurred_on: str) -> str:
    """The last recording date (ISO) that is in time for the month of a day, by its scheme."""
    month = parse_month(occurred_on[:7])
    category = organization.category_on(month.last_day.isoformat())
    scheme = schemes.in_force(category, MONTHLY, month)
    policy = SchemePolicy() if scheme is None else scheme.policy
    return day_after(month.last_day, policy.recording_grace_days).isoformat()


def reports_now(reader: Reader, stream: str, day: str) -> tuple[dict[str, str], dict[str, str]]:
    """The conditions and measures in force on a day, by name."""
    return newest_reports(reports_of(reader, stream, day), day, day)


def reports_in_force(reader: Reader, stream: str, day: str) -> dict[tuple[str, str], StateReport]:
    """The self-reports in force on a day by (kind, name): the value, and since when."""
    found: dict[tuple[str, str], StateReport] = {}
    reports = reports_of(reader, stream, day)
    for one in sorted(reports, key=lambda one: (one.on, one.version)):
        if one.known_on <= day:
            found[one.kind, one.name] = one
    return found


def ledger(reader: Reader, organization: Organization) -> list[dict[str, Any]]:
    """Every record of an organization, newest first, with whether it came ``late`` for its month.

    The state is standing, corrected, disallowed or retracted.
    """
    schemes = book(reader)
    limits: dict[str, str] = {}
    rows = records_between(reader, organization.stream, "", LATEST)
    for one in rows:
        month = one["occurred_on"][:7]
        if month not in limits:
            limits[month] = in_time_until(schemes, organization, one["occurred_on"])
        one["late"] = one["known_on"] > limits[month]
        if one["state"] == "standing" and one["corrections"]:
            one["state"] = "corrected"
    return rows[::-1]
