"""The demonstration: a district with twelve closed months, made by commands of the CLI alone.

Only the imported lines are generated; everything else is what a department does: initialize,
publish, import, then open, draw, inspect and close each month in order.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from rich.console import Console
from sqlalchemy.engine import make_url

from events.documents.policies import DistrictPolicy
from events.documents.schemes import Scheme
from events.documents.serialization import from_document, load_document
from events.periods import Period, month_of
from events.refusals.errors import Refused
from scheduler.spot_check import calendar_dates
from tracker.demonstration.district import write_files
from tracker.demonstration.sheets import make_sheet
from tracker.documents.sources import built_in_schemes
from tracker.storage.database import sqlite_file

MONTHS = 12
SEED = 2026
ACTOR = "demo:department"
RECTIFICATION_DAYS = 15
SCHEMES = ("community-2011", "branch-basics")
LOOK_AT = "990100-001-001"
"""The organization of the example commands at the end."""
MISSED_MONTH = 3
"""The month (counted from 1) whose first assignment gets no sheet."""

Command = Callable[[list[str]], int]


class CommandRunner:
    """Runs commands of the CLI, prints each, and counts them."""

    def __init__(self, run: Command, console: Console) -> None:
        """Take ``run``, the entry point of the command line."""
        self._run = run
        self.console = console
        self.commands = 0

    def __call__(self, *arguments: str) -> Any:
        """Return the JSON answer of a command; raise ``RuntimeError`` if it fails (a bug)."""
        self.commands += 1
        shown = " ".join(arguments if len(arguments) < 9 else (*arguments[:3], "…"))
        self.console.print(f"$ tracker {shown}", style="dim", markup=False, soft_wrap=True)
        output = io.BytesIO()
        stdout = io.TextIOWrapper(output, write_through=True)
        with contextlib.redirect_stdout(stdout):
            status = self._run(["--json", "--actor", ACTOR, *arguments])
        if status:
            message = f"tracker {' '.join(arguments[:4])} ended with status {status}"
            raise RuntimeError(message)
        document = orjson.loads(output.getvalue())
        stdout.close()
        return document


def last_closed_months(today: date) -> list[Period]:
    """Return the twelve months up to the newest one whose closing day has passed."""
    newest = month_of(today).previous()
    while today < calendar_dates(str(newest), DistrictPolicy()).closing_runs_on:
        newest = newest.previous()
    return [Period(newest.first - back, 1) for back in reversed(range(MONTHS))]


def running_months(closed: list[Period], today: date) -> list[Period]:
    """Return the months after the closed ones, up to the current month."""
    months = [closed[-1].next()]
    while months[-1] != month_of(today):
        months.append(months[-1].next())
    return months


def run_demo(database_url: str, run: Command, today: date, console: Console) -> dict[str, Any]:
    """Fill a new database and print example commands; return the figures of the summary.

    Raise ``Refused`` if the database exists already.
    """
    file = sqlite_file(database_url)
    if file is not None and file.exists():
        raise Refused("not_fresh", file=str(file))
    begun = perf_counter()
    tracker = CommandRunner(run, console)
    months = last_closed_months(today)
    schemes = _load_schemes()
    console.print(f"An invented district, {months[0]} to {months[-1]} and until today.")
    tracker("init", "--first-month", str(months[0]))
    for name in SCHEMES:
        tracker("scheme", "publish", name, "--from", f"{months[0].year}-01")
    with _temporary_folder() as folder:
        all_months = [*months, *running_months(months, today)]
        paths = write_files(folder, all_months, schemes, today=today, seed=SEED)
        lines = sum(
            tracker("import", str(path), "--historical", "--reason", "历史台账补录")["lines"]
            for path in paths
        )
        sheets = sum(
            _run_month(tracker, month, schemes, folder, today, miss_first=number == MISSED_MONTH)
            for number, month in enumerate(months, start=1)
        )
    summary = {
        "months": len(months),
        "lines": lines,
        "sheets": sheets,
        "commands": tracker.commands,
        "seconds": round(perf_counter() - begun, 1),
    }
    _print_summary(console, database_url, months[-1], summary)
    return summary


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tracker-demo-") as name:
        yield Path(name)


def _load_schemes() -> dict[str, Scheme]:
    """Return the two built-in schemes by the categories that they cover."""
    shipped = built_in_schemes()
    schemes = [from_document(load_document(shipped[name], name)) for name in SCHEMES]
    return {category: scheme for scheme in schemes for category in scheme.categories}


def _run_month(
    tracker: CommandRunner,
    month: Period,
    schemes: dict[str, Scheme],
    folder: Path,
    today: date,
    *,
    miss_first: bool,
) -> int:
    """Open, draw, inspect and close one month by hand; return the number of sheets."""
    text = str(month)
    tracker("spot-check", "open", text)
    drawn = tracker("spot-check", "draw", text)
    by_code = {row["organization"]: row for row in tracker("compliance", "--period", text)}
    by_name = {scheme.scheme: scheme for scheme in schemes.values()}
    files: list[str] = []
    for assignment in drawn["assignments"][1 if miss_first else 0 :]:
        organization = assignment["organization"]
        figure = by_code[organization]
        document = make_sheet(
            month,
            organization,
            assignment["inspectors"],
            figure["criteria"],
            by_name[figure["scheme"]],
            due=today + timedelta(days=RECTIFICATION_DAYS),
            seed=SEED,
        )
        path = folder / f"sheet-{text}-{organization}.json"
        path.write_bytes(orjson.dumps(document))
        files.append(str(path))
    tracker("spot-check", "score", *files)
    closed = tracker("spot-check", "close", text, "--yes")
    states = [assignment["state"] for assignment in closed["assignments"]]
    tracker.console.print(
        f"  {text}: {len(drawn['sample'])} drawn, {states.count('scored')} inspected,"
        f" {states.count('not_held')} not held; closed"
    )
    return len(files)


def _print_summary(
    console: Console, database_url: str, month: Period, summary: dict[str, Any]
) -> None:
    """Print the figures, and commands that show the district."""
    url = make_url(database_url)
    file = sqlite_file(database_url)
    where = f"sqlite:///{file.absolute()}" if file else url.render_as_string()
    program = Path(sys.argv[0])
    shown = program.absolute() if program.name == "tracker" else "tracker"
    console.print(
        f"\n{summary['lines']} lines imported, {summary['sheets']} sheets submitted,"
        f" {summary['months']} months closed by {summary['commands']} commands"
        f" in {summary['seconds']} s. To explore:\n"
    )
    for line in (
        f"export TRACKER_DATABASE_URL={where}",
        f"{shown} spot-check bulletin {month}",
        f"{shown} rank --period {month} --category community",
        f"{shown} compliance --period {month} --summary",
        f"{shown} file {LOOK_AT}",
        f"{shown} todo {LOOK_AT}",
        f"{shown} spot-check verify-draw {month}",
        f"{shown} audit verify",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
