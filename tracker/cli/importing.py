"""import: records and lists from files."""

from __future__ import annotations

from functools import partial as partial_function
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from events.log.store import Store
from events.refusals.errors import Refused
from events.values import parse_day
from tracker.cli.session import (
    EXIT_FAULTS,
    EXIT_REFUSED,
    Session,
    current_session,
    escape_controls,
    show_progress,
)
from tracker.documents.sources import read_file
from tracker.imports.importing import ImportResult, import_file
from tracker.imports.parsing import read_lines
from tracker.imports.tables.importing import import_table, read_table_file
from tracker.imports.tables.proposal import TableChoice
from tracker.imports.tables.reading import describe_table, holds_table


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("import")(import_files)


def import_files(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Files: .jsonl, .csv, .tsv, .xlsx, .xls, .ods."),
    ],
    historical: Annotated[
        bool,
        typer.Option("--historical", help="Import historical records: lines may have recorded_on."),
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Reason for the historical import."),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Import the valid lines; write rejected lines to FILE.refused.jsonl.",
        ),
    ] = False,
    correct: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Record rows of a table that differ from their records as corrections.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Day of the states in a table that has no column for it."),
    ] = None,
) -> None:
    """Import records from files.

    A file has lines, or is a list as offices keep it, with headings in Chinese or English. It is
    validated as a whole first; with an invalid line nothing of it is recorded.
    """
    session = current_session(context)
    choice = TableChoice(day=None if since is None else parse_day(since).isoformat())
    if reason is not None and not historical:
        raise Refused("reason_alone", field="--reason")
    payloads = [(file, read_file(file)) for file in files]
    tools = session.app()
    reports: list[tuple[Path, ImportResult]] = []
    with show_progress() as report_progress:
        for file, payload in payloads:
            options: dict[str, Any] = {
                "actor": tools.settings.actor,
                "today": tools.today(),
                "historical": historical,
                "reason": reason,
                "partial": partial,
                "progress": partial_function(report_progress, file.name),
            }
            report = _import_payload(tools.store, file, payload, choice, correct, options)
            reports.append((file, report))
            if report.refused and not partial:
                break
    _answer_import(session, reports, partial=partial)


def _import_payload(
    store: Store,
    file: Path,
    payload: bytes,
    choice: TableChoice,
    correct: str | None,
    options: dict[str, Any],
) -> ImportResult:
    """Import a list or a file of lines; a partial import writes its refused lines next to it."""
    if holds_table(payload, file.name):
        table = read_table_file(store, payload, file.name, choice)
        typer.echo(f"tracker: {file}: {describe_table(table)}", err=True)
        return import_table(store, table, str(file), correct=correct, **options)
    report = import_file(store, payload, str(file), **options)
    if report.refused and options["partial"]:
        _write_refused_lines(file, payload, report)
    return report


def _answer_import(
    session: Session, reports: list[tuple[Path, ImportResult]], *, partial: bool
) -> None:
    """Answer with the totals of all files; each refused line is named on standard error."""
    refused = [
        {"file": str(file), "line": fault.line, "field": fault.field, "reason": fault.reason}
        for file, report in reports
        for fault in report.refused
    ]
    superseded = [
        {"file": str(file), "line": line.line, "field": line.field, "reason": line.reason}
        for file, report in reports
        for line in report.superseded
    ]
    answer = {
        "lines": sum(report.lines for _, report in reports),
        "recorded": sum(report.recorded for _, report in reports),
        "unchanged": sum(report.unchanged for _, report in reports),
        "superseded": superseded,
        "roots": sum(report.roots for _, report in reports),
        "refused": refused,
    }
    for row in superseded:
        typer.echo(
            escape_controls(f"tracker: {row['file']}: line {row['line']} {row['reason']}"), err=True
        )
    for row in refused:
        field = f" field {row['field']}:" if row["field"] else ""
        typer.echo(
            escape_controls(f"tracker: {row['file']}: line {row['line']}:{field} {row['reason']}"),
            err=True,
        )

    def show(console: Console) -> None:
        for file, report in reports:
            console.print(
                f"{file}: {report.lines} lines, {report.recorded} recorded,"
                f" {report.unchanged} unchanged, {len(report.refused)} refused"
            )
            if report.roots:
                console.print(f"{file}: organizations without a parent (roots): {report.roots}")

    session.answer(answer, show)
    if refused:
        raise typer.Exit(EXIT_FAULTS if partial else EXIT_REFUSED)


def _write_refused_lines(file: Path, payload: bytes, report: ImportResult) -> None:
    """Write the refused lines with their reasons to a file next to the imported one."""
    contents = read_lines(payload, file.name, [fault.line for fault in report.refused])
    refused_file = file.with_name(file.name + ".refused.jsonl")
    with refused_file.open("wb") as out:
        for fault in report.refused:
            document = {
                "line": fault.line,
                "field": fault.field,
                "reason": fault.reason,
                "content": contents[fault.line],
            }
            out.write(orjson.dumps(document) + b"\n")
    typer.echo(escape_controls(f"tracker: the refused lines are in {refused_file}"), err=True)
