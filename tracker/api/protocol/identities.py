"""Idempotency keys: the key of a request becomes the identity of the event that it appends.

So the same request twice is one event and one answer, for ever and not for a day, and other
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
            "Becomes the identity of the event (1 to 128 characters). The same request under the"
            " same key answers the same and changes nothing; other content is refused with 409."
        ),
    ),
]
_IDENTITY: TypeAdapter[str] = TypeAdapter(Identity)


def identity_of(key: str | None, own: str | None = None, field: str = "record_id") -> str:
    """The identity of what a request appends: its key, or the one that its body carries.

    ``Refused`` where there is neither, where both differ, or the key is no identity.
    """
    if key is None:
        if own is None:
            raise Refused("no_key", field=NAME)
        return own
    try:
        found = _IDENTITY.validate_python(key)
    except ValidationError:
        raise Refused("bad_key", field=NAME, most=LONGEST) from None  # fmt: skip
    if own is not None and own != found:
        raise Refused("two_keys", field=NAME, other=field)
    return found


def appended(document: Any, *, changed: bool, location: str | None = None) -> Response:
    """The answer to what was appended: 201, the same for a replay, which a header tells."""
    headers = {} if changed else {REPLAYED: "true"}
    if location is not None:
        headers["location"] = location
    return json_answer(document, 201, headers)
