"""Organizations of a list with their parents' names and newest scores."""

from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from projections.cycles.cycles import newest_closed_month
from projections.organizations.search import FoundOrganization
from projections.scores.newest import with_scores
from tests.support.small_district import SmallDistrict, adjusted, cycle, posted


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A county with two communities."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    small.register("a", "r")
    small.register("b", "r")
    yield small
    small.dispose()


ROWS = [
    FoundOrganization(code, f"组织{code}", "community", parent, "2026-01-01", None, None, 0)
    for code, parent in (("a", "r"), ("b", "r"), ("r", None))
]


def test_before_the_first_month_there_is_no_score(district: SmallDistrict) -> None:
    """Parents have names then, and no organization a score."""
    with district.read() as reader:
        month = newest_closed_month(reader)
        assert month is None
        rows = with_scores(reader, ROWS, month)
    assert [(row.parent_name, row.period, row.score) for row in rows] == [
        ("组织r", None, None), ("组织r", None, None), (None, None, None),
    ]  # fmt: skip


def test_the_newest_closed_month_counts(district: SmallDistrict) -> None:
    """The score of the newest closed month as it counts, none where nothing was inspected."""
    for month in ("2026-02", "2026-03"):
        district.tell_many(cycle(month, closed=month == "2026-02"))
    district.tell(stream_of("a"), posted("2026-02", "80.00"), adjusted("2026-02", "80.00", "85.00"))
    district.tell(stream_of("b"), posted("2026-02", None))
    with district.read() as reader:
        newest = newest_closed_month(reader)
        assert newest == "2026-02"
        rows = with_scores(reader, ROWS[:2], newest)
    assert [(row.period, row.score) for row in rows] == [
        ("2026-02", "85.00"), ("2026-02", None),
    ]  # fmt: skip
