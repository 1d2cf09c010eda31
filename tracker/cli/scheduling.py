"""scheduler: run on, or do all that is due now and exit."""

from __future__ import annotations

import os
import platform
import uuid
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from events.refusals.errors import Refused
from scheduler.clock import RING_SECONDS, ring_until_told
from scheduler.leases import hold, release
from scheduler.runner import StepResult
from tracker.app import App
from tracker.cli.session import progress, session
from tracker.imports.importing import finish_unfinished
from tracker.logs import log

group = typer.Typer(no_args_is_help=True, help="The monthly process on its own.")
LEASE = "scheduler"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(group, name="scheduler")


@group.command("tick")
def tick(context: typer.Context) -> None:
    """Do everything that is due now, in order, and exit."""
    here = session(context)
    tools = here.app()
    with progress() as tell:
        imports = finish_unfinished(tools.store, actor=tools.settings.actor, today=tools.today())
        done = tools.runner(tell).tick(tools.scheduler_metadata())
    answer = {
        "changed": any(one.changed for one in done) or bool(imports),
        "imports_finished": len(imports),
        "steps": [_step(one) for one in done],
    }

    def show(console: Console) -> None:
        for one in done:
            console.print(f"{one.scope} {one.period}: {one.step}")
        console.print(f"{len(done)} steps done, {len(imports)} imports finished")

    here.answer(answer, show)


def _step(one: StepResult) -> dict[str, object]:
    return {
        "scope": one.scope,
        "period": one.period,
        "step": str(one.step),
        "changed": one.changed,
    }


@group.command("run")
def run(
    context: typer.Context,
    every: Annotated[float, typer.Option(min=0.05, help="Seconds between looks.")] = RING_SECONDS,
) -> None:
    """Run on: look every minute what is due, and do it."""
    tools = session(context).app()
    holder = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    log().warning("scheduler runs", every_seconds=every)
    ring_until_told(lambda: one_ring(tools, holder), every_seconds=every)
    release(tools.store, LEASE, holder)
    log().warning("scheduler stopped")


def one_ring(tools: App, holder: str) -> None:
    """One look at what is due; an error is logged, and the next ring tries again."""

    def report(done: StepResult) -> None:
        log().warning("step done", **_step(done))

    try:
        if not hold(tools.store, LEASE, holder, tools.store.clock()):
            return
        finish_unfinished(tools.store, actor=tools.settings.actor, today=tools.today())
        tools.runner(report=report).tick(tools.scheduler_metadata())
    except Refused as error:
        log().error("refused", reason=str(error))
    except DBAPIError as error:
        log().error("database", reason=str(error.orig))
