"""go-live: end the setting up of a district, after showing what that opens."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from events.periods import parse_month
from events.refusals.errors import Refused
from projections.cycles.cycles import all_cycles
from projections.documents.in_force import district
from scheduler.going_live import LivePreview, find_late_months, preview_live
from scheduler.working_days import is_working_day
from tracker.cli.options import Yes
from tracker.cli.session import current_session, require_yes
from tracker.commands.district import go_live, is_still_to_go_live

if TYPE_CHECKING:
    from tracker.app import App
    from tracker.cli.session import Session

SET_UP = "being set up: no cycle opens, and history is taken for every month, until you run:"
COMMAND = "tracker go-live --from MONTH"


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("go-live")(end_set_up)


def end_set_up(
    context: typer.Context,
    first_month: Annotated[
        str,
        typer.Option("--from", metavar="MONTH", help="First assessed month, e.g. 2026-09."),
    ],
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what would open, and for whom.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Go live: open cycles from a month on.

    Ends the state that tracker init --setup began. It cannot be undone, so it shows what opens and
    asks first.
    """
    session = current_session(context)
    month = parse_month(first_month)
    tools = session.app()
    with tools.store.read() as reader:
        if not is_still_to_go_live(reader, month, tools.store.clock()):
            _answer(session, first_month, changed=False)
            return
        now = tools.store.clock().astimezone(district(reader).zone)
        shown = preview_live(reader, month, now, is_working_day)
    if preview:
        session.answer(asdict(shown), lambda console: show_preview(console, shown))
        return
    if not (session.json or yes):
        show_preview(Console(stderr=True, highlight=False), shown)
    require_yes(describe(shown), yes=yes)
    _answer(session, first_month, changed=go_live(tools.store, month, tools.metadata()))


def _answer(session: Session, month: str, *, changed: bool) -> None:
    answer = {"changed": changed, "first_month": month}
    session.answer(answer, lambda console: console.print(f"live from {month}"))


def describe(preview: LivePreview) -> str:
    """Return in one sentence what going live does, for the question before it."""
    rows = preview.categories
    opening = (
        f"{preview.span} open at the next tick: {len(preview.at_once)} months, and history for"
        " them is then refused"
        if preview.at_once
        else "no month opens at once"
    )
    return (
        f"going live from {preview.first_month} cannot be undone: {opening};"
        f" {sum(row.in_frame for row in rows)} of {sum(row.organizations for row in rows)}"
        f" organizations are in the frame, {sum(row.without_scheme for row in rows)} have no"
        f" scheme, {sum(row.without_account for row in rows)} no account,"
        f" {sum(row.without_facts for row in rows)} no facts"
    )


def show_preview(console: Console, preview: LivePreview) -> None:
    """Print the cycles that would open, and the organizations by category."""
    for cycle in preview.cycles:
        when = "at the next tick" if cycle.at_once else f"on {cycle.opens_on}"
        console.print(
            f"{cycle.period} of {cycle.scope} opens {when},"
            f" draws {cycle.draws_on}, closes {cycle.closes_on}",
            markup=False,
        )
    table = Table("category")
    for heading in ("organizations", "in the frame", "no scheme", "no account", "no facts"):
        table.add_column(heading, justify="right")
    for row in preview.categories:
        table.add_row(
            row.category,
            *map(
                str,
                (
                    row.organizations,
                    row.in_frame,
                    row.without_scheme,
                    row.without_account,
                    row.without_facts,
                ),
            ),
        )
    console.print(table)
    if preview.at_once:
        console.print(
            f"{preview.span} open at the next tick: {len(preview.at_once)} months."
            " History for them is then refused.",
            markup=False,
        )


def describe_start(tools: App, *, scheduled: bool) -> str:
    """Return what people should know before the scheduler's first tick; empty if nothing.

    That is: the district is being set up; or, if steps are ``scheduled``, it is live, no cycle has
    opened yet, and months open at once.
    """
    with tools.store.read() as reader:
        facts = district(reader)
        if not facts.live:
            return f"{SET_UP} {COMMAND}"
        if not scheduled or all_cycles(reader):
            return ""
        now = tools.store.clock().astimezone(facts.zone)
        try:
            late = find_late_months(reader, facts.first_month, now, is_working_day)
        except Refused:  # the working days are unknown: the tick says so, and opens nothing
            return ""
    if not late:
        return ""
    return (
        f"live from {facts.first_month}: {', '.join(late)} open at the first tick, and history for"
        " them is then refused; to import it, stop now and run: tracker import FILE --historical"
    )
