from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected
from events.streams.rectifications import RectificationReplied
from projections.rebuild import compare
from projections.records.evidence import flagged_uses, uses_of
from tests.support.small_district import SmallDistrict

X, Y = "a" * 64, "b" * 64


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two communities on the third of March."""
    small = SmallDistrict(database_url)
    small.register("a")
    small.register("b")
    small.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    yield small
    small.dispose()


def test_every_use_of_a_file_is_found(district: SmallDistrict) -> None:
    """By records, corrections and replies, oldest first; kinds without a file are no use."""
    district.record(
        "b", "m-1", "2026-03-01", evidence=({"kind": "minutes", "file": X}, {"kind": "photo"})
    )
    district.record("a", "m-2", "2026-03-02", evidence=({"kind": "minutes"},))
    district.tell(
        stream_of("a"),
        ActivityCorrected(
            record_id="m-2",
            changes={"evidence": [{"kind": "photo", "file": X}, {"kind": "photo", "file": Y}]},
            reason="补",
        ),
        ActivityCorrected(record_id="m-2", changes={"note": "x"}, cleared=("place",), reason="补"),
        RectificationReplied(
            rectification_id="s/1", reply_id="w", measures="改", done_on=date(2026, 3, 3),
            evidence=({"kind": "photo", "file": X},),
        ),
        RectificationReplied(
            rectification_id="s/1", reply_id="v", measures="改", done_on=date(2026, 3, 3)
        ),
    )  # fmt: skip
    with district.read() as reader:
        uses = uses_of(reader, [X, Y, "c" * 64])
    assert [(use.stream, use.kind, use.subject, use.occurred_on) for use in uses[X]] == [
        ("organization-b", "minutes", "record/m-1", "2026-03-01"),
        ("organization-a", "photo", "record/m-2", "2026-03-02"),
        ("organization-a", "photo", "rectification/s/1", "2026-03-03"),
    ]
    assert [use.subject for use in uses[Y]] == ["record/m-2"]
    assert sorted(uses) == [X, Y]
    assert compare(district.engine) == []


def used(district: SmallDistrict, code: str, record_id: str, on: str = "") -> list[str]:
    """The uses that flag the file X next to a record."""
    with district.read() as reader:
        uses = uses_of(reader, [X]).get(X, [])
    flagged = flagged_uses(uses, stream_of(code), f"record/{record_id}", on)
    return [f"{use.stream[-1]} {use.subject.partition('/')[2]}" for use in flagged]


def test_a_file_is_flagged_by_month_and_organization(district: SmallDistrict) -> None:
    """Records of one month and organization may share a file; others flag each other."""
    photo = ({"kind": "photo", "file": X},)
    district.record("a", "m-1", "2026-03-01", evidence=photo)
    district.record("a", "m-2", "2026-03-20", evidence=photo)
    assert (used(district, "a", "m-1"), used(district, "a", "m-2")) == ([], [])
    assert used(district, "a", "", "2026-03-05") == []
    assert used(district, "a", "", "2026-04-05") == ["a m-2", "a m-1"]
    district.record("a", "last-year", "2025-03-01", evidence=photo)
    assert used(district, "a", "m-1") == ["a last-year"]
    assert used(district, "a", "last-year") == ["a m-2", "a m-1"]
    district.record("b", "m-3", "2026-03-01", evidence=photo)
    assert used(district, "a", "m-1") == ["b m-3", "a last-year"]
    assert used(district, "b", "m-3") == ["a last-year", "a m-2", "a m-1"]


def test_a_correction_moves_the_month_of_a_use(district: SmallDistrict) -> None:
    """The day of a record is its present one, also where a correction alone names the file."""
    district.record("a", "m-1", "2026-02-01", evidence=({"kind": "photo", "file": X},))
    district.record("a", "m-2", "2026-03-01", evidence=())
    added = ActivityCorrected(
        record_id="m-2", changes={"evidence": [{"kind": "photo", "file": X}]}, reason="补"
    )
    district.tell(stream_of("a"), added)
    assert used(district, "a", "m-1") == ["a m-2"]
    moved = ActivityCorrected(
        record_id="m-1", changes={"occurred_on": "2026-03-02"}, reason="日期写错"
    )
    district.tell(stream_of("a"), moved)
    assert (used(district, "a", "m-1"), used(district, "a", "m-2")) == ([], [])


def test_what_came_after_its_month_is_late(district: SmallDistrict) -> None:
    """By so many days after its end, by recording date; what came within it has no row."""
    district.record("a", "in-time", "2026-03-01")
    district.record("a", "late", "2026-01-10")
    district.record("a", "yesterday", "2026-02-28")
    district.record("a", "then", "2026-01-11", recorded_on="2026-01-12")
    district.now = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)
    district.record("a", "after midnight", "2026-03-31")
    rows = {(row[3], row[2], row[5], row[6]) for row in district.rows("late_records")}
    assert rows == {
        ("late", "2026-01", "2026-03-03", 31),
        ("yesterday", "2026-02", "2026-03-03", 3),
        ("after midnight", "2026-03", "2026-04-01", 1),
    }
