"""serve: the web pages and the HTTP API, with the scheduler in the same process."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from events.refusals.errors import Refused
from scheduler.clock import TICK_SECONDS, start_clock
from scheduler.leases import release_lease
from tracker.cli.going_live import describe_start
from tracker.cli.options import Port
from tracker.cli.scheduling import LEASE, new_holder, run_once
from tracker.cli.session import current_session
from tracker.storage.evidence import delete_old_parts
from tracker.storage.evidence_checks import require_folder

if TYPE_CHECKING:
    from tracker.app import App

DEFAULT_PORT = 8000
GRACE_SECONDS = 5
"""How long open requests may take after the signal to stop."""
BACKLOG = 128
SWITCH_SECONDS = 0.001
"""How long a thread that computes keeps the others waiting, each time one of them wants to run.

Python's default is five times as long: a page asks the database some thirty times, and waits for
every computing thread each time.
"""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(serve)


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    no_scheduler: Annotated[
        bool,
        typer.Option("--no-scheduler", help="Do not run the monthly process in this process."),
    ] = False,
) -> None:
    """Serve the web pages and the HTTP API.

    The same process runs the monthly process, unless --no-scheduler is given.
    """
    session = current_session(context)
    serve_on(session.app(), host, port, scheduled=not no_scheduler)


def serve_on(tools: App, host: str, port: int, *, scheduled: bool) -> None:
    """Serve until SIGTERM or SIGINT; parts of uploads that a stop left behind are deleted first.

    ``Refused`` where the folder of evidence files is missing although files are registered.
    """
    # Imported here, so that only this command takes the time to load the web framework.
    import uvicorn  # noqa: PLC0415

    from tracker.accounts.first_start import issue_first_link  # noqa: PLC0415
    from tracker.accounts.sign_in import Authenticator  # noqa: PLC0415
    from tracker.server import PROTOCOL, build_server  # noqa: PLC0415

    prepare_evidence(tools)
    sys.setswitchinterval(SWITCH_SECONDS)
    listener = open_listener(host, port)
    authenticator = Authenticator(tools.store, os.urandom, device_clock=tools.device_now)
    server = uvicorn.Server(
        uvicorn.Config(
            build_server(tools, authenticator),
            http=PROTOCOL,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            # The server believes proxies of this machine by default; here only those of a setting.
            proxy_headers=bool(tools.settings.proxies),
            forwarded_allow_ips=tools.settings.proxies.split(","),
        )
    )

    def stop(_number: int, _frame: object) -> None:
        """Stop the server; called before it runs, and again when it re-raises the signal."""
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if notice := describe_start(tools, scheduled=scheduled):
        Console(stderr=True, highlight=False).print(notice, markup=False, soft_wrap=True)
    _announce(
        f"http://{host}:{listener.getsockname()[1]}",
        issue_first_link(authenticator, tools.today(), tools.metadata()),
    )
    holder, watch = new_holder(), tools.watch_clock()
    alarm = (
        start_clock(lambda: run_once(tools, holder, watch), every_seconds=TICK_SECONDS)
        if scheduled
        else None
    )
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        if alarm is not None:
            alarm.shutdown(wait=True)
            release_lease(tools.store, LEASE, holder)


def prepare_evidence(tools: App) -> None:
    """Refuse a missing folder of evidence files, then delete what broken uploads left."""
    folder = tools.settings.evidence_folder
    with tools.store.read() as reader:
        require_folder(reader, folder)
    delete_old_parts(folder)


def _announce(address: str, link: str | None) -> None:
    """Print the address on standard error, and the first administrator's one-time link."""
    console = Console(stderr=True, highlight=False)
    if link is not None:
        console.print(
            "No password is set yet. Open this one-time link within 24 hours to set the"
            f" administrator's:\n  {address}/welcome/{link}",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Serving {address} (stop with Ctrl-C)", markup=False, soft_wrap=True)


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket without Nagle delay; raise ``Refused`` if it cannot listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets whose protocol is named; without it Nagle's
    # algorithm delays small answers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Refused(
            "address_taken", host=host, port=port, problem=error.strerror or str(error)
        ) from None
    return listener
