from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.streams.organizations import OrganizationClosed, OrganizationRecategorized, stream_of
from projections.cycles.cycles import newest_closed_month
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from projections.oversight.dashboard import (
    Coverage,
    MonthCount,
    NamedOrganization,
    UninspectedOrganization,
    coverage,
    largest_gaps,
    longest_uninspected,
    named_organizations,
)
from projections.scores.distribution import BINS, CategoryDistribution, distribute_scores
from tests.support.small_district import SmallDistrict, adjusted, assigned, cycle, posted, sheet

TODAY = date(2026, 5, 20)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a to d under the street s, e under the root; a village without a scheme."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    small.register("s", "r", "street")
    for code in "abcd":
        small.register(code, "s")
    small.register("e", "r")
    small.register("v", "r", "village")
    yield small
    small.dispose()


def inspect(district: SmallDistrict, code: str, period: str) -> None:
    """Hand in a sheet."""
    district.tell(stream_of(code), assigned(period), sheet(period, f"s-{period}"))


STREET = Scope((ScopePart(stream_of("s")),))


def test_coverage_counts_a_year_back(district: SmallDistrict) -> None:
    """Inspected in the last twelve months, of those alive with a scheme; never; by month."""
    inspect(district, "a", "2025-04")
    inspect(district, "b", "2025-05")
    inspect(district, "b", "2026-03")
    inspect(district, "e", "2025-05")
    inspect(district, "v", "2026-03")
    district.tell(stream_of("d"), OrganizationClosed(on=date(2026, 5, 19)))
    with district.read() as reader:
        everywhere = coverage(reader, EVERYTHING, TODAY)
        street = coverage(reader, STREET, TODAY)
    assert everywhere == Coverage(
        since="2025-05",
        organizations=4,
        inspected=2,
        never=1,
        longest=[MonthCount(month, 1) for month in ("2025-04", "2025-05", "2026-03")],
    )
    assert (street.organizations, street.inspected, street.never) == (3, 1, 1)


def test_coverage_without_a_scheme_is_empty(database_url: str) -> None:
    """Where no scheme is in force nobody is to be inspected."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    with small.read() as reader:
        assert coverage(reader, EVERYTHING, TODAY).organizations == 0
        assert newest_closed_month(reader) is None
    small.dispose()


def test_longest_uninspected_begins_with_never(district: SmallDistrict) -> None:
    """Never inspected first, then by the month of the newest inspection, then by code."""
    inspect(district, "a", "2026-03")
    inspect(district, "c", "2026-02")
    inspect(district, "b", "2026-02")
    with district.read() as reader:
        rows = longest_uninspected(reader, EVERYTHING, TODAY, 10)
        page = longest_uninspected(reader, STREET, TODAY, 2, 1)
    assert [(row.organization, row.last) for row in rows] == [
        ("d", None), ("e", None), ("b", "2026-02"), ("c", "2026-02"), ("a", "2026-03"),
    ]  # fmt: skip
    assert rows[0] == UninspectedOrganization("d", "组织d", "community", "2026-01-01", None)
    assert [row.organization for row in page] == ["b", "c"]


def test_distribution_by_category(district: SmallDistrict) -> None:
    """Each score in its column, the newest adjustment, mean, lowest and highest exactly."""
    scores = {"a": "100.00", "b": "59.99", "c": "60.00", "d": None, "e": "94.99"}
    for code, score in scores.items():
        district.tell(stream_of(code), posted("2026-03", score))
    district.tell(stream_of("v"), posted("2026-03", None))
    district.tell(stream_of("d"), adjusted("2026-03", None, "95.00"))
    district.tell(
        stream_of("e"), OrganizationRecategorized(on=date(2026, 4, 1), category="village")
    )
    with district.read() as reader:
        community, village = distribute_scores(reader, EVERYTHING, "2026-03")
        (street,) = distribute_scores(reader, STREET, "2026-03", "r")
        nobody = distribute_scores(reader, EVERYTHING, "2026-03", "another")
    assert community == CategoryDistribution(
        "community", posted=5, inspected=4, scored=5,
        mean="82.00", min="59.99", max="100.00", bins=(1, 1, 0, 0, 0, 0, 1, 1, 1),
        adjusted=1, mean_posted="78.75",
    )  # fmt: skip
    assert village == CategoryDistribution(
        "village", posted=1, inspected=0, scored=0,
        mean=None, min=None, max=None, bins=(0,) * len(BINS),
        adjusted=0, mean_posted=None,
    )  # fmt: skip
    assert (street.posted, nobody) == (4, [])


def test_gaps_are_the_largest_first(district: SmallDistrict) -> None:
    """Derived above inspected alone, exactly, and no gap where either figure is missing."""
    figures: dict[str, dict[str, Any]] = {
        "a": {"derived": "90.00", "inspected": "89.99"},
        "b": {"derived": "100.00", "inspected": "9.50"},
        "c": {"derived": "80.00", "inspected": "80.00"},
        "d": {"derived": None, "inspected": "70.00"},
        "e": {"derived": "90.00", "inspected": "50.25"},
    }
    for code, both in figures.items():
        district.tell(stream_of(code), posted("2026-03", None, **both))
    with district.read() as reader:
        gaps = largest_gaps(reader, EVERYTHING, "2026-03", 10)
        street = largest_gaps(reader, STREET, "2026-03", 1, 1)
    assert [(row.organization, row.gap) for row in gaps] == [
        ("b", "90.50"), ("e", "39.75"), ("a", "0.01"),
    ]  # fmt: skip
    assert [row.organization for row in street] == ["a"]


def test_the_newest_closed_month(district: SmallDistrict) -> None:
    """A month that is still open does not count."""
    district.tell_many(cycle("2026-02"))
    district.tell_many(cycle("2026-03"))
    district.tell_many(cycle("2026-04", closed=False))
    with district.read() as reader:
        assert newest_closed_month(reader) == "2026-03"


def test_names_are_given_within_a_scope_alone(district: SmallDistrict) -> None:
    """Who lies outside is not named."""
    with district.read() as reader:
        rows = named_organizations(reader, STREET, [stream_of(code) for code in ("e", "b", "a")])
    assert rows == [
        NamedOrganization("a", "组织a", "community"),
        NamedOrganization("b", "组织b", "community"),
    ]
