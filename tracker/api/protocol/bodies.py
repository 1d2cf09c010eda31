"""Bodies that are no JSON object: documents and files of lines."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request


async def raw_body(request: Request) -> bytes:
    """The bytes of a request."""
    return await request.body()


Raw = Annotated[bytes, Depends(raw_body)]
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
        "description": "The bytes of the file, in the form that ``name`` tells.",
        "content": {
            "application/jsonl": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}
