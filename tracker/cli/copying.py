"""backup: make, verify and list consistent copies of the database."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.session import EXIT_FAULTS, current_session
from tracker.storage import backup as backups
from tracker.storage.backup import FAULTS

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.storage.backup import BackupCheck, StoredBackup

MEGABYTE = 1 << 20


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(backup)


def backup(
    context: typer.Context,
    check: Annotated[
        str | None, typer.Option(metavar="NAME", help="Verify an existing copy.")
    ] = None,
    list_copies: Annotated[bool, typer.Option("--list", help="List the existing copies.")] = False,
) -> None:
    """Back up the database, and verify the copy.

    The database may be in use (SQLite only; for PostgreSQL use pg_dump).
    """
    session = current_session(context)
    tools = session.app()
    folder, now = tools.settings.backup_folder, tools.store.clock()
    if list_copies:
        copies = backups.list_backups(folder)
        session.answer(
            [_backup_json(copy) for copy in copies], lambda console: _show_copies(console, copies)
        )
        return
    if check is not None:
        result = backups.check_backup(folder, check, now)
        session.answer(_check_json(result), lambda console: _show_check(console, check, result))
    else:
        made = backups.make_backup(tools.settings.database_url, folder, tools.settings.actor, now)
        assert made.check is not None
        result = made.check
        session.answer(_backup_json(made), lambda console: _show_copy(console, made))
    if not result.ok:
        raise typer.Exit(EXIT_FAULTS)


def _check_json(result: BackupCheck) -> dict[str, Any]:
    return {
        "ok": result.ok,
        "checked_at": result.checked_at,
        "faults": [str(FAULTS[fault]) for fault in result.faults],
    }


def _backup_json(copy: StoredBackup) -> dict[str, Any]:
    return asdict(copy.backup) | {"check": None if copy.check is None else _check_json(copy.check)}


def _show_copy(console: Console, copy: StoredBackup) -> None:
    made = copy.backup
    console.print(
        f"{made.name}: {made.events} events, {made.size / MEGABYTE:.1f} MB, root {made.root}"
    )
    assert copy.check is not None
    _show_check(console, made.name, copy.check)


def _show_check(console: Console, name: str, result: BackupCheck) -> None:
    for fault in result.faults:
        console.print(f"{name}: {FAULTS[fault]}")
    if result.ok:
        console.print(f"{name}: opens and matches its manifest")


def _show_copies(console: Console, copies: list[StoredBackup]) -> None:
    for copy in copies:
        state = "not checked" if copy.check is None else "good" if copy.check.ok else "FAULTY"
        console.print(f"{copy.backup.name}  {copy.backup.events} events  {state}")
