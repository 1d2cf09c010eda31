"""The server: pages and programs of one database, with the scheduler beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.api.programs import ROUTERS as PROGRAMS
from tracker.http.application import build
from tracker.http.guards import Guards
from tracker.web.pages import ROUTERS as PAGES
from tracker.web.pages import refusal_page

if TYPE_CHECKING:
    from tracker.accounts.sign_in import Authenticator
    from tracker.app import App


def application(tools: App, doors: Authenticator | None = None) -> Guards:
    """The whole application of an open database, as a server runs it."""
    return Guards(build(tools, (*PAGES, *PROGRAMS), refusal_page, doors))
