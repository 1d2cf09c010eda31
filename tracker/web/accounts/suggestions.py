"""People to offer while somebody types into a field (``picker.js``)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from tracker.accounts.picking import PeopleKind
from tracker.http.context import Context
from tracker.http.picking import suggest_people

router = APIRouter(include_in_schema=False)


@router.get("/pick/people")
def suggest(
    context: Context, of: PeopleKind, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Return the first people of a kind that a text may mean, within the account's scope."""
    with context.read() as reader:
        options = suggest_people(context, reader, q, of)
    return JSONResponse({"options": [asdict(option) for option in options]})
