from collections.abc import Iterator
from dataclasses import asdict
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
    """A community with a meeting in February and March, recorded in the days after each."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", category="county")
    small.register("a", "r")
    small.now = datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    small.record("a", "m-2", "2026-02-10")
    small.now = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    small.record("a", "m-3", "2026-03-10")
    small.tell(A, ConditionReported(condition="national_flag", state="met", on=date(2026, 3, 1)))
    yield small
    small.dispose()


def matrix(
    district: SmallDistrict, year: int = 2026, known_at: datetime | None = None, code: str = "a"
) -> dict[str, Any]:
    """The year of an organization on the twentieth of April, as plain values."""
    with district.read() as reader:
        asked = MatrixQuery(year, TODAY, known_at)
        return asdict(year_matrix(reader, district.entry(code), facts_of(reader), asked))


def statuses(shown: dict[str, Any], code: str) -> list[str | None]:
    """The statuses of a criterion, month by month."""
    (row,) = [one for one in shown["rows"] if one["kind"] == "criterion" and one["code"] == code]
    return [None if cell is None else cell["status"] for cell in row["cells"]]


def test_months_that_have_begun(district: SmallDistrict) -> None:
    """A year shows the months that have begun, in order, with the figures that derive alone has."""
    shown = matrix(district)
    assert [one["period"] for one in shown["months"]] == [f"2026-0{one}" for one in (1, 2, 3, 4)]
    with district.read() as reader:
        for month in shown["months"]:
            (figure,) = derive(
                reader,
                [district.entry("a")],
                facts_of(reader),
                ComplianceQuestion(parse_month(month["period"]), "monthly", TODAY),
            )
            assert month["derived"] == figure.score_text
            cells = {
                row["code"]: row["cells"][int(month["period"][-2:]) - 1]["status"]
                for row in shown["rows"]
                if row["kind"] == "criterion"
            }
            assert cells == {one.code: one.status for one in figure.criteria}
    assert statuses(shown, "m") == ["missed", "met", "met", "pending"]
    assert statuses(shown, "f") == ["missed", "missed", "met", "met"]
    assert shown["months"][0]["inspected"] is None
    assert shown["months"][0]["states_points"] is True


def test_rows_stand_in_the_order_of_the_scheme(district: SmallDistrict) -> None:
    """Sections come before their criteria, with how many are met of how many judged."""
    shown = matrix(district)
    assert [(one["kind"], one["code"]) for one in shown["rows"]] == [
        ("section", "1"),
        *(("criterion", code) for code in ("m", "q", "y", "f", "h", "o")),
    ]
    section, first, *_, last = shown["rows"]
    assert section["criteria"] == 6
    assert section["cells"][2] == {"met": 2, "judged": 5}
    assert first["item"].zh == "会议"
    assert (first["optional"], last["optional"]) == (False, True)


def test_a_check_shows_next_to_what_was_derived(district: SmallDistrict) -> None:
    """An inspected month has both figures, and what the check changed is marked."""
    district.now = datetime(2026, 4, 7, 2, 0, tzinfo=UTC)
    district.tell(A, assigned("2026-03"), sheet("2026-03", "s-1"))
    shown = matrix(district)
    march = shown["months"][2]
    assert march["inspected"] is not None
    assert march["inspected"] != march["derived"]
    (row,) = [one for one in shown["rows"] if one["code"] == "m"]
    assert row["cells"][2] == {"status": "met", "credit": "1", "inspected": "partial"}
    assert row["cells"][1]["inspected"] is None
    assert shown["rows"][0]["cells"][2] == {"met": 1, "judged": 5}


def test_as_known_at_a_past_instant(district: SmallDistrict) -> None:
    """As known then, later months are not there and later records do not count."""
    then = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    shown = matrix(district, known_at=then)
    assert [one["period"] for one in shown["months"]] == ["2026-01", "2026-02", "2026-03"]
    assert statuses(shown, "m") == ["missed", "pending", "pending"]
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
    shown = matrix(district)
    assert [one["version"] for one in shown["months"]] == [1, 1, 2, 2]
    assert statuses(shown, "g") == [None, None, "met", "met"]
    assert statuses(shown, "f") == ["missed", "missed", None, None]
    assert [one["code"] for one in shown["rows"] if one["kind"] == "criterion"] == [
        "g", "m", "q", "y", "h", "o", "f",
    ]  # fmt: skip
    assert [one["code"] for one in shown["rows"] if one["kind"] == "section"] == ["1", "1"]


def test_a_version_with_the_same_criteria(district: SmallDistrict) -> None:
    """Criteria that both versions hold stand once, in one row through the year."""
    district.publish(SCHEME | {"version": 2, "effective_from": "2026-03"})
    shown = matrix(district)
    assert [one["version"] for one in shown["months"]] == [1, 1, 2, 2]
    assert [one["code"] for one in shown["rows"]] == ["1", "m", "q", "y", "f", "h", "o"]
    assert statuses(shown, "f") == ["missed", "missed", "met", "met"]


def test_no_scheme_and_a_year_to_come(district: SmallDistrict) -> None:
    """Without a scheme there are months and no rows; a year that has not begun has no month."""
    county = matrix(district, code="r")
    assert county["rows"] == []
    assert [one["derived"] for one in county["months"]] == [None] * 4
    assert matrix(district, 2027) == {"year": 2027, "months": [], "rows": []}
