"""init, demo, rebuild: create a database, fill a demonstration one, rebuild the read models."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from events.periods import local_date, month_of, parse_month
from events.refusals.errors import Refused
from events.streams.districts import DECIDER, STREAM, DistrictState
from projections.documents.in_force import zone_of
from projections.rebuild import rebuild as rebuild_read_models
from tracker.app import utc_now
from tracker.cli.going_live import COMMAND, SET_UP
from tracker.cli.options import Port, Yes
from tracker.cli.serving import DEFAULT_PORT, serve_on
from tracker.cli.session import Session, current_session, require_yes, show_progress
from tracker.commands.district import initialize_district, require_zone
from tracker.demonstration.earlier import (
    count_later_events,
    existing_file,
    is_demonstration,
    remove_database,
)
from tracker.demonstration.run import run_demo
from tracker.logs import configure
from tracker.storage.database import migrate, sqlite_file

DEFAULT_ZONE = "Asia/Shanghai"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(init)
    app.command()(rebuild)
    app.command()(demo)


def init(
    context: typer.Context,
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Time zone of dates (default: Asia/Shanghai)."),
    ] = None,
    first_month: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH",
            help="First assessed month, e.g. 2026-01 (default: the current month).",
        ),
    ] = None,
    setup: Annotated[
        bool,
        typer.Option("--setup", help="Open no cycle before tracker go-live, which sets the month."),
    ] = False,
) -> None:
    """Create or migrate the database.

    The first call fixes the time zone and the first assessed month; they cannot be changed later.
    With --setup the month is only planned: history is imported first, then the district goes live.
    """
    session = current_session(context)
    if zone is not None:
        require_zone(zone)
    if first_month is not None:
        parse_month(first_month)
    tools = session.app(create=True)
    with tools.store.read() as reader:
        recorded = DECIDER.fold(reader.stream(STREAM))
    wanted_zone = zone or recorded.zone or DEFAULT_ZONE
    wanted_month = first_month or recorded.first_month
    if not wanted_month:
        wanted_month = str(month_of(local_date(tools.store.clock(), zone_of(wanted_zone))))
    changed = initialize_district(
        tools.store, wanted_zone, wanted_month, tools.metadata(), setup=setup
    )
    with tools.store.read() as reader:
        state = DECIDER.fold(reader.stream(STREAM))
    name = sqlite_file(tools.settings.database_url) or tools.engine.url.database
    answer = {
        "changed": changed,
        "database": str(name),
        "zone": wanted_zone,
        "first_month": state.first_month,
        "live": not state.being_set_up,
    }

    session.answer(answer, lambda console: _show_district(console, str(name), state, new=changed))


def _show_district(console: Console, name: str, state: DistrictState, *, new: bool) -> None:
    """Print the district; of a new one that is live, what to do before the first tick."""
    console.print(f"database {name}: zone {state.zone}, first month {state.first_month}")
    if state.being_set_up:
        console.print(f"{SET_UP} {COMMAND}")
    elif new:
        console.print(
            f"live from {state.first_month}: import last year's records before the first tick, or"
            " begin with --setup"
        )
    console.print("next: tracker scheme publish community-2011 --from MONTH, tracker import FILE")


def rebuild(
    context: typer.Context,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Number of processes (default: TRACKER_WORKERS, else all cores).",
        ),
    ] = None,
) -> None:
    """Rebuild every read model from the events."""
    session = current_session(context)
    tools = session.app()
    migrate(tools.engine)
    with show_progress() as report:
        done = rebuild_read_models(
            tools.engine,
            tools.reopen(),
            workers or tools.settings.workers,
            lambda now, total: report("rebuild", now, total),
        )
    answer = {"streams": done.streams, "events": done.events}
    session.answer(
        answer,
        lambda console: console.print(f"rebuilt {done.streams} streams, {done.events} events"),
    )


def demo(
    context: typer.Context,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Exit when the database is filled.")
    ] = False,
    port: Port = DEFAULT_PORT,
    yes: Yes = False,
) -> None:
    """Create a demonstration district, and serve its pages.

    The district is invented, has twelve closed months and a month that is being inspected, and
    its own clock. A database of an earlier demonstration is replaced only after a yes, any other
    never.
    """
    session = current_session(context)
    settings = session.settings()
    configure(settings)
    _replace_earlier(session, yes=yes)
    console = Console(stderr=session.json, highlight=False)
    summary = run_demo(settings, utc_now(), console)
    if session.json:
        session.answer(summary, lambda _console: None)
    if not no_serve:
        serve_on(session.app(), "127.0.0.1", port, scheduled=True)


def _replace_earlier(session: Session, *, yes: bool) -> None:
    """Delete the database of an earlier demonstration, if the user says so."""
    file = existing_file(session.settings().database_url)
    if file is None:
        return
    tools = session.app()
    with tools.store.read() as reader:
        if not is_demonstration(reader):
            raise Refused("not_fresh", file=str(file))
        later = count_later_events(reader)
    require_yes(
        f"{file} is a demonstration with {later} events recorded after it was built;"
        " it is deleted and built again",
        yes=yes,
    )
    tools.engine.dispose()
    remove_database(file)
