"""The matrix of an organization's year: months by criteria."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ConditionReported
from projections.documents.in_force import district as district_facts
from projections.electronic_file.matrix import MatrixQuery, year_matrix
from tests.support.small_district import SCHEME, SmallDistrict, sheet


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community under the test scheme, in May."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.now = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
    small.record("a", "a-1", "2026-01-20")
    small.now = datetime(2026, 5, 10, 4, 0, tzinfo=UTC)
    yield small
    small.dispose()


def matrix(district: SmallDistrict, known_at: datetime | None = None) -> dict[str, Any]:
    """The matrix of 2026 on 10 May, as plain values."""
    asked = MatrixQuery(2026, date(2026, 5, 10), known_at)
    entry = district.entry("a")
    with district.read() as reader:
        return asdict(year_matrix(reader, entry, district_facts(reader), asked))


def row(year: dict[str, Any], code: str) -> list[Any]:
    """The statuses of one criterion, month by month."""
    (criterion,) = (
        row for row in year["rows"] if row["code"] == code and row["kind"] == "criterion"
    )
    return [cell and (cell["inspected"] or cell["status"]) for cell in criterion["cells"]]


def test_months_that_have_begun_stand_in_order(district: SmallDistrict) -> None:
    """Five months have begun; each criterion has a cell for each of them."""
    year = matrix(district)
    assert [one["period"] for one in year["months"]] == [f"2026-{n:02}" for n in range(1, 6)]
    assert row(year, "m") == ["met", "missed", "missed", "missed", "pending"]
    assert row(year, "q")[2] == "missed"
    assert {one["code"] for one in year["rows"] if one["kind"] == "criterion"} == set("mqyfho")
    optional = {one["code"] for one in year["rows"] if one.get("optional")}
    assert optional == {"o"}


def test_a_section_sums_up_what_was_judged(district: SmallDistrict) -> None:
    """Its cell counts the criteria that are met among those that are judged."""
    (section,) = (one for one in matrix(district)["rows"] if one["kind"] == "section")
    assert section["criteria"] == 6
    assert section["cells"][0] == {"met": 1, "judged": 4}


def test_what_a_check_found_stands_beside(district: SmallDistrict) -> None:
    """In an inspected month a cell that the check changed shows what it year."""
    district.tell(stream_of("a"), sheet("2026-01", "s-1"))
    year = matrix(district)
    (criterion,) = (row for row in year["rows"] if row["code"] == "m")
    assert criterion["cells"][0] == {"status": "met", "credit": "1", "inspected": "partial"}
    assert year["months"][0]["inspected"] is not None
    assert year["months"][1]["inspected"] is None
    (section,) = (one for one in year["rows"] if one["kind"] == "section")
    assert section["cells"][0] == {"met": 0, "judged": 4}


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """What was recorded later is not known, and later months have not begun."""
    district.tell(
        stream_of("a"),
        ConditionReported(condition="national_flag", state="met", on=date(2026, 1, 1)),
    )
    assert row(matrix(district), "f")[0] == "met"
    year = matrix(district, known_at=datetime(2026, 2, 20, 4, 0, tzinfo=UTC))
    assert [one["period"] for one in year["months"]] == ["2026-01", "2026-02"]
    assert row(year, "f") == ["missed", "missed"]
    assert row(year, "m") == ["met", "pending"]


def test_criteria_of_two_versions_have_one_row(district: SmallDistrict) -> None:
    """The newest version comes first; criteria that it dropped follow, with their months."""
    criteria = SCHEME["sections"][0]["items"][0]["criteria"]
    kept = criteria[:1] + criteria[2:]
    item = SCHEME["sections"][0]["items"][0] | {"points": "5", "criteria": kept}
    section = SCHEME["sections"][0] | {"items": [item]}
    changed = {"version": 2, "effective_from": "2026-04", "points": "5", "sections": [section]}
    district.publish(SCHEME | changed)
    year = matrix(district)
    assert row(year, "q") == ["pending", "pending", "missed", None, None]
    assert row(year, "m")[3:] == ["missed", "pending"]
    scored = ("m", "y", "f", "h", "q")  # not the optional one
    assert [month["pending"] for month in year["months"]] == [
        sum(row(year, code)[place] == "pending" for code in scored) for place in range(5)
    ]
    codes = [one["code"] for one in year["rows"] if one["kind"] == "criterion"]
    assert codes == ["m", "y", "f", "h", "o", "q"]
    assert [one["version"] for one in year["months"]] == [1, 1, 1, 2, 2]


def test_no_scheme_governs(district: SmallDistrict) -> None:
    """Where no scheme governs there are months without figures, and no rows."""
    district.register("b", category="village")
    entry = district.entry("b")
    with district.read() as reader:
        year = year_matrix(
            reader, entry, district_facts(reader), MatrixQuery(2026, date(2026, 2, 10))
        )
    assert year.rows == []
    assert [month.derived for month in year.months] == [None, None]
