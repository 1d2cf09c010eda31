"""Moving in on the command line: set up, import history, preview, go live."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from events.refusals.errors import Refused
from tests.support.command_line import LINES, MEETING, MONTH, CommandLine
from tracker.app import open_app
from tracker.cli.going_live import describe_start
from tracker.settings import load_settings


def organizations(registered_on: str) -> list[dict[str, Any]]:
    """The lines of the organizations, registered on a day."""
    named = [line for line in LINES if line["kind"] == "organization"]
    return [line | {"registered_on": registered_on} for line in named]


@pytest.fixture
def moving(empty: CommandLine) -> CommandLine:
    """A new district in November, being set up, with organizations and a scheme."""
    empty.at("2026-11-03 09:00")
    empty.done("init", "--first-month", MONTH, "--setup")
    empty.done("scheme", "publish", "community-2011", "--from", "2026-08")
    assert empty.take(*organizations("2024-01-01")).status == 0
    return empty


def test_moving_in_keeps_the_door_open(moving: CommandLine) -> None:
    """Whatever ticks before going live, last year's and this year's records are taken."""
    assert moving.ask("scheduler", "tick") == {
        "live": False, "changed": False, "imports_finished": 0, "steps": [],
    }  # fmt: skip
    assert "tracker go-live" in moving("scheduler", "tick").out
    refused = moving("spot-check", "open", MONTH)
    assert refused.status == 1
    assert "tracker go-live --from MONTH" in refused.err
    history = [
        MEETING | {"record_id": f"h-{day}", "occurred_on": day, "recorded_on": day}
        for day in ("2025-03-04", "2026-09-12", "2026-10-12")
    ]
    assert moving.take(*history, options=("--historical",)).status == 0
    assert moving.ask("audit", "log", "--type", "CycleOpened") == []


def test_the_preview_says_what_going_live_opens(moving: CommandLine) -> None:
    """As JSON and in words, and nothing is done."""
    shown = moving.ask("go-live", "--from", MONTH, "--preview")
    assert (shown["first_month"], shown["at_once"]) == (MONTH, ["2026-09", "2026-10"])
    assert [row["category"] for row in shown["categories"]] == ["community", "county", "street"]
    said = moving("go-live", "--from", MONTH, "--preview").out
    assert "2026-09 to 2026-10 open at the next tick: 2 months" in said
    assert "2026-11 of 99 opens on 2026-12-01, draws 2026-12-06, closes 2026-12-10" in said
    assert moving.ask("audit", "log", "--type", "WentLive") == []


def test_going_live_is_confirmed_and_happens_once(moving: CommandLine) -> None:
    """Without a yes nothing is done; a second month is refused, the same one is unchanged."""
    before = moving.events()
    asked = moving("go-live", "--from", MONTH)
    assert asked.status == 1
    assert "2026-09 to 2026-10 open at the next tick: 2 months" in asked.err
    assert "2 of 4 organizations are in the frame, 2 have no scheme, 4 no account" in asked.err
    assert moving.events() == before
    assert moving.ask("go-live", "--from", MONTH, "--yes") == {
        "changed": True, "first_month": MONTH,
    }  # fmt: skip
    assert moving.ask("go-live", "--from", MONTH) == {"changed": False, "first_month": MONTH}
    again = moving("go-live", "--from", "2026-10", "--yes")
    assert again.status == 1
    assert "live from 2026-09 on" in again.err
    opened = moving.ask("scheduler", "tick")
    assert opened["live"] is True
    assert [step["period"] for step in opened["steps"]] == ["2026-09", "2026-10"]
    line = MEETING | {"record_id": "h", "recorded_on": "2026-09-13"}
    assert moving.take(line, options=("--historical",)).status == 1


def test_init_and_check_say_how_the_district_is(empty: CommandLine) -> None:
    """A live district warns of its first tick; one that is set up says how to go live."""
    said = empty("init", "--first-month", "2026-08").out
    assert "live from 2026-08: import last year's records before the first tick" in said
    assert "--setup" in said
    assert "last year" not in empty("init").out
    assert empty.ask("init")["live"] is True
    assert "already" not in empty("check").out
    assert "good  district: live from 2026-08" in empty("check").out
    refused = empty("init", "--setup")
    assert (refused.status, "live from 2026-08" in refused.err) == (1, True)


def test_a_district_that_is_set_up_says_so(moving: CommandLine) -> None:
    """Repeating init keeps it; check names the way on."""
    for options in ((), ("--setup",)):
        answer = moving.ask("init", *options)
        assert (answer["changed"], answer["live"]) == (False, False)
        assert "tracker go-live --from MONTH" in moving("init", *options).out
    assert "good  district: being set up" in moving("check").out
    moving.done("go-live", "--from", "2026-11", "--yes")
    answer = moving.ask("init", "--setup", "--first-month", MONTH)
    assert (answer["changed"], answer["live"], answer["first_month"]) == (False, True, "2026-11")


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "live from 2026-08: 2026-08, 2026-09, 2026-10 open at the first tick"),
     (("--setup",), "being set up: no cycle opens")],
)  # fmt: skip
def test_the_scheduler_says_it_first(
    empty: CommandLine, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    """Its first line names what the first tick would open, or that nothing opens."""
    monkeypatch.setenv("TRACKER_LOG_FORMAT", "json")
    empty.at("2026-11-03 09:00")
    empty.done("init", "--first-month", "2026-08", *options)
    empty.done("scheme", "publish", "community-2011", "--from", "2026-08")
    assert empty.take(*organizations("2026-01-01")).status == 0
    monkeypatch.setattr("tracker.cli.scheduling.run_clock", lambda *_tick, **_every: None)
    first, *_ = empty("scheduler", "run").err.splitlines()
    assert json.loads(first)["district"].startswith(said)
    empty.done("scheduler", "tick")
    first, *_ = empty("scheduler", "run").err.splitlines()
    assert ("district" in json.loads(first)) == bool(options)


def test_without_the_scheduler_nothing_is_about_to_open(empty: CommandLine) -> None:
    """A live district that serves pages alone warns of no tick."""
    empty.at("2026-11-03 09:00")
    empty.done("init", "--first-month", "2026-08")
    empty.done("scheme", "publish", "community-2011", "--from", "2026-08")
    assert empty.take(*organizations("2026-01-01")).status == 0
    tools = open_app(load_settings())
    assert describe_start(tools, scheduled=False) == ""
    assert "2026-08, 2026-09, 2026-10" in describe_start(tools, scheduled=True)
    tools.engine.dispose()


def test_unknown_working_days_are_said_by_the_tick(
    empty: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no opening day can be determined, nothing is said in advance."""

    def unknown(day: date) -> bool:
        raise Refused("calendar_unknown", year=day.year)

    empty.at("2026-11-03 09:00")
    empty.done("init", "--first-month", "2026-08")
    rolled = {"policy": "district", "spot_check": {"roll": "next_working_day"}}
    empty.done("policy", "publish", empty.file(rolled, ".yaml"))
    monkeypatch.setattr("tracker.cli.going_live.is_working_day", unknown)
    tools = open_app(load_settings())
    assert describe_start(tools, scheduled=True) == ""
    tools.engine.dispose()
