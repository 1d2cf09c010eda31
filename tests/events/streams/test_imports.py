"""An import is started, and finished when every line of it is in the log."""

from events.streams.imports import (
    DECIDER,
    FinishImport,
    Import,
    ImportFinished,
    ImportStarted,
    StartImport,
    import_stream,
)
from tests.support.given import Given

START = StartImport("d", 2, historical=True, reason="ledgers of 2025")
STARTED = ImportStarted(digest="d", lines=2, historical=True, reason="ledgers of 2025")
FINISH = FinishImport(recorded=2, unchanged=0)
FINISHED = ImportFinished(recorded=2, unchanged=0)
given = Given(DECIDER)


def test_an_import_is_started_once_until_it_is_finished() -> None:
    """A second start changes nothing while it is underway; once finished it starts again."""
    given().when(START).then(STARTED)
    given(STARTED).when(START).then()
    given(STARTED, FINISHED).when(START).then(STARTED)


def test_an_import_is_finished_once() -> None:
    """The end counts what was recorded and what was unchanged; a second end changes nothing."""
    given(STARTED).when(FINISH).then(FINISHED)
    given(STARTED, FINISHED).when(FINISH).then()


def test_an_import_is_underway_until_it_is_finished() -> None:
    """Started it names its file; finished it says so."""
    assert given().state == Import()
    assert not given().state.underway
    assert given(STARTED).state == Import("d", historical=True)
    assert given(STARTED).state.underway
    assert given(STARTED, FINISHED).state == Import("d", historical=True, finished=True)
    assert not given(STARTED, FINISHED).state.underway


def test_every_import_has_its_stream() -> None:
    """The stream is named by the import's id."""
    assert import_stream("d") == "import-d"
