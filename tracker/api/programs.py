"""All routers of the API."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.api import health

ROUTERS: tuple[APIRouter, ...] = (health.router,)
