from collections.abc import Iterator
from typing import Any

import pytest

from events.documents.policies import DistrictPolicy, stored_policy
from events.periods import parse_month
from projections.scores.notes import ScoreNotes, month_notes, scheme_notes
from tests.support.small_district import SCHEME, SmallDistrict, cycle

MARCH = parse_month("2026-03")


def without_points(node: Any) -> Any:
    """A scheme without any points."""
    if isinstance(node, dict):
        return {key: without_points(value) for key, value in node.items() if key != "points"}
    return [without_points(value) for value in node] if isinstance(node, list) else node


@pytest.fixture
def district(sqlite_url: str) -> Iterator[SmallDistrict]:
    """A community under a scheme of 6 points."""
    small = SmallDistrict(sqlite_url)
    small.publish()
    small.register("r", None, "county")
    small.register("a", "r")
    yield small
    small.dispose()


def opened(district: SmallDistrict, version: int, unchecked_month: Any) -> ScoreNotes:
    """What is said of March, opened with a version of the scheme and a policy."""
    stored = stored_policy(DistrictPolicy(unchecked_month=unchecked_month))
    pins = ({"category": "community", "scheme": "community-test", "version": version},)
    (stream, opening), *later = cycle("2026-03")
    changes = {"policy": stored, "schemes": pins}
    district.tell_many([(stream, opening.model_copy(update=changes)), *later])
    with district.read() as reader:
        assert month_notes(reader, MARCH, "another") == ScoreNotes()
        assert month_notes(reader, MARCH.next()) == ScoreNotes()
        assert month_notes(reader, MARCH) == month_notes(reader, MARCH, "r")
        return month_notes(reader, MARCH)


def test_a_month_says_what_its_cycle_pinned(district: SmallDistrict) -> None:
    """Mixed figures and points other than 100 follow from the pinned policy and schemes."""
    assert opened(district, 1, "derived") == ScoreNotes(mixed=True, scaled=True)


def test_a_scheme_without_points_is_said(district: SmallDistrict) -> None:
    """Items weigh the same where a pinned scheme states no points; nothing else is said."""
    district.publish(without_points(SCHEME | {"version": 2}))
    notes = opened(district, 2, "none")
    assert notes == ScoreNotes(equal_weights=True)
    assert notes.sentences("zh") == ["评价标准未列分值，各项目权重相同。"]
    assert notes.sentences("en") == ["Items weigh the same: the scheme states no points."]


def test_a_version_that_is_unknown_says_nothing(district: SmallDistrict) -> None:
    """Of all versions that posted scores each adds what is true of it."""
    with district.read() as reader:
        assert scheme_notes(reader, [("community-test", 1), ("gone", 1)]) == ScoreNotes(scaled=True)
        assert len(scheme_notes(reader, [("community-test", 1)], mixed=True).sentences("en")) == 2
