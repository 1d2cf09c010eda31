from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events.organizations import stream_of
from events.periods import instant_text
from events.records import ActivityRetracted
from projections.timeline import timeline
from tests.small_district import SmallDistrict

A = stream_of("a")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A community with three events in as many months."""
    found = SmallDistrict(database_url)
    found.register("a")
    found.now = datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
    found.record("a", "m-1", "2026-01-20", title="支委会", recorded_on="2026-01-21")
    found.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    found.tell(A, ActivityRetracted(record_id="m-1", reason="重复"))
    yield found
    found.dispose()


def test_newest_first_with_texts(district: SmallDistrict) -> None:
    """Events come newest first, with who recorded them, when, and their free texts in clear."""
    with district.read() as reader:
        found = timeline(reader, A)
    assert [(one["version"], one["type"]) for one in found] == [
        (3, "ActivityRetracted"),
        (2, "ActivityRecorded"),
        (1, "OrganizationRegistered"),
    ]
    assert found[0]["data"]["reason"] == "重复"
    assert found[1]["data"]["title"] == "支委会"
    assert (found[1]["occurred_on"], found[1]["recorded_on"]) == ("2026-01-20", "2026-01-21")
    assert {one["actor"] for one in found} == {"os:clerk"}
    assert found[0]["subject"] == "record/m-1"


def test_page_by_page(district: SmallDistrict) -> None:
    """A page ends at its limit, the next one begins below a version."""
    with district.read() as reader:
        first = timeline(reader, A, limit=2)
        second = timeline(reader, A, before=first[-1]["version"], limit=2)
        assert [one["version"] for one in [*first, *second]] == [3, 2, 1]
        assert timeline(reader, A, before=1) == []


def test_up_to_an_instant(district: SmallDistrict) -> None:
    """What was recorded after an instant is left out."""
    with district.read() as reader:
        until = instant_text(datetime(2026, 2, 28, tzinfo=UTC))
        assert [one["version"] for one in timeline(reader, A, until=until)] == [2, 1]
        assert [one["version"] for one in timeline(reader, A, 2, until)] == [1]
