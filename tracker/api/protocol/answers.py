"""Answers as JSON with the mark of a version: a program that has it already is told so."""

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
    from tracker.http.context import RequestContext

JSON = "application/json"
KEPT_BUT_ASKED = "private, no-cache"

IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag at hand: 304 where it still stands."),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that was seen: 412 where somebody changed it since.",
    ),
]


def json_answer(
    document: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A document as JSON."""
    return Response(orjson.dumps(document), status, headers, JSON)


def etag_of(reader: Reader, streams: Sequence[str | None], *more: object) -> str:
    """The mark of what follows from streams as they stand, from schemes, and from ``more``."""
    named = sorted({one for one in streams if one is not None})
    known = [sorted(reader.versions(named).items()), newest_mark(reader), more]
    return f'"{hashlib.sha256(repr(known).encode()).hexdigest()[:24]}"'


def matches(given: str | None, etag: str) -> bool:
    """Whether a list of marks as a request gives it holds one of them."""
    if given is None:
        return False
    marks = {one.strip().removeprefix("W/") for one in given.split(",")}
    return etag in marks or "*" in marks


def marked(document: Any, etag: str) -> Response:
    """A document under its mark."""
    return json_answer(document, 200, {"etag": etag, "cache-control": KEPT_BUT_ASKED})


def unchanged(etag: str) -> Response:
    """The answer to who has it already."""
    return Response(None, 304, {"etag": etag, "cache-control": KEPT_BUT_ASKED})


def require_seen(given: str | None, etag: str) -> None:
    """Refuse a write where the mark that was seen does not stand any more."""
    if given is not None and not matches(given, etag):
        raise changed_meanwhile()


def changed_meanwhile() -> Refused:
    """The refusal of a write on what somebody changed since it was seen."""
    return Refused("changed_meanwhile")


def today_of(context: RequestContext, reader: Reader) -> str:
    """The district's day (ISO), part of the mark of what depends on it."""
    return context.today(reader).isoformat()
