from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from events.streams.organizations import OrganizationRecategorized, stream_of
from events.streams.records import (
    ActivityCorrected,
    ActivityRetracted,
    ConditionReported,
    MeasureReported,
)
from projections.documents.in_force import book
from projections.records.current import (
    CurrentRecord,
    in_time_until,
    list_records,
    records_between,
    reports_in_force,
    reports_now,
)
from tests.support.small_district import SCHEME, SmallDistrict, sheet

A = stream_of("a")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One community on the third of March."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("a")
    small.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    yield small
    small.dispose()


def between(district: SmallDistrict, first: str, last: str) -> list[CurrentRecord]:
    """The records of some days."""
    with district.read() as reader:
        return records_between(reader, A, first, last)


def test_records_by_day_with_their_states(district: SmallDistrict) -> None:
    """Standing, retracted or disallowed; how often corrected; when they count as recorded."""
    for number in (1, 2, 3):
        district.record("a", f"m-{number}", f"2026-03-0{number}")
    district.record("a", "m-0", "2026-03-01", recorded_on="2026-03-02")
    district.tell(
        A,
        ActivityCorrected(record_id="m-1", changes={"occurred_on": "2026-03-02"}, reason="x"),
        ActivityCorrected(record_id="m-1", changes={"note": "x"}, reason="x"),
        ActivityRetracted(record_id="m-2", reason="x"),
        sheet("2026-03", "s-1", "m-3"),
    )
    records = between(district, "2026-03-01", "2026-03-31")
    assert [
        (record.record_id, record.occurred_on, record.state, record.corrections, record.known_on)
        for record in records
    ] == [
        ("m-0", "2026-03-01", "standing", 0, "2026-03-02"),
        ("m-1", "2026-03-02", "standing", 2, "2026-03-03"),
        ("m-2", "2026-03-02", "retracted", 0, "2026-03-03"),
        ("m-3", "2026-03-03", "disallowed", 0, "2026-03-03"),
    ]
    district.tell(A, sheet("2026-03", "s-2"))
    assert between(district, "2026-03-03", "2026-03-03")[0].state == "standing"


def test_a_record_is_of_the_day_where_it_stands_now(district: SmallDistrict) -> None:
    """One whose date was corrected is not listed where it stood before."""
    district.record("a", "m-1", "2026-03-01")
    change = {"occurred_on": "2026-02-20"}
    district.tell(A, ActivityCorrected(record_id="m-1", changes=change, reason="x"))
    assert between(district, "2026-03-01", "2026-03-31") == []
    assert [record.record_id for record in between(district, "2026-02-20", "2026-02-20")] == ["m-1"]


def test_the_list_says_what_was_late_and_corrected(district: SmallDistrict) -> None:
    """Newest first; what weighs more than a correction is the state."""
    district.record("a", "m-1", "2026-01-10")
    district.record("a", "m-2", "2026-02-10")
    district.record("a", "m-3", "2026-02-11")
    change = {"note": "x"}
    district.tell(
        A,
        ActivityCorrected(record_id="m-2", changes=change, reason="x"),
        ActivityCorrected(record_id="m-3", changes=change, reason="x"),
        ActivityRetracted(record_id="m-3", reason="x"),
    )
    entry = district.entry("a")
    with district.read() as reader:
        records = list_records(reader, entry)
    assert [(record.record_id, record.state, record.late) for record in records] == [
        ("m-3", "retracted", False),
        ("m-2", "corrected", False),
        ("m-1", "standing", True),
    ]


def test_reports_in_force(district: SmallDistrict) -> None:
    """Newest by its date, then by order of recording; what is to come or not yet known is not."""
    district.tell(
        A,
        ConditionReported(condition="stage", state="met", on=date(2026, 2, 1)),
        ConditionReported(condition="stage", state="unmet", on=date(2026, 1, 15)),
        MeasureReported(measure="members", value="30", on=date(2026, 2, 1)),
        MeasureReported(measure="members", value="31", on=date(2026, 2, 1)),
        MeasureReported(measure="members", value="32", on=date(2026, 2, 28)),
    )
    district.now = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
    district.tell(A, ConditionReported(condition="reading_room", state="met", on=date(2026, 1, 1)))
    with district.read() as reader:
        found = reports_in_force(reader, A, "2026-02-27")
        later = reports_in_force(reader, A, "2026-03-09")
        early = reports_in_force(reader, A, "2026-01-31")
        assert reports_now(reader, A, "2026-03-09") == (
            {"stage": "met", "reading_room": "met"},
            {"members": "32"},
        )
    assert early == found == {}
    values = {key: (one.value, one.on) for key, one in later.items()}
    assert values == {
        ("condition", "stage"): ("met", "2026-02-01"),
        ("condition", "reading_room"): ("met", "2026-01-01"),
        ("measure", "members"): ("32", "2026-02-28"),
    }


def test_the_last_day_in_time_is_the_scheme_s(district: SmallDistrict) -> None:
    """By the category that it has at the end of the month; five days where no scheme governs."""
    policy = {"recording_grace_days": 9}
    district.publish(SCHEME | {"scheme": "v", "categories": ["village"], "policy": policy})
    change = OrganizationRecategorized(on=date(2026, 2, 15), category="village")
    district.tell(A, change)
    district.register("s", category="school")
    with district.read() as reader:
        schemes = book(reader)
        days = [
            in_time_until(schemes, district.entry("a"), one) for one in ("2026-01-09", "2026-02-01")
        ]
        assert days == ["2026-02-05", "2026-03-09"]
        assert in_time_until(schemes, district.entry("s"), "2026-02-01") == "2026-03-05"
