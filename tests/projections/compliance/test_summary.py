"""Derived figures are summed up by category."""

from collections.abc import Iterator
from datetime import date

import pytest

from events.periods import Period, parse_period
from projections.compliance.evaluation import ComplianceQuestion, derive
from projections.compliance.summary import (
    CategorySummary,
    ComplianceSummary,
    MissedCriterion,
    summarize,
)
from projections.documents.in_force import district as district_facts
from tests.support.small_district import SmallDistrict

TODAY = date(2026, 3, 1)
JANUARY = parse_period("2026-01")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a, which met in January, and b; a village without a scheme."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.register("b")
    small.register("v", None, "village")
    small.record("a", "a-1", "2026-01-03")
    yield small
    small.dispose()


def summary(district: SmallDistrict, period: Period) -> ComplianceSummary:
    """The summary of all organizations, asked on the first of March."""
    entries = [district.entry(code) for code in ("a", "b", "v")]
    with district.read() as reader:
        question = ComplianceQuestion(period, "monthly", TODAY)
        assessments = derive(reader, entries, district_facts(reader), question)
    return summarize(assessments, entries, period)


def test_counts_and_means_by_category(district: SmallDistrict) -> None:
    """A category without a scheme is counted and has no scores; missed criteria are ordered."""
    january = summary(district, JANUARY)
    assert (january.period, january.organizations, january.scored) == ("2026-01", 3, 2)
    assert january.categories == [
        CategorySummary("community", 2, 2, mean="25.00", lowest="0.00", highest="50.00"),
        CategorySummary("village", 1, 0, mean=None, lowest=None, highest=None),
    ]
    assert january.worst[0].missed == 2
    assert MissedCriterion("community-test", "m", 1) in january.worst
    counts = [(-row.missed, row.scheme, row.criterion) for row in january.worst]
    assert counts == sorted(counts)


def test_months_before_the_first_one_enter_no_mean(district: SmallDistrict) -> None:
    """A month before the district's first one has organizations and no scored ones."""
    earlier = summary(district, parse_period("2025-12"))
    assert (earlier.organizations, earlier.scored) == (3, 0)
    assert all(row.mean is None for row in earlier.categories)
