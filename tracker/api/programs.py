"""All routers of the API."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.api import (
    accounts,
    adjustments,
    audit,
    cycles,
    description,
    documents,
    evidence,
    figures,
    going_live,
    health,
    imports,
    loans,
    organizations,
    organizing,
    records,
    rectifications,
    sheets,
    tokens,
    who,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    description.router,
    who.router,
    organizations.router,
    organizing.router,
    figures.router,
    records.router,
    evidence.router,
    rectifications.router,
    cycles.router,
    going_live.router,
    sheets.router,
    adjustments.router,
    documents.router,
    audit.router,
    accounts.router,
    tokens.router,
    loans.router,
    imports.router,
)
