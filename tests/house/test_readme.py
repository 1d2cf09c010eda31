"""The commands of README on the demonstration district, as a new user would run them."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from events.periods import local_date, parse_month
from tracker.demonstration.clock import ZONE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TRACKER = Path(sys.executable).parent / "tracker"
CODE = "990100-001-001"
Run = Callable[..., Any]

pytestmark = pytest.mark.xdist_group("readme")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration's database."""
    place = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [TRACKER, "demo", "--no-serve"],
        cwd=place,
        env=os.environ | {"TRACKER_DATABASE_URL": "sqlite:///tracker.db"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    (place / "said.txt").write_text(done.stdout, encoding="utf-8")
    return place


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs one command line of tracker in the demonstration's folder."""

    def command(line: str, *, status: int = 0) -> Any:
        done = subprocess.run(
            [TRACKER, *shlex.split(line)],
            cwd=folder,
            env=os.environ | {"TRACKER_DATABASE_URL": "sqlite:///tracker.db"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if "--json" in line else done.stdout

    return command


def months(run: Run) -> list[str]:
    """The closed months of the demonstration."""
    closed = run("audit log --type CycleClosed --json")
    return [event["data"]["period"] for event in closed]


def test_twelve_months_are_closed_in_order(run: Run) -> None:
    """Every month was opened, drawn, reminded and closed by the process, on its days."""
    closed = months(run)
    opened = [event["data"]["period"] for event in run("audit log --type CycleOpened --json")]
    assert len(closed) == 12
    assert closed == opened[:-1] == sorted(closed)
    for kind, day in (("CycleOpened", 1), ("SampleDrawn", 6), ("InspectorsReminded", 8),
                      ("CycleClosed", 11)):  # fmt: skip
        events = run(f"audit log --type {kind} --json")
        assert len(events) >= 12
        assert {event["actor"] for event in events} == {"scheduler"}
        days = [local_date(datetime.fromisoformat(event["recorded_at"]), ZONE) for event in events]
        assert {recorded.day for recorded in days} == {day}


def test_inspections_are_held_and_one_was_missed(run: Run) -> None:
    """Of the closed months one inspection was missed; half of the running month's are open."""
    states = Counter(
        row["state"]
        for month in months(run)
        for row in run(f"spot-check show {month} --json")["assignments"]
    )
    assert states.keys() == {"scored", "missed"}
    assert states["missed"] == 1
    running = run(f"spot-check show {parse_month(months(run)[-1]).next()} --json")
    assert running["state"] == "drawn"
    left = Counter(row["state"] for row in running["assignments"])
    assert left.keys() == {"scored", "open"}
    assert abs(left["scored"] - left["open"]) <= 1


def test_the_clock_of_the_demonstration_goes_on(run: Run) -> None:
    """The first event set it; it shows the days of the inspections, and everything was before."""
    first, *others = run("audit log --type DemonstrationClockSet --json")
    assert others == []
    shown = first["data"]["shown"]
    newest = run("audit log --type InspectorsReminded --json")[-1]["recorded_at"]
    (clock,) = [row for row in run("check --json")["checks"] if row["part"] == "clock"]
    now = datetime.fromisoformat(clock["text"].partition(" (")[0]).replace(tzinfo=ZONE)
    assert first["recorded_at"] < newest < shown
    assert datetime.fromisoformat(shown) <= now + timedelta(seconds=1)
    assert local_date(datetime.fromisoformat(shown), ZONE).day == 8


def test_it_has_something_of_everything(run: Run) -> None:
    """Replies, an adjustment, a loan of a role, and a different file for each piece of evidence."""
    replies = run("audit log --type RectificationReplied --limit 1000 --json")
    assert len(replies) > 200
    assert any(reply["data"].get("evidence") for reply in replies)
    (adjusted,) = run("audit log --type ScoreAdjusted --json")
    assert adjusted["data"]["old"] < adjusted["data"]["new"]
    lent = run("audit log --type RoleGranted --limit 1000 --json")
    assert [grant["data"]["until_on"] for grant in lent if grant["data"].get("delegated_by")]
    records = run(f"audit log --type ActivityRecorded --organization {CODE} --limit 1000 --json")
    pieces = [piece for record in records for piece in record["data"].get("evidence") or ()]
    assert len({piece["file"] for piece in pieces}) == len(pieces) > 100


def test_records_have_the_days_on_which_they_were_made(run: Run) -> None:
    """Records are recorded on the day they happened or within weeks of it, never before."""
    records = run(f"audit log --type ActivityRecorded --organization {CODE} --limit 1000 --json")
    ages = [
        (
            local_date(datetime.fromisoformat(record["recorded_at"]), ZONE)
            - date.fromisoformat(record["occurred_on"])
        ).days
        for record in records
    ]
    assert min(ages) >= 0
    assert max(ages) < 60
    assert mean(ages) < 5


def test_every_draw_repeats(run: Run) -> None:
    """Every month's draw follows from the events alone."""
    assert all(run(f"spot-check verify-draw {month} --json")["ok"] for month in months(run))


def test_the_log_is_whole(run: Run) -> None:
    """The log of the demonstration verifies, its read models too."""
    result = run("audit verify --json")
    assert result["ok"], result["faults"][:3]
    assert result["seals"] >= 12


def test_the_flaws_of_real_life_are_there(run: Run) -> None:
    """Records were corrected and retracted, an organization moved, one closed, one merged."""
    for kind in (
        "ActivityCorrected",
        "ActivityRetracted",
        "OrganizationMoved",
        "OrganizationClosed",
        "OrganizationMerged",
        "RectificationOrdered",
    ):
        assert run(f"audit log --type {kind} --limit 1 --json"), kind


def test_the_commands_that_it_prints_run(run: Run, folder: Path) -> None:
    """Every command that the demonstration points to answers."""
    said = (folder / "said.txt").read_text(encoding="utf-8")
    pointed = re.findall(r"^  \S*tracker (.+)$", said, re.MULTILINE)
    assert len(pointed) >= 5
    for line in pointed:
        assert run(line)


def test_the_commands_of_readme_run(run: Run) -> None:
    """Every command of README's table that reads answers on the demonstration."""
    newest = months(run)[-1]
    commands = set(re.findall(r"`tracker ([^`]+)`", README))
    reading = [
        line.replace("CODE", CODE).replace("2026-09", newest)
        for line in sorted(commands)
        if line.split()[0] in {"todo", "compliance", "file", "audit"} or "verify-draw" in line
    ]
    assert len(reading) >= 6
    for line in reading:
        assert run(line), line


def test_a_second_demonstration_is_refused(run: Run) -> None:
    """The demonstration never writes into a database that is there."""
    run("demo --no-serve", status=1)


def test_the_road_of_a_new_district(tmp_path: Path) -> None:
    """The commands that set a district up run one after the other, and nothing opens on the way."""
    (row,) = (line for line in README.splitlines() if line.startswith("| set up a district |"))
    commands = re.findall(r"`tracker ([^`]+)`", row)
    assert commands[0] == "init --setup"
    assert commands[-1].startswith("go-live --from ")
    line = {"kind": "organization", "code": "1", "name": "社区", "category": "community",
            "registered_on": "2026-01-01", "recorded_on": "2026-01-01"}  # fmt: skip
    (tmp_path / "lines.jsonl").write_text(json.dumps(line), encoding="utf-8")

    def tracker(line: str) -> str:
        done = subprocess.run(
            [TRACKER, *shlex.split(line)],
            cwd=tmp_path,
            env=os.environ | {"TRACKER_DATABASE_URL": "sqlite:///tracker.db"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    for command in commands[:-1]:
        tracker(command.replace("FILE", "lines.jsonl"))
    assert json.loads(tracker("scheduler tick --json"))["steps"] == []
    tracker(f"{commands[-1]} --yes")
    assert json.loads(tracker("scheduler tick --json"))["steps"]
