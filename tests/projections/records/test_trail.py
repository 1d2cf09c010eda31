from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events.event import Metadata
from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected, ActivityRetracted
from projections.records.trail import RecordTrail, read_trail, read_trails, yuan
from tests.support.small_district import SmallDistrict, sheet

FILE = "a" * 64


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """One record with everything in it."""
    small = SmallDistrict(database_url)
    small.register("a")
    small.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    small.record(
        "a", "m-1", "2026-03-02", title="支委会", place="会议室",
        attendance={"present": 5, "expected": 7}, money={"due": 12000, "paid": 5},
        evidence=({"kind": "minutes", "file": FILE},),
    )  # fmt: skip
    yield small
    small.dispose()


def found(district: SmallDistrict, record_id: str = "m-1") -> RecordTrail:
    """The trail of a record of ``a``."""
    with district.read() as reader:
        one = read_trail(reader, stream_of("a"), record_id)
    assert one is not None
    return one


WHOLE = {
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-03-02",
    "title": "支委会",
    "place": "会议室",
    "attendance": {"present": 5, "expected": 7},
    "money": {"due": "120.00", "paid": "0.05"},
    "evidence": [{"kind": "minutes", "file": FILE}],
}


def test_a_record_as_it_was_recorded(district: SmallDistrict) -> None:
    """One step, every field as people write it, and who, when and through which channel."""
    one = found(district)
    assert (one.record_id, one.known_on, one.state, one.fields) == (
        "m-1", "2026-03-03", "standing", WHOLE,
    )  # fmt: skip
    (step,) = one.steps
    assert (step.kind, step.version, step.actor, step.channel) == ("recorded", 2, "os:clerk", "cli")
    assert (step.reason, step.recorded_on, step.before) == (None, None, {})
    assert step.changed == tuple(WHOLE)
    assert len(step.hash) == 64
    assert one.version == 2


def test_a_correction_shows_before_and_after(district: SmallDistrict) -> None:
    """Only the fields that differ are changed; emptied ones are gone after it."""
    district.tell(
        stream_of("a"),
        ActivityCorrected(
            record_id="m-1",
            changes={"place": "院子", "money": {"due": 1}},
            cleared=("title", "attendance"),
            reason="写错",
        ),
        metadata=Metadata("a-7", "web"),
    )
    one = found(district)
    step = one.steps[1]
    assert (step.kind, step.reason, step.actor, step.channel) == ("corrected", "写错", "a-7", "web")
    assert step.before == WHOLE
    assert step.changed == ("title", "place", "attendance", "money")
    kept = {name: WHOLE[name] for name in ("activity", "occurred_on", "evidence")}
    assert one.fields == kept | {"place": "院子", "money": {"due": "0.01"}}
    assert (one.state, one.version) == ("corrected", 3)


def test_the_record_as_it_stood_at_a_version(district: SmallDistrict) -> None:
    """Before, between and after its events."""
    district.tell(
        stream_of("a"),
        ActivityCorrected(record_id="m-1", changes={"place": "院子"}, reason="写错"),
        ActivityRetracted(record_id="m-1", reason="重复"),
    )
    one = found(district)
    assert one.at(1) == {}
    assert one.at(2) == WHOLE
    assert one.at(3) == one.at(9) == WHOLE | {"place": "院子"}
    assert (one.state, one.version, one.steps[-1].reason) == ("retracted", 4, "重复")


def test_a_disallowance_is_a_step_with_the_sheet_s_reason(district: SmallDistrict) -> None:
    """It changes no field, and is not what somebody saw of the record itself."""
    district.record("a", "m-2", "2026-03-05")
    district.tell(stream_of("a"), sheet("2026-03", "s-1", "m-2", "m-1"))
    one = found(district)
    assert (one.state, one.version, one.fields) == ("disallowed", 2, WHOLE)
    assert (one.steps[-1].kind, one.steps[-1].reason) == ("disallowed", "不实")
    assert one.steps[-1].changed == ()
    district.tell(stream_of("a"), ActivityRetracted(record_id="m-1", reason="重复"))
    assert found(district).state == "retracted"


def test_a_later_sheet_without_a_record_takes_its_disallowance_back(
    district: SmallDistrict,
) -> None:
    """The trail keeps both; the record is as it was, until a sheet of another month disallows."""
    district.tell(stream_of("a"), sheet("2026-03", "s-1", "m-1"), sheet("2026-03", "s-2"))
    assert (found(district).state, len(found(district).steps)) == ("standing", 2)
    district.tell(stream_of("a"), sheet("2026-04", "s-1", "m-1"), sheet("2026-03", "s-3"))
    assert found(district).state == "disallowed"


def test_an_erased_text_is_none(district: SmallDistrict) -> None:
    """Never its commitment; a reason that was erased likewise."""
    district.tell(stream_of("a"), ActivityRetracted(record_id="m-1", reason="重复"))
    district.tell(stream_of("a"), sheet("2026-03", "s-1", "m-1"))
    district.tamper("DELETE FROM texts")
    one = found(district)
    assert one.fields["title"] is None
    assert [step.reason for step in one.steps] == [None, None, None]


def test_several_at_once_and_none(district: SmallDistrict) -> None:
    """By their ids; what is not there is left out, and other organizations' records too."""
    district.register("b")
    district.record("b", "m-1", "2026-03-09")
    district.record("a", "m-2", "2026-03-05", recorded_on="2026-03-06")
    with district.read() as reader:
        several = read_trails(reader, stream_of("a"), ["m-2", "m-1", "m-9"])
        assert read_trails(reader, stream_of("a"), []) == {}
        assert read_trail(reader, stream_of("a"), "m-9") is None
    assert sorted(several) == ["m-1", "m-2"]
    assert several["m-2"].known_on == "2026-03-06"
    assert several["m-2"].steps[0].recorded_on == "2026-03-06"
    assert several["m-1"].fields["occurred_on"] == "2026-03-02"


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (12000, "120.00")])
def test_yuan(fen: int, text: str) -> None:
    """Two decimals always."""
    assert yuan(fen) == text
