"""Evidence files: sent as the body of a request, handed over to who may see where they are used."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from tracker.api.protocol.answers import json_answer
from tracker.api.protocol.problems import READING, refusals
from tracker.api.shapes.records import StoredFile
from tracker.http.context import Context
from tracker.http.uploads import hand_over, receive

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
    response_model=StoredFile,
    responses=refusals(401, 403, 404, 409, 413, 422, 503),
    openapi_extra=BODY,
)
async def store_file(
    context: Context,
    request: Request,
    code: str,
    name: Annotated[
        str | None,
        Header(alias="X-File-Name", description="What its owner calls it, percent-encoded."),
    ] = None,
) -> Response:
    """Store one evidence file; its SHA-256 is what records name, so the same twice is one."""
    return json_answer(await receive(context, request), 201)


@router.get("/evidence/{file}", responses=FILE | READING, response_class=Response)
def fetch_file(context: Context, file: str) -> Response:
    """A stored file by its SHA-256."""
    return hand_over(context, file)
