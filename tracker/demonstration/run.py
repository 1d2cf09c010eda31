"""The demonstration: a whole district with twelve closed months, by the CLI's own commands alone.

The lines are generated, everything else is what a department would do: initialize, publish, import,
then each month opened, drawn, inspected and closed in order.
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
from tracker.demonstration.sheets import sheet
from tracker.documents.sources import built_in
from tracker.storage.database import sqlite_file

MONTHS = 12
SEED = 2026
ACTOR = "demo:department"
RECTIFICATION_DAYS = 15
SCHEMES = ("community-2011", "branch-basics")
LOOK_AT = "990100-001-001"
"""The organization that the demonstration points to."""
MISSED_MONTH = 3
"""The month of the demonstration whose first assignment nobody inspects."""

Command = Callable[[list[str]], int]


class Demo:
    """Runs commands as a person would, and says what it does."""

    def __init__(self, run: Command, console: Console) -> None:
        """``run`` is the entry of the command line."""
        self._run = run
        self.console = console
        self.commands = 0

    def __call__(self, *arguments: str, said: bool = True) -> Any:
        """The JSON answer of one command; a refusal of the demonstration's own is a bug."""
        self.commands += 1
        if said:
            shown = " ".join(arguments if len(arguments) < 9 else (*arguments[:3], "…"))
            self.console.print(f"$ tracker {shown}", style="dim", markup=False, soft_wrap=True)
        caught = io.BytesIO()
        answer = io.TextIOWrapper(caught, write_through=True)
        with contextlib.redirect_stdout(answer):
            status = self._run(["--json", "--actor", ACTOR, *arguments])
        if status:
            message = f"tracker {' '.join(arguments[:4])} answered {status}"
            raise RuntimeError(message)
        document = orjson.loads(caught.getvalue())
        answer.close()
        return document


def last_closed_months(today: date) -> list[Period]:
    """The twelve months up to the newest one whose calendar closing has passed."""
    newest = month_of(today).previous()
    while today < calendar_dates(str(newest), DistrictPolicy()).closing_runs_on:
        newest = newest.previous()
    return [Period(newest.first - back, 1) for back in reversed(range(MONTHS))]


def running_months(closed: list[Period], today: date) -> list[Period]:
    """The months after the closed ones, the one of today last: their records so far are there."""
    found = [closed[-1].next()]
    while found[-1] != month_of(today):
        found.append(found[-1].next())
    return found


def run_demo(database_url: str, run: Command, today: date, console: Console) -> dict[str, Any]:
    """Fill a fresh database and say where to look; the figures that were told.

    ``Refused`` where the database is not fresh.
    """
    file = sqlite_file(database_url)
    if file is not None and file.exists():
        raise Refused("not_fresh", file=str(file))
    begun = perf_counter()
    tell = Demo(run, console)
    months = last_closed_months(today)
    schemes = _schemes()
    console.print(f"A district of invented places, {months[0]} to {months[-1]} and until today.")
    tell("init", "--first-month", str(months[0]))
    for name in SCHEMES:
        tell("scheme", "publish", name, "--from", f"{months[0].year}-01")
    with _folder() as folder:
        known = [*months, *running_months(months, today)]
        paths = write_files(folder, known, schemes, today=today, seed=SEED)
        lines = sum(
            tell("import", str(path), "--historical", "--reason", "历史台账补录")["lines"]
            for path in paths
        )
        sheets = sum(
            _month(tell, month, schemes, folder, today, miss_first=number == MISSED_MONTH)
            for number, month in enumerate(months, start=1)
        )
    found = {
        "months": len(months),
        "lines": lines,
        "sheets": sheets,
        "commands": tell.commands,
        "seconds": round(perf_counter() - begun, 1),
    }
    _look(console, database_url, months[-1], found)
    return found


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tracker-demo-") as name:
        yield Path(name)


def _schemes() -> dict[str, Scheme]:
    """The two built-in schemes by the categories that they govern."""
    shipped = built_in()
    found = [from_document(load_document(shipped[name], name)) for name in SCHEMES]
    return {category: scheme for scheme in found for category in scheme.categories}


def _month(
    tell: Demo,
    month: Period,
    schemes: dict[str, Scheme],
    folder: Path,
    today: date,
    *,
    miss_first: bool,
) -> int:
    """One month by hand: opened, drawn, inspected, closed; the number of sheets."""
    text = str(month)
    tell("spot-check", "open", text)
    drawn = tell("spot-check", "draw", text)
    by_code = {one["organization"]: one for one in tell("compliance", "--period", text)}
    by_name = {scheme.scheme: scheme for scheme in schemes.values()}
    files: list[str] = []
    for one in drawn["assignments"][1 if miss_first else 0 :]:
        figure = by_code[one["organization"]]
        document = sheet(
            month,
            one["organization"],
            one["inspectors"],
            figure["criteria"],
            by_name[figure["scheme"]],
            due=today + timedelta(days=RECTIFICATION_DAYS),
            seed=SEED,
        )
        path = folder / f"sheet-{text}-{one['organization']}.json"
        path.write_bytes(orjson.dumps(document))
        files.append(str(path))
    tell("spot-check", "score", *files)
    closed = tell("spot-check", "close", text)
    states = [one["state"] for one in closed["assignments"]]
    tell.console.print(
        f"  {text}: {len(drawn['sample'])} drawn, {states.count('scored')} inspected,"
        f" {states.count('missed')} missed; closed"
    )
    return len(files)


def _look(console: Console, database_url: str, month: Period, found: dict[str, Any]) -> None:
    """What happened and where to look."""
    url = make_url(database_url)
    file = sqlite_file(database_url)
    where = f"sqlite:///{file.absolute()}" if file else url.render_as_string()
    program = Path(sys.argv[0])
    shown = program.absolute() if program.name == "tracker" else "tracker"
    console.print(
        f"\n{found['lines']} lines imported, {found['sheets']} sheets taken in,"
        f" {found['months']} months closed by {found['commands']} commands"
        f" in {found['seconds']} s. Have a look:\n"
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
