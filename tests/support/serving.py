"""The application behind the pages of a test, and clients that share what is the same for all."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from tracker.accounts.sign_in import Authenticator
from tracker.app import App
from tracker.http.guards import Guards
from tracker.server import build_server

ROUTES: list[BaseRoute] = []
"""The routes of this process's first application, which FastAPI builds as they are asked for."""
STARTED = ExitStack()
"""What ends with the session."""


def serve(tools: App, authenticator: Authenticator) -> Guards:
    """Return the whole application of an open database; routes that a test adds are its own."""
    guards = build_server(tools, authenticator)
    assert isinstance(guards.app, FastAPI)
    routes = guards.app.router.routes
    if ROUTES:
        routes[:] = ROUTES
    else:
        ROUTES.extend(routes)
    return guards


@cache
def event_loop() -> BlockingPortal:
    """Start the one event loop of this process's clients; a loop a request costs as much again."""
    return STARTED.enter_context(start_blocking_portal())


def client_of(app: Guards, *, raises: bool = True) -> TestClient:
    """Return a browser that follows no redirect; with ``raises`` False, faults are answers."""
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=raises)
    client.portal = event_loop()
    return client
