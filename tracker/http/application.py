"""The whole application: pages and programs on one database, one table of access before both."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from tracker.accounts.sign_in import Authenticator
from tracker.http.answers import Pages, add_answers
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.enforce import enforce
from tracker.http.figure_cache import FigureCache
from tracker.http.verification import Verifier

if TYPE_CHECKING:
    from tracker.app import App

STATIC = Path(__file__).parent.parent / "web" / "static"
SMALLEST_COMPRESSED = 1000


def build(
    tools: App,
    routers: Sequence[APIRouter],
    pages: Pages,
    doors: Authenticator | None = None,
) -> FastAPI:
    """Build the application of one open database; ``pages`` tells people of refusals."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.underway.close()
        app.state.verifier.close()
        app.state.fresh.close()

    app = FastAPI(
        title="Organization tracker",
        version="1",
        description="Everything that the pages do, for programs.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(enforce)],
        lifespan=lifespan,
    )
    app.state.tools = tools
    app.state.doors = doors or Authenticator(tools.store, os.urandom)
    app.state.fresh = FigureCache(tools.store)
    app.state.verifier = Verifier(tools)
    app.state.underway = BackgroundJobs()
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    add_answers(app, pages)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)
    return app
