from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import parse_month
from events.streams.organizations import OrganizationRecategorized, stream_of
from projections.organizations.scope import EVERYTHING, Scope
from projections.oversight.late_and_reused import (
    grace_days,
    late_count,
    late_rows,
    reused_count,
    reused_files,
)
from tests.support.small_district import SCHEME, SmallDistrict

FILES = {name: name * 64 for name in "1234"}


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a and b with the default grace of five days, a village with twenty."""
    found = SmallDistrict(database_url)
    found.publish()
    found.publish(
        SCHEME | {"scheme": "villages", "categories": ["village"],
                  "policy": {"recording_grace_days": 20}}
    )  # fmt: skip
    found.register("r", None, "county")
    for code in "ab":
        found.register(code, "r")
    found.register("v", "r", "village")
    yield found
    found.dispose()


A = Scope(streams=frozenset({stream_of("a")}))


def test_late_is_what_came_after_the_grace_of_its_scheme(district: SmallDistrict) -> None:
    """Each category by its own scheme's days, the latest first, within the scope alone."""
    for code, number, recorded_on in (
        ("a", 1, "2026-03-31"), ("a", 2, "2026-04-05"), ("a", 3, "2026-04-06"),
        ("a", 4, "2026-04-20"), ("b", 1, "2026-04-20"), ("v", 1, "2026-04-20"),
        ("v", 2, "2026-04-21"),
    ):  # fmt: skip
        district.record(code, f"{code}-{number}", "2026-03-10", recorded_on=recorded_on)
    with district.read() as reader:
        rows = late_rows(reader, EVERYTHING, "2026-03", 10)
        assert late_count(reader, EVERYTHING, "2026-03") == {"records": 4, "organizations": 3}
        assert late_count(reader, A, "2026-03") == {"records": 2, "organizations": 1}
        assert late_count(reader, EVERYTHING, "2026-04") == {"records": 0, "organizations": 0}
        assert [one["record_id"] for one in late_rows(reader, A, "2026-03", 1, 1)] == ["a-3"]
    assert [(one["record_id"], one["days"]) for one in rows] == [
        ("v-2", 21), ("a-4", 20), ("b-1", 20), ("a-3", 6),
    ]  # fmt: skip
    assert rows[1] == {
        "organization": "a", "name": "组织a", "category": "community", "record_id": "a-4",
        "occurred_on": "2026-03-10", "recorded_on": "2026-04-20", "days": 20,
    }  # fmt: skip


def test_grace_without_a_scheme_is_the_default(district: SmallDistrict) -> None:
    """A category that no scheme governs has the default days."""
    with district.read() as reader:
        found = grace_days(reader, parse_month("2026-03"))
    assert (found["village"], found["community"], found["school"]) == (20, 5, 5)


def test_files_of_several_organizations_or_months(district: SmallDistrict) -> None:
    """A file twice in one month of one organization is nothing; elsewhere it is told of."""
    uses = (
        ("a", "2026-03-01", "1"), ("a", "2026-03-09", "1"),
        ("a", "2026-02-01", "2"), ("a", "2026-03-02", "2"),
        ("a", "2026-03-03", "3"), ("b", "2026-03-01", "3"),
        ("a", "2026-03-04", "4"), ("b", "2026-02-04", "4"), ("v", "2026-03-04", "4"),
    )  # fmt: skip
    for number, (code, on, name) in enumerate(uses):
        evidence = ({"kind": "minutes", "file": FILES[name]},)
        district.record(code, f"n-{number}", on, evidence=evidence)
    with district.read() as reader:
        assert reused_count(reader, EVERYTHING) == {"organizations": 2, "months": 1}
        assert reused_count(reader, A) == {"organizations": 0, "months": 1}
        several = reused_files(reader, EVERYTHING, 10)
        (one,) = reused_files(reader, EVERYTHING, 10, months=True)
        assert reused_files(reader, EVERYTHING, 10, 2) == []
    assert [(found["file"], found["organizations"], found["months"]) for found in several] == [
        (FILES["4"], 3, 2), (FILES["3"], 2, 1),
    ]  # fmt: skip
    assert [(use["organization"], use["occurred_on"]) for use in several[0]["used"]] == [
        ("b", "2026-02-04"), ("a", "2026-03-04"), ("v", "2026-03-04"),
    ]  # fmt: skip
    assert (one["file"], one["uses"], one["months"]) == (FILES["2"], 2, 2)


def test_the_category_now_decides_the_grace(district: SmallDistrict) -> None:
    """Who has become a village since is held to the villages' days."""
    district.record("a", "a-1", "2026-03-10", recorded_on="2026-04-20")
    district.tell(
        stream_of("a"), OrganizationRecategorized(on=date(2026, 5, 1), category="village")
    )
    with district.read() as reader:
        assert late_count(reader, EVERYTHING, "2026-03") == {"records": 0, "organizations": 0}
