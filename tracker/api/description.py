"""The OpenAPI document of the API."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.api.protocol.answers import json_answer
from tracker.http.context import Context
from tracker.http.description import openapi_document

router = APIRouter(prefix="/api/v1", include_in_schema=False)


@router.get("/openapi.json")
def show_document(context: Context) -> Response:
    """Return the OpenAPI document."""
    return json_answer(openapi_document(context.request.app))
