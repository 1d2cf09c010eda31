import base64
import random  # noqa: TID251  # seeded
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.event import Metadata
from events.log.reader import Reader
from events.log.texts import data_with_texts
from events.periods import parse_instant
from events.refusals.errors import Kind, Refused
from events.streams.organizations import OrganizationMoved, stream_of
from events.streams.records import ActivityRetracted, MeasureReported
from projections.audit import trail as audit_trail
from projections.audit import walk as audit_walk
from projections.audit.trail import AuditQuery, cursor, search
from tests.support.small_district import SmallDistrict, meeting

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Some months of events of three organizations by three people."""
    small = SmallDistrict(database_url)
    rng = random.Random(1)
    small.register("r", None, "county")
    for code in ("a", "b", "c"):
        small.register(code, "r" if code != "c" else "b")
    for number in range(90):
        small.now += timedelta(hours=rng.randrange(48))
        code = rng.choice("aabc")
        day = date(2026, 1, 1) + timedelta(days=rng.randrange(120))
        who = Metadata(f"os:{rng.choice('xxy')}")
        if number % 9 == 4:
            event: Any = MeasureReported(measure="members", value="7", on=day)
        else:
            event = meeting(f"a-{number}", day.isoformat(), title=f"会{number}")
        small.tell(stream_of(code), event, metadata=who)
    small.tell(stream_of("c"), OrganizationMoved(on=date(2026, 2, 1), parent="a"))
    yield small
    small.dispose()


def expected(reader: Reader, query: AuditQuery) -> list[tuple[str, int]]:
    """What a walk along the whole log finds, looking at every event."""
    under = {
        "a": {"organization-a", "organization-c"},
        "b": {"organization-b", "organization-c"},
        "r": {f"organization-{code}" for code in "rabc"},
    }
    events = []
    for page in reader.each_page(0):
        for event in page:
            local = parse_instant(event.recorded_at).astimezone(ZONE).date()
            occurred = event.occurred_on and date.fromisoformat(event.occurred_on)
            if (
                (query.organization is None or event.stream == stream_of(query.organization))
                and (query.under is None or event.stream in under[query.under])
                and query.type in (None, event.type)
                and query.actor in (None, event.actor)
                and (query.recorded_from is None or query.recorded_from <= local)
                and (query.recorded_to is None or local <= query.recorded_to)
                and (query.occurred_from is None or (occurred and query.occurred_from <= occurred))
                and (query.occurred_to is None or (occurred and occurred <= query.occurred_to))
            ):
                events.append((event.stream, event.version))
    return events


def paged(reader: Reader, limit: int, **filters: Any) -> list[tuple[str, int]]:
    """All pages, one after the other."""
    events: list[tuple[str, int]] = []
    after = None
    while page := search(reader, AuditQuery(limit=limit, after=after, **filters)):
        assert len(page) <= limit
        events += [(entry.stream, entry.version) for entry in page]
        after = page[-1].cursor
    return events


def random_filters(rng: random.Random) -> dict[str, Any]:
    """Any combination of filters."""
    day = date(2026, 1, 1) + timedelta(days=rng.randrange(100))
    choices: dict[str, Any] = {
        "organization": rng.choice("abcr"),
        "under": rng.choice("abr"),
        "type": rng.choice(("ActivityRecorded", "MeasureReported", "CycleOpened")),
        "actor": rng.choice(("os:x", "os:y", "os:nobody")),
        "recorded_from": day,
        "recorded_to": day + timedelta(days=rng.randrange(60)),
        "occurred_from": day,
        "occurred_to": day + timedelta(days=rng.randrange(60)),
    }
    return {name: choices[name] for name in choices if rng.random() < 0.3}


@pytest.mark.parametrize(
    ("stretch", "gathered", "streams"), [(250, 20_000, 1_000), (5, 5, 1_000), (5, 20_000, 1)]
)
def test_finds_what_a_walk_along_the_log_finds(
    district: SmallDistrict,
    monkeypatch: pytest.MonkeyPatch,
    stretch: int,
    gathered: int,
    streams: int,
) -> None:
    """For any filters all pages together are the events that match, once each, in order."""
    monkeypatch.setattr(audit_walk, "STRETCH", stretch)
    monkeypatch.setattr(audit_trail, "GATHERED", gathered)
    monkeypatch.setattr(audit_trail, "GATHERED_STREAMS", streams)
    rng = random.Random(2)
    with district.read() as reader:
        for _ in range(80):
            filters = random_filters(rng)
            limit = rng.choice((1, 7, 100))
            assert paged(reader, limit, **filters) == expected(reader, AuditQuery(**filters))


@pytest.mark.parametrize("filters", [{"organization": "b"}, {"under": "b"}])
def test_gathered_events_come_in_pages(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str]
) -> None:
    """What is gathered alone is shown in stretches smaller than a stream, once each, in order."""
    monkeypatch.setattr(audit_walk, "STRETCH", 2)
    with district.read() as reader:
        for limit in (1, 3):
            events = paged(reader, limit, **filters)
            assert events == expected(reader, AuditQuery(**filters))  # type: ignore[arg-type]
            assert len(events) > limit


def test_clock_that_went_back_hides_nothing(district: SmallDistrict) -> None:
    """Events recorded while the clock was wrong are selected by the date that they have."""
    district.now = datetime(2026, 1, 20, tzinfo=UTC)
    district.tell("person-p", MeasureReported(measure="members", value="1", on=date(2026, 1, 1)))
    filters: dict[str, Any] = {"recorded_from": date(2026, 1, 19), "recorded_to": date(2026, 2, 20)}
    with district.read() as reader:
        events = paged(reader, 5, **filters)
        assert events == expected(reader, AuditQuery(**filters))
    assert events[-1] == ("person-p", 1)


def test_shows_texts_until_they_are_erased(district: SmallDistrict) -> None:
    """A free text replaces its commitment; where it was erased the commitment is shown."""
    district.tell(stream_of("a"), ActivityRetracted(record_id="a-0", reason="误报"))
    query = AuditQuery(type="ActivityRetracted")
    with district.read() as reader:
        (entry,) = search(reader, query)
        body = reader.stream(stream_of("a"))[-1]
    assert entry.data == {"record_id": "a-0", "reason": "误报"}
    assert asdict(entry).keys() == {
        "cursor", "stream", "version", "type", "actor", "channel", "occurred_on", "recorded_at",
        "data", "hash",
    }  # fmt: skip
    assert (entry.actor, entry.channel, entry.hash) == ("os:clerk", "cli", body.hash.hex())
    district.tamper("DELETE FROM texts WHERE value = '误报'")
    with district.read() as reader:
        (entry,) = search(reader, query)
    assert entry.data["reason"] == body.data["reason"]
    assert entry.data["reason"].startswith("sha256:")


def test_an_event_that_commits_later_comes_after_the_cursor(district: SmallDistrict) -> None:
    """Reading on from the last cursor finds what was appended since, and nothing twice."""
    with district.read() as reader:
        last = search(reader, AuditQuery(limit=10_000))[-1].cursor
        assert search(reader, AuditQuery(after=last)) == []
    district.record("a", "new", "2026-01-03")
    with district.read() as reader:
        (entry,) = search(reader, AuditQuery(after=last))
    assert entry.data["record_id"] == "new"


def encoded(text: bytes) -> str:
    """Return any bytes encoded like a cursor."""
    return base64.urlsafe_b64encode(text).decode()


@pytest.mark.parametrize(
    "bad", ["", "?", "zzzz", "é", encoded(b"17"), encoded(b"p-1"), encoded(b"p" + b"9" * 30),
            encoded(b"\xff"), "a"]
)  # fmt: skip
def test_refuses_what_is_no_cursor(district: SmallDistrict, bad: str) -> None:
    """Text that no page gave out is refused, naming the field."""
    with district.read() as reader, pytest.raises(Refused, match="is not a cursor") as refused:
        search(reader, AuditQuery(after=bad))
    assert refused.value.field == "after"


def test_a_cursor_is_opaque_and_plain() -> None:
    """A cursor survives an address and says nothing to a reader."""
    assert cursor(17).isalnum()
    assert cursor(17) != cursor(18)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_refuses_a_limit_out_of_reach(district: SmallDistrict, limit: int) -> None:
    """A page holds from one event to ten thousand."""
    with district.read() as reader, pytest.raises(Refused, match="field limit"):
        search(reader, AuditQuery(limit=limit))


@pytest.mark.parametrize("field", ["organization", "under"])
def test_refuses_a_code_nobody_bears(district: SmallDistrict, field: str) -> None:
    """An unknown code is refused, and named with its option."""
    asked = AuditQuery(organization="zz") if field == "organization" else AuditQuery(under="zz")
    with district.read() as reader, pytest.raises(Refused) as refused:
        search(reader, asked)
    assert (refused.value.kind, refused.value.field) == (Kind.NOT_FOUND, field)


def test_shows_types_it_does_not_know(district: SmallDistrict) -> None:
    """An event of an unknown type is shown with its data as stored."""
    with district.read() as reader:
        event = reader.stream(stream_of("a"))[0]
    object.__setattr__(event, "type", "FromTheFuture")
    assert data_with_texts(event, {}) is event.data
