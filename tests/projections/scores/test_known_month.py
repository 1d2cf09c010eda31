from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.periods import parse_month
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMoved,
    OrganizationRecategorized,
    stream_of,
)
from projections.organizations.scope import EVERYTHING
from projections.scores.distribution import distribute_scores
from projections.scores.known_month import read_known_month
from projections.scores.ranking import rank_organizations
from projections.scores.standings import places_of, read_standings
from tests.support.small_district import SmallDistrict, adjusted, cycle, posted

MARCH = parse_month("2026-03")
SCORES = {"a": "90.00", "b": "80.00", "v": "70.00"}


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """March closed on 10 April with two communities and a village posted; today is in November."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    small.register("t", "r", "township")
    small.register("u", "r", "township")
    small.register("a", "t")
    small.register("b", "t")
    small.register("v", "t", "village")
    small.register("w", "t", "village")
    small.now = datetime(2026, 4, 11, 2, tzinfo=UTC)
    small.tell_many(cycle("2026-03"))
    for code, score in SCORES.items():
        small.tell(stream_of(code), posted("2026-03", score))
    small.now = datetime(2026, 11, 2, 2, tzinfo=UTC)
    yield small
    small.dispose()


def published(district: SmallDistrict, under: str | None = None) -> list[tuple[Any, ...]]:
    """The ranking, which the standings repeat row by row, and the means."""
    with district.read() as reader:
        rows = rank_organizations(reader, MARCH, under=under)
        standings = read_standings(reader, MARCH, None if under is None else stream_of(under))
        means = [
            (row.category, row.posted, row.mean)
            for row in distribute_scores(reader, EVERYTHING, "2026-03", "r")
        ]
        own = places_of(reader, [stream_of(code) for code in "abv"], MARCH, standings).values()
    assert list(standings.rows(None, 0, 100)) == rows
    lines = [(row.category, row.rank, row.organization, row.score) for row in rows]
    places = sorted((place.line.category, place.line.rank or 0) for place in own)
    return [*lines, *means, *places]


def test_a_published_ranking_does_not_move(district: SmallDistrict) -> None:
    """What is entered after the closing date, dated into the month, changes no place or mean."""
    before, under_t = published(district), published(district, "t")
    day = date(2026, 3, 31)
    district.tell(stream_of("a"), OrganizationRecategorized(on=day, category="village"))
    district.tell(stream_of("b"), OrganizationClosed(on=date(2026, 2, 28)))
    district.tell(stream_of("v"), OrganizationMoved(on=day, parent="u"))
    district.tell(stream_of("w"), OrganizationClosed(on=date(2026, 2, 28)))
    district.register("new", "t", on="2026-03-01")
    assert published(district) == before
    assert published(district, "t") == under_t
    district.tell(stream_of("b"), adjusted("2026-03", "80.00", "95.00"))
    ranked = [line[2:] for line in published(district)[:7] if line[:2] == ("community", 1)]
    assert ranked == [("b", "95.00")]


def test_what_was_known_at_the_closing_counts(district: SmallDistrict) -> None:
    """A change entered by the closing date counts, and so does every change before any closing."""
    with district.read() as reader:
        assert read_known_month(reader, parse_month("2026-02")).newest is None
        known = read_known_month(reader, MARCH)
    assert (known.newest, known.changed) == ("2026-04-10", {"r": {}})
    district.tell(
        stream_of("a"), OrganizationRecategorized(on=date(2026, 2, 28), category="village")
    )
    with district.read() as reader:
        rows = rank_organizations(reader, parse_month("2026-02"))
    assert {row.category for row in rows if row.organization == "a"} == {"village"}


def test_a_change_before_the_closing_date_moves_the_score(district: SmallDistrict) -> None:
    """Of two changes only the one that was recorded by the closing date is known."""
    district.now = datetime(2026, 4, 9, 2, tzinfo=UTC)
    early = OrganizationRecategorized(on=date(2026, 3, 20), category="village")
    early_move = OrganizationMoved(on=date(2026, 3, 20), parent="u")
    ended = OrganizationClosed(on=date(2026, 3, 28))
    district.tell(stream_of("w"), early, early_move, ended)
    district.now = datetime(2026, 11, 2, 2, tzinfo=UTC)
    late = OrganizationRecategorized(on=date(2026, 3, 25), category="community")
    late_move = OrganizationMoved(on=date(2026, 3, 25), parent="t")
    district.tell(stream_of("w"), late, late_move)
    with district.read() as reader:
        rows = {row.organization: row for row in rank_organizations(reader, MARCH, under="u")}
        known = read_known_month(reader, MARCH).changed["r"][stream_of("w")]
    assert rows["w"].category == "village"
    assert known is not None
    assert (known.closed_on, len(known.parents), len(known.categories)) == ("2026-03-28", 2, 2)
