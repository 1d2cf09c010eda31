"""The walk along the log finds the settled positions that match all filters, in order."""

from collections.abc import Iterator
from datetime import date

import pytest

from events.log.reader import Reader
from events.streams.organizations import stream_of
from events.streams.records import ActivityRecorded, MeasureReported
from projections.audit.walk import AuditFilter, AuditWalk
from tests.support.small_district import SmallDistrict

A = stream_of("a")
RECORDED = ActivityRecorded.TYPE
OF_TYPE = AuditFilter("type = ?", (RECORDED,), "type", (RECORDED, RECORDED))
OF_STREAM = AuditFilter("stream = ?", (A,), streams=(A,))
IN_MONTHS = AuditFilter(
    "occurred_on BETWEEN ? AND ?",
    ("2026-01-10", "2026-02-20"),
    "substr(occurred_on, 1, 7)",
    ("2026-01", "2026-02"),
)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two communities with records and reports of three months."""
    small = SmallDistrict(database_url)
    small.register("a")
    small.register("b")
    for number in range(30):
        code, day = "ab"[number % 2], date(2026, 1 + number % 3, 1 + number % 28)
        small.record(code, f"{code}-{number}", day.isoformat())
        if number % 5 == 0:
            small.tell(stream_of(code), MeasureReported(measure="members", value="7", on=day))
    yield small
    small.dispose()


def expected(reader: Reader, after: int, filters: list[AuditFilter]) -> list[int]:
    """The positions that match, from one query over the whole log."""
    tests = "".join(f" AND {each.condition}" for each in filters)
    rows = reader.rows(
        f"SELECT position FROM events WHERE position > ? AND position < ?{tests} ORDER BY position",
        [after, reader.settled_position(), *(value for each in filters for value in each.values)],
    )
    return [position for (position,) in rows]


@pytest.mark.parametrize("stretch", [1, 3, 250])
@pytest.mark.parametrize(
    "filters",
    [
        [],
        [OF_TYPE],
        [OF_STREAM],
        [IN_MONTHS],
        [OF_TYPE, IN_MONTHS],
        [OF_STREAM, OF_TYPE, IN_MONTHS],
    ],
)
def test_finds_what_one_query_finds(
    district: SmallDistrict,
    monkeypatch: pytest.MonkeyPatch,
    filters: list[AuditFilter],
    stretch: int,
) -> None:
    """Whatever drives the walk, and however short its stretches are, the positions are the same."""
    monkeypatch.setattr("projections.audit.walk.STRETCH", stretch)
    with district.read() as reader:
        for after in (0, 17):
            every = expected(reader, after, filters)
            walk = AuditWalk(reader, after, reader.settled_position(), filters)
            assert every
            assert walk.positions(1000) == every
            walk = AuditWalk(reader, after, reader.settled_position(), filters)
            assert walk.positions(4) == every[:4]


def test_many_buckets_only_say_where_to_jump(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more buckets than may drive a stretch or be sought one by one, nothing is lost."""
    monkeypatch.setattr("projections.audit.walk.DRIVING", 1)
    monkeypatch.setattr("projections.audit.walk.SOUGHT", 0)
    with district.read() as reader:
        walk = AuditWalk(reader, 0, reader.settled_position(), [IN_MONTHS])
        assert walk.positions(1000) == expected(reader, 0, [IN_MONTHS])


def test_an_exact_filter_needs_no_test_of_its_rows() -> None:
    """Gathered streams and a bucket that is the very value are exact, months of days are not."""
    assert OF_STREAM.exact
    assert OF_TYPE.exact
    assert not IN_MONTHS.exact
