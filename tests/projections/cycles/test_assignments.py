"""Assignments are one row per person and inspection."""

from collections.abc import Iterator

import pytest

from events.streams.findings import InspectionAssigned
from events.streams.organizations import stream_of
from projections.cycles.assignments import assigned_to
from tests.support.small_district import SmallDistrict, assigned, sheet


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """Two communities below a county, on each kind of database."""
    district = SmallDistrict(database_url)
    district.register("r", category="county")
    district.register("c", "r")
    district.register("d", "r")
    yield district
    district.dispose()


def of(small: SmallDistrict, person: str) -> list[tuple[str, str, str]]:
    """What a person was assigned to, by code."""
    with small.read() as reader:
        return [
            (stream.removeprefix("organization-"), scope, period)
            for stream, scope, period in assigned_to(reader, person)
        ]


def test_each_inspector_of_an_assignment_has_it(small: SmallDistrict) -> None:
    """Both inspectors of an assignment have it, and no others."""
    small.tell(stream_of("c"), assigned("2026-03"))
    assert of(small, "p-1") == of(small, "p-2") == [("c", "r", "2026-03")]
    assert of(small, "p-3") == []


def test_assignments_are_newest_month_first(small: SmallDistrict) -> None:
    """By month, within a month by organization, whatever the order they were made in."""
    small.tell(stream_of("d"), assigned("2026-03"))
    small.tell(stream_of("c"), assigned("2026-03"))
    small.tell(stream_of("c"), assigned("2026-04"))
    assert of(small, "p-1") == [("c", "r", "2026-04"), ("c", "r", "2026-03"), ("d", "r", "2026-03")]


def test_an_assignment_stays_when_it_is_done(small: SmallDistrict) -> None:
    """A sheet changes nothing about who was assigned."""
    small.tell(stream_of("c"), assigned("2026-03"), sheet("2026-03", "s-1"))
    assert of(small, "p-2") == [("c", "r", "2026-03")]


def test_the_same_assignment_twice_is_one(small: SmallDistrict) -> None:
    """A person who is named again in the same inspection has it once; new people are added."""
    again = InspectionAssigned(scope="r", period="2026-03", inspectors=("p-2", "p-3"), why="by key")
    small.tell(stream_of("c"), assigned("2026-03"), again)
    assert [of(small, person) for person in ("p-2", "p-3")] == [[("c", "r", "2026-03")]] * 2
