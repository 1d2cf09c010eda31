"""backup: a consistent copy of the database with its manifest, and the check of one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.session import EXIT_FAULTS, session
from tracker.storage import backup as backups
from tracker.storage.backup import FAULTS

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.storage.backup import Check, StoredBackup

MEGABYTE = 1 << 20


def add_to(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command()(backup)


def backup(
    context: typer.Context,
    check: Annotated[
        str | None, typer.Option(metavar="NAME", help="Check a copy that is there.")
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="The copies that are there.")] = False,
) -> None:
    """Copy the database while it is at work (SQLite), with a manifest, and check the copy."""
    here = session(context)
    tools = here.app()
    folder, now = tools.settings.backup_folder, tools.store.clock()
    if list_them:
        kept = backups.listed(folder)
        here.answer([_said(one) for one in kept], lambda console: _table(console, kept))
        return
    if check is not None:
        found = backups.check(folder, check, now)
        here.answer(_checked(found), lambda console: _tell(console, check, found))
    else:
        made = backups.make(tools.settings.database_url, folder, tools.settings.actor, now)
        assert made.check is not None
        found = made.check
        here.answer(_said(made), lambda console: _made(console, made))
    if not found.ok:
        raise typer.Exit(EXIT_FAULTS)


def _checked(found: Check) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "checked_at": found.checked_at,
        "faults": [FAULTS[one][1] for one in found.faults],
    }


def _said(one: StoredBackup) -> dict[str, Any]:
    return asdict(one.backup) | {"check": None if one.check is None else _checked(one.check)}


def _made(console: Console, made: StoredBackup) -> None:
    one = made.backup
    console.print(f"{one.name}: {one.events} events, {one.size / MEGABYTE:.1f} MB, root {one.root}")
    assert made.check is not None
    _tell(console, one.name, made.check)


def _tell(console: Console, name: str, found: Check) -> None:
    for one in found.faults:
        console.print(f"{name}: {FAULTS[one][1]}")
    if found.ok:
        console.print(f"{name}: opens, and is what its manifest says")


def _table(console: Console, kept: list[StoredBackup]) -> None:
    for one in kept:
        state = "not checked" if one.check is None else "good" if one.check.ok else "FAULTY"
        console.print(f"{one.backup.name}  {one.backup.events} events  {state}")
