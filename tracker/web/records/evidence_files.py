"""Evidence files in and out: sent piece by piece, shown to who may see where they are used."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tracker.http.context import Context
from tracker.http.uploads import hand_over, receive

router = APIRouter(include_in_schema=False)


@router.post("/organizations/{code}/evidence")
async def take(context: Context, request: Request, code: str) -> Response:
    """Store one file (the body itself) and tell where it was used before."""
    found = await receive(context, request)
    return JSONResponse(found, 201)


@router.get("/evidence/{file}")
def show(context: Context, file: str) -> Response:
    """A stored file, for who may see an organization that uses it, or who sent it."""
    return hand_over(context, file)
