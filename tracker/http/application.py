"""The ASGI application: routes, middleware, authorization, answers to errors."""

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
from tracker.http.authorization import authorize_request
from tracker.http.background_jobs import BackgroundJobs
from tracker.http.figure_cache import FigureCache
from tracker.http.turns import Turns
from tracker.http.verification import Verifier

if TYPE_CHECKING:
    from tracker.app import App

STATIC = Path(__file__).parent.parent / "web" / "static"
SMALLEST_COMPRESSED = 1000
"""Bytes of the smallest answer that is compressed: a smaller one fits one packet anyway."""


def build_application(
    app: App,
    routers: Sequence[APIRouter],
    pages: Pages,
    authenticator: Authenticator | None = None,
) -> FastAPI:
    """Build the application of one open database; ``pages`` renders refusals for people."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        yield
        application.state.jobs.close()
        application.state.verifier.close()
        application.state.figures.close()

    application = FastAPI(
        title="Organization tracker",
        version="1",
        description="Everything that the pages do, for programs.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Scope "function": a turn ends before the answer is sent to a client that may read slowly.
        dependencies=[Depends(authorize_request, scope="function")],
        lifespan=lifespan,
    )
    application.state.app = app
    application.state.authenticator = authenticator or Authenticator(
        app.store, os.urandom, device_clock=app.device_now
    )
    application.state.figures = FigureCache(app.store)
    application.state.verifier = Verifier(app)
    application.state.jobs = BackgroundJobs()
    application.state.turns = Turns()
    for router in routers:
        application.include_router(router)
    application.mount("/static", StaticFiles(directory=STATIC))
    add_answers(application, pages)
    application.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)
    return application
