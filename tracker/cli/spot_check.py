"""spot-check: the monthly process by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.periods import parse_month
from projections.cycles.bulletin import bulletin, text
from projections.cycles.overview import cycle_document
from projections.cycles.reading import read_cycle, scope_code
from scheduler.draw_check import verify_draw
from tracker.cli.session import EXIT_FAULTS, progress, scope_root, session
from tracker.documents.sources import read_file
from tracker.inspections.sheets import parse_sheet, submit_sheet

group = typer.Typer(no_args_is_help=True, help="The monthly spot check by hand.")
Month = Annotated[str, typer.Argument(metavar="MONTH", help="The assessed month: 2026-09.")]
Scope = Annotated[str | None, typer.Option("--scope", help="The root, where there are several.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(group, name="spot-check")


@group.command("open")
def open_month(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Open a month's cycle: pin scheme and policy, commit frame and plan."""
    here = session(context)
    period = parse_month(month)
    tools = here.app()
    with tools.store.read() as reader:
        root = scope_root(reader, scope)
    changed = tools.runner().open(root, period, tools.metadata())
    _answer(context, scope_code(root), month, changed)


@group.command("draw")
def draw(
    context: typer.Context,
    month: Month,
    randomness: Annotated[
        str | None, typer.Option(help="The public value that came after the opening.")
    ] = None,
    scope: Scope = None,
) -> None:
    """Draw the sample and its inspectors."""
    here = session(context)
    parse_month(month)
    tools = here.app()
    with tools.store.read() as reader:
        root = scope_code(scope_root(reader, scope))
    with progress() as tell:
        changed = tools.runner(tell).draw(root, month, tools.metadata(), randomness, by_hand=True)
    _answer(context, root, month, changed)


@group.command("close")
def close(
    context: typer.Context,
    month: Month,
    uninspected: Annotated[
        str | None, typer.Option(metavar="REASON", help="Close at once, for this reason.")
    ] = None,
    scope: Scope = None,
) -> None:
    """Close a cycle: post every organization's figures, seal the log."""
    here = session(context)
    parse_month(month)
    tools = here.app()
    with tools.store.read() as reader:
        root = scope_code(scope_root(reader, scope))
    with progress() as tell:
        changed = tools.runner(tell).close(
            root, month, tools.metadata(), by_hand=True, reason=uninspected
        )
    _answer(context, root, month, changed)


@group.command("show")
def show(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Where a month's cycle stands."""
    parse_month(month)
    here = session(context)
    with here.app().store.read() as reader:
        root = scope_code(scope_root(reader, scope))
        document = cycle_document(reader, root, month)
    here.answer(document, lambda console: _show(console, document))


@group.command("bulletin")
def show_bulletin(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """The bulletin (通报) of a closed month."""
    period = parse_month(month)
    here = session(context)
    with here.app().store.read() as reader:
        root = scope_code(scope_root(reader, scope))
        document = bulletin(reader, root, period)
    here.answer(document, lambda console: console.print(escape(text(document))))


@group.command("score")
def score(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Joint sheets (JSON).")],
) -> None:
    """Hand in the joint sheet of an inspection."""
    here = session(context)
    sheets = [(str(file), parse_sheet(read_file(file), str(file))) for file in files]
    tools = here.app()
    done = [
        {
            "changed": submit_sheet(tools.store, sheet, name, tools.metadata()),
            "organization": sheet.organization,
            "period": sheet.period,
            "sheet_id": sheet.sheet_id,
        }
        for name, sheet in sheets
    ]

    def show(console: Console) -> None:
        for one in done:
            said = "taken in" if one["changed"] else "was taken in already"
            console.print(
                f"sheet {one['sheet_id']} of {one['organization']} for {one['period']}: {said}"
            )

    here.answer(done[0] if len(done) == 1 else {"sheets": done}, show)


@group.command("verify-draw")
def verify(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Repeat the draw from the events alone."""
    parse_month(month)
    here = session(context)
    with here.app().store.read() as reader:
        root = scope_code(scope_root(reader, scope))
        problems = verify_draw(reader, root, month)
        cycle = read_cycle(reader, root, month)
    answer = {
        "ok": not problems,
        "period": month,
        "scope": root,
        "seed": cycle.seed,
        "sample": [one["organization"] for one in cycle.sample],
        "problems": [{"place": one.place, "problem": one.problem} for one in problems],
    }

    def show(console: Console) -> None:
        for one in problems:
            console.print(escape(f"{one.place}: {one.problem}"))
        drawn = f"{len(cycle.sample)} organizations"
        console.print(
            f"{month}: the draw of {drawn} {'repeats' if not problems else 'does not repeat'}"
        )

    here.answer(answer, show)
    if problems:
        raise typer.Exit(EXIT_FAULTS)


def _answer(context: typer.Context, scope: str, month: str, changed: bool) -> None:
    here = session(context)
    assert here.tools is not None
    with here.tools.store.read() as reader:
        document = cycle_document(reader, scope, month)

    def show(console: Console) -> None:
        if not changed:
            console.print("nothing to do: it was done already")
        _show(console, document)

    here.answer({"changed": changed} | document, show)


def _show(console: Console, document: dict[str, Any]) -> None:
    period, scope = document["period"], document["scope"]
    if document["state"] is None:
        console.print(f"{period} in {scope}: no cycle has opened")
        return
    console.print(
        f"{period} in {scope}: {document['state']} (opened {document['opened_on']}, draws"
        f" {document['draws_on']}, closes {document['closes_on']})"
    )
    table = Table("stratum", "N", "n")
    for one in document["strata"]:
        table.add_row(one["stratum"], str(one["N"]), str(one["n"]))
    console.print(table)
    if document["assignments"]:
        table = Table("organization", "inspectors", "state")
        for one in document["assignments"]:
            table.add_row(one["organization"], ", ".join(one["inspectors"]), one["state"])
        console.print(table)
    for one in document["exclusions"]:
        console.print(f"left out ({one['stage']}): {one['organization']}: {one['reason']}")
