"""An organization's records and self-reports as they stand now: what a form fills in from.

Read from the rows that figures are made from; free texts stand in the electronic file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from projections.credit import state_at
from projections.history import Entry, StateReport, newest_reports

if TYPE_CHECKING:
    from events.reading import Reader

LATEST = "9999-99-99"


def records_between(
    reader: Reader, stream: str, first_day: str, last_day: str
) -> list[dict[str, Any]]:
    """The records of some days by date, each with ``record_id``, its fields and its ``state``.

    The state is standing, retracted or disallowed; fields are those of ``history.Entry``.
    """
    rows = reader.rows(
        "SELECT record_id, entries FROM record_facts"
        " WHERE stream = ? AND from_on <= ? AND to_on >= ?",
        [stream, last_day, first_day],
    )
    found = []
    for record_id, entries in rows:
        fields = state_at([Entry(*one) for one in orjson.loads(entries)], LATEST)
        if not first_day <= fields["occurred_on"] <= last_day:
            continue
        state = "standing"
        if "retracted" in fields:
            state = "retracted"
        elif "disallowed" in fields:
            state = "disallowed"
        found.append({"record_id": record_id, "state": state} | fields)
    return sorted(found, key=lambda one: (one["occurred_on"], one["record_id"]))


def reports_now(reader: Reader, stream: str, day: str) -> tuple[dict[str, str], dict[str, str]]:
    """The conditions and measures in force on a day, by name."""
    rows = reader.rows(
        "SELECT kind, name, on_date, known_on, version, value FROM report_facts WHERE stream = ?",
        [stream],
    )
    return newest_reports([StateReport(*row) for row in rows], day, day)
