"""A demonstration that is there already is never lost without a yes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from events.refusals.errors import Refused
from tests.support.command_line import FIRST, CommandLine
from tracker.cli import setup
from tracker.demonstration.run import ACTOR

HOUSE = Path(__file__).parents[3]
LINE = {"kind": "measure", "organization": FIRST, "measure": "members", "value": "7",
        "on": "2026-09-01"}  # fmt: skip


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
    shutil.copy(HOUSE / "Makefile", built.folder)
    make = subprocess.run(
        ["make", "clean"],
        cwd=built.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (built.folder / "demo" / "tracker.db").exists() is later
    assert ("demo/ holds 1 events recorded after it was built: kept" in make.stderr) is later
