"""backup and restore: copies of database and evidence, verified, and their way back."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from events.refusals.errors import Refused
from tracker import app as composition
from tracker.cli.session import EXIT_FAULTS, current_session
from tracker.storage import backup as backups
from tracker.storage.backup import FAULTS
from tracker.storage.restore import RestorePlan, carry_out, plan_restore

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from tracker.storage.backup import BackupCheck, StoredBackup

MEGABYTE = 1 << 20


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backup)
    app.command()(restore)


def backup(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="With --check: the copy to verify.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Verify an existing copy (default: the newest one)."),
    ] = False,
    list_copies: Annotated[bool, typer.Option("--list", help="List the existing copies.")] = False,
) -> None:
    """Back up database and evidence, and verify the copy.

    The database may be in use. PostgreSQL needs its programs pg_dump and pg_restore on the PATH.
    """
    if name is not None and not check:
        raise typer.BadParameter("a name is given only with --check", param_hint="NAME")
    session = current_session(context)
    tools = session.app()
    folder, now = tools.settings.backup_folder, tools.store.clock()
    if list_copies:
        copies = backups.list_backups(folder)
        session.answer(
            [_backup_json(copy) for copy in copies], lambda console: _show_copies(console, copies)
        )
        return
    if check:
        checked = name or _newest(folder)
        result = backups.check_backup(folder, checked, now)
        session.answer(_check_json(result), lambda console: _show_check(console, checked, result))
    else:
        settings = tools.settings
        made = backups.make_backup(
            settings.database_url, settings.evidence_folder, folder, settings.actor, now
        )
        assert made.check is not None
        result = made.check
        session.answer(_backup_json(made), lambda console: _show_copy(console, made))
    if not result.ok:
        raise typer.Exit(EXIT_FAULTS)


def _newest(folder: Path) -> str:
    """Return the name of the newest backup; ``Refused`` where there is none."""
    copies = backups.list_backups(folder)
    if not copies:
        raise Refused("no_backup")
    return copies[0].backup.name


def restore(
    context: typer.Context,
    named: Annotated[
        str, typer.Argument(metavar="BACKUP", help="Name of a backup, or the path of its file.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before a step that cannot be undone.")
    ] = False,
) -> None:
    """Restore database and evidence from a backup.

    Stop the service first. The earlier database is renamed, never overwritten. PostgreSQL needs its
    program pg_restore on the PATH, and a user who may create databases.
    """
    session = current_session(context)
    settings = session.settings()
    plan = plan_restore(settings.database_url, settings.backup_folder, named)
    _confirm(plan, yes=yes)
    done = carry_out(plan, settings.evidence_folder, composition.utc_now())
    answer = {
        "changed": True,
        "backup": plan.backup.name,
        "database": plan.database,
        "events": plan.backup.events,
        "kept": list(done.kept),
        "evidence": done.evidence.counts(),
    }

    def show(console: Console) -> None:
        console.print(f"restored {plan.backup.name}: {plan.backup.events} events")
        for kept in done.kept:
            console.print(f"kept the earlier {kept}", soft_wrap=True)
        for lost in (*done.evidence.missing, *done.evidence.altered):
            console.print(f"evidence file {lost} is in the backup neither whole nor at all")
        console.print("next: tracker init (newer tables, if any), tracker audit verify")

    session.answer(answer, show)
    if not done.evidence.ok:
        raise typer.Exit(EXIT_FAULTS)


def _confirm(plan: RestorePlan, *, yes: bool) -> None:
    """Ask on a terminal; elsewhere refuse without ``--yes``."""
    if yes:
        return
    backup = plan.backup
    if not sys.stdin.isatty():
        raise Refused(
            "restore_unconfirmed", name=backup.name, events=backup.events, file=plan.database
        )
    if not plan.exists:
        present = "there is no database yet"
    elif plan.events is None:
        present = "the present database cannot be read; it is kept under another name"
    else:
        present = f"the present database has {plan.events} events; it is kept under another name"
    typer.confirm(
        f"{backup.name} of {backup.made_at} has {backup.events} events and"
        f" {backup.evidence_files} evidence files; {present}. Restore it as {plan.database}?",
        abort=True,
        err=True,
    )


def _check_json(result: BackupCheck) -> dict[str, Any]:
    return {
        "ok": result.ok,
        "checked_at": result.checked_at,
        "faults": [str(FAULTS[fault]) for fault in result.faults],
        "missing": result.missing,
        "altered": result.altered,
        "stored": result.stored,
    }


def _backup_json(copy: StoredBackup) -> dict[str, Any]:
    return asdict(copy.backup) | {"check": None if copy.check is None else _check_json(copy.check)}


def _show_copy(console: Console, copy: StoredBackup) -> None:
    made = copy.backup
    console.print(
        f"{made.name}: {made.events} events, {made.size / MEGABYTE:.1f} MB,"
        f" {made.evidence_files} evidence files, root {made.root}"
    )
    assert copy.check is not None
    _show_check(console, made.name, copy.check)


def _show_check(console: Console, name: str, result: BackupCheck) -> None:
    for fault in result.faults:
        console.print(f"{name}: {FAULTS[fault]}")
    if result.missing or result.altered:
        console.print(f"{name}: {result.missing} evidence files missing, {result.altered} altered")
    if result.ok:
        console.print(f"{name}: opens and matches its manifest")
    if not result.stored:
        console.print(f"{name}: the result of the check could not be stored next to it")


def _show_copies(console: Console, copies: list[StoredBackup]) -> None:
    for copy in copies:
        state = "not checked" if copy.check is None else "good" if copy.check.ok else "FAULTY"
        console.print(f"{copy.backup.name}  {copy.backup.events} events  {state}")
