"""Evidence files as they come in: written piece by piece, noted once they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from fastapi.concurrency import run_in_threadpool

from projections.directory import entries_of
from projections.evidence import uses_of
from tracker import evidence

if TYPE_CHECKING:
    from fastapi import Request

    from tracker.http.here import Here


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
