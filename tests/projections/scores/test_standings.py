from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.documents.policies import DistrictPolicy
from events.periods import parse_month
from events.streams.organizations import OrganizationClosed, OrganizationRecategorized, stream_of
from projections.scores.ranking import rank_organizations
from projections.scores.standings import (
    Standings,
    bands_of,
    change_since,
    places_of,
    read_standings,
)
from tests.support.small_district import SmallDistrict, adjusted, posted

JANUARY, FEBRUARY = parse_month("2026-01"), parse_month("2026-02")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a to f under the township t, g under another; January posted for some."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    for code in ("t", "u"):
        small.register(code, "r", "township")
    for code in "abcdef":
        small.register(code, "t")
    small.register("g", "u")
    scores = {"a": "90.00", "b": "100.00", "c": "90.00", "d": "9.50", "e": None, "g": "95.00"}
    for code, score in scores.items():
        small.tell(stream_of(code), posted("2026-01", score))
    yield small
    small.dispose()


def made(district: SmallDistrict, under: str | None = None) -> Standings:
    """January's standings."""
    with district.read() as reader:
        return read_standings(reader, JANUARY, None if under is None else stream_of(under))


def test_says_what_the_ranking_says(district: SmallDistrict) -> None:
    """Row by row it is the ranking, with adjustments, other categories and the dead."""
    district.tell(stream_of("d"), adjusted("2026-01", "9.50", "97.25"))
    district.tell(stream_of("e"), OrganizationClosed(on=date(2026, 1, 20)))
    district.tell(
        stream_of("f"), OrganizationRecategorized(on=date(2026, 2, 1), category="village")
    )
    district.register("z", "t", on="2026-02-03")
    for under in (None, "t", "u"):
        with district.read() as reader:
            expected = rank_organizations(reader, JANUARY, under=under)
        assert list(made(district, under).rows(None, 0, 100)) == expected


def test_pages_run_over_the_categories(district: SmallDistrict) -> None:
    """A page may end one category and begin the next; together the pages are the whole."""
    found = made(district)
    whole = list(found.rows(None, 0, 100))
    pages = [row for start in range(0, 12, 3) for row in found.rows(None, start, 3)]
    assert pages == whole
    assert len(whole) == found.count(None) == 10
    assert found.count("community") == 7
    assert [row.organization for row in found.rows("township", 0, 10)] == ["t", "u"]
    assert list(found.rows("school", 0, 10)) == []


def test_the_first_places_alone(district: SmallDistrict) -> None:
    """So many first places, with everybody who shares the last of them, and nobody unranked."""
    found = made(district)

    def first(count: int) -> list[Any]:
        return [row.organization for row in found.rows("community", 0, 100, count)]

    assert first(2) == ["b", "g"]
    assert first(3) == ["b", "g", "a", "c"]
    assert first(9) == ["b", "g", "a", "c", "d"]
    assert (found.count("community", 3), found.count("township", 3)) == (4, 0)


def test_the_place_of_any_score(district: SmallDistrict) -> None:
    """A score has the rank of one more than there are higher ones, None has none."""
    community = made(district).categories["community"]
    asked = ("100.00", "99.99", "90.00", "89.99", "0.00", None)
    assert [community.rank(score) for score in asked] == [1, 2, 3, 5, 6, None]


def test_places_of_ones_own(district: SmallDistrict) -> None:
    """Each with its rank and of how many; who does not stand in the ranking is asked for too."""
    found = made(district, "t")
    with district.read() as reader:
        own = places_of(
            reader, [stream_of(one) for one in ("a", "e", "f", "g", "t", "r")], JANUARY, found
        )
    assert {
        line.organization: (line.rank, ranked, line.score, line.state)
        for line, _, ranked in own.values()
    } == {
        "a": (2, 4, "90.00", "ranked"),
        "e": (None, 4, None, "not_inspected"),
        "f": (None, 4, None, "not_inspected"),
        "g": (2, 4, "95.00", "ranked"),
        "t": (None, 0, None, "not_applied"),
        "r": (None, 0, None, "not_applied"),
    }


def test_the_change_since_the_month_before(district: SmallDistrict) -> None:
    """Places and points where both months have a score; points alone in another category."""
    later = {"a": "100.00", "b": "90.00", "d": None, "f": "80.00", "g": "95.00"}
    for code, score in later.items():
        district.tell(stream_of(code), posted("2026-02", score))
    district.tell(
        stream_of("g"), OrganizationRecategorized(on=date(2026, 2, 1), category="village")
    )
    with district.read() as reader:
        now = read_standings(reader, FEBRUARY)
        streams = {code: stream_of(code) for code in "abdfg"}
        before = places_of(reader, list(streams.values()), JANUARY, made(district))
        rows = list(now.rows(None, 0, 100))
    changed = {
        row.organization: change_since(row, before[streams[row.organization]].line)
        for row in rows
        if row.organization in streams
    }
    assert changed == {
        "a": (2, "10.00"), "b": (-1, "-10.00"), "d": (None, None), "f": (None, None),
        "g": (None, "0.00"),
    }  # fmt: skip


def test_bands_lie_by_their_lower_bounds(district: SmallDistrict) -> None:
    """Each score lies in the highest band whose bound it reaches, the rest below them all."""
    community = made(district).categories["community"]
    assert bands_of(community, DistrictPolicy()) == [
        ("first", 0, 1), ("second", 1, 2), ("third", 2, 4), ("none", 4, 5),
    ]  # fmt: skip
