"""JSON responses with ETags; answers 304 Not Modified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import Header
from fastapi.responses import Response

from events.refusals.errors import Refused
from projections.documents.marks import newest_mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.log.reader import Reader

JSON = "application/json"
CACHE_CONTROL = "private, no-cache"

IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag of a cached copy: 304 while it is valid."),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that was seen: 412 where the resource has changed since.",
    ),
]


def json_answer(
    document: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a document as JSON."""
    return Response(orjson.dumps(document), status, headers, JSON)


def make_etag(reader: Reader, streams: Sequence[str | None], *more: object) -> str:
    """Return the ETag of what derives from these streams, the schemes, and ``more``.

    It changes with the version of each stream and with every change of a scheme.
    """
    names = sorted({stream for stream in streams if stream is not None})
    sources = [sorted(reader.versions(names).items()), newest_mark(reader), more]
    return f'"{hashlib.sha256(repr(sources).encode()).hexdigest()[:24]}"'


def etag_matches(given: str | None, etag: str) -> bool:
    """Whether the list of ETags in a request's header has this one, or ``*``."""
    if given is None:
        return False
    etags = {text.strip().removeprefix("W/") for text in given.split(",")}
    return etag in etags or "*" in etags


def answer_with_etag(document: Any, etag: str) -> Response:
    """Return a document with its ETag; a client may cache it but must revalidate."""
    return json_answer(document, 200, {"etag": etag, "cache-control": CACHE_CONTROL})


def not_modified(etag: str) -> Response:
    """Return 304: the client's copy is current."""
    return Response(None, 304, {"etag": etag, "cache-control": CACHE_CONTROL})


def require_current(given: str | None, etag: str) -> None:
    """Refuse a write where the ETag that the client saw is outdated; None is never refused."""
    if given is not None and not etag_matches(given, etag):
        raise changed_meanwhile()


def changed_meanwhile() -> Refused:
    """Return the refusal of a write to something that has changed since the client saw it."""
    return Refused("changed_meanwhile")
