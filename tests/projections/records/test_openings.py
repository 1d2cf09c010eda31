from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events.periods import parse_period
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected
from projections.compliance.evaluation import histories
from projections.documents.in_force import district as district_facts
from projections.scoring.history import History
from tests.support.small_district import SmallDistrict, cycle


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Communities a with a historical record and b without; March has opened."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    small.register("a", "r")
    small.register("b", "r")
    small.now = datetime(2026, 4, 1, 2, tzinfo=UTC)
    for month in ("2025-12", "2026-03"):
        small.tell_many(cycle(month, drawn=False, closed=False))
    small.now = datetime(2026, 5, 20, 18, tzinfo=UTC)
    small.record("a", "m-1", "2026-02-10", recorded_on="2026-02-12")
    small.record("b", "m-1", "2026-02-10")
    yield small
    small.dispose()


def read(district: SmallDistrict, known_at: datetime | None = None) -> dict[str, History]:
    """The facts of both communities, from rows or folded up to an instant."""
    with district.read() as reader:
        return histories(
            reader, [stream_of("a"), stream_of("b")], district_facts(reader),
            parse_period("2026-Q1"), known_at,
        )  # fmt: skip


def test_openings_are_those_of_the_scope(district: SmallDistrict) -> None:
    """Who has a historical record knows when each month opened; rows and log say the same."""
    now = read(district)
    assert now == read(district, datetime(2026, 12, 1, tzinfo=UTC))
    openings = now[stream_of("a")].openings
    assert list(openings) == ["2026-03"]
    assert openings["2026-03"].startswith("2026-04-01T02:00")
    assert now[stream_of("b")].openings == {}
    (entry,) = now[stream_of("a")].records["m-1"].entries
    assert (entry.known_on, entry.came_on) == ("2026-02-12", "2026-05-21")


def test_a_historical_correction_has_its_own_arrival(district: SmallDistrict) -> None:
    """Each entry keeps when it truly came."""
    change = ActivityCorrected(record_id="m-1", changes={"note": "n"}, reason="r")
    district.tell(stream_of("b"), change, recorded_on="2026-02-15")
    assert read(district) == read(district, datetime(2026, 12, 1, tzinfo=UTC))
    plain, late = read(district)[stream_of("b")].records["m-1"].entries
    assert (plain.came_at, late.known_on, late.came_on) == ("", "2026-02-15", "2026-05-21")
