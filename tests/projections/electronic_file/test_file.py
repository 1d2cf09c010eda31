from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.streams.findings import InspectionMissed, InspectionNotHeld
from events.streams.organizations import OrganizationMerged, OrganizationRecoded, stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted
from events.streams.rectifications import RectificationOrdered
from projections.electronic_file.file import read_file
from tests.support.small_district import SmallDistrict, adjusted, assigned, posted, sheet


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with one community under it."""
    small = SmallDistrict(database_url)
    small.register("r", None, "county")
    small.register("a", "r")
    yield small
    small.dispose()


def file_of(district: SmallDistrict, code: str = "a") -> dict[str, Any]:
    """The electronic file of an organization as JSON values."""
    entry = district.entry(code)
    with district.read() as reader:
        return asdict(read_file(reader, entry))


def activities(district: SmallDistrict) -> dict[str, dict[str, Any]]:
    """The activities of the file by record id."""
    return {row["record_id"]: row for row in file_of(district)["activities"]}


def test_names_the_organization_with_all_its_codes(district: SmallDistrict) -> None:
    """The organization has all its codes, its dates, and what it was merged into."""
    on = date(2026, 1, 2)
    district.tell(
        stream_of("a"), OrganizationRecoded(on=on, code="A2"), OrganizationMerged(on=on, into="r")
    )
    document = file_of(district)
    assert document["organization"] == {
        "code": "A2", "name": "组织a", "category": "community", "parent": "r",
        "registered_on": "2026-01-01", "closed_on": "2026-01-02", "merged_into": "r",
        "codes": ["A2", "a"],
    }  # fmt: skip
    with district.read() as reader:
        head = reader.head(stream_of("a"))
    assert head is not None
    assert document["head"] == {"version": head[0], "hash": head[1].hex()}
    assert file_of(district, "r")["organization"] == {
        "code": "r", "name": "组织r", "category": "county", "parent": None,
        "registered_on": "2026-01-01", "closed_on": None, "merged_into": None, "codes": ["r"],
    }  # fmt: skip


def test_shows_scores_with_their_adjustments(district: SmallDistrict) -> None:
    """A posted score stays, with its adjustments, of which the newest is the current value."""
    stream = stream_of("a")
    district.tell(stream, posted("2026-02", None), posted("2026-01", "75.00", historical=2))
    district.tell(stream, adjusted("2026-01", "75.00", "80.00"))
    done = district.tell(stream, adjusted("2026-01", "80.00", "85.00"))[0]
    january, february = file_of(district)["scores"]
    assert (february["score"], february["current"], february["adjustments"]) == (None, None, [])
    assert (january["score"], january["current"], january["historical"]) == ("75.00", "85.00", 2)
    assert [(one["old"], one["new"]) for one in january["adjustments"]] == [
        ("75.00", "80.00"),
        ("80.00", "85.00"),
    ]
    assert january["adjustments"][1] == {
        "old": "80.00", "new": "85.00", "reason": "申诉成立", "actor": "os:clerk",
        "at": done.recorded_at,
    }  # fmt: skip
    district.tamper("DELETE FROM texts WHERE field = 'reason'")
    january, _ = file_of(district)["scores"]
    assert january["adjustments"][1]["reason"] is None


def test_the_first_posting_of_a_month_stands(district: SmallDistrict) -> None:
    """Where two scopes post one month the first figure counts, adjusted by its own scope."""
    stream = stream_of("a")
    district.tell(stream, posted("2026-01", "75.00"))
    district.tell(stream, posted("2026-01", "60.00", scope="r2"), adjusted("2026-01", None, "9.00"))
    district.tell(stream, adjusted("2026-01", "60.00", "1.00", scope="r2"))
    (score,) = file_of(district)["scores"]
    assert (score["score"], score["current"]) == ("75.00", "9.00")
    assert district.faults == []


def test_lists_inspections_and_rectifications(district: SmallDistrict) -> None:
    """Every inspection has its state, every rectification its problem and day."""
    stream = stream_of("a")
    head: dict[str, Any] = {"scope": "r", "inspectors": ("p-1", "p-2")}
    district.tell(stream, assigned("2026-01"), assigned("2026-02"), assigned("2026-03"))
    district.tell(stream, assigned("2026-04"), sheet("2026-04", "s-1"))
    district.tell(stream, InspectionMissed(period="2026-02", **head))
    district.tell(stream, InspectionNotHeld(period="2026-03", **head))
    order = RectificationOrdered(
        rectification_id="s-1/1", period="2026-04", criterion="m", problem="缺签到",
        due=date(2026, 5, 1),
    )  # fmt: skip
    done = district.tell(stream, order)[0]
    document = file_of(district)
    assert [(row["period"], row["state"]) for row in document["inspections"]] == [
        ("2026-01", "open"),
        ("2026-02", "missed"),
        ("2026-03", "not_held"),
        ("2026-04", "scored"),
    ]
    assert document["rectifications"] == [
        {
            "rectification_id": "s-1/1", "period": "2026-04", "criterion": "m",
            "problem": "缺签到", "due": "2026-05-01", "ordered_at": done.recorded_at,
        }
    ]  # fmt: skip


def test_shows_an_activity_as_it_was_recorded(district: SmallDistrict) -> None:
    """Every field is as it was given, money in yuan, with who recorded it and when."""
    done = district.record(
        "a", "a-1", "2026-01-04", title="支委会", attendance={"present": 3, "expected": 4},
        money={"due": 12005, "paid": 7},
        evidence=({"kind": "minutes", "file": "f" * 64}, {"kind": "photo"}),
    )  # fmt: skip
    assert activities(district)["a-1"] == {
        "record_id": "a-1", "activity": "branch_committee_meeting", "occurred_on": "2026-01-04",
        "title": "支委会", "place": None, "attendance": {"present": 3, "expected": 4},
        "money": {"due": "120.05", "paid": "0.07"},
        "evidence": [{"kind": "minutes", "file": "f" * 64}, {"kind": "photo", "file": None}],
        "note": None, "state": "standing", "history": 1, "recorded_at": done.recorded_at,
        "recorded_on": None, "actor": "os:clerk", "historical": False, "late": False,
    }  # fmt: skip


def test_shows_an_activity_as_it_stands_now(district: SmallDistrict) -> None:
    """Corrections, retractions and disallowances show in its fields, state and history."""
    stream = stream_of("a")
    for number in range(1, 5):
        district.record("a", f"a-{number}", "2026-01-04", title="旧", note="附注")
    fixed = ActivityCorrected(
        record_id="a-2",
        changes={"title": "新", "evidence": []},
        cleared=("note", "place"),
        reason="改",
    )
    district.tell(stream, fixed, ActivityRetracted(record_id="a-3", reason="误报"))
    district.tell(stream, sheet("2026-01", "s-1", "a-3", "a-4"))
    district.tell(stream, ActivityCorrected(record_id="a-4", changes={"title": "三"}, reason="改"))
    records = activities(district)
    assert [(one["state"], one["history"]) for one in records.values()] == [
        ("standing", 1),
        ("corrected", 2),
        ("retracted", 3),
        ("disallowed", 3),
    ]
    assert [one["title"] for one in records.values()] == ["旧", "新", "旧", "三"]
    assert [one["note"] for one in records.values()] == ["附注", None, "附注", "附注"]
    assert records["a-2"]["evidence"] == []
    second = ActivityCorrected(record_id="a-2", changes={"title": "新二"}, reason="再改")
    district.tell(stream, second)
    assert (activities(district)["a-2"]["state"], activities(district)["a-2"]["history"]) == (
        "corrected",
        3,
    )
    district.tell(stream, sheet("2026-01", "s-2", "a-1"))
    states = [one["state"] for one in activities(district).values()]
    assert states == ["disallowed", "corrected", "retracted", "corrected"]


def test_says_what_is_late_and_what_is_historical(district: SmallDistrict) -> None:
    """Late is recorded after the month and the grace of its scheme; a historical date counts."""
    district.publish()
    district.now = datetime(2026, 3, 5, 15, 59, tzinfo=UTC)
    district.record("a", "in-time", "2026-02-10")
    district.now = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    district.record("a", "late", "2026-02-10")
    district.record("a", "ledger", "2026-02-10", recorded_on="2026-02-11")
    records = activities(district)
    assert {name: (row["late"], row["historical"]) for name, row in records.items()} == {
        "in-time": (False, False),
        "late": (True, False),
        "ledger": (False, True),
    }
    assert records["ledger"]["recorded_on"] == "2026-02-11"
