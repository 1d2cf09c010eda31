"""Free texts are read back for events as long as they exist."""

from collections.abc import Iterator

import pytest

from events.event import RecordedEvent, commitment
from events.log.store import Store
from events.log.texts import data_with_texts, texts_in_field, texts_of, texts_of_stream
from events.streams.imports import ImportFinished
from tests.support.logs import Clock, activity, append, correction, opened, pending, run


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty log on each database in turn."""
    url = request.getfixturevalue({"sqlite": "sqlite_url"}.get(request.param, "postgres_url"))
    engine = opened(url)
    yield Store(engine, Clock())
    engine.dispose()


@pytest.fixture
def events(store: Store) -> list[RecordedEvent]:
    """An activity and its correction in one stream, an event without texts in another."""
    return append(
        store,
        pending("s", "1", activity("a", note="first")),
        pending("s", "2", correction("second")),
        pending("t", "3", ImportFinished(recorded=1, unchanged=0)),
    )


def test_texts_are_read_by_event_and_field(store: Store, events: list[RecordedEvent]) -> None:
    """Events whose type has no free text are not even asked for."""
    with store.read() as reader:
        texts = texts_of(reader, events)
        assert {(stream, version) for stream, version, _ in texts} == {("s", 1), ("s", 2)}
        assert texts_of(reader, events[2:]) == {}
        by_version = {(version, field): text for (_, version, field), text in texts.items()}
        assert texts_of_stream(reader, "s") == by_version
        assert texts_of_stream(reader, "t") == {}


def test_texts_of_one_field(store: Store, events: list[RecordedEvent]) -> None:
    """Only texts in the field that is asked for are read."""
    places = [(event.stream, event.version) for event in events]
    with store.read() as reader:
        texts = texts_of(reader, events)
        field = next(field for stream, version, field in texts if version == 1)
        expected = {
            (stream, version): text
            for (stream, version, name), text in texts.items()
            if name == field
        }
        assert texts_in_field(reader, places, field) == expected


def test_data_has_its_texts_or_their_commitments(store: Store, events: list[RecordedEvent]) -> None:
    """An erased text stays a commitment; the event itself is not changed."""
    with store.read() as reader:
        texts = texts_of(reader, events)
    first = events[0]
    shown = data_with_texts(first, texts)
    fields = [field for stream, version, field in texts if version == 1]
    assert {field: shown[field] for field in fields} == {
        field: texts["s", 1, field] for field in fields
    }
    assert all(first.data[field].startswith("sha256:") for field in fields)
    run(store.engine, ("DELETE FROM texts", ()))
    with store.read() as reader:
        assert data_with_texts(first, texts_of(reader, events)) == first.data
    assert data_with_texts(events[2], {}) is events[2].data


def test_a_text_fits_its_commitment(store: Store, events: list[RecordedEvent]) -> None:
    """The salt that is stored with a text gives the commitment in the event."""
    with store.read() as reader:
        rows = reader.rows(
            "SELECT field, salt, value FROM texts WHERE stream = 's' AND version = 1"
        )
    for field, salt, value in rows:
        assert events[0].data[field] == commitment(bytes(salt), value)
