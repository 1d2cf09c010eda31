"""An import is started, and finished when every line of it stands in the log."""

from functools import reduce

from events.event import Event
from events.imports import Import, ImportFinished, ImportStarted, evolve, import_stream
from tests.given import recorded


def fold(*events: Event) -> Import:
    """The import after events."""
    return reduce(evolve, map(recorded, events), Import())


def test_an_import_is_open_until_it_is_finished() -> None:
    """Started it names its file; finished it says so."""
    started = ImportStarted(digest="d", lines=2, historical=True, reason="ledgers of 2025")
    assert fold() == Import()
    assert fold(started) == Import("d", historical=True)
    finished = ImportFinished(recorded=2, unchanged=0)
    assert fold(started, finished) == Import("d", historical=True, finished=True)


def test_every_import_has_its_stream() -> None:
    """The stream bears the import's id."""
    assert import_stream("d") == "import-d"
