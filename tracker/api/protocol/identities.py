"""Idempotency keys: the key of a request becomes the identity of the event that it appends.

So a repeated request is one event and one answer, permanently, not only for a day, and other
content under the same key is refused.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from events.refusals.errors import Refused
from events.values import Identity
from tracker.api.protocol.answers import json_answer

NAME = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 128

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=NAME,
        description=(
            "Becomes the identity of the event (1 to 128 characters). Repeating the request with"
            " the same key changes nothing and returns the same answer; other content is refused"
            " with 409."
        ),
    ),
]
_IDENTITY: TypeAdapter[str] = TypeAdapter(Identity)


def choose_identity(key: str | None, own: str | None = None, field: str = "record_id") -> str:
    """Return the identity of what a request appends: its key, or the one in its body.

    ``field`` is the name of the identity in the body. ``Refused`` where there is neither, where
    both differ, or where the key is not a valid identity.
    """
    if key is None:
        if own is None:
            raise Refused("no_key", field=NAME)
        return own
    try:
        identity = _IDENTITY.validate_python(key)
    except ValidationError:
        raise Refused("bad_key", field=NAME, most=LONGEST) from None  # fmt: skip
    if own is not None and own != identity:
        raise Refused("two_keys", field=NAME, other=field)
    return identity


def created_answer(document: Any, *, changed: bool, location: str | None = None) -> Response:
    """Return 201; a replay gets the same answer, marked by the header Idempotency-Replayed."""
    headers = {} if changed else {REPLAYED: "true"}
    if location is not None:
        headers["location"] = location
    return json_answer(document, 201, headers)
