from __future__ import annotations

from events.event import Metadata, PendingEvent
from events.streams.imports import ImportFinished, ImportStarted, import_stream
from projections.records.imports import newest_import_of, newest_imports
from tests.support.small_district import SmallDistrict

WHO = Metadata("u-1", "import")


def tell(small: SmallDistrict, name: str, *events: ImportStarted | ImportFinished) -> None:
    """Append what happened to one file."""
    with small.store.append() as log:
        log.lock([import_stream(name)])
        version = log.heads[import_stream(name)].version
        log.append(
            [
                PendingEvent(import_stream(name), f"e/{version + place}", one, WHO)
                for place, one in enumerate(events)
            ]
        )


def test_nothing_was_imported(small: SmallDistrict) -> None:
    """An empty list, and no file."""
    with small.read() as reader:
        assert newest_imports(reader, 5) == []
        assert newest_import_of(reader, "none") is None


def test_each_beginning_has_its_end(small: SmallDistrict) -> None:
    """Who, when, how many lines, why; one that was killed has no end."""
    tell(small, "a", ImportStarted(digest="d", lines=3, historical=True, reason="旧账"))
    tell(small, "a", ImportFinished(recorded=2, unchanged=1))
    tell(small, "a", ImportStarted(digest="d", lines=3))
    with small.read() as reader:
        second = newest_import_of(reader, "a")
        again, first = newest_imports(reader, 5)
    assert second == again
    assert (first.import_id, first.actor, first.lines, first.reason) == ("a", "u-1", 3, "旧账")
    assert (first.historical, first.recorded, first.unchanged) == (True, 2, 1)
    assert first.finished_at is not None
    assert (again.version, again.historical, again.reason) == (3, False, None)
    assert (again.finished_at, again.recorded, again.unchanged) == (None, None, None)


def test_the_newest_come_first(small: SmallDistrict) -> None:
    """Of several files, as many as are wanted."""
    for name in ("a", "b", "c"):
        tell(small, name, ImportStarted(digest=name, lines=1))
    tell(small, "a", ImportFinished(recorded=1, unchanged=0))
    with small.read() as reader:
        assert [one.import_id for one in newest_imports(reader, 2)] == ["c", "b"]
        assert [one.import_id for one in newest_imports(reader, 9)] == ["c", "b", "a"]
