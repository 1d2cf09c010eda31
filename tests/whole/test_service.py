"""The real service as processes: APScheduler carries whole cycles, in pairs, after an outage."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tracker.app
from tracker.cli.main import run

ROOT = Path(__file__).parents[2]
DAY = 86_400
LINES: list[dict[str, Any]] = [
    {"kind": "organization", "code": "99", "name": "县委", "category": "county"},
    *(
        {"kind": "organization", "code": f"99-{n:02}", "name": f"社区{n}", "category": "community",
         "parent": "99"}
        for n in range(1, 13)
    ),
    *(
        {"kind": "inspector", "id": f"p-{n}", "organization": "99-01", "team": "检查组",
         "categories": ["community"]}
        for n in range(4)
    ),
]  # fmt: skip


class Service:
    """One database, with commands that run by an adjustable clock."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.set("2026-09-20T08:00:00+00:00", 1.0)

    def set(self, start: str, factor: float) -> None:
        """Set the clock to ``start`` and let it run ``factor`` times as fast."""
        self.start, self.factor, self.began = start, factor, time.time()  # noqa: TID251

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a process under this clock."""
        launcher = [sys.executable, "-P", str(ROOT / "tests" / "support" / "launcher.py")]
        return [*launcher, self.start, str(self.factor), str(self.began), *arguments]

    def now(self) -> datetime:
        """Return the time of the clock, as the launcher of the processes reads it."""
        passed = (time.time() - self.began) * self.factor  # noqa: TID251
        return datetime.fromisoformat(self.start) + timedelta(seconds=passed)

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment of every process and command."""
        return {"TRACKER_DATABASE_URL": self.url, "TRACKER_WORKERS": "1"}

    def ask(self, *arguments: str) -> Any:
        """Return the JSON answer of a command run in this process by the same clock."""
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
            patch.chdir(self.folder)
            for name, value in self.settings.items():
                patch.setenv(name, value)
            patch.setattr(tracker.app, "utc_now", self.now)
            patch.setattr(tracker.app, "database_now", lambda _reader: None)
            status = run(["--json", *arguments])
        said.flush()
        answer = said.buffer.getvalue()
        assert status == 0, answer
        return json.loads(answer)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of a type in reading order."""
        events: list[dict[str, Any]] = self.ask("audit", "log", "--type", kind)
        return events

    @contextmanager
    def running(self, count: int = 1) -> Iterator[None]:
        """Run so many schedulers at once; each ends cleanly at the end."""
        processes = [
            subprocess.Popen(
                self.command("scheduler", "run", "--every", "0.1"),
                env=os.environ | self.settings, cwd=self.folder, stderr=subprocess.PIPE,
            )
            for _ in range(count)
        ]  # fmt: skip
        try:
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            said = [process.communicate(timeout=60)[1].decode() for process in processes]
        assert [process.returncode for process in processes] == [0] * count, said
        assert not any("Traceback" in one for one in said), said

    def until_closed(self, months: list[str]) -> None:
        """Wait until the cycles of the months are closed."""
        end = time.monotonic() + 100
        while time.monotonic() < end:
            time.sleep(2)
            if [one["data"]["period"] for one in self.log("CycleClosed")] == months:
                return
        raise AssertionError(f"not closed in time: {self.log('CycleClosed')}")


@pytest.fixture
def service(empty_database_url: str, tmp_path: Path) -> Service:
    """Create a district of twelve communities whose first month is June."""
    service = Service(empty_database_url, tmp_path)
    service.ask("init", "--first-month", "2026-06")
    service.ask("scheme", "publish", "community-2011", "--from", "2026-01")
    file = tmp_path / "lines.jsonl"
    lines = [
        line | ({"registered_on": "2026-01-01"} if line["kind"] == "organization" else {})
        for line in LINES
    ]
    file.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    service.ask("import", str(file))
    return service


def days_between(first: str, last: str) -> int:
    """Return the days from one date to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def test_apscheduler_carries_a_whole_cycle(service: Service) -> None:
    """One scheduler opens, draws, assigns, reminds and closes a month on the right days."""
    service.ask("spot-check", "open", "2026-08")
    service.ask("spot-check", "draw", "2026-08")
    service.ask("spot-check", "close", "2026-08", "--uninspected", "起步月份")
    # The clock runs while the process starts: a week of it leaves a busy machine the time.
    service.set("2026-09-23T10:00:00+00:00", DAY)
    with service.running():
        service.until_closed(["2026-08", "2026-09"])
    cycle = service.ask("spot-check", "show", "2026-09")
    assert cycle["opened_on"] == "2026-10-01"
    # A machine that is too busy to draw on the day closes as many days later.
    assert cycle["draws_on"] >= "2026-10-06"
    assert days_between(cycle["draws_on"], cycle["closes_on"]) == 4
    assert cycle["sample"]
    assert {one["state"] for one in cycle["assignments"]} == {"missed"}
    steps = ("CycleOpened", "SampleDrawn", "InspectorsReminded", "CycleClosing", "CycleClosed")
    by_step = [service.log(kind)[-1] for kind in steps]
    assert all(one["actor"] == one["channel"] == "scheduler" for one in by_step)
    local_days = [one["recorded_at"] for one in by_step]
    # 00:30 in Shanghai is 16:30 UTC of the day before.
    for moment, due in zip(
        local_days,
        ("2026-09-30T16:30", "2026-10-05T16:30", "2026-10-07T16:30", "2026-10-10T16:30"),
        strict=False,
    ):
        assert moment >= due
    assert service.ask("audit", "verify")["ok"]
    assert len(service.log("ScorePosted")) == 2 * 12


def test_two_services_after_three_months_of_outage(service: Service) -> None:
    """Two schedulers do every due step once, in order; cycles keep their length."""
    service.set("2026-09-20T10:00:00+00:00", DAY)
    with service.running(2):
        service.until_closed(["2026-06", "2026-07", "2026-08"])
    for kind in (
        "CycleOpened",
        "SampleDrawn",
        "InspectionsAssigned",
        "CycleClosing",
        "CycleClosed",
    ):
        periods = [one["data"]["period"] for one in service.log(kind)][:3]
        assert periods == ["2026-06", "2026-07", "2026-08"], kind
    for opened in service.log("CycleOpened")[:3]:
        data = opened["data"]
        assert days_between(data["opened_on"], data["draws_on"]) == 5
        assert days_between(data["opened_on"], data["closes_on"]) == 9
    for kind in ("OrganizationExcluded", "InspectionMissed", "InspectionNotHeld", "ScorePosted"):
        seen = [(one["stream"], one["data"]["period"]) for one in service.log(kind)]
        assert len(seen) == len(set(seen)), kind
    assert service.ask("audit", "verify")["ok"]
    for period in ("2026-06", "2026-07", "2026-08"):
        assert service.ask("spot-check", "verify-draw", period)["ok"]
