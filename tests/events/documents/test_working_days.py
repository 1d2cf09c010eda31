from datetime import date
from typing import Any

import pytest

from events.documents.policies import policy_from_document, stored_policy, validate_policy
from events.documents.serialization import load_document
from events.documents.working_days import WorkingDays, ends_of

NOTICE = """
working_days:
  2027: {holidays: [01-01..01-03, 05-01], workdays: [01-09]}
"""


def problems(days: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the places and the sentences of the problems of a year's days."""
    _, found = validate_policy({"working_days": {"2027": days}})
    return [(one.place.removeprefix("working_days.2027."), one.problem) for one in found]


def test_days_are_listed_as_worked_or_off() -> None:
    """A day is in a span, or one of the days worked, or in neither."""
    days = WorkingDays(holidays=("01-01..01-03",), workdays=("01-09",))
    listed = [days.lists(date(2027, 1, day)) for day in (1, 3, 4, 9)]
    assert listed == [False, False, None, True]
    assert ends_of("01-09") == ("01-09", "01-09")


def test_a_policy_keeps_its_notice() -> None:
    """A document of YAML is stored and read again with its days."""
    policy, faults = validate_policy(load_document(NOTICE.encode(), "policy.yaml"))
    assert faults == ()
    assert policy is not None
    assert policy_from_document(stored_policy(policy)) == policy
    assert policy.working_days["2027"].lists(date(2027, 1, 2)) is False


@pytest.mark.parametrize(
    ("days", "place", "part"),
    [
        ({"holidays": ["02-29"]}, "holidays.0", "2027 has no day 02-29"),
        ({"workdays": ["01-09", "13-01"]}, "workdays.1", "2027 has no day 13-01"),
        ({"holidays": ["12-30..01-02"]}, "holidays.0", "is written in both years"),
        ({"holidays": ["01-01..01-03"], "workdays": ["01-03"]}, "workdays.0", "as worked and as"),
        ({"holidays": ["1月1日"]}, "holidays.0", "is not a day (MM-DD) or a span"),
        ({"holidays": [["01-01", "01-03"]]}, "holidays.0", "is not a day (MM-DD) or a span"),
        ({"days": []}, "days", "is not a field here"),
    ],
)
def test_faulty_days_are_named(days: dict[str, Any], place: str, part: str) -> None:
    """A day that the year lacks, a reversed span, a day listed as both, and other forms."""
    ((found, sentence),) = problems(days)
    assert found == place
    assert part in sentence


def test_a_year_has_four_digits() -> None:
    """Another key than a year is a fault."""
    _, found = validate_policy({"working_days": {"next": {}}})
    assert [one.severity for one in found] == ["error"]
