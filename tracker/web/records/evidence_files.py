"""Upload and download of evidence files; a file is visible to those who may see a use of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tracker.http.context import Context
from tracker.http.uploads import serve_file, store_upload

router = APIRouter(include_in_schema=False)


@router.post("/organizations/{code}/evidence")
async def upload(context: Context, request: Request, code: str) -> Response:
    """Store one file (the whole request body) and return its id and earlier uses as JSON."""
    answer = await store_upload(context, request)
    return JSONResponse(answer, 201)


@router.get("/evidence/{file}")
def show(context: Context, file: str) -> Response:
    """Return a stored file to its uploader and to readers of an organization that uses it."""
    return serve_file(context, file)
