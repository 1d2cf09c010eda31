"""All routers of the API."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.api import (
    description,
    evidence,
    figures,
    health,
    organizations,
    records,
    rectifications,
    who,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    description.router,
    who.router,
    organizations.router,
    figures.router,
    records.router,
    evidence.router,
    rectifications.router,
)
