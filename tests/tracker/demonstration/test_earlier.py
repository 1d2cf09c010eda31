"""A demonstration that is there already is never lost without a yes."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tracker.app
from events.event import Metadata
from events.refusals.errors import Refused
from tests.support.command_line import FIRST, CommandLine
from tracker.app import open_app
from tracker.cli import setup
from tracker.commands.demonstration import set_demonstration_clock
from tracker.commands.district import initialize_district
from tracker.commands.documents import publish_scheme
from tracker.demonstration.accounts import ACTOR
from tracker.demonstration.earlier import count_later_events, is_demonstration
from tracker.settings import load_settings

SHOWN = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUSE = Path(__file__).parents[3]
LINE = {"kind": "measure", "organization": FIRST, "measure": "members", "value": "7",
        "on": "2026-09-01"}  # fmt: skip


def later_events() -> int:
    """How many events the program counts as recorded after the build."""
    opened = open_app(load_settings())
    with opened.store.read() as reader:
        assert is_demonstration(reader)
        count = count_later_events(reader)
    opened.engine.dispose()
    return count


def clean(folder: Path) -> str:
    """What ``make clean`` says in a folder."""
    shutil.copy(HOUSE / "Makefile", folder)
    make = subprocess.run(["make", "clean"], cwd=folder, capture_output=True, text=True, check=True)
    return make.stderr.strip()


@pytest.fixture
def built(empty: CommandLine) -> CommandLine:
    """A folder whose database the demonstration made."""
    empty.done("init", "--first-month", "2026-09", "--actor", ACTOR)
    return empty


def test_later_events_are_named_and_kept(built: CommandLine) -> None:
    """A second demonstration is refused with the number of events that would be lost."""
    place = [{"kind": "organization", "code": FIRST, "name": "社区", "category": "community",
              "registered_on": "2026-09-01"}, LINE]  # fmt: skip
    built.done("import", built.file(place))
    before = built.events()
    answer = built("demo", "--no-serve")
    assert answer.status == 1
    assert "with 4 events recorded after it was built" in answer.err
    assert built.events() == before


def test_only_what_was_recorded_after_the_build_counts(empty: CommandLine) -> None:
    """In a demonstration with a clock, people act while it is built; the scheduler never counts."""
    settings = load_settings()
    built = open_app(settings, create=True, clock=lambda: SHOWN - timedelta(days=30))
    set_demonstration_clock(built.store, SHOWN, MACHINE, Metadata(ACTOR))
    initialize_district(built.store, "Asia/Shanghai", "2026-09", Metadata(ACTOR))
    publish_scheme(built.store, "community-2011", "2026-09", Metadata("u-1"))
    built.engine.dispose()
    assert later_events() == 0
    empty.patch.setattr(tracker.app, "utc_now", lambda: MACHINE + timedelta(hours=1))
    opened = open_app(settings)
    publish_scheme(opened.store, "branch-basics", "2026-09", Metadata("u-1"))
    publish_scheme(opened.store, "branch-basics", "2026-09", Metadata("scheduler"))
    opened.engine.dispose()
    assert later_events() == 1
    (empty.folder / "demo").mkdir()
    shutil.copy(empty.database, empty.folder / "demo" / "tracker.db")
    assert clean(empty.folder) == "demo/ holds 1 events recorded after it was built: kept"


def test_a_yes_replaces_it(built: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--yes`` the old database is gone before the new one is built."""
    seen: list[bool] = []

    def run_demo(*_: object) -> None:
        seen.append(built.database.exists())
        raise Refused("no_district")

    monkeypatch.setattr(setup, "run_demo", run_demo)
    assert built("demo", "--no-serve", "--yes").status == 1
    assert seen == [False]


def test_another_database_is_never_replaced(cli: CommandLine) -> None:
    """A district that the demonstration did not make is refused, whatever is said."""
    before = cli.events()
    answer = cli("demo", "--no-serve", "--yes")
    assert answer.status == 1
    assert "exists already" in answer.err
    assert cli.events() == before


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("later", [True, False])
def test_make_clean_keeps_what_people_recorded(built: CommandLine, *, later: bool) -> None:
    """``make clean`` deletes a demonstration only if it is as it was built."""
    if later:
        built.done("scheme", "publish", "community-2011", "--from", "2026-09", "--actor", "p:ann")
    (built.folder / "demo").mkdir()
    shutil.move(built.database, built.folder / "demo" / "tracker.db")
    said = clean(built.folder)
    assert (built.folder / "demo" / "tracker.db").exists() is later
    assert said == ("demo/ holds 1 events recorded after it was built: kept" if later else "")
