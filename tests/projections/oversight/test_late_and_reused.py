from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import parse_month
from events.streams.organizations import OrganizationRecategorized, stream_of
from projections.organizations.scope import EVERYTHING, Scope
from projections.oversight.late_and_reused import (
    LateCount,
    LateRecord,
    ReusedCount,
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
    small = SmallDistrict(database_url)
    small.publish()
    small.publish(
        SCHEME | {"scheme": "villages", "categories": ["village"],
                  "policy": {"recording_grace_days": 20}}
    )  # fmt: skip
    small.register("r", None, "county")
    for code in "ab":
        small.register(code, "r")
    small.register("v", "r", "village")
    yield small
    small.dispose()


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
        assert late_count(reader, EVERYTHING, "2026-03") == LateCount(records=4, organizations=3)
        assert late_count(reader, A, "2026-03") == LateCount(records=2, organizations=1)
        assert late_count(reader, EVERYTHING, "2026-04") == LateCount(records=0, organizations=0)
        assert [row.record_id for row in late_rows(reader, A, "2026-03", 1, 1)] == ["a-3"]
    assert [(row.record_id, row.days) for row in rows] == [
        ("v-2", 21), ("a-4", 20), ("b-1", 20), ("a-3", 6),
    ]  # fmt: skip
    assert rows[1] == LateRecord(
        organization="a", name="组织a", category="community", record_id="a-4",
        occurred_on="2026-03-10", recorded_on="2026-04-20", days=20,
    )  # fmt: skip


def test_grace_without_a_scheme_is_the_default(district: SmallDistrict) -> None:
    """A category that no scheme governs has the default days."""
    with district.read() as reader:
        days = grace_days(reader, parse_month("2026-03"))
    assert (days["village"], days["community"], days["school"]) == (20, 5, 5)


def test_files_of_several_organizations_or_months(district: SmallDistrict) -> None:
    """A file used twice in one month by one organization is not listed, other reuse is."""
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
        assert reused_count(reader, EVERYTHING) == ReusedCount(organizations=2, months=1)
        assert reused_count(reader, A) == ReusedCount(organizations=0, months=1)
        several = reused_files(reader, EVERYTHING, 10)
        (again,) = reused_files(reader, EVERYTHING, 10, months=True)
        assert reused_files(reader, EVERYTHING, 10, 2) == []
    assert [(row.file, row.organizations, row.months) for row in several] == [
        (FILES["4"], 3, 2), (FILES["3"], 2, 1),
    ]  # fmt: skip
    assert [(use.organization, use.occurred_on) for use in several[0].used] == [
        ("b", "2026-02-04"), ("a", "2026-03-04"), ("v", "2026-03-04"),
    ]  # fmt: skip
    assert (again.file, again.uses, again.months) == (FILES["2"], 2, 2)


def test_the_category_now_decides_the_grace(district: SmallDistrict) -> None:
    """The grace is that of the category that the organization has now."""
    district.record("a", "a-1", "2026-03-10", recorded_on="2026-04-20")
    district.tell(
        stream_of("a"), OrganizationRecategorized(on=date(2026, 5, 1), category="village")
    )
    with district.read() as reader:
        assert late_count(reader, EVERYTHING, "2026-03") == LateCount(records=0, organizations=0)
