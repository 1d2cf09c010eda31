from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from events.documents.policies import Band, DistrictPolicy
from events.periods import parse_period
from events.refusals.errors import Kind, Refused
from events.streams.organizations import OrganizationClosed, OrganizationRecategorized, stream_of
from projections.scores.ranking import band_of, rank_organizations
from tests.support.small_district import SmallDistrict, adjusted, posted

JANUARY = parse_period("2026-01")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root, two townships, and communities a to f under the first, g under the second."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    for code in ("t1", "t2"):
        small.register(code, "r", "township")
    for code in "abcdef":
        small.register(code, "t1")
    small.register("g", "t2")
    yield small
    small.dispose()


def ranking(district: SmallDistrict, **asked: Any) -> list[tuple[Any, ...]]:
    """Rank, code, score and state."""
    with district.read() as reader:
        rows = rank_organizations(reader, JANUARY, **asked)
    return [(row.rank, row.organization, row.score, row.state) for row in rows]


def test_ranks_by_score_with_shared_ranks(district: SmallDistrict) -> None:
    """Higher first, equal scores share a rank and the next is skipped, the unranked stand last."""
    for code, score in {"a": "90.00", "b": "100.00", "c": "90.00", "d": "9.50", "e": None}.items():
        district.tell(stream_of(code), posted("2026-01", score))
    assert ranking(district, category="community") == [
        (1, "b", "100.00", "ranked"),
        (2, "a", "90.00", "ranked"),
        (2, "c", "90.00", "ranked"),
        (4, "d", "9.50", "ranked"),
        (None, "e", None, "not_inspected"),
        (None, "f", None, "not_inspected"),
        (None, "g", None, "not_inspected"),
    ]
    with district.read() as reader:
        rows = {row.organization: row for row in rank_organizations(reader, JANUARY, "community")}
    assert rows["b"]._asdict() == {
        "rank": 1, "organization": "b", "category": "community", "score": "100.00",
        "posted": True, "months_inspected": 1, "band": None, "state": "ranked",
    }  # fmt: skip
    assert [rows[code].band for code in "ade"] == [None, None, None]
    assert [rows[code].posted for code in "ef"] == [True, False]
    assert rows["e"].months_inspected == 0


def test_a_category_without_a_scheme_is_not_applied(district: SmallDistrict) -> None:
    """Each category is ranked by itself; one without a scheme or figure is not applied."""
    found = ranking(district)
    assert found[7:] == [
        (None, "r", None, "not_applied"),
        (None, "t1", None, "not_applied"),
        (None, "t2", None, "not_applied"),
    ]


def test_the_newest_adjustment_ranks(district: SmallDistrict) -> None:
    """An adjusted score is ranked by its new value."""
    district.tell(stream_of("a"), posted("2026-01", "50.00"))
    district.tell(stream_of("b"), posted("2026-01", "60.00"))
    district.tell(stream_of("a"), adjusted("2026-01", "50.00", "70.00"))
    assert [one[1] for one in ranking(district)[:2]] == ["a", "b"]


def test_scope_and_category_are_those_of_the_last_day(district: SmallDistrict) -> None:
    """Who stood under the code and in the category on the last day is ranked, the dead not."""
    later = date(2026, 2, 1)
    district.tell(stream_of("a"), OrganizationRecategorized(on=later, category="village"))
    district.tell(stream_of("b"), OrganizationClosed(on=date(2026, 1, 20)))
    district.tell(stream_of("c"), OrganizationClosed(on=date(2025, 12, 31)))
    district.register("h", "t1", on="2026-02-03")
    assert [one[1] for one in ranking(district, under="t1", category="community")] == [
        *"abdef",
    ]
    assert [one[1] for one in ranking(district, under="t2")] == ["g", "t2"]


@pytest.mark.parametrize("text", ["2026-Q1", "2026-H1", "2026"])
def test_refuses_longer_periods(district: SmallDistrict, text: str) -> None:
    """A half-year or year is not ranked by the mean of months."""
    with district.read() as reader, pytest.raises(Refused, match="choose a month") as refused:
        rank_organizations(reader, parse_period(text))
    assert refused.value.field == "period"


def test_refuses_a_scope_nobody_bears(district: SmallDistrict) -> None:
    """An unknown code is not found."""
    with district.read() as reader, pytest.raises(Refused) as refused:
        rank_organizations(reader, JANUARY, under="zz")
    assert (refused.value.kind, refused.value.field) == (Kind.NOT_FOUND, "under")


def test_bands_leave_no_gap() -> None:
    """A band is found by its lower bound alone, in whatever order the policy lists them."""
    bands = tuple(
        Band(band=name, at_least=Decimal(least))
        for name, least in (("third", 80), ("first", 96), ("second", 91))
    )
    policy = DistrictPolicy(bands=bands)
    scores = ("100", "96", "95.99", "91", "90.99", "80", "79.99")
    assert [band_of(policy, Decimal(one)) for one in scores] == [
        "first", "first", "second", "second", "third", "third", "none",
    ]  # fmt: skip
