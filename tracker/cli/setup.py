"""init, demo, rebuild: what makes a database, fills one to look at, and refolds its read models."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from events.periods import local_date, month_of, parse_month
from events.streams.districts import DECIDER, STREAM
from projections.documents.in_force import zone_of
from projections.rebuild import rebuild as rebuild_read_models
from tracker.app import App, utc_now
from tracker.cli.serving import DEFAULT_PORT, serve_on
from tracker.cli.session import progress, session
from tracker.commands.district import check_zone, initialize
from tracker.demonstration.run import ACTOR, run_demo
from tracker.logs import configure
from tracker.storage.database import migrate, sqlite_file

DEFAULT_ZONE = "Asia/Shanghai"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(init)
    app.command()(rebuild)
    app.command()(demo)


def init(
    context: typer.Context,
    zone: Annotated[str | None, typer.Option(help="Time zone of business dates.")] = None,
    first_month: Annotated[str | None, typer.Option(help="First assessed month: 2026-01.")] = None,
) -> None:
    """Create or migrate the database; zone and first month are fixed for ever."""
    here = session(context)
    if zone is not None:
        check_zone(zone)
    if first_month is not None:
        parse_month(first_month)
    tools = here.app(create=True)
    with tools.store.read() as reader:
        standing = DECIDER.fold(reader.stream(STREAM))
    wanted_zone = zone or standing.zone or DEFAULT_ZONE
    wanted_month = first_month or standing.first_month
    if not wanted_month:
        wanted_month = str(month_of(local_date(tools.store.clock(), zone_of(wanted_zone))))
    changed = initialize(tools.store, wanted_zone, wanted_month, tools.metadata())
    name = sqlite_file(tools.settings.database_url) or tools.engine.url.database
    answer = {
        "changed": changed,
        "database": str(name),
        "zone": wanted_zone,
        "first_month": wanted_month,
    }

    def show(console: Console) -> None:
        console.print(f"database {name}: zone {wanted_zone}, first month {wanted_month}")
        console.print(
            "next: tracker scheme publish community-2011 --from MONTH, tracker import FILE"
        )

    here.answer(answer, show)


def rebuild(
    context: typer.Context,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes (default: all cores).")
    ] = None,
) -> None:
    """Refold every read model from the events."""
    here = session(context)
    tools = here.app()
    migrate(tools.engine)
    with progress() as tell:
        done = rebuild_read_models(
            tools.engine,
            tools.reopen(),
            workers or tools.settings.workers,
            lambda now, total: tell("rebuild", now, total),
        )
    answer = {"streams": done.streams, "events": done.events}
    here.answer(answer, lambda c: c.print(f"refolded {done.streams} streams, {done.events} events"))


def demo(
    context: typer.Context,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End when it is filled; serve no pages.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = DEFAULT_PORT,
) -> None:
    """A whole district with twelve closed months, in a fresh database; then its pages."""
    here = session(context)
    settings = here.settings()
    configure(settings)
    today = local_date(utc_now(), zone_of(DEFAULT_ZONE))
    console = Console(stderr=here.json, highlight=False)
    found = run_demo(settings.database_url, here.run, today, console)
    tools = here.app()
    found["accounts"] = accounts_to_try(tools, console)
    if here.json:
        here.answer(found, lambda _console: None)
    if not no_serve:
        serve_on(tools, "127.0.0.1", port, scheduled=True)


def accounts_to_try(tools: App, console: Console) -> list[dict[str, str]]:
    """Open an account of each role in the demonstration and tell how to sign in."""
    from tracker.demonstration.accounts import VISITORS, open_accounts  # noqa: PLC0415 - hasher

    by = replace(tools.metadata(), actor=ACTOR)
    password = open_accounts(tools.store, tools.today(), by)
    console.print(f"\nAccounts to try in the pages (tracker serve), password {password}:")
    for one in VISITORS:
        console.print(f"  {one.login:<11} {one.name} ({one.role})", markup=False)
    return [{"login": one.login, "role": one.role, "password": password} for one in VISITORS]
