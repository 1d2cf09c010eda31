"""serve: web pages and HTTP API, with the scheduler beside them."""

from __future__ import annotations

import os
import platform
import signal
import socket
import uuid
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from events.refusals.errors import Refused
from scheduler.clock import RING_SECONDS, ring
from scheduler.leases import release
from tracker.cli.scheduling import LEASE, one_ring
from tracker.cli.session import session

if TYPE_CHECKING:
    from tracker.app import App

DEFAULT_PORT = 8000
GRACE_SECONDS = 5
BACKLOG = 128


def add_to(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command()(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = DEFAULT_PORT,
    no_scheduler: Annotated[
        bool, typer.Option("--no-scheduler", help="Another process runs the monthly process.")
    ] = False,
) -> None:
    """Serve web pages and HTTP API, and run the monthly process."""
    here = session(context)
    serve_on(here.app(), host, port, scheduled=not no_scheduler)


def serve_on(tools: App, host: str, port: int, *, scheduled: bool) -> None:
    """Serve until told to stop."""
    # Only this command pays for loading the web.
    import uvicorn  # noqa: PLC0415

    from tracker.accounts.first_start import first_link  # noqa: PLC0415
    from tracker.accounts.sign_in import Authenticator  # noqa: PLC0415
    from tracker.server import application  # noqa: PLC0415

    listening = listen(host, port)
    doors = Authenticator(tools.store, os.urandom)
    server = uvicorn.Server(
        uvicorn.Config(
            application(tools, doors),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    def told(_number: int, _frame: object) -> None:
        """Stop: before it runs, and once more after, when the server raises what stopped it."""
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    _say(
        f"http://{host}:{listening.getsockname()[1]}",
        first_link(doors, tools.today(), tools.metadata()),
    )
    holder = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    alarm = ring(lambda: one_ring(tools, holder), every_seconds=RING_SECONDS) if scheduled else None
    try:
        server.run(sockets=[listening])
    finally:
        listening.close()
        if alarm is not None:
            alarm.shutdown(wait=True)
            release(tools.store, LEASE, holder)


def _say(address: str, link: str | None) -> None:
    """Say on standard error where the pages are, and how the first person comes in."""
    console = Console(stderr=True, highlight=False)
    if link is not None:
        console.print(
            "Nobody has signed in yet. The administrator comes in, once, within a day, by:\n"
            f"  {address}/welcome/{link}",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Serving {address} (stop with Ctrl-C)", markup=False, soft_wrap=True)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose answers leave at once; ``Refused`` where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise Refused(
            "address_taken", host=host, port=port, problem=error.strerror or str(error)
        ) from None
    return found
