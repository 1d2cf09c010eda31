"""Routes with a JSON body: authorized before a byte is read, then parsed as strictly as a line.

A router whose routes have JSON bodies takes ``route_class=JsonRoute``.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from events.refusals.errors import BadValue
from tracker.http.authorization import authorize_request
from tracker.imports.lines import BadLine
from tracker.imports.parsing import parse_exact_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi.responses import Response

LARGE = 16 << 10
"""Bytes from which a body is parsed in a thread: every other request waits for the event loop."""
DEEPEST = 32
"""Levels of lists and objects in a body; every body that is valid has fewer."""
NUL = "\0"
_WORDS = {
    "line_twice": "line_twice",
    "line_no_object": "field_object",
    "line_too_deep": "json_too_deep",
    "line_long_number": "json_long_number",
}
"""Sentences for a body where those for a line of a file would say "the line"."""


class JsonRoute(APIRoute):
    """A route that knows who asks before it reads and parses the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the framework behind authorization and the strict reader."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            async with asynccontextmanager(authorize_request)(request):
                if _is_json(request):
                    raw = await request.body()
                    # The framework takes the parsed body from here instead of parsing it itself.
                    request._json = (  # noqa: SLF001
                        parse_json_body(raw)
                        if len(raw) < LARGE
                        else await run_in_threadpool(parse_json_body, raw)
                    )
                return await inner(request)

        return handle


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("application/") and kind.endswith(("/json", "+json"))


def parse_json_body(raw: bytes) -> dict[str, Any]:
    """Return the object of a body, numbers exact; raise the framework's error for a fault.

    A key that is given twice, half a character, NUL, a number of more than 30 characters, and too
    many levels are faults, as they are in a line of an import file.
    """
    try:
        document = parse_exact_json(raw)
    except BadLine as bad:
        key = _WORDS.get(bad.message.key, "field_json")
        raise _fault((bad.field,) if bad.field else (), key) from None
    _check(document, ())
    return document


def _check(value: Any, place: tuple[str | int, ...]) -> None:
    """Check depth and characters of a value; ``place`` is where it is in the body."""
    if len(place) > DEEPEST:
        raise _fault(place[:2], "json_too_deep")
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, dict):
        for name, inside in value.items():
            _check_text(name, place)
            _check(inside, (*place, name))
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            _check(inside, (*place, number))


def _check_text(text: str, place: tuple[str | int, ...]) -> None:
    if NUL in text:
        raise _fault(place, "control_character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _fault(place, "line_half_character") from None


def write_json(value: Any) -> str:
    """Return a parsed value as JSON on one line, with its numbers exactly as they were read."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name)}:{write_json(inside)}" for name, inside in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _fault(place: tuple[str | int, ...], key: str) -> RequestValidationError:
    error = {"type": "value_error", "loc": ("body", *place), "ctx": {"error": BadValue(key)}}
    return RequestValidationError([error])
