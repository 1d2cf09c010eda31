"""database: a district moved between SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.exc import DBAPIError

from events.refusals.errors import Refused
from tracker import app as composition
from tracker.cli.session import EXIT_FAULTS, current_session, show_progress
from tracker.logs import configure
from tracker.storage.database import (
    database_name,
    is_busy,
    open_engine,
    reason_of,
    sqlite_file,
    storage_refusal,
)
from tracker.storage.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from sqlalchemy import Engine

    from tracker.settings import Settings
    from tracker.storage.transfer import TransferResult

FAULTS_SHOWN = 20
group = typer.Typer(no_args_is_help=True, help="Move a district to another database.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="database")


@group.callback()
def database() -> None:
    """Move a district to another database."""


@group.command("copy")
def copy(
    context: typer.Context,
    from_: Annotated[
        str, typer.Argument(metavar="FROM", help="Address of the database, as in the settings.")
    ],
    to: Annotated[
        str, typer.Argument(metavar="TO", help="Address of a new file or an empty database.")
    ],
) -> None:
    """Copy a district between SQLite and PostgreSQL, and verify the copy.

    Stop the service first. A copy that was stopped goes on when the command is repeated.
    """
    session = current_session(context)
    settings = session.settings()
    configure(settings)
    with ExitStack() as stack:
        source, target = (
            stack.enter_context(_opened(url, settings, place))
            for place, url in (("FROM", from_), ("TO", to))
        )
        if source.url == target.url:
            raise Refused("copy_itself", name=database_name(source))
        report = stack.enter_context(show_progress())
        reopen = partial(open_engine, to, settings.busy_seconds)
        clock = lambda: composition.utc_now()  # noqa: E731, PLW0108 - swapped in tests
        result = Transfer(source, target, clock, reopen, settings.workers, report).run()
    answer = {
        "changed": result.changed,
        "from": database_name(source),
        "to": database_name(target),
        "tables": result.rows,
        "events": result.events,
        "streams": result.streams,
        "seals": result.seals,
        "faults": _fault_lines(result),
    }
    session.answer(answer, lambda console: _show(console, result, database_name(target)))
    if not result.ok:
        raise typer.Exit(EXIT_FAULTS)


@contextmanager
def _opened(url: str, settings: Settings, place: str) -> Iterator[Engine]:
    """Open a database; ``Refused`` names which of both cannot be reached or used."""
    try:
        engine = open_engine(url, settings.busy_seconds)
        file = sqlite_file(url)
    except Refused as refused:
        raise Refused("copy_bad_address", place=place, problem=refused.message) from None
    if place == "FROM" and file is not None and not file.is_file():
        raise Refused("no_database", file=file.absolute())  # a connection would create it
    try:
        engine.connect().close()
        yield engine
    except DBAPIError as error:
        reason, name = reason_of(error), database_name(engine)
        if is_busy(error):
            raise Refused("copy_unusable.busy", name=name, problem=reason) from error
        if (unusable := storage_refusal(error, name)) is not None:
            raise unusable from error
        raise Refused("copy_unusable", name=name, problem=reason) from error
    finally:
        engine.dispose()


def _fault_lines(result: TransferResult) -> list[str]:
    lines = [f"{stream} version {version}: {fault}" for stream, version, fault in result.faults]
    return lines + [
        f"{stream}: its read models do not match its events" for stream in result.unfolded
    ]


def _show(console: Console, result: TransferResult, target: str) -> None:
    for table, rows in result.rows.items():
        console.print(f"{table}: {rows}", markup=False)
    faults = _fault_lines(result)
    for line in faults[:FAULTS_SHOWN]:
        console.print(line, markup=False, soft_wrap=True)
    state = f"{len(faults)} faults" if faults else "chains, seals and read models verified"
    done = "copied to" if result.changed else "nothing to do, the same as"
    console.print(
        f"{done} {target}: {result.events} events in {result.streams} streams,"
        f" {result.seals} seals, {state}",
        markup=False,
        soft_wrap=True,
    )
    console.print(
        "next: name the new database in TRACKER_DATABASE_URL; evidence files are not in the"
        " database: move their folder, or name it in TRACKER_EVIDENCE_FOLDER"
    )
