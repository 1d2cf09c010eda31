"""The dates of historical lines about organizations and people (docs/semantics.md, section 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.periods import month_of
from events.refusals.errors import Refused
from events.streams.organizations import ChangeOrganization, RegisterOrganization

if TYPE_CHECKING:
    from datetime import date

    from events.streams.people import RecuseInspector, RegisterInspector


def check_historical_dates(
    command: RegisterOrganization | ChangeOrganization | RegisterInspector | RecuseInspector,
    recorded_on: date | None,
    today: date,
    opened: frozenset[str],
) -> None:
    """Raise ``Refused`` where a historical line about organizations or people has wrong dates.

    ``opened`` are the months whose cycle has opened. ``events.streams.records`` checks records.
    """
    if recorded_on is None:
        return
    if recorded_on > today:
        raise Refused("future_date", field="recorded_on", day=recorded_on, today=today)
    if isinstance(command, RegisterOrganization):
        name, day = "registered_on", command.registered_on
    elif isinstance(command, ChangeOrganization):
        name, day = "on", command.on
    else:
        return
    if recorded_on < day:
        raise Refused("recorded_before", field="recorded_on", recorded=recorded_on, day=day)
    if str(month_of(day)) in opened:
        raise Refused("history_closed", field=name, month=month_of(day))
