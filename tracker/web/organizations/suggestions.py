"""Organizations to offer while somebody types into a field (``picker.js``)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from tracker.http.context import Context
from tracker.http.picking import suggest_organizations

router = APIRouter(include_in_schema=False)
Action = Literal[
    "see_file", "see_many", "see_ranking", "see_cycle", "audit", "delegate", "administer"
]
"""The actions by whose scope a field picks organizations."""


@router.get("/pick/organizations")
def suggest(
    context: Context,
    action: Action,
    q: Annotated[str, Query(max_length=200)] = "",
    *,
    closed: bool = False,
) -> Response:
    """Return the first organizations that a text may mean, within the account's scope."""
    with context.read() as reader:
        options = suggest_organizations(context, reader, q, action, closed=closed)
    return JSONResponse({"options": [asdict(option) for option in options]})
