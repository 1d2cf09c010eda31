"""Every day with new events ends sealed, so that an edit behind the newest seal has little room."""

from events.log import chain
from events.proofs.seals import STREAM
from events.proofs.verify import verify_log
from tests.support.districts import District
from tests.support.logs import run


def occasions(district: District) -> list[str]:
    """Return the occasions of all seals."""
    return [event.data["occasion"] for event in district.events(STREAM)]


def test_a_day_is_sealed_once(district: District) -> None:
    """The first tick of a local day seals what is new; the next ticks of the day do not."""
    assert district.tick() == []
    district.tick()
    assert occasions(district) == ["daily/2026-09-01"]
    district.at("2026-09-02 00:10")
    district.meet("c01", "2026-09-01")
    district.tick()
    district.meet("c02", "2026-09-01")
    district.tick()
    assert occasions(district) == ["daily/2026-09-01", "daily/2026-09-02"]
    assert verify_log(district.engine).faults == []


def test_a_quiet_day_has_no_seal(sqlite_district: District) -> None:
    """Where everything is sealed nothing is added; the next event is sealed on its day."""
    sqlite_district.tick()
    sqlite_district.at("2026-09-03 09:00")
    sqlite_district.tick()
    assert occasions(sqlite_district) == ["daily/2026-09-01"]
    sqlite_district.meet("c01", "2026-09-01")
    sqlite_district.tick()
    assert occasions(sqlite_district) == ["daily/2026-09-01", "daily/2026-09-03"]


def test_the_seal_of_a_closing_is_that_of_its_day(sqlite_district: District) -> None:
    """A day on which a month closes has one seal; what comes after it is sealed the next day."""
    sqlite_district.drawn()
    sqlite_district.at("2026-10-11 00:30")
    sqlite_district.tick()
    before = occasions(sqlite_district)
    assert not before[-1].startswith("daily/")
    sqlite_district.tick()
    assert occasions(sqlite_district) == before
    sqlite_district.at("2026-10-12 00:05")
    sqlite_district.tick()
    assert occasions(sqlite_district) == [*before, "daily/2026-10-12"]


def test_an_event_edited_with_everything_recomputed_is_found(sqlite_district: District) -> None:
    """Yesterday's event is behind a seal: a new hash in event and head does not hide the edit."""
    sqlite_district.meet("c01", "2026-09-01")
    sqlite_district.tick()
    stream = "organization-c01"
    *before, event = sqlite_district.events(stream)
    body = event.body.replace(b"branch_committee_meeting", b"party_member_study_meetin")
    digest = chain.link(before[-1].hash, body)
    run(
        sqlite_district.engine,
        ("DROP TRIGGER events_refuse_update", ()),
        ("UPDATE events SET body = ?, hash = ? WHERE stream = ? AND version = ?",
         (body, digest, stream, event.version)),
        ("UPDATE heads SET hash = ? WHERE stream = ?", (digest, stream)),
    )  # fmt: skip
    faults = [fault.fault for fault in verify_log(sqlite_district.engine).faults]
    assert faults == ["seal 1: its root does not follow from the events"]
