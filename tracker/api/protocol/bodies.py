"""Request bodies that are not JSON objects: documents and import files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request


async def read_body(request: Request) -> bytes:
    """Return the bytes of a request's body."""
    return await request.body()


RawBody = Annotated[bytes, Depends(read_body)]
"""The parameter by which a route gets the bytes of its body."""
DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "description": "The document as YAML or JSON.",
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file, in the format that `name` ends with.",
        "content": {
            "application/jsonl": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}
