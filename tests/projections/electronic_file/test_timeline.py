"""The timeline of a stream has its events with their texts, newest first."""

from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from projections.electronic_file.timeline import timeline
from tests.support.small_district import SmallDistrict


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community with three records."""
    small = SmallDistrict(database_url)
    small.register("a")
    for number in range(1, 4):
        small.record("a", f"a-{number}", f"2026-01-0{number}", note=f"第{number}次")
    yield small
    small.dispose()


def test_newest_first_page_by_page(district: SmallDistrict) -> None:
    """Pages follow each other without a gap, and have the texts of the events."""
    with district.read() as reader:
        first = timeline(reader, stream_of("a"), limit=2)
        rest = timeline(reader, stream_of("a"), before=first[-1].version, limit=9)
    assert [event.version for event in first + rest] == [4, 3, 2, 1]
    assert first[0].data["note"] == "第3次"
    assert rest[-1].type == "OrganizationRegistered"


def test_up_to_an_instant(district: SmallDistrict) -> None:
    """What was recorded later is left out."""
    with district.read() as reader:
        until = timeline(reader, stream_of("a"))[2].recorded_at
        assert [event.version for event in timeline(reader, stream_of("a"), until=until)] == [2, 1]
