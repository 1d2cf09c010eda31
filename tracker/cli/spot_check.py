"""spot-check: run the monthly process by hand."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from events.periods import parse_month
from projections.cycles.bulletin import bulletin, bulletin_text
from projections.cycles.overview import CycleDocument, cycle_document
from projections.cycles.reading import read_cycle, scope_code
from projections.documents.in_force import categories
from scheduler.closing import early_closing
from scheduler.draw_check import verify_draw
from tracker.cli.options import Month, Scope, Yes
from tracker.cli.session import (
    EXIT_FAULTS,
    current_session,
    require_yes,
    resolve_scope,
    show_progress,
)
from tracker.documents.sources import read_file
from tracker.inspections.sheets import parse_sheet, submit_sheet

group = typer.Typer(no_args_is_help=True, help="Run the monthly spot check by hand.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="spot-check")


@group.command("open")
def open_month(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Open a month's cycle.

    Pins the schemes and the policy, and commits to the sampling frame and plan. Says which earlier
    months it passes over: the scheduler does not open them any more.
    """
    session = current_session(context)
    period = parse_month(month)
    tools = session.app()
    with tools.store.read() as reader:
        root = resolve_scope(reader, scope)
    passed = tools.runner().months_passed_over(root, period)
    changed = tools.runner().open(root, period, tools.metadata())
    _answer_cycle(
        context, scope_code(root), month, changed, {"passed_over": list(passed) if changed else []}
    )


@group.command("draw")
def draw(
    context: typer.Context,
    month: Month,
    randomness: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Public value published after the opening (default: 32 random bytes).",
        ),
    ] = None,
    scope: Scope = None,
) -> None:
    """Draw the sample and assign inspectors."""
    session = current_session(context)
    parse_month(month)
    tools = session.app()
    with tools.store.read() as reader:
        root = scope_code(resolve_scope(reader, scope))
    with show_progress() as report:
        changed = tools.runner(report).draw(root, month, tools.metadata(), randomness, by_hand=True)
    _answer_cycle(context, root, month, changed)


@group.command("close")
def close(
    context: typer.Context,
    month: Month,
    uninspected: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Close without waiting for inspections, for this reason."
        ),
    ] = None,
    scope: Scope = None,
    yes: Yes = False,
) -> None:
    """Close a month's cycle.

    Posts every organization's figures and seals the event log. Before its day and with open sheets
    it asks first.
    """
    session = current_session(context)
    parse_month(month)
    tools = session.app()
    with tools.store.read() as reader:
        root = scope_code(resolve_scope(reader, scope))
        early = early_closing(reader, root, month, tools.today())
    if early is not None and uninspected is None:
        require_yes(
            f"{month} closes on {early.closes_on}; {early.open_sheets} of {early.assigned} sheets"
            " are still open and become not_held, and the figures of"
            f" {early.posted} organizations are published for good",
            yes=yes,
        )
    with show_progress() as report:
        changed = tools.runner(report).close(
            root, month, tools.metadata(), by_hand=True, reason=uninspected
        )
    _answer_cycle(context, root, month, changed)


@group.command("show")
def show(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Show a month's cycle with its sample and inspectors."""
    parse_month(month)
    session = current_session(context)
    with session.app().store.read() as reader:
        root = scope_code(resolve_scope(reader, scope))
        document = cycle_document(reader, root, month)
    session.answer(document, lambda console: _show_cycle(console, document))


@group.command("bulletin")
def show_bulletin(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Show the bulletin (通报) of a closed month."""
    period = parse_month(month)
    session = current_session(context)
    with session.app().store.read() as reader:
        root = scope_code(resolve_scope(reader, scope))
        document = bulletin(reader, root, period)
        names = categories(reader)
    session.answer(document, lambda console: console.print(escape(bulletin_text(document, names))))


@group.command("score")
def score(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files of joint sheets: .json.")
    ],
) -> None:
    """Submit the joint sheets of inspections."""
    session = current_session(context)
    sheets = [(str(file), parse_sheet(read_file(file), str(file))) for file in files]
    tools = session.app()
    submitted = [
        {
            "changed": submit_sheet(tools.store, sheet, name, tools.metadata()),
            "organization": sheet.organization,
            "period": sheet.period,
            "sheet_id": sheet.sheet_id,
        }
        for name, sheet in sheets
    ]

    def show(console: Console) -> None:
        for row in submitted:
            state = "recorded" if row["changed"] else "unchanged"
            console.print(
                f"sheet {row['sheet_id']} of {row['organization']} for {row['period']}: {state}"
            )

    session.answer(submitted[0] if len(submitted) == 1 else {"sheets": submitted}, show)


@group.command("verify-draw")
def verify(context: typer.Context, month: Month, scope: Scope = None) -> None:
    """Verify the draw by repeating it from the events."""
    parse_month(month)
    session = current_session(context)
    with session.app().store.read() as reader:
        root = scope_code(resolve_scope(reader, scope))
        problems = verify_draw(reader, root, month)
        cycle = read_cycle(reader, root, month)
    answer = {
        "ok": not problems,
        "period": month,
        "scope": root,
        "seed": cycle.seed,
        "sample": [row["organization"] for row in cycle.sample],
        "problems": [{"place": problem.place, "problem": problem.problem} for problem in problems],
    }

    def show(console: Console) -> None:
        for problem in problems:
            console.print(escape(f"{problem.place}: {problem.problem}"))
        result = "does not follow from the events" if problems else "follows from the events"
        console.print(f"{month}: the draw of {len(cycle.sample)} organizations {result}")

    session.answer(answer, show)
    if problems:
        raise typer.Exit(EXIT_FAULTS)


def _answer_cycle(
    context: typer.Context,
    scope: str,
    month: str,
    changed: bool,
    more: dict[str, list[str]] | None = None,
) -> None:
    """Answer a step with the cycle after it; ``more`` are fields of the step itself."""
    session = current_session(context)
    assert session.tools is not None
    with session.tools.store.read() as reader:
        document = cycle_document(reader, scope, month)

    def show(console: Console) -> None:
        if not changed:
            console.print("nothing to do: already done")
        for passed in (more or {}).get("passed_over", []):
            console.print(
                f"passed over {passed}: only by hand, tracker spot-check open {passed}",
                soft_wrap=True,
            )
        _show_cycle(console, document)

    session.answer({"changed": changed} | (more or {}) | asdict(document), show)


def _show_cycle(console: Console, document: CycleDocument) -> None:
    period, scope = document.period, document.scope
    if document.state is None:
        console.print(f"{period} in {scope}: not opened")
        return
    console.print(
        f"{period} in {scope}: {document.state} (opened {document.opened_on}, draws"
        f" {document.draws_on}, closes {document.closes_on})"
    )
    table = Table("stratum", "N", "n")
    for stratum in document.strata:
        table.add_row(stratum["stratum"], str(stratum["N"]), str(stratum["n"]))
    console.print(table)
    if document.assignments:
        table = Table("organization", "inspectors", "state")
        for row in document.assignments:
            table.add_row(row.organization, ", ".join(row.inspectors), row.state)
        console.print(table)
    for excluded in document.exclusions:
        console.print(f"excluded ({excluded.stage}): {excluded.organization}: {excluded.reason}")
