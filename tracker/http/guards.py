"""The outermost middleware: response headers, body limits, a log line per request."""

from __future__ import annotations

import uuid
from collections.abc import MutableMapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from tracker.http.authorization import LARGEST_UNKNOWN, takes_file
from tracker.http.context import SESSION_COOKIE
from tracker.logs import log

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1 << 20
LARGEST_BODY = 8 * MEGABYTE
"""Bytes of a form or document; evidence files have their own limit."""
LARGEST_FILE = 50 << 20
"""Bytes of one evidence file."""
LARGEST_IMPORT = 52 << 20
"""Bytes of an import file: 50 MB of lines and what a form wraps around them."""
LARGEST_JSON = 2 << 20
"""Bytes of a JSON body."""
IMPORTS = ("/import", "/api/v1/imports")
"""The paths that take import files."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HTTPS_ONLY = "max-age=31536000"
"""A browser that reached the site by https comes back by https alone, for a year."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


CLOSED = {"connection": "close"}
TWO_LENGTHS = "its length is given twice\n请求的长度写了两次，无法处理\n"
"""Refused before anything else: a proxy that takes the other length would see two requests."""


class Guards:
    """The outermost layer of the application: an ASGI middleware."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """``app`` is the application that it wraps; ``https``: users reach it by https only."""
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a request its reference, limit its body, set the response headers, log it.

        HEAD is answered as GET, without the body.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reference = uuid.uuid4().hex[:12]
        scope.setdefault("state", {})["reference"] = reference
        structlog.contextvars.bind_contextvars(correlation=reference)
        begun = perf_counter()
        status = 500
        head = scope["method"] == "HEAD"
        if head:
            scope = {**scope, "method": "GET"}

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if self.https or scope["scheme"] == "https":
                    headers["strict-transport-security"] = HTTPS_ONLY
                headers["x-reference"] = reference
            elif head:
                message = {**message, "body": b""}
            await send(message)

        headers = Headers(scope=scope)
        if "transfer-encoding" in headers and "content-length" in headers:
            await PlainTextResponse(TWO_LENGTHS, 400, CLOSED)(scope, receive, guarded)
        else:
            await self.app(scope, _limited(scope, receive), guarded)
        log("tracker.http").info(
            "request",
            method="HEAD" if head else scope["method"],
            path=getattr(scope.get("route"), "path", ""),
            status=status,
            milliseconds=round(1000 * (perf_counter() - begun), 1),
        )


def _largest(path: str, headers: Headers) -> int:
    """The largest body that a request may have, in bytes."""
    if not (headers.get("authorization") or SESSION_COOKIE in headers.get("cookie", "")):
        return LARGEST_UNKNOWN
    if takes_file(path):
        return LARGEST_FILE
    if path in IMPORTS:
        return LARGEST_IMPORT
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return LARGEST_JSON if kind == "application/json" else LARGEST_BODY


def _limited(scope: MutableMapping[str, Any], receive: Receive) -> Receive:
    """Wrap a body so that it ends with an error (413) where it is larger than its limit.

    A declared length over the limit is refused before anything is read; the bytes are counted too,
    since the header may be missing or wrong. Who claims to be signed in and is not (``largest`` in
    the request's state) sends no more than a stranger.
    """
    headers = Headers(scope=scope)
    claimed, declared = _largest(scope["path"], headers), headers.get("content-length", "")
    received = 0

    async def limited() -> Message:
        nonlocal received
        limit = min(claimed, scope["state"].get("largest", claimed))
        if declared.isdecimal() and int(declared) > limit:
            raise HTTPException(413, f"{limit / MEGABYTE:.3g}")
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, f"{limit / MEGABYTE:.3g}")
        return message

    return limited
