"""Reading by stream, by subject, by position, in pages of any size."""

from collections.abc import Iterator

import pytest

from events.reading import PARAMETERS
from events.store import Store
from tests.logs import Clock, append, correction, opened, pending


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A log of three streams: four events in the first, one in each of the others."""
    engine = opened(database_url)
    store = Store(engine, Clock())
    append(
        store,
        pending("s", "a"),
        pending("s", "b"),
        pending("t", "a"),
        pending("s", "c", correction("a")),
        pending("u", "c", correction("a")),
        pending("s", "d", correction("b")),
    )
    yield store
    engine.dispose()


def test_a_stream_is_read_from_a_version_on(store: Store) -> None:
    """All of it, what comes after a version, and of that the first few."""
    with store.read() as log:
        assert [event.version for event in log.stream("s")] == [1, 2, 3, 4]
        assert [event.version for event in log.stream("s", 1)] == [2, 3, 4]
        assert [event.version for event in log.stream("s", 1, 2)] == [2, 3]
        assert log.stream("s", 4) == []


def test_several_streams_are_read_at_once(store: Store) -> None:
    """Each in order; one that has no event is an empty list."""
    with store.read() as log:
        found = log.of_streams(["t", "s", "none"])
        assert found == {"t": log.stream("t"), "s": log.stream("s"), "none": []}
        assert log.of_streams([]) == {}


def test_a_subject_is_read_without_the_rest(store: Store) -> None:
    """Only events of that subject in that stream, alone or several at once."""
    with store.read() as log:
        assert [event.event_id for event in log.subject("s", "record/a")] == ["c"]
        assert log.subject("t", "record/a") == []
        pairs = [("s", "record/a"), ("s", "record/b"), ("u", "record/a"), ("t", "record/a")]
        found = log.subjects(pairs)
        assert {pair: [event.event_id for event in one] for pair, one in found.items()} == {
            ("s", "record/a"): ["c"],
            ("s", "record/b"): ["d"],
            ("u", "record/a"): ["c"],
        }


def test_texts_are_read_by_event(store: Store) -> None:
    """Those of the events that were asked for, by the place at which they stand."""
    with store.read() as log:
        assert log.texts([("s", 3), ("t", 1)]) == {
            ("s", 3, "reason"): "typed wrongly",
            ("s", 3, "changes.note"): "second",
            ("t", 1, "note"): "a note",
        }
        assert log.texts([]) == {}


def test_long_lists_are_read_in_pages(store: Store) -> None:
    """More values than one statement may hold are still one answer."""
    names = [f"none-{number}" for number in range(2 * PARAMETERS)]
    with store.read() as log:
        found = log.of_streams([*names, "s", "u"])
        assert [len(found[name]) for name in ("s", "u", names[-1])] == [4, 1, 0]
        pairs = [(name, "record/a") for name in (*names, "s")]
        assert list(log.subjects(pairs)) == [("s", "record/a")]


def test_values_can_stand_before_the_list(store: Store) -> None:
    """Marks of the statement itself take their values before those of the list."""
    sql = "SELECT stream, version FROM events WHERE version > ? AND stream"
    with store.read() as log:
        found = log.select_in(sql, ["s", "t"], " ORDER BY version", [2])
        assert [tuple(row) for row in found] == [("s", 3), ("s", 4)]
        assert log.select_in(sql, [], given=[2]) == []


@pytest.mark.parametrize("size", [1, 2, 5, 6, 100])
def test_the_log_is_read_page_by_page(store: Store, size: int) -> None:
    """Every page but the last is full, and together they are the log in order."""
    with store.read() as log:
        pages = list(log.each_page(0, size))
        settled = log.settled()
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    events = [event for page in pages for event in page]
    assert len(events) == 6
    positions = [event.position for event in events]
    assert positions == sorted(positions)
    assert positions[-1] < settled


def test_writing_no_rows_writes_nothing(store: Store) -> None:
    """A statement without rows is not run; one with several is run for each."""
    sql = "INSERT INTO seal_leaves (seal, leaves) VALUES (?, ?)"
    with store.append() as log:
        log.write(sql, [])
        assert log.rows("SELECT seal FROM seal_leaves") == []
        log.write(sql, [(1, b""), (2, b"")])
        assert len(log.rows("SELECT seal FROM seal_leaves")) == 2


def test_a_head_is_where_a_stream_stands(store: Store) -> None:
    """Version and hash of its last event; a head that is only locked has none yet."""
    with store.append() as log:
        log.lock(["locked"])
    with store.read() as log:
        assert log.head("s") == (4, log.stream("s")[-1].hash)
        assert log.head("locked") is None
        assert log.head("none") is None
