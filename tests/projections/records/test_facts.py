import random  # noqa: TID251  # seeded
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted, ConditionReported
from projections.records.facts import historical_counts, load_histories
from projections.scoring.history import fold
from tests.support.small_district import SmallDistrict, posted, sheet
from tests.support.stories import Story

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A district with one organization."""
    small = SmallDistrict(database_url)
    small.register("a")
    yield small
    small.dispose()


@pytest.mark.parametrize("seed", range(3))
def test_rows_make_the_history_that_the_log_makes(district: SmallDistrict, seed: int) -> None:
    """Whatever happened, the facts read from rows are those folded from the stream."""
    Story(random.Random(seed), district).go_on(80)
    with district.read() as reader:
        streams = [row[0] for row in reader.rows("SELECT stream FROM organizations")]
        found = load_histories(reader, streams, ZONE)
        for stream in streams:
            wanted = fold(reader.stream(stream), ZONE)
            wanted.records = dict(sorted(wanted.records.items()))
            found[stream].records = dict(sorted(found[stream].records.items()))
            assert found[stream] == wanted


def test_leaves_out_records_of_other_days(district: SmallDistrict) -> None:
    """A record is read for every day that it ever bore, and for no other."""
    stream = stream_of("a")
    district.record("a", "a-1", "2026-01-02")
    district.record("a", "a-2", "2026-01-03")
    moved = ActivityCorrected(record_id="a-1", changes={"occurred_on": "2026-03-05"}, reason="改")
    district.tell(stream, moved)
    with district.read() as reader:
        assert set(
            load_histories(reader, [stream], ZONE, "2026-01-01", "2026-01-31")[stream].records
        ) == {
            "a-1",
            "a-2",
        }
        assert set(
            load_histories(reader, [stream], ZONE, "2026-03-01", "2026-03-31")[stream].records
        ) == {"a-1"}


def test_folds_a_record_that_changes_in_its_own_batch(district: SmallDistrict) -> None:
    """Recording, correcting and disallowing in one transaction makes one record with all of it."""
    stream = stream_of("a")
    district.record("a", "a-1", "2026-01-02")
    fix = ActivityCorrected(record_id="a-1", changes={"title": "二"}, reason="改")
    district.tell(stream, fix, fix, sheet("2026-01", "s-1", "a-1"))
    with district.read() as reader:
        (record,) = load_histories(reader, [stream], ZONE)[stream].records.values()
        assert [one.version for one in record.entries] == [2, 3, 4, 5]
        assert load_histories(reader, [], ZONE) == {}


def test_counts_historical_records_as_they_stand(district: SmallDistrict) -> None:
    """Those of the days by their newest state as known on a date, without those taken back."""
    stream = stream_of("a")
    for number in (1, 2, 3):
        district.record("a", f"a-{number}", "2026-01-02", recorded_on="2026-01-03")
    district.record("a", "a-4", "2026-01-02")
    district.tell(
        stream,
        ActivityCorrected(record_id="a-2", changes={"occurred_on": "2026-03-05"}, reason="改"),
        ActivityRetracted(record_id="a-3", reason="误报"),
        ConditionReported(condition="national_flag", state="met", on=date(2026, 1, 4)),
        posted("2026-01", None),
    )
    january, march = ("2026-01-01", "2026-01-31"), ("2026-03-01", "2026-03-31")
    with district.read() as reader:
        assert historical_counts(reader, [stream], *january) == {stream: 1}
        assert historical_counts(reader, [stream], *march) == {stream: 1}
        assert historical_counts(reader, [stream], *january, "2026-01-04") == {stream: 3}
        assert historical_counts(reader, [stream], *january, "2026-01-02") == {}
