"""The health check, for monitoring: it needs no sign-in and is not in the API description."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from projections.catalog import stale_streams
from tracker.http.context import Context

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(context: Context) -> dict[str, Any]:
    """Report that the database answers, and how many streams wait for a rebuild."""
    with context.read() as reader:
        return {"ok": True, "stale": len(stale_streams(reader))}
