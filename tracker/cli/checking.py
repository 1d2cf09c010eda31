"""check: settings, database, evidence, backups, clock, district and calendar, each in a line."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from sqlalchemy.exc import DBAPIError

from events.periods import parse_instant
from events.refusals.errors import Refused
from projections.catalog import stale_streams
from projections.documents.in_force import district
from tracker.cli.going_live import COMMAND, SET_UP
from tracker.cli.session import EXIT_FAULTS, current_session, local_clock
from tracker.storage.backup import FAULTS, list_backups
from tracker.storage.database import read_schema, sqlite_file
from tracker.storage.evidence import count_stored
from tracker.storage.evidence_checks import folder_problem
from tracker.storage.versions import newest_schema

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.app import App
    from tracker.cli.session import Session


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One part of the service: its name, whether it is in order, and a sentence about it.

    ``warning`` says that it is in order now and will not be without somebody's doing.
    """

    part: str
    ok: bool
    text: str
    warning: bool = False


CLOCK_SECONDS = 300
"""How far the clock may be behind the newest event."""
LEAST_FREE = 1 << 30
"""Bytes that should be free for evidence files; with less, the check warns."""
OLDEST_BACKUP = timedelta(days=7)
"""How old the newest backup may be before the check warns."""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(check)


def check(context: typer.Context) -> None:
    """Check settings, database, files, backups, clock, calendar."""
    session = current_session(context)
    lines = check_service(session)
    answer = {"ok": all(line.ok for line in lines), "checks": [asdict(line) for line in lines]}

    def show(console: Console) -> None:
        for line in lines:
            state = "warn " if line.warning else "good " if line.ok else "FAULT"
            console.print(escape(f"{state} {line.part}: {line.text}"), soft_wrap=True)

    session.answer(answer, show)
    if not answer["ok"]:
        raise typer.Exit(EXIT_FAULTS)


def check_service(session: Session) -> list[CheckLine]:
    """Return the lines of the check; without a usable database, those before it and its fault."""
    try:
        settings = session.settings()
    except Refused as refused:
        return [CheckLine("settings", ok=False, text=str(refused))]
    lines = [
        CheckLine(
            "settings",
            ok=True,
            text=f"evidence in {settings.evidence_folder.absolute()},"
            f" backups in {settings.backup_folder.absolute()}",
        )
    ]
    try:
        tools = session.app()
        return [
            *lines,
            _check_database(tools),
            _check_evidence(tools),
            _check_backups(tools),
            _check_clock(tools),
            _check_district(tools),
            *_check_calendar(tools),
        ]
    except Refused as refused:
        return [*lines, CheckLine("database", ok=False, text=str(refused))]
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        return [*lines, CheckLine("database", ok=False, text=f"cannot be used: {reason}")]


def _check_database(tools: App) -> CheckLine:
    """Whether the tables are of this program, and no read model waits for a rebuild."""
    with tools.store.read() as reader:
        stale = len(stale_streams(reader))
    schema = read_schema(tools.engine)
    name = tools.engine.url.render_as_string()
    if schema != newest_schema():
        known = newest_schema()
        text = f"{name} has tables {schema}, the program knows {known}; run: tracker init"
        return CheckLine("database", ok=False, text=text)
    if stale:
        text = f"{name}: {stale} streams wait for a rebuild; run: tracker rebuild"
        return CheckLine("database", ok=False, text=text)
    return CheckLine("database", ok=True, text=f"{name}, tables {schema}")


def _check_evidence(tools: App) -> CheckLine:
    """Whether the folder is there and takes files; ``audit verify`` compares the files."""
    folder = tools.settings.evidence_folder
    with tools.store.read() as reader:
        problem = folder_problem(reader, folder)
        count, _ = count_stored(reader)
    if problem is not None:
        return CheckLine("evidence", ok=False, text=str(problem))
    text = f"{count} files registered in {folder.absolute()}"
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    text += f", {free / LEAST_FREE:.1f} GB free"
    return CheckLine("evidence", ok=True, text=text, warning=free < LEAST_FREE)


def _check_backups(tools: App) -> CheckLine:
    """Whether the newest backup was verified and is recent; PostgreSQL has its own tool."""
    if sqlite_file(tools.settings.database_url) is None:
        return CheckLine("backups", ok=True, text="made by pg_dump, not checked here")
    folder = tools.settings.backup_folder
    copies = list_backups(folder)
    if not copies:
        text = f"none in {folder.absolute()}; run: tracker backup"
        return CheckLine("backups", ok=True, text=text, warning=True)
    newest = copies[0]
    text = f"newest {newest.backup.name}"
    if newest.check is not None and not newest.check.ok:
        faults = ", ".join(str(FAULTS[fault]) for fault in newest.check.faults)
        return CheckLine("backups", ok=False, text=f"{text}: {faults}; run: tracker backup")
    age = tools.store.clock() - parse_instant(newest.backup.made_at)
    return CheckLine(
        "backups", ok=True, text=f"{text}, {age.days} days old", warning=age > OLDEST_BACKUP
    )


def _check_clock(tools: App) -> CheckLine:
    """Whether the clock is not behind the newest event."""
    now = tools.store.clock()
    with tools.store.read() as reader:
        newest = reader.newest_instant()
        clock = local_clock(reader)
    text = f"{clock.show_seconds(now)} ({clock.name('en')})"
    if newest is not None:
        shown = clock.show_seconds(newest)
        behind = (parse_instant(newest) - now).total_seconds()
        if behind > CLOCK_SECONDS:
            text += f": behind the newest event of {shown}; set the clock right"
            return CheckLine("clock", ok=False, text=text)
    return CheckLine("clock", ok=True, text=text)


def _check_calendar(tools: App) -> list[CheckLine]:
    """Warn of a year whose working days the next openings need; nothing if all are known."""
    return [
        CheckLine("calendar", ok=True, text=str(problem.message), warning=True)
        for problem in tools.runner().check_calendar()
    ]


def _check_district(tools: App) -> CheckLine:
    """From when on the district is live; being set up is no fault."""
    with tools.store.read() as reader:
        facts = district(reader)
    text = f"live from {facts.first_month}" if facts.live else f"{SET_UP} {COMMAND}"
    return CheckLine("district", ok=True, text=text)
