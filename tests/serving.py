"""The application behind the pages of a test: its state is new, its routes are built once."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute

from tracker.app import App
from tracker.http.guards import Guards
from tracker.server import application
from tracker.sign_in import Doorkeeper

ROUTES: list[BaseRoute] = []
"""The routes of this process's first application, which FastAPI builds as they are asked for."""


def serve(tools: App, doors: Doorkeeper) -> Guards:
    """Return the whole application of an open database; routes that a test adds are its own."""
    guards = application(tools, doors)
    assert isinstance(guards.app, FastAPI)
    routes = guards.app.router.routes
    if ROUTES:
        routes[:] = ROUTES
    else:
        ROUTES.extend(routes)
    return guards
