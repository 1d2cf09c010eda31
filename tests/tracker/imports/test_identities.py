"""Events recorded under the identities of import lines."""

from collections.abc import Iterator

import pytest

from events.streams.organizations import stream_of
from tests.support.small_district import SmallDistrict
from tracker.imports.identities import SHORT, read_recorded

A = stream_of("a")


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """A district with one organization, on each kind of database."""
    district = SmallDistrict(database_url)
    district.register("a")
    yield district
    district.dispose()


def test_recorded_identities_come_with_their_texts(small: SmallDistrict) -> None:
    """Identities that are not recorded are left out, also of unknown streams."""
    event = small.record("a", "r-2", "2026-03-02", note="会议记录")
    pairs = [(A, event.event_id), (A, "record/none"), ("org-nowhere", event.event_id)]
    with small.read() as reader:
        recorded = read_recorded(reader, pairs)
    assert recorded.events == {(A, event.event_id): event}
    assert recorded.texts[A, event.version, "note"] == "会议记录"


def test_a_long_stream_answers_the_same(small: SmallDistrict) -> None:
    """Streams that are too long to read whole are looked up pair by pair."""
    events = [small.record("a", f"more-{number}", "2026-03-03") for number in range(3 * SHORT)]
    wanted = (A, events[0].event_id)
    with small.read() as reader:
        recorded = read_recorded(reader, [wanted, (A, "record/none")])
    assert recorded.events.keys() == {wanted}
