"""The HTTP server of one database: pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.api.programs import ROUTERS as PROGRAMS
from tracker.http.application import build_application
from tracker.http.connections import TimedProtocol
from tracker.http.guards import Guards
from tracker.web.pages import ROUTERS as PAGES
from tracker.web.pages import render_refusal_page

if TYPE_CHECKING:
    from tracker.accounts.sign_in import Authenticator
    from tracker.app import App

PROTOCOL = TimedProtocol
"""The protocol of its connections, for the server library."""


def build_server(tools: App, authenticator: Authenticator | None = None) -> Guards:
    """Return the ASGI application of an open database, with all routes and guards."""
    application = build_application(tools, (*PAGES, *PROGRAMS), render_refusal_page, authenticator)
    return Guards(application, https=tools.settings.public_url.startswith("https:"))
