"""Evidence files in and out: written piece by piece, noted once whole, shown to who may see one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from starlette.requests import ClientDisconnect

from events.refusals.errors import Refused
from projections.organizations.directory import entries_of
from projections.records.evidence import uses_of
from tracker.storage import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapi import Request

    from events.log.reader import Reader
    from events.values import Evidence
    from projections.organizations.directory import OrganizationEntry
    from projections.records.evidence import FileUse
    from tracker.http.context import RequestContext
    from tracker.storage.evidence import StoredEvidence

SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


async def receive(context: RequestContext, request: Request) -> dict[str, Any]:
    """Store the body of a request as a file; its SHA-256, type, size and earlier uses.

    What is too large by its own account is refused before it comes; where the connection breaks
    nothing stays behind.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal():
        evidence.check_size(int(told))
    folder = context.tools.settings.evidence_folder
    incoming = await run_in_threadpool(evidence.IncomingFile, folder)
    try:
        async for chunk in request.stream():
            await run_in_threadpool(incoming.write, chunk)
        file, kind = await run_in_threadpool(incoming.keep)
    except ClientDisconnect:
        raise Refused("upload_interrupted") from None
    finally:
        await run_in_threadpool(incoming.drop)
    name = unquote(request.headers.get("x-file-name", ""))
    return await run_in_threadpool(_note, context, file, kind, incoming.size, name)


def _note(context: RequestContext, file: str, kind: str, size: int, name: str) -> dict[str, Any]:
    assert context.account is not None
    row = evidence.described(name, file, kind, size, context.account.account, context.now())
    evidence.register(context.tools.store, row)
    with context.read() as reader:
        used = uses_told(context, reader, [file]).get(file, [])
    return {"file": file, "media_type": kind, "size": size, "name": row.name, "used": used}


def seen_files(
    context: RequestContext, reader: Reader, files: Iterable[str]
) -> dict[str, StoredEvidence]:
    """Those of some stored files that who asks sent, or sees where they are used.

    Knowing a file's SHA-256 alone opens nothing.
    """
    known = evidence.stored(reader, files)
    uses = uses_of(reader, sorted(known))
    streams = sorted({use.stream for of_file in uses.values() for use in of_file})
    seen = context.scope(reader, "see_file").streams_among(reader, streams)
    own = set()
    if context.account is not None:
        own = evidence.sent_by(reader, known, context.account.account)
    return {
        name: row
        for name, row in known.items()
        if name in own or any(use.stream in seen for use in uses.get(name, ()))
    }


def require(context: RequestContext, reader: Reader, named: Iterable[Evidence]) -> None:
    """Refuse evidence whose files who asks neither sent nor sees."""
    wanted = evidence.files_of(named)
    evidence.refuse_missing(wanted - seen_files(context, reader, wanted).keys())


def uses_told(
    context: RequestContext, reader: Reader, files: Sequence[str], but: tuple[str, str] = ("", "")
) -> dict[str, list[dict[str, str | None]]]:
    """Where files were used, by file, as far as who asks may know it.

    Of an organization that they may not see it is told only that it was somewhere else: code and
    day are None. ``but`` is the (stream, subject) whose own uses are left out.
    """
    found = uses_of(reader, files)
    streams = sorted({use.stream for uses in found.values() for use in uses})
    entries = entries_of(
        reader, sorted(context.scope(reader, "see_file").streams_among(reader, streams))
    )
    told: dict[str, list[dict[str, str | None]]] = {}
    for file, uses in found.items():
        places = {(use.stream, use.subject): use for use in reversed(uses)}
        places.pop(but, None)
        told[file] = [_place(entries.get(use.stream), use) for use in places.values()]
    return told


def _place(entry: OrganizationEntry | None, use: FileUse) -> dict[str, str | None]:
    """Where a file was used, or that it was somewhere, where the organization is not to be seen."""
    if entry is None:
        return dict.fromkeys(("organization", "name", "record_id", "occurred_on"))
    kind, _, name = use.subject.partition("/")
    return {
        "organization": entry.code,
        "name": entry.name,
        "record_id": name if kind == "record" else None,
        "occurred_on": use.occurred_on,
    }


def hand_over(context: RequestContext, file: str) -> Response:
    """A stored file, for who may see an organization that uses it, or who sent it.

    ``Refused`` as not there for everybody else. A browser may keep it, and must ask each time
    whether it still may show it: it is not sent again where its copy is the same.
    """
    with context.read() as reader:
        found = seen_files(context, reader, [file]).get(file)
    if found is None:
        raise Refused("unknown_file")
    way = "inline" if found.media_type in evidence.SHOWN else "attachment"
    headers = {
        "content-disposition": f"{way}; filename*=utf-8''{quote(found.name)}",
        "content-security-policy": SANDBOX,
        "cache-control": "private, no-cache",
        "etag": f'"{file}"',
    }
    kept = context.request.headers.get("if-none-match", "").split(",")
    if file in {one.strip().removeprefix("W/").strip('"') for one in kept}:
        # All of the headers: a browser puts them in the place of those of its copy.
        return Response(status_code=304, headers=headers)
    return FileResponse(
        evidence.path_of(context.tools.settings.evidence_folder, file),
        media_type=found.media_type,
        headers=headers,
    )
