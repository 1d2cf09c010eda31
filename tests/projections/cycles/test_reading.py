"""A cycle is folded from its stream, whole or without its lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from events.streams.cycles import Cycle
from events.streams.organizations import OrganizationRecoded, stream_of
from projections.cycles.reading import read_cycle, read_cycle_head, scope_code
from tests.support.small_district import SmallDistrict, cycle


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """The root r with the communities a and b, and the cycle of March."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    for code in "ab":
        small.register(code, "r")
    small.tell_many(cycle("2026-03"))
    yield small
    small.dispose()


def test_a_month_without_a_cycle_is_empty(district: SmallDistrict) -> None:
    """A cycle that has not opened has no state and no lists."""
    with district.read() as reader:
        assert read_cycle(reader, "r", "2026-04") == Cycle()
        assert read_cycle_head(reader, "r", "2026-04") == Cycle()


def test_the_head_is_the_cycle_without_its_lists(district: SmallDistrict) -> None:
    """The head differs from the whole cycle in frame, sample and exclusions only."""
    with district.read() as reader:
        whole = read_cycle(reader, "r", "2026-03")
        head = read_cycle_head(reader, "r", "2026-03")
    assert whole.exclusions
    assert head == replace(whole, frame={}, sample=(), exclusions=())


def test_the_scope_of_a_root_is_its_first_code(district: SmallDistrict) -> None:
    """A new code of the root does not rename its cycles."""
    district.tell(stream_of("r"), OrganizationRecoded(on=date(2026, 4, 1), code="r2"))
    assert scope_code(district.entry("r2")) == "r"
