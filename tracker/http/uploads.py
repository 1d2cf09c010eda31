"""Evidence files in and out: streamed to disk, registered once complete, served by permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from starlette.requests import ClientDisconnect

from events.refusals.errors import Refused
from projections.organizations.directory import entries_of
from projections.records.evidence import flagged_uses, uses_of
from tracker.storage import evidence
from tracker.storage.evidence_checks import FileState, file_state, require_folder
from tracker.storage.upload_quota import UploadQuota

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
"""The content security policy of a served file: whatever was uploaded, it runs no script here."""


async def store_upload(context: RequestContext, request: Request) -> dict[str, Any]:
    """Store the body of a request as a file; return its SHA-256, type, size and earlier uses.

    A declared length over the limit is refused before the body is read; where the connection breaks
    nothing stays on disk.
    """
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() else 1
    evidence.refuse_large(size)
    folder = context.app.settings.evidence_folder
    quota = await run_in_threadpool(_prepare_upload, context, size)
    incoming = await run_in_threadpool(evidence.IncomingFile, folder)
    try:
        async for chunk in request.stream():
            await run_in_threadpool(incoming.write, chunk)
        name = unquote(request.headers.get("x-file-name", ""))
        return await run_in_threadpool(_register, context, incoming, quota, name)
    except ClientDisconnect:
        raise Refused("upload_interrupted") from None
    finally:
        await run_in_threadpool(incoming.discard)


def require_evidence_folder(context: RequestContext) -> None:
    """Refuse to store a file where the folder is missing although files are registered."""
    with context.read() as reader:
        require_folder(reader, context.app.settings.evidence_folder)


def _prepare_upload(context: RequestContext, size: int) -> UploadQuota:
    """Return the user's quota of today; ``Refused`` where it or the folder takes no such file."""
    assert context.account is not None
    settings = context.app.settings
    with context.read() as reader:
        require_folder(reader, settings.evidence_folder)
        today = context.today(reader)
        quota = UploadQuota(context.account.account, today, settings.upload_megabytes)
        quota.refuse(reader, size)
    return quota


def _register(
    context: RequestContext, incoming: evidence.IncomingFile, quota: UploadQuota, name: str
) -> dict[str, Any]:
    """Count a file, move it to its place, keep who sent it, and return its answer.

    One transaction: what is refused or cannot be moved is not counted and leaves no file.
    """
    size = incoming.size
    incoming.seal()  # slow on a slow disk, so before the transaction
    with context.app.store.append() as log:
        quota.charge(log, size)
        file, kind = incoming.complete()
        row = evidence.describe_file(name, file, kind, size, quota.account, context.now())
        evidence.write_file_row(log, row)
    with context.read() as reader:
        used = describe_uses(context, reader, [file]).get(file, [])
    return {"file": file, "media_type": kind, "size": size, "name": row.name, "used": used}


def find_visible_files(
    context: RequestContext, reader: Reader, files: Iterable[str]
) -> dict[str, StoredEvidence]:
    """Return those of some stored files that the user sent, or whose uses they may see.

    To know a file's SHA-256 is not enough to get it.
    """
    stored = evidence.read_stored_files(reader, files)
    uses = uses_of(reader, sorted(stored))
    streams = sorted({use.stream for file_uses in uses.values() for use in file_uses})
    visible = context.scope(reader, "see_file").streams_among(reader, streams)
    own = set()
    if context.account is not None:
        own = evidence.files_sent_by(reader, stored, context.account.account)
    return {
        name: row
        for name, row in stored.items()
        if name in own or any(use.stream in visible for use in uses.get(name, ()))
    }


def require_files(context: RequestContext, reader: Reader, named: Iterable[Evidence]) -> None:
    """Refuse evidence that names files which the user neither sent nor may see."""
    files = evidence.named_files(named)
    evidence.refuse_missing(files - find_visible_files(context, reader, files).keys())


def describe_uses(
    context: RequestContext,
    reader: Reader,
    files: Sequence[str],
    but: tuple[str, str] = ("", ""),
    occurred_on: str = "",
) -> dict[str, list[dict[str, str | None]]]:
    """Return the uses of files that flag them, by file, as far as the user may know them.

    A use by an organization that they may not see is listed with None for every field. ``but`` is
    the (stream, subject) that shows the files, ``occurred_on`` its day where it is not recorded
    yet: see ``flagged_uses``.
    """
    uses_by_file = uses_of(reader, files)
    streams = sorted({use.stream for uses in uses_by_file.values() for use in uses})
    entries = entries_of(
        reader, sorted(context.scope(reader, "see_file").streams_among(reader, streams))
    )
    described: dict[str, list[dict[str, str | None]]] = {}
    for file, uses in uses_by_file.items():
        flagged = flagged_uses(uses, *but, occurred_on)
        described[file] = [_describe_use(entries.get(use.stream), use) for use in flagged]
    return described


def _describe_use(entry: OrganizationEntry | None, use: FileUse) -> dict[str, str | None]:
    """Where a file was used; every field None where the user may not see the organization."""
    if entry is None:
        return dict.fromkeys(("organization", "name", "record_id", "occurred_on"))
    kind, _, name = use.subject.partition("/")
    return {
        "organization": entry.code,
        "name": entry.name,
        "record_id": name if kind == "record" else None,
        "occurred_on": use.occurred_on,
    }


def serve_file(context: RequestContext, file: str) -> Response:
    """Return a stored file to a user who sent it or may see an organization that uses it.

    ``Refused`` as unknown for everybody else, and where the file is missing or was altered: bytes
    that do not match their SHA-256 are no evidence. A browser may cache it but must revalidate each
    time, so that a lost permission counts at once; it is not sent again (304) where the copy is
    current.
    """
    with context.read() as reader:
        stored = find_visible_files(context, reader, [file]).get(file)
    if stored is None:
        raise Refused("unknown_file")
    disposition = "inline" if stored.media_type in evidence.SHOWN_INLINE else "attachment"
    headers = {
        "content-disposition": f"{disposition}; filename*=utf-8''{quote(stored.name)}",
        "content-security-policy": SANDBOX,
        "cache-control": "private, no-cache",
        "etag": f'"{file}"',
    }
    etags = context.request.headers.get("if-none-match", "").split(",")
    if file in {etag.strip().removeprefix("W/").strip('"') for etag in etags}:
        # With all headers: a browser replaces those of its copy by them.
        return Response(status_code=304, headers=headers)
    folder = context.app.settings.evidence_folder
    match file_state(folder, file):
        case FileState.MISSING:
            raise Refused("file_missing", name=stored.name)
        case FileState.ALTERED:
            raise Refused("file_altered", name=stored.name)
    return FileResponse(
        evidence.path_of(folder, file),
        media_type=stored.media_type,
        headers=headers,
    )
