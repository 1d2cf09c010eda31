"""What guards every request and answer: headers, a limit of what is sent, a line in the log."""

from __future__ import annotations

import uuid
from collections.abc import MutableMapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from tracker.http.context import SESSION_COOKIE
from tracker.logs import log

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1 << 20
LARGEST_BODY = 8 * MEGABYTE
"""Bytes of a form or document; evidence files have a limit of their own."""
LARGEST_FILE = 50 << 20
"""Bytes of one evidence file."""
LARGEST_IMPORT = 52 << 20
"""Bytes of a file of lines with what a form wraps around it."""
LARGEST_JSON = 2 << 20
"""Bytes of a JSON body: it is read whole before anybody knows who sent it."""
LARGEST_UNKNOWN = 64 << 10
"""Bytes of a body of somebody who does not even say that they are signed in."""
UPLOADS = "/evidence"
"""The last part of the paths that take files."""
IMPORTS = ("/import", "/api/v1/imports")
"""The paths that take files of lines."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


class Guards:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` is everything inside."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a request its reference, hold its size, set the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reference = uuid.uuid4().hex[:12]
        scope.setdefault("state", {})["reference"] = reference
        structlog.contextvars.bind_contextvars(correlation=reference)
        begun = perf_counter()
        status = 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                headers["x-reference"] = reference
            await send(message)

        await self.app(scope, _limited(scope, receive), guarded)
        log("tracker.http").info(
            "request",
            method=scope["method"],
            path=getattr(scope.get("route"), "path", ""),
            status=status,
            milliseconds=round(1000 * (perf_counter() - begun), 1),
        )


def _largest(path: str, headers: Headers) -> int:
    """How many bytes a request may bring."""
    if not (headers.get("authorization") or SESSION_COOKIE in headers.get("cookie", "")):
        return LARGEST_UNKNOWN
    if path.endswith(UPLOADS):
        return LARGEST_FILE
    if path in IMPORTS:
        return LARGEST_IMPORT
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return LARGEST_JSON if kind == "application/json" else LARGEST_BODY


def _limited(scope: MutableMapping[str, Any], receive: Receive) -> Receive:
    """A body that ends with an error where it is larger than its route takes."""
    headers = Headers(scope=scope)
    limit, told = _largest(scope["path"], headers), headers.get("content-length", "")
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        if told.isdecimal() and int(told) > limit:
            raise HTTPException(413, f"{limit / MEGABYTE:.3g}")
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, f"{limit / MEGABYTE:.3g}")
        return message

    return limited
