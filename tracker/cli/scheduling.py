"""scheduler: execute due steps, continuously or once."""

from __future__ import annotations

import os
import platform
import uuid
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from events.periods import instant_text
from events.refusals.errors import Refused
from projections.documents.in_force import district
from scheduler.clock import TICK_SECONDS, run_clock
from scheduler.clock_check import ClockWatch
from scheduler.leases import hold_lease, release_lease
from scheduler.runner import StepResult
from tracker.app import App
from tracker.cli.going_live import COMMAND, SET_UP, describe_start
from tracker.cli.session import current_session, local_clock, show_progress
from tracker.commands import clock
from tracker.imports.importing import finish_unfinished
from tracker.logs import log

group = typer.Typer(no_args_is_help=True, help="Run the monthly process automatically.")
LEASE = "scheduler"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="scheduler")


@group.command("tick")
def tick(context: typer.Context) -> None:
    """Execute every step that is due now, then exit."""
    session = current_session(context)
    tools = session.app()
    with show_progress() as report:
        runner = tools.runner(report)
        runner.check_clock()
        imports = finish_unfinished(tools.store, actor=tools.settings.actor, today=tools.today())
        results = runner.tick(tools.scheduler_metadata())
    with tools.store.read() as reader:
        live = district(reader).live
    answer = {
        "live": live,
        "changed": any(result.changed for result in results) or bool(imports),
        "imports_finished": len(imports),
        "steps": [_step_json(result) for result in results],
    }

    def show(console: Console) -> None:
        for result in results:
            console.print(f"{result.scope} {result.period}: {result.step}")
        console.print(f"{len(results)} steps executed, {len(imports)} imports finished")
        if not live:
            console.print(f"{SET_UP} {COMMAND}")

    session.answer(answer, show)


def _step_json(result: StepResult) -> dict[str, object]:
    return {
        "scope": result.scope,
        "period": result.period,
        "step": str(result.step),
        "changed": result.changed,
    }


def new_holder() -> str:
    """Return a name for this process as the holder of the lease, unique on every host."""
    return f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@group.command("run")
def run(
    context: typer.Context,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.05, help="Time between checks.")
    ] = TICK_SECONDS,
) -> None:
    """Execute due steps until stopped (SIGTERM or Ctrl-C)."""
    tools = current_session(context).app()
    holder, watch = new_holder(), tools.watch_clock()
    notice = describe_start(tools, scheduled=True)
    log().warning("scheduler runs", every_seconds=every, **({"district": notice} if notice else {}))
    run_clock(lambda: run_once(tools, holder, watch), every_seconds=every)
    release_lease(tools.store, LEASE, holder)
    log().warning("scheduler stopped")


@group.command("confirm-clock")
def confirm_clock(
    context: typer.Context,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why the clock is right although it was refused.")
    ],
) -> None:
    """Confirm that the clock of this machine is right."""
    tools = current_session(context).app()
    shown = clock.confirm_clock(tools.store, reason, tools.metadata(), tools.database_now)
    with tools.store.read() as reader:
        district_clock = local_clock(reader)
    said = f"confirmed: {district_clock.show_seconds(shown)} ({district_clock.name('en')})"
    current_session(context).answer(
        {"changed": True, "shown": instant_text(shown)}, lambda console: console.print(said)
    )


def run_once(tools: App, holder: str, watch: ClockWatch | None = None) -> None:
    """Execute what is due if this holder has the lease; log an error, the next tick retries.

    Nothing is done, not even the lease taken, while the clock may be ahead.
    """

    def report(result: StepResult) -> None:
        log().warning("step done", **_step_json(result))

    try:
        runner = tools.runner(report=report, watch=watch)
        runner.check_clock()
        if not hold_lease(tools.store, LEASE, holder, tools.store.clock()):
            return
        finish_unfinished(tools.store, actor=tools.settings.actor, today=tools.today())
        runner.tick(tools.scheduler_metadata())
    except Refused as error:
        log().error("refused", reason=str(error))
    except DBAPIError as error:
        log().error("database", reason=str(error.orig))
