"""The clock of a demonstration on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

import tracker.app
from events.event import Metadata
from events.periods import instant_text
from events.refusals.errors import Refused
from tracker.app import open_app
from tracker.commands.demonstration import set_demonstration_clock
from tracker.commands.district import initialize_district
from tracker.settings import load_settings

BY = Metadata("demo:department")
BUILT = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
SHOWN = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
WHILE_BUILDING = datetime(2025, 9, 20, tzinfo=UTC)


def test_a_demonstration_runs_on_its_clock(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events have its time; devices keep theirs, and the server's clock counts as its own."""
    settings = load_settings(database_url=database_url)
    built = open_app(settings, create=True, clock=lambda: WHILE_BUILDING)
    set_demonstration_clock(built.store, SHOWN, BUILT, BY)
    with built.store.read() as reader:
        assert reader.newest_instant() == instant_text(WHILE_BUILDING)
        assert built.database_now(reader) is None
    built.engine.dispose()

    now = BUILT + timedelta(hours=3)
    monkeypatch.setattr(tracker.app, "utc_now", lambda: now)
    monkeypatch.setattr(tracker.app, "database_now", lambda _reader: now)
    opened = open_app(settings)
    assert opened.lead == SHOWN - BUILT
    assert opened.store.clock() == SHOWN + timedelta(hours=3)
    assert opened.device_now() == now
    initialize_district(opened.store, "Asia/Shanghai", "2026-01", BY)
    with opened.store.read() as reader:
        assert reader.newest_instant() == instant_text(SHOWN + timedelta(hours=3))
        assert opened.database_now(reader) == SHOWN + timedelta(hours=3)
    assert str(opened.today()) == "2026-11-08"
    opened.engine.dispose()


def test_no_other_database_gets_such_a_clock(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A district that was initialized keeps the clock of its machine."""
    monkeypatch.setattr(tracker.app, "utc_now", lambda: BUILT)
    settings = load_settings(database_url=database_url)
    opened = open_app(settings, create=True)
    initialize_district(opened.store, "Asia/Shanghai", "2026-01", BY)
    with pytest.raises(Refused, match="need a new database"):
        set_demonstration_clock(opened.store, SHOWN, BUILT, BY)
    opened.engine.dispose()
    again = open_app(settings)
    assert again.lead is None
    assert again.store.clock() == again.device_now() == BUILT
    again.engine.dispose()
