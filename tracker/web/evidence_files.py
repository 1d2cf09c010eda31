"""Evidence files in and out: sent piece by piece, shown to who may see where they are used."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from events.errors import Kind, Refused
from projections.evidence import uses_of
from tracker import evidence
from tracker.http.here import Asked
from tracker.http.uploads import receive

router = APIRouter(include_in_schema=False)
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


@router.post("/organizations/{code}/evidence")
async def take(here: Asked, request: Request, code: str) -> Response:
    """Store one file (the body itself) and tell where it was used before."""
    found = await receive(here, request)
    return JSONResponse(found, 201)


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
