from collections.abc import Iterator

import pytest

from projections.organization_list import newest_month, with_scores
from projections.organization_search import Wanted, organizations
from projections.scope import EVERYTHING
from tests.small_district import SmallDistrict, adjusted, cycle, posted


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A county with two communities."""
    found = SmallDistrict(database_url)
    found.publish()
    found.register("r", category="county")
    found.register("a", "r")
    found.register("b", "r")
    yield found
    found.dispose()


def listed(district: SmallDistrict) -> list[tuple[str | None, ...]]:
    """Code, parent's name, month and score of every organization."""
    names = ("code", "parent_name", "period", "score")
    with district.read() as reader:
        rows = organizations(reader, EVERYTHING, Wanted("2026-05-01"), None, 10)
        return [tuple(one[name] for name in names) for one in with_scores(reader, rows)]


def test_before_a_month_was_closed(district: SmallDistrict) -> None:
    """Before the first close there is no month and no score; an open cycle changes nothing."""
    district.tell_many(cycle("2026-02", closed=False))
    with district.read() as reader:
        assert newest_month(reader) is None
    assert listed(district) == [
        ("a", "组织r", None, None),
        ("b", "组织r", None, None),
        ("r", None, None, None),
    ]


def test_the_newest_closed_month(district: SmallDistrict) -> None:
    """The score of the newest closed month stands beside, as adjusted; none where none counts."""
    district.tell_many([*cycle("2026-02"), *cycle("2026-03"), *cycle("2026-04", closed=False)])
    district.tell("organization-a", posted("2026-02", "70.00"), posted("2026-03", "80.00"))
    district.tell("organization-a", adjusted("2026-03", "80.00", "81.50"))
    district.tell("organization-b", posted("2026-02", "75.00"), posted("2026-03", None))
    assert listed(district) == [
        ("a", "组织r", "2026-03", "81.50"),
        ("b", "组织r", "2026-03", None),
        ("r", None, "2026-03", None),
    ]


def test_nothing_to_list(district: SmallDistrict) -> None:
    """No rows stay no rows."""
    with district.read() as reader:
        assert with_scores(reader, []) == []
