from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from projections.organizations.scope import EVERYTHING
from projections.scores.distribution import BINS, CategoryDistribution, distribute_scores
from tests.support.small_district import SmallDistrict, adjusted, posted


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two communities and a village of one county."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    for code in ("a", "b"):
        small.register(code, "r")
    small.register("v", "r", "village")
    yield small
    small.dispose()


def test_a_month_without_scores_has_no_distribution(district: SmallDistrict) -> None:
    """Only categories with a posted score are listed."""
    with district.read() as reader:
        assert distribute_scores(reader, EVERYTHING, "2026-03") == []


def test_the_newest_adjustment_is_distributed(district: SmallDistrict) -> None:
    """A score counts in the column of its newest adjustment; no figure counts in none."""
    district.tell(stream_of("a"), posted("2026-03", "59.99"), adjusted("2026-03", "59.99", "60.00"))
    district.tell(stream_of("b"), posted("2026-03", "60.01"))
    district.tell(stream_of("v"), posted("2026-03", None))
    with district.read() as reader:
        community, village = distribute_scores(reader, EVERYTHING, "2026-03")
    assert community == CategoryDistribution(
        "community", posted=2, inspected=2, scored=2,
        mean="60.01", min="60.00", max="60.01", bins=(0, 2, 0, 0, 0, 0, 0, 0, 0),
        adjusted=1, mean_posted="60.00",
    )  # fmt: skip
    assert (village.scored, village.mean, sum(village.bins)) == (0, None, 0)
    assert len(village.bins) == len(BINS)
