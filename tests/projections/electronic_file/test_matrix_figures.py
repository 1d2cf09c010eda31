from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.periods import parse_month
from events.streams.organizations import stream_of
from events.streams.records import ConditionReported
from projections.compliance.evaluation import ComplianceQuestion, derive
from projections.documents.in_force import district as facts_of
from projections.electronic_file.matrix import MatrixQuery, year_matrix
from tests.support.small_district import SCHEME, SmallDistrict, assigned, sheet

A = stream_of("a")
TODAY = date(2026, 4, 20)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A community with a meeting in February and March, told in the days after each."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("r", category="county")
    found.register("a", "r")
    found.now = datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    found.record("a", "m-2", "2026-02-10")
    found.now = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    found.record("a", "m-3", "2026-03-10")
    found.tell(A, ConditionReported(condition="national_flag", state="met", on=date(2026, 3, 1)))
    yield found
    found.dispose()


def matrix(
    district: SmallDistrict, year: int = 2026, known_at: datetime | None = None, code: str = "a"
) -> dict[str, Any]:
    """The year of an organization on the twentieth of April."""
    with district.read() as reader:
        return year_matrix(
            reader, district.entry(code), facts_of(reader), MatrixQuery(year, TODAY, known_at)
        )


def statuses(found: dict[str, Any], code: str) -> list[str | None]:
    """The statuses of a criterion, month by month."""
    (row,) = [one for one in found["rows"] if one["kind"] == "criterion" and one["code"] == code]
    return [None if cell is None else cell["status"] for cell in row["cells"]]


def test_months_that_have_begun(district: SmallDistrict) -> None:
    """A year shows the months that have begun, in order, with the figures that derive alone has."""
    found = matrix(district)
    assert [one["period"] for one in found["months"]] == [f"2026-0{one}" for one in (1, 2, 3, 4)]
    with district.read() as reader:
        for month in found["months"]:
            (figure,) = derive(
                reader,
                [district.entry("a")],
                facts_of(reader),
                ComplianceQuestion(parse_month(month["period"]), "monthly", TODAY),
            )
            assert month["derived"] == figure.score_text
            cells = {
                row["code"]: row["cells"][int(month["period"][-2:]) - 1]["status"]
                for row in found["rows"]
                if row["kind"] == "criterion"
            }
            assert cells == {one.code: one.status for one in figure.criteria}
    assert statuses(found, "m") == ["missed", "met", "met", "pending"]
    assert statuses(found, "f") == ["missed", "missed", "met", "met"]
    assert found["months"][0]["inspected"] is None
    assert found["months"][0]["states_points"] is True


def test_rows_stand_in_the_order_of_the_scheme(district: SmallDistrict) -> None:
    """Sections come before their criteria, with how many are met of how many judged."""
    found = matrix(district)
    assert [(one["kind"], one["code"]) for one in found["rows"]] == [
        ("section", "1"),
        *(("criterion", code) for code in ("m", "q", "y", "f", "h", "o")),
    ]
    section, first, *_, last = found["rows"]
    assert section["criteria"] == 6
    assert section["cells"][2] == {"met": 2, "judged": 5}
    assert first["item"].zh == "会议"
    assert (first["optional"], last["optional"]) == (False, True)


def test_a_check_shows_beside_what_was_derived(district: SmallDistrict) -> None:
    """An inspected month has its figure beside, and what the check changed is marked."""
    district.now = datetime(2026, 4, 7, 2, 0, tzinfo=UTC)
    district.tell(A, assigned("2026-03"), sheet("2026-03", "s-1"))
    found = matrix(district)
    march = found["months"][2]
    assert march["inspected"] is not None
    assert march["inspected"] != march["derived"]
    (row,) = [one for one in found["rows"] if one["code"] == "m"]
    assert row["cells"][2] == {"status": "met", "credit": "1", "inspected": "partial"}
    assert row["cells"][1]["inspected"] is None
    assert found["rows"][0]["cells"][2] == {"met": 1, "judged": 5}


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """As known then, later months are not there and later records do not count."""
    then = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    found = matrix(district, known_at=then)
    assert [one["period"] for one in found["months"]] == ["2026-01", "2026-02", "2026-03"]
    assert statuses(found, "m") == ["missed", "pending", "pending"]
    later = matrix(district, known_at=datetime(2026, 3, 19, tzinfo=UTC))
    assert statuses(later, "m") == ["missed", "met", "pending"]


def test_two_versions_of_a_scheme(district: SmallDistrict) -> None:
    """A criterion that a version does not hold is empty there; the newest version leads."""
    (section,) = SCHEME["sections"]
    (item,) = section["items"]
    extra = item["criteria"][3] | {"code": "g", "points": "1"}
    changed = SCHEME | {
        "version": 2,
        "effective_from": "2026-03",
        "sections": [section | {"items": [item | {"criteria": [extra, *item["criteria"][:3],
                                                                *item["criteria"][4:]]}]}],
    }  # fmt: skip
    district.publish(changed)
    found = matrix(district)
    assert [one["version"] for one in found["months"]] == [1, 1, 2, 2]
    assert statuses(found, "g") == [None, None, "met", "met"]
    assert statuses(found, "f") == ["missed", "missed", None, None]
    assert [one["code"] for one in found["rows"] if one["kind"] == "criterion"] == [
        "g", "m", "q", "y", "h", "o", "f",
    ]  # fmt: skip
    assert [one["code"] for one in found["rows"] if one["kind"] == "section"] == ["1", "1"]


def test_a_version_with_the_same_criteria(district: SmallDistrict) -> None:
    """Criteria that both versions hold stand once, in one row through the year."""
    district.publish(SCHEME | {"version": 2, "effective_from": "2026-03"})
    found = matrix(district)
    assert [one["version"] for one in found["months"]] == [1, 1, 2, 2]
    assert [one["code"] for one in found["rows"]] == ["1", "m", "q", "y", "f", "h", "o"]
    assert statuses(found, "f") == ["missed", "missed", "met", "met"]


def test_no_scheme_and_a_year_to_come(district: SmallDistrict) -> None:
    """Without a scheme there are months and no rows; a year that has not begun has no month."""
    county = matrix(district, code="r")
    assert county["rows"] == []
    assert [one["derived"] for one in county["months"]] == [None] * 4
    assert matrix(district, 2027) == {"year": 2027, "months": [], "rows": []}
