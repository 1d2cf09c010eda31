"""One event with what it changed of its subject, and whether it was altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from events.event import EVENT_TYPES, Event
from events.streams.accounts import AccountOpened, RoleGranted
from events.streams.cycles import CycleClosing, FrameCommitted, cycle_stream
from events.streams.districts import STREAM as DISTRICT
from events.streams.organizations import OrganizationRenamed
from events.streams.people import InspectorRegistered
from events.streams.records import ActivityCorrected, ActivityRetracted
from events.streams.rectifications import RectificationOrdered
from projections.audit.event_story import EventStory, explain_event
from tests.support.small_district import SmallDistrict, adjusted, posted, sheet

ONE = "organization-c"


@pytest.fixture
def district(sqlite_url: str) -> Iterator[SmallDistrict]:
    """A community with one record."""
    small = SmallDistrict(sqlite_url)
    small.register("c")
    small.record("c", "a-1", "2026-01-03", title="会议")
    yield small
    small.dispose()


def explained(small: SmallDistrict, stream: str, version: int) -> EventStory:
    """The story of an event that exists."""
    with small.read() as reader:
        story = explain_event(reader, stream, version)
    assert story is not None
    return story


def test_unknown(district: SmallDistrict) -> None:
    """An event that does not exist has no story."""
    with district.read() as reader:
        assert explain_event(reader, ONE, 3) is None
        assert explain_event(reader, "organization-x", 1) is None


def test_record(district: SmallDistrict) -> None:
    """Each event of a record has the record before and after it."""
    correction = ActivityCorrected(record_id="a-1", changes={"title": "更正"}, reason="写错")
    district.tell(ONE, correction, ActivityRetracted(record_id="a-1", reason="重复"))
    first = explained(district, ONE, 2)
    assert (first.before, first.after["title"]) == ({}, "会议")
    second = explained(district, ONE, 3)
    assert (second.before["title"], second.after["title"]) == ("会议", "更正")
    assert second.changed == ["title"]
    assert second.data["reason"] == "写错"
    assert second.newest == 4
    last = explained(district, ONE, 4)
    assert last.changed == ["retracted"]


def test_record_out_of_the_read_model(district: SmallDistrict) -> None:
    """Where the read model does not know a record, or not yet this event, nothing is compared."""
    correction = ActivityCorrected(record_id="a-1", changes={"title": "更正"}, reason="写错")
    with district.read() as reader:
        (row,) = reader.rows("SELECT entries FROM record_facts WHERE record_id = 'a-1'")
    district.tell(ONE, correction)
    district.tamper(f"UPDATE record_facts SET entries = '{row[0]}'")
    assert (explained(district, ONE, 3).before, explained(district, ONE, 3).after) == ({}, {})
    district.tamper("DELETE FROM record_facts")
    assert explained(district, ONE, 3).after == {}


def test_life(district: SmallDistrict) -> None:
    """A life is folded from its own events alone; dates without meaning are left out."""
    district.tell(ONE, OrganizationRenamed(on=date(2026, 2, 1), name="新名"))
    story = explained(district, ONE, 3)
    assert (story.before["name"], story.after["name"]) == ("组织c", "新名")
    assert set(story.changed) == {"name", "changed_on"}
    assert explained(district, ONE, 1).before == {}


def test_account_and_person(district: SmallDistrict) -> None:
    """Accounts and people are one subject each; sets are sorted."""
    grant = RoleGranted(account="u", grant_id="g", role="branch", from_on=date(2026, 1, 1))
    district.tell("account-u", AccountOpened(account="u"), grant)
    story = explained(district, "account-u", 2)
    assert story.before["grants"] == {}
    assert story.after["grants"]["g"]["role"] == "branch"
    inspector = InspectorRegistered(
        person="p", organization="c", team="t", categories=("community",)
    )
    district.tell("person-p", inspector)
    assert explained(district, "person-p", 1).after["recused"] == []


def test_cycle(district: SmallDistrict) -> None:
    """A cycle has no lists of organizations; an event of a list has its data alone."""
    stream = cycle_stream("r", "2026-01")
    frame = FrameCommitted(scope="r", period="2026-01", stratum="community", part=1, codes=("c",))
    ended = CycleClosing(scope="r", period="2026-01", closing_on=date(2026, 2, 11))
    district.tell(stream, frame, ended)
    listed, closing = explained(district, stream, 1), explained(district, stream, 2)
    assert listed.data["codes"] == ["c"]
    assert "frame" not in listed.after
    assert (closing.before, closing.after["state"]) == ({}, "closing")
    assert closing.after["closing_on"] == "2026-02-11"


def test_score_inspection_order(district: SmallDistrict) -> None:
    """Scores, inspections and orders have their state before and after."""
    order = RectificationOrdered(
        rectification_id="s/1", period="2026-01", criterion="m", problem="缺", due=date(2026, 3, 1)
    )
    district.tell(ONE, posted("2026-01", "90.00"), adjusted("2026-01", "90.00", "91.00"))
    district.tell(ONE, sheet("2026-01", "s"), order)
    assert (explained(district, ONE, 3).before, explained(district, ONE, 3).after) == ({}, {})
    score = explained(district, ONE, 4)
    assert (score.before, score.after) == ({"score": "90.00"}, {"score": "91.00"})
    assert explained(district, ONE, 5).after["state"] == "scored"
    assert explained(district, ONE, 6).after["due"] == "2026-03-01"


def test_without_a_subject(district: SmallDistrict) -> None:
    """An event that changes no folded subject has its data alone."""
    story = explained(district, DISTRICT, 1)
    assert (story.before, story.after, story.changed) == ({}, {}, [])
    assert story.data["zone"] == "Asia/Shanghai"


def test_long_lists_are_counted(district: SmallDistrict) -> None:
    """A list of many entries is shown as their number."""
    categories = tuple(f"c{number}" for number in range(21))
    person = InspectorRegistered(person="p", organization="c", team="t", categories=categories)
    district.tell("person-p", person)
    assert explained(district, "person-p", 1).after["categories"] == 21


def test_proof(district: SmallDistrict) -> None:
    """The hash is computed again from the bytes and the hash before."""
    first, second = explained(district, ONE, 1), explained(district, ONE, 2)
    assert first.intact
    assert second.intact
    assert second.previous == first.event.hash.hex()
    district.tamper(f"UPDATE texts SET value = '别的' WHERE stream = '{ONE}'")
    changed = explained(district, ONE, 2)
    assert (changed.expected, changed.texts_agree) == (changed.event.hash.hex(), False)
    assert not changed.intact
    district.tamper(f"DELETE FROM texts WHERE stream = '{ONE}'")
    erased = explained(district, ONE, 2)
    assert erased.intact
    assert erased.data["title"].startswith("sha256:")


def test_unknown_type(district: SmallDistrict) -> None:
    """An event of a type that is not registered has its data alone."""

    class Forgotten(Event):
        """Of a type that is taken out of the register."""

        TYPE = "Forgotten"

        what: str

    district.tell("seals", Forgotten(what="x"))
    del EVENT_TYPES["Forgotten"]
    story = explained(district, "seals", 1)
    assert (story.data, story.intact) == ({"what": "x"}, True)
