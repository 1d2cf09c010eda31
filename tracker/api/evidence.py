"""Evidence files: uploaded as a request body, served to users who may see where they are used."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.problems import READING, refusals
from tracker.api.shapes.records import StoredFileAnswer
from tracker.http.context import Context
from tracker.http.uploads import serve_file, store_upload

router = APIRouter(prefix="/api/v1", tags=["evidence"])
BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file.",
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    }
}
FILE: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The bytes of the file."}
}


@router.post(
    "/organizations/{code}/evidence",
    status_code=201,
    response_model=StoredFileAnswer,
    responses=refusals(401, 403, 404, 409, 413, 422, 429, 503, 507),
    openapi_extra=BODY,
)
async def store_file(
    context: Context,
    request: Request,
    code: str,
    name: Annotated[
        str | None,
        Header(alias="X-File-Name", description="The file's name, percent-encoded UTF-8."),
    ] = None,
) -> Response:
    """Store an evidence file. Records name it by its SHA-256, so storing it again is idempotent."""
    return json_answer(await store_upload(context, request), 201)


@router.get("/evidence/{file}", responses=FILE | READING, response_class=Response)
def fetch_file(context: Context, file: str) -> Response:
    """Return a stored file by its SHA-256."""
    return serve_file(context, file)
