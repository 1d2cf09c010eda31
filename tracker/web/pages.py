"""All routers of the pages, and the page that tells of a refusal."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web import evidence_files, home, record, signing_in
from tracker.web.rendering import refusal_page

__all__ = ["ROUTERS", "refusal_page"]

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    home.router,
    record.router,
    evidence_files.router,
)
