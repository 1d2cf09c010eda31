"""Evidence files in and out: sent piece by piece, shown to who may see where they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response

from events.errors import Kind, Refused
from projections.directory import entries_of
from projections.evidence import uses_of
from tracker import evidence
from tracker.http.here import Asked

if TYPE_CHECKING:
    from tracker.http.here import Here

router = APIRouter(include_in_schema=False)
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


@router.post("/organizations/{code}/evidence")
async def take(here: Asked, request: Request, code: str) -> Response:
    """Store one file (the body itself) and tell where it was used before."""
    found = await receive(here, request)
    return JSONResponse(found, 201)


async def receive(here: Here, request: Request) -> dict[str, Any]:
    """Store the body of a request as a file; its SHA-256, type, size and earlier uses."""
    folder = here.tools.settings.evidence_folder
    incoming = await run_in_threadpool(evidence.Incoming, folder)
    try:
        async for chunk in request.stream():
            await run_in_threadpool(incoming.write, chunk)
        file, kind = await run_in_threadpool(incoming.keep)
    finally:
        await run_in_threadpool(incoming.drop)
    name = unquote(request.headers.get("x-file-name", ""))
    return await run_in_threadpool(_note, here, file, kind, incoming.size, name)


def _note(here: Here, file: str, kind: str, size: int, name: str) -> dict[str, Any]:
    assert here.account is not None
    row = evidence.described(name, file, kind, size, here.account.account, here.now())
    evidence.register(here.tools.store, row)
    with here.read() as reader:
        uses = uses_of(reader, [file]).get(file, [])
        visible = here.scope(reader, "see_file").streams_among(
            reader, sorted({one["stream"] for one in uses})
        )
        entries = entries_of(reader, sorted(visible))
    return {
        "file": file,
        "media_type": kind,
        "size": size,
        "used": [
            {
                "organization": entries[one["stream"]].code if one["stream"] in entries else None,
                "occurred_on": one["occurred_on"],
            }
            for one in uses
        ],
    }


@router.get("/evidence/{file}")
def show(here: Asked, file: str) -> Response:
    """A stored file, for who may see an organization that uses it, or who sent it."""
    with here.read() as reader:
        found = evidence.stored(reader, [file]).get(file)
        uses = uses_of(reader, [file]).get(file, []) if found is not None else []
        streams = sorted({one["stream"] for one in uses})
        seen = here.scope(reader, "see_file").streams_among(reader, streams)
    own = found is not None and here.account is not None and found.account == here.account.account
    if found is None or not (seen or own):
        raise Refused("unknown_file", "there is no such file", kind=Kind.NOT_FOUND, file=file[:12])
    way = "inline" if found.media_type in evidence.SHOWN else "attachment"
    return FileResponse(
        evidence.path_of(here.tools.settings.evidence_folder, file),
        media_type=found.media_type,
        headers={
            "content-disposition": f"{way}; filename*=utf-8''{quote(found.name)}",
            "content-security-policy": SANDBOX,
            "cache-control": "private, max-age=86400, immutable",
        },
    )
