from collections.abc import Iterator
from typing import Any

import pytest

from events.streams.findings import FindingsSubmitted
from events.streams.organizations import stream_of
from projections.organizations.scope import EVERYTHING, Scope
from projections.oversight.worst_items import WorstItem, found_below, worst_items
from tests.support.small_district import SmallDistrict, posted

MARCH = "2026-03"


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a, b and c."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    for code in "abc":
        small.register(code, "r")
    yield small
    small.dispose()


def hand_in(district: SmallDistrict, code: str, *findings: dict[str, Any], number: int = 1) -> None:
    """Hand in a sheet with findings."""
    district.tell(
        stream_of(code),
        FindingsSubmitted(
            scope="r", period=MARCH, kind="monthly", sheet_id=f"s-{number}",
            inspectors=("p-1", "p-2"), findings=findings, disallow=(),
        ),
    )  # fmt: skip


def post(district: SmallDistrict, *codes: str, **more: Any) -> None:
    """Post a month with an inspection."""
    for code in codes:
        district.tell(stream_of(code), posted(MARCH, "80.00", **more))


def worst(district: SmallDistrict, scope: Scope = EVERYTHING) -> list[tuple[Any, ...]]:
    """Criterion, how often below, of how many."""
    with district.read() as reader:
        return [
            (item.criterion, item.below, item.judged) for item in worst_items(reader, scope, MARCH)
        ]


def test_counts_what_is_below_full_credit(district: SmallDistrict) -> None:
    """By credit, by points against the criterion's own, by causes; the most frequent first."""
    hand_in(
        district, "a",
        {"criterion": "m", "credit": "0.5"}, {"criterion": "q", "points": "0.5"},
        {"criterion": "f", "causes": [{"cause": "c1", "count": 1}]},
        {"criterion": "y", "points": "1"}, {"criterion": "h", "causes": []},
    )  # fmt: skip
    hand_in(district, "b", {"criterion": "m", "credit": "0"}, {"criterion": "q", "credit": "1"})
    hand_in(district, "c", {"criterion": "m", "credit": "1"})
    post(district, "a", "b", "c")
    assert worst(district) == [("m", 2, 3), ("f", 1, 1), ("q", 1, 2)]
    with district.read() as reader:
        (first, *_) = worst_items(reader, EVERYTHING, MARCH, 1, 1)
        assert found_below(reader, EVERYTHING, MARCH, "community-test@1", "m") == [
            stream_of("a"), stream_of("b"),
        ]  # fmt: skip
        assert found_below(reader, EVERYTHING, MARCH, "community-test@2", "m") == []
    assert first == WorstItem(
        scheme="community-test", version=1, criterion="m",
        text={"zh": "标准m", "en": "Criterion m"}, below=2, judged=3, streams=[stream_of("a")],
    )  # fmt: skip


def test_a_later_sheet_replaces_criterion_by_criterion(district: SmallDistrict) -> None:
    """The newest finding on a criterion counts, others of the earlier sheet stay."""
    hand_in(district, "a", {"criterion": "m", "credit": "0.5"}, {"criterion": "q", "credit": "0"})
    hand_in(district, "a", {"criterion": "m", "credit": "1"}, number=2)
    post(district, "a")
    assert worst(district) == [("q", 1, 1)]


def test_only_what_was_posted_as_inspected_in_the_scope(district: SmallDistrict) -> None:
    """Sheets of organizations outside, or whose month was posted without them, do not count."""
    for code in "abc":
        hand_in(district, code, {"criterion": "m", "credit": "0"})
    post(district, "a", "b")
    district.tell(stream_of("c"), posted(MARCH, None))
    assert worst(district) == [("m", 2, 2)]
    assert worst(district, Scope(streams=frozenset({stream_of("a")}))) == [("m", 1, 1)]


def test_a_criterion_that_is_not_there_has_no_words(district: SmallDistrict) -> None:
    """Of an unknown scheme or criterion a credit still counts, points cannot."""
    hand_in(district, "a", {"criterion": "x", "credit": "0"}, {"criterion": "z", "points": "1"})
    hand_in(district, "b", {"criterion": "m", "credit": "0"}, {"criterion": "q", "points": "0"})
    post(district, "a")
    post(district, "b", scheme="gone")
    with district.read() as reader:
        items = worst_items(reader, EVERYTHING, MARCH)
    assert [(item.scheme, item.criterion, item.text) for item in items] == [
        ("community-test", "x", None), ("gone", "m", None),
    ]  # fmt: skip
