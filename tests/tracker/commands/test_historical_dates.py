"""The dates that historical lines about organizations and people may have."""

from datetime import date

import pytest

from events.refusals.errors import Refused
from events.streams.organizations import ChangeOrganization, RegisterOrganization
from events.streams.people import RegisterInspector
from tracker.commands.historical_dates import check_historical_dates

TODAY = date(2026, 9, 20)
REGISTER = RegisterOrganization.model_validate(
    {
        "code": "a",
        "name": "甲",
        "category": "village",
        "parent": "r",
        "registered_on": "2026-03-02",
    }
)
CHANGE = ChangeOrganization.model_validate({"code": "a", "on": "2026-03-02", "name": "乙"})
INSPECTOR = RegisterInspector.model_validate(
    {"id": "p-1", "team": "t", "organization": "r", "categories": ["village"]}
)


@pytest.mark.parametrize(
    ("command", "recorded_on", "code", "field"),
    [
        (REGISTER, date(2026, 9, 21), "future_date", "recorded_on"),
        (INSPECTOR, date(2026, 9, 21), "future_date", "recorded_on"),
        (REGISTER, date(2026, 3, 1), "recorded_before", "recorded_on"),
        (REGISTER, date(2026, 3, 2), "history_closed", "registered_on"),
        (CHANGE, date(2026, 3, 2), "history_closed", "on"),
    ],
)
def test_wrong_dates_are_refused(
    command: RegisterOrganization | ChangeOrganization | RegisterInspector,
    recorded_on: date,
    code: str,
    field: str,
) -> None:
    """Recorded in the future or before the event, or in an opened month: refused at the field."""
    with pytest.raises(Refused) as caught:
        check_historical_dates(command, recorded_on, TODAY, frozenset({"2026-03"}))
    assert (caught.value.code, caught.value.field) == (code, field)


def test_other_dates_are_accepted() -> None:
    """Lines that are not historical, those of months not opened, and people's lines pass."""
    opened = frozenset({"2026-03"})
    check_historical_dates(REGISTER, None, TODAY, opened)
    check_historical_dates(REGISTER, date(2026, 3, 2), TODAY, frozenset())
    check_historical_dates(INSPECTOR, date(2026, 3, 2), TODAY, opened)
